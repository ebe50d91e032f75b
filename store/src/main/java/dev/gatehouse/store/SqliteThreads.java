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

/// The platform threads that do the work of SQLite: one writes, and a few read.
///
/// A virtual thread that calls native code pins its carrier. So callers hand a task to these
/// threads and wait for its result, up to a time limit. Each thread has one connection for its
/// life, so there is no pool of connections. Thread-safe.
final class SqliteThreads implements AutoCloseable {

  /// How many waiting changes are committed in one transaction.
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

  /// Opens the connections and starts the threads. Throws [UnusableDatabaseException].
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

  /// Runs a task on a reader, and returns its result. Waits up to the time limit of the settings.
  /// Throws [StoreUnavailableException] if the task fails or takes longer.
  <T> T read(String what, DatabaseTask.Work<Handle, T> task) {
    return read(what, task, settings.timeout());
  }

  /// The same with another time limit.
  <T> T read(String what, DatabaseTask.Work<Handle, T> task, Duration timeout) {
    return ask(reads, new DatabaseTask<>(what, task), timeout);
  }

  /// Runs a change on the writer, and returns its result after the commit, when every listener has
  /// got its feed rows. Waits up to the time limit of the settings.
  ///
  /// Throws [IllegalArgumentException], and changes nothing, if the change violates a constraint.
  /// Throws [StoreUnavailableException] for every other failure. Its message says whether nothing
  /// changed or the outcome is unknown: it is unknown if the caller stopped waiting after the
  /// change had begun.
  <T> T write(String what, DatabaseTask.Work<Change, T> change) {
    if (Thread.currentThread().equals(writerThread)) {
      throw new IllegalStateException("a listener to the revocation feed must not write");
    }
    return ask(writes, new DatabaseTask<>(what, change), settings.timeout());
  }

  /// Registers a listener for feed rows. It is called on the writer's thread after the commit, so
  /// it must be quick and must not write.
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

  /// The failure of a task as a new exception, whose stack trace shows the caller.
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

  /// Waits for the next task. Returns null if the database is closed and no task is left.
  private <Q> @Nullable Q nextOf(BlockingQueue<Q> queue) {
    try {
      return closed ? queue.poll() : queue.take();
    } catch (InterruptedException closing) {
      // Only close() interrupts.
      return queue.poll();
    }
  }

  /// Refuses new tasks, finishes the accepted ones, and closes the connections. Waits for that up
  /// to 30 seconds.
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
