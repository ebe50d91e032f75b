package dev.gatehouse.store;

import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;

/// A task for a thread of the database, and its result. The caller waits for the result, and may
/// abandon the task. Thread-safe.
///
/// @param <S> what the work uses: a handle, or a [Change]
/// @param <T> the type of the result
final class DatabaseTask<S, T> {

  /// The work of a task.
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

  /// @param what the task in words, for messages: they follow "could not"
  DatabaseTask(String what, Work<S, T> work) {
    this.what = what;
    this.work = work;
  }

  /// The task in words.
  String what() {
    return what;
  }

  /// The result. It fails with the exception of [#fail].
  CompletableFuture<T> answer() {
    return answer;
  }

  /// Called by the database's thread before the work. Returns false if the caller has abandoned the
  /// task: the work must then not run. After true, [#abandon] returns false.
  boolean begin() {
    return state.compareAndSet(State.WAITING, State.RUNNING);
  }

  /// Called by the caller when it stops waiting. Returns true if the work will never begin, and
  /// false if it has begun.
  boolean abandon() {
    return state.compareAndSet(State.WAITING, State.ABANDONED);
  }

  /// Runs the work. The result reaches the caller when the returned action runs.
  Runnable run(S subject) throws SQLException {
    T result = work.on(subject);
    return () -> answer.complete(result);
  }

  /// Ends the task with this failure.
  void fail(RuntimeException failure) {
    answer.completeExceptionally(failure);
  }
}
