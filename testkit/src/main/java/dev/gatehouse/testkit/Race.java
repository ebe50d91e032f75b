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

/// Several callers who all do the same thing at once.
public final class Race {

  private static final long DEADLINE_SECONDS = 60;

  private Race() {}

  /// Lets that many virtual threads begin together, hands each its number from 0, and answers what
  /// each of them got, in the order of the numbers. What one of them throws fails the race.
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
