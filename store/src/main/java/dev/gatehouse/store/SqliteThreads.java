package dev.gatehouse.store;

import dev.gatehouse.StoreUnavailableException;
import dev.gatehouse.revocation.FeedEntry;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// The platform threads that SQLite's work is done on: one writes, a few read.
///
/// JNI pins a virtual thread to its carrier, so the caller only waits, and not for ever. Each
/// thread keeps one connection for its life: there is nothing to pool.
final class SqliteThreads implements AutoCloseable {

  /// How many waiting changes go into one transaction.
  private static final int MAX_CHANGES_PER_TRANSACTION = 64;

  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(30);

  private final SqlSettings settings;
  private final BlockingQueue<DatabaseTask<Handle, ?>> reads;
  private final BlockingQueue<DatabaseTask<Change, ?>> writes;
  private final SqliteWriter writer;
  private final Thread writerThread;
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean closed;

  private SqliteThreads(
      SqliteFile file, SqlSettings settings, Clock clock, Handle writing, List<Handle> reading) {
    this.settings = settings;
    this.reads = new ArrayBlockingQueue<>(settings.maxWaiting());
    this.writes = new ArrayBlockingQueue<>(settings.maxWaiting());
    this.writer = new SqliteWriter(file, writing, clock, this::nextWrites);
    this.writerThread = Thread.ofPlatform().daemon().name("gatehouse-sql-writer").unstarted(writer);
    this.threads.add(writerThread);
    Thread.Builder readers = Thread.ofPlatform().daemon().name("gatehouse-sql-reader-", 1);
    for (Handle handle : reading) {
      threads.add(readers.unstarted(new SqliteReader(file, handle, () -> nextOf(reads))));
    }
  }

  /// Connects every thread to the file; throws [UnusableDatabaseException].
  static SqliteThreads start(SqliteFile file, SqlSettings settings, Clock clock) {
    List<Handle> opened = new ArrayList<>();
    try {
      for (int i = 0; i < settings.readers(); i++) {
        opened.add(file.reader());
      }
      SqliteThreads started = new SqliteThreads(file, settings, clock, file.writer(), opened);
      started.threads.forEach(Thread::start);
      return started;
    } catch (SQLException failed) {
      opened.forEach(file::close);
      throw file.unusable(failed);
    }
  }

  /// The answer of that task, within the time limit of the settings.
  <T> T read(String what, DatabaseTask.Work<Handle, T> task) {
    return read(what, task, settings.timeout());
  }

  /// The answer of that task, within that time.
  <T> T read(String what, DatabaseTask.Work<Handle, T> task, Duration timeout) {
    return ask(reads, new DatabaseTask<>(what, task), timeout);
  }

  /// What that change answers, once it is on the disk and every listener has heard its feed rows.
  ///
  /// Throws [IllegalArgumentException], and nothing changed, when a constraint forbids the change.
  /// Throws [StoreUnavailableException] otherwise; its message says whether nothing changed or the
  /// outcome is unknown: a caller who gave up while its change was under way can't tell.
  <T> T write(String what, DatabaseTask.Work<Change, T> change) {
    if (Thread.currentThread().equals(writerThread)) {
      throw new IllegalStateException("a listener to the revocation feed must not write");
    }
    return ask(writes, new DatabaseTask<>(what, change), settings.timeout());
  }

  /// Calls that listener, on the writer's thread, for every feed row at its commit. It must be
  /// quick and must not write.
  void onCommit(Consumer<FeedEntry> listener) {
    writer.onCommit(listener);
  }

  private <S, T> T ask(
      BlockingQueue<DatabaseTask<S, ?>> queue, DatabaseTask<S, T> task, Duration timeout) {
    String what = task.what();
    if (closed) {
      throw rejected(what, "it is closed");
    }
    if (Thread.currentThread().isInterrupted()) {
      throw rejected(what, "the caller was interrupted");
    }
    if (!queue.offer(task)) {
      throw rejected(what, "too many wait for it");
    }
    if (closed && queue.remove(task)) {
      throw rejected(what, "it is closed");
    }
    try {
      return task.answer().get(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException failed) {
      throw rethrown(what, failed);
    } catch (TimeoutException late) {
      String limit = "no answer within " + timeout.toMillis() + " ms; ";
      throw SqlFailures.unavailable(what, limit + outcomeOfAbandoning(task), late);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw SqlFailures.unavailable(
          what, "the caller was interrupted; " + outcomeOfAbandoning(task), interrupted);
    }
  }

  private static StoreUnavailableException rejected(String what, String why) {
    return SqlFailures.unavailable(
        what, why + "; nothing changed", new RejectedExecutionException(why));
  }

  private static String outcomeOfAbandoning(DatabaseTask<?, ?> task) {
    return task.abandon() ? "nothing changed" : "the outcome is unknown";
  }

  /// The failure that the database's thread told, thrown anew so that its trace shows the caller.
  private static RuntimeException rethrown(String what, ExecutionException failed) {
    return switch (failed.getCause()) {
      case StoreUnavailableException unavailable ->
          new StoreUnavailableException(SqlFailures.firstLine(unavailable), unavailable);
      case IllegalArgumentException refused ->
          new IllegalArgumentException(SqlFailures.firstLine(refused), refused);
      case null, default -> SqlFailures.unavailable(what, "it broke", failed);
    };
  }

  private List<DatabaseTask<Change, ?>> nextWrites() {
    List<DatabaseTask<Change, ?>> batch = new ArrayList<>();
    DatabaseTask<Change, ?> first = nextOf(writes);
    if (first != null) {
      batch.add(first);
      writes.drainTo(batch, MAX_CHANGES_PER_TRANSACTION - 1);
    }
    return batch;
  }

  /// Waits for the next task; null when the database is closed and none is left.
  private <Q> @Nullable Q nextOf(BlockingQueue<Q> queue) {
    try {
      return closed ? queue.poll() : queue.take();
    } catch (InterruptedException closing) {
      // Only close() interrupts.
      return queue.poll();
    }
  }

  /// Turns callers away, finishes what was accepted, and lets go of the file.
  @Override
  public void close() {
    closed = true;
    threads.forEach(Thread::interrupt);
    long deadline = System.nanoTime() + CLOSE_TIMEOUT.toNanos();
    boolean interrupted = false;
    for (Thread thread : threads) {
      try {
        thread.join(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())));
      } catch (InterruptedException hurry) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
