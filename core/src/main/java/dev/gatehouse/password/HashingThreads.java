package dev.gatehouse.password;

import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/// A few platform threads that hash, and a bounded queue before them. A flood fills the queue and
/// nothing else: whoever needs no hash goes on.
final class HashingThreads implements AutoCloseable {

  private final Duration wait;
  private final ThreadPoolExecutor threads;

  /// That many threads, which start when they are needed.
  HashingThreads(int count, int queue, Duration wait) {
    this.wait = wait;
    this.threads =
        new ThreadPoolExecutor(
            count,
            count,
            1,
            TimeUnit.MINUTES,
            new ArrayBlockingQueue<>(queue),
            Thread.ofPlatform().daemon().name("gatehouse-hash-", 0).factory());
    threads.allowCoreThreadTimeOut(true);
  }

  /// What the work answers. Throws [HashingBusyException] when it could not be done in time; work
  /// that nobody waits for any more is not done if it has not begun, and no hash can be stopped
  /// half-way.
  <T> T run(Supplier<T> work) {
    FutureTask<T> task = new FutureTask<>(work::get);
    try {
      threads.execute(task);
      return task.get(wait.toNanos(), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException full) {
      throw new HashingBusyException("too many passwords wait to be hashed", full);
    } catch (TimeoutException late) {
      threads.remove(task);
      throw new HashingBusyException("the password was not hashed within " + wait, late);
    } catch (InterruptedException interrupted) {
      threads.remove(task);
      Thread.currentThread().interrupt();
      throw new HashingBusyException("the wait for a hash was interrupted", interrupted);
    } catch (CancellationException ended) {
      throw new HashingBusyException("the hashing of passwords has ended", ended);
    } catch (ExecutionException failed) {
      // Too little memory, say. It is no answer about the password.
      throw new HashingBusyException("the password could not be hashed", failed);
    }
  }

  /// Ends the threads. Who waits is told so.
  @Override
  public void close() {
    threads.shutdownNow().forEach(waiting -> ((FutureTask<?>) waiting).cancel(false));
  }
}
