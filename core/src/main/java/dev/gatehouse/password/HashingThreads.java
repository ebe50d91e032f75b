package dev.gatehouse.password;

import dev.gatehouse.throttle.Subscriber;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A few platform threads that hash, and a bounded queue before them. A flood fills the queue and
/// nothing else: whoever needs no hash goes on.
///
/// The queue is fair to subscribers: each has a line of its own, and the threads take from the
/// lines in turn. So a flood from one address delays whoever comes from another by one hash, and
/// when the queue is full, the longest line loses its last.
final class HashingThreads implements AutoCloseable {

  private final int count;
  private final int queue;
  private final Duration wait;
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          Thread.ofPlatform().daemon().name("gatehouse-hash-", 0).factory());

  // Guarded by this. No line is empty; the first of them has the next turn.
  private final Map<Subscriber, Deque<FutureTask<?>>> lines = new LinkedHashMap<>();
  private int waiting;
  private int busy;
  private boolean closed;

  /// That many threads, which start when they are needed.
  HashingThreads(int count, int queue, Duration wait) {
    this.count = count;
    this.queue = queue;
    this.wait = wait;
  }

  /// What the work answers. Throws [HashingBusyException] when it could not be done in time; work
  /// that nobody waits for any more is not done if it has not begun, and no hash can be stopped
  /// half-way.
  <T> T run(Subscriber whose, Supplier<T> work) {
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
      // Too little memory, say. It is no answer about the password.
      throw new HashingBusyException("the password could not be hashed", failed);
    }
  }

  private synchronized void enter(Subscriber whose, FutureTask<?> task) {
    if (closed) {
      task.cancel(false);
    } else if (busy < count) { // then nobody waits
      threads.execute(() -> serve(task)); // may fail for want of memory, and is then not busy
      busy++;
    } else if (waiting < queue || turnAwayForOneOf(whose)) {
      lines.computeIfAbsent(whose, first -> new ArrayDeque<>()).addLast(task);
      waiting++;
    } else {
      task.cancel(false);
    }
  }

  // The last of the longest line goes, unless the newcomer's would be as long.
  private boolean turnAwayForOneOf(Subscriber newcomer) {
    Map.Entry<Subscriber, Deque<FutureTask<?>>> longest =
        lines.entrySet().stream()
            .max(Comparator.comparingInt(line -> line.getValue().size()))
            .orElseThrow();
    Deque<FutureTask<?>> newcomers = lines.get(newcomer);
    if (longest.getValue().size() <= (newcomers == null ? 0 : newcomers.size()) + 1) {
      return false;
    }
    leave(longest.getKey(), longest.getValue().getLast());
    return true;
  }

  private synchronized void leave(Subscriber whose, FutureTask<?> task) {
    task.cancel(false); // if it has not begun
    Deque<FutureTask<?>> line = lines.get(whose);
    if (line != null && line.remove(task)) {
      waiting--;
      if (line.isEmpty()) {
        lines.remove(whose);
      }
    }
  }

  private void serve(FutureTask<?> first) {
    for (FutureTask<?> next = first; next != null; next = next()) {
      next.run();
    }
  }

  // Null: nobody waits, and the thread that asked is free.
  private synchronized @Nullable FutureTask<?> next() {
    if (lines.isEmpty()) {
      busy--;
      return null;
    }
    Map.Entry<Subscriber, Deque<FutureTask<?>>> first = lines.entrySet().iterator().next();
    lines.remove(first.getKey());
    FutureTask<?> task = first.getValue().removeFirst();
    waiting--;
    if (!first.getValue().isEmpty()) {
      lines.put(first.getKey(), first.getValue()); // behind all the others
    }
    return task;
  }

  /// Ends the threads. Who waits is told so.
  @Override
  public synchronized void close() {
    closed = true;
    lines.values().forEach(line -> line.forEach(task -> task.cancel(false)));
    lines.clear();
    waiting = 0;
    threads.shutdownNow();
  }
}
