package dev.gatehouse.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntFunction;

/// Runs the same action in several threads at the same time, to test concurrent callers.
public final class Race {

  private static final long DEADLINE_SECONDS = 60;

  private Race() {}

  /// Runs the action in virtual threads that start together, and returns their results in the order
  /// of their numbers. Blocks until all have ended.
  ///
  /// Throws [AssertionError] if a thread throws, or if one of them takes longer than 60 seconds.
  ///
  /// @param runners the number of threads
  /// @param run the action; it gets the number of its thread, from 0
  public static <T> List<T> of(int runners, IntFunction<T> run) {
    CyclicBarrier start = new CyclicBarrier(runners);
    try (ExecutorService track = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<T>> running = new ArrayList<>();
      for (int i = 0; i < runners; i++) {
        int number = i;
        running.add(
            track.submit(
                () -> {
                  start.await(DEADLINE_SECONDS, TimeUnit.SECONDS);
                  return run.apply(number);
                }));
      }
      List<T> answers = new ArrayList<>();
      for (Future<T> runner : running) {
        answers.add(runner.get(DEADLINE_SECONDS, TimeUnit.SECONDS));
      }
      return answers;
    } catch (ExecutionException | TimeoutException failed) {
      throw new AssertionError("a runner failed", failed);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new AssertionError("the race was interrupted", interrupted);
    }
  }
}
