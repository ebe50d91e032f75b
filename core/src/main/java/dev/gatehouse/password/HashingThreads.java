package dev.gatehouse.password;

import dev.gatehouse.throttle.Caller;
import dev.gatehouse.throttle.TurnQueue;
import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A few platform threads that hash passwords, with a bounded queue. A flood fills this queue only:
/// requests that need no hash are not affected. Thread-safe.
///
/// The threads serve the groups of addresses that wait in turn ([TurnQueue]). So a flood from one
/// address or one site delays a caller from elsewhere by one hash. If the queue is full, the
/// largest group loses its last entry.
final class HashingThreads implements AutoCloseable {

  private final int count;
  private final int queue;
  private final Duration wait;
  private final ExecutorService threads;

  // Guarded by this.
  private final TurnQueue<FutureTask<?>> waiting = new TurnQueue<>();
  private int busy;
  private boolean closed;

  /// @param count how many threads, which start when they are needed
  /// @param queue how many passwords may wait
  /// @param wait how long a caller waits at most
  HashingThreads(int count, int queue, Duration wait) {
    this(count, queue, wait, Thread.ofPlatform().daemon().name("gatehouse-hash-", 0).factory());
  }

  /// As the other constructor, with threads of that factory.
  HashingThreads(int count, int queue, Duration wait, ThreadFactory factory) {
    this.count = count;
    this.queue = queue;
    this.wait = wait;
    this.threads = Executors.newCachedThreadPool(factory);
  }

  /// Runs the work on one of the threads and returns its result. Blocks until then. Throws
  /// [HashingBusyException] if that takes too long. Work whose caller no longer waits is not
  /// started; a hash that has begun cannot be stopped.
  ///
  /// @param address the client's address; null: the gate itself
  <T> T run(@Nullable InetAddress address, Supplier<T> work) {
    Caller whose = address == null ? null : new Caller.Address(address);
    FutureTask<T> task = new FutureTask<>(work::get);
    enter(whose, task);
    try {
      return task.get(wait.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException late) {
      leave(whose, task);
      throw new HashingBusyException("the password was not hashed within " + wait, late);
    } catch (InterruptedException interrupted) {
      leave(whose, task);
      Thread.currentThread().interrupt();
      throw new HashingBusyException("the wait for a hash was interrupted", interrupted);
    } catch (CancellationException turnedAway) {
      throw new HashingBusyException("too many passwords wait to be hashed", turnedAway);
    } catch (ExecutionException failed) {
      // Such as too little memory. This says nothing about the password.
      throw new HashingBusyException("the password could not be hashed", failed);
    }
  }

  private synchronized void enter(@Nullable Caller whose, FutureTask<?> task) {
    if (closed) {
      task.cancel(false);
    } else if (busy < count) { // then nobody waits
      threads.execute(() -> serve(task)); // may fail for want of memory, and is then not busy
      busy++;
    } else {
      waiting.add(whose, task);
      FutureTask<?> tooMany = waiting.size() > queue ? waiting.removeFromLargest(whose) : null;
      if (tooMany != null) {
        tooMany.cancel(false);
      }
    }
  }

  private synchronized void leave(@Nullable Caller whose, FutureTask<?> task) {
    task.cancel(false); // if it has not begun
    waiting.remove(whose, task);
  }

  private void serve(FutureTask<?> first) {
    for (FutureTask<?> next = first; next != null; next = next()) {
      next.run();
    }
  }

  // Null: no request waits, and the thread is free.
  private synchronized @Nullable FutureTask<?> next() {
    FutureTask<?> task = waiting.poll();
    busy -= task == null ? 1 : 0;
    return task;
  }

  /// Ends the threads. Callers that wait get a [HashingBusyException].
  @Override
  public synchronized void close() {
    closed = true;
    waiting.clear(task -> task.cancel(false));
    threads.shutdownNow();
  }
}
