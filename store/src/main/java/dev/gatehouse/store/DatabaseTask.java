package dev.gatehouse.store;

import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;

/// What a caller wants of a thread of the database: work on a `S`, and an answer.
final class DatabaseTask<S, T> {

  /// The work itself.
  @FunctionalInterface
  interface Work<S, T> {
    T on(S subject) throws SQLException;
  }

  private enum State {
    WAITING,
    RUNNING,
    ABANDONED
  }

  private final String what;
  private final Work<S, T> work;
  private final CompletableFuture<T> answer = new CompletableFuture<>();
  private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);

  /// A task that messages call by those words.
  DatabaseTask(String what, Work<S, T> work) {
    this.what = what;
    this.work = work;
  }

  String what() {
    return what;
  }

  CompletableFuture<T> answer() {
    return answer;
  }

  /// Whether the work is to be done: its caller waits still. Nobody can give up quietly after this.
  boolean begin() {
    return state.compareAndSet(State.WAITING, State.RUNNING);
  }

  /// Gives up; whether the work will now never begin.
  boolean abandon() {
    return state.compareAndSet(State.WAITING, State.ABANDONED);
  }

  /// Does the work; the answer is given when the returned action is run.
  Runnable run(S subject) throws SQLException {
    T result = work.on(subject);
    return () -> answer.complete(result);
  }

  void fail(RuntimeException failure) {
    answer.completeExceptionally(failure);
  }
}
