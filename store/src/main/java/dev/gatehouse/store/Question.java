package dev.gatehouse.store;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;

/// What a caller wants of a thread of the database: work on a `S`, and an answer.
final class Question<S, T> {

  private enum Progress {
    WAITING,
    UNDER_WAY,
    GIVEN_UP
  }

  private final String what;
  private final Function<S, T> work;
  private final CompletableFuture<T> answer = new CompletableFuture<>();
  private final AtomicReference<Progress> progress = new AtomicReference<>(Progress.WAITING);

  /// A question that messages call by those words.
  Question(String what, Function<S, T> work) {
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
    return progress.compareAndSet(Progress.WAITING, Progress.UNDER_WAY);
  }

  /// Gives up; whether the work will now never begin.
  boolean giveUp() {
    return progress.compareAndSet(Progress.WAITING, Progress.GIVEN_UP);
  }

  /// Does the work; the answer is given when the returned action is run.
  Runnable workOn(S subject) {
    T result = work.apply(subject);
    return () -> answer.complete(result);
  }

  void fail(RuntimeException failure) {
    answer.completeExceptionally(failure);
  }
}
