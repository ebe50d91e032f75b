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
  private static final int MOST_TOGETHER = 64;

  private static final Duration LONGEST_CLOSING = Duration.ofSeconds(30);

  private final SqlSettings settings;
  private final BlockingQueue<Question<Handle, ?>> reads;
  private final BlockingQueue<Question<Change, ?>> writes;
  private final SqliteWriter writer;
  private final Thread writerThread;
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean closed;

  private SqliteThreads(
      SqliteFile file, SqlSettings settings, Clock clock, Handle writing, List<Handle> reading) {
    this.settings = settings;
    this.reads = new ArrayBlockingQueue<>(settings.queued());
    this.writes = new ArrayBlockingQueue<>(settings.queued());
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

  /// The answer of that question, within the time limit of the settings.
  <T> T read(String what, Question.Work<Handle, T> question) {
    return read(what, question, settings.timeout());
  }

  /// The answer of that question, within that time.
  <T> T read(String what, Question.Work<Handle, T> question, Duration timeout) {
    return ask(reads, new Question<>(what, question), timeout);
  }

  /// What that change answers, once it is on the disk and every listener has heard its feed rows.
  ///
  /// Throws [IllegalArgumentException], and nothing changed, when a constraint forbids the change.
  /// Throws [StoreUnavailableException] otherwise; its message says whether nothing changed or the
  /// outcome is unknown: a caller who gave up while its change was under way can't tell.
  <T> T write(String what, Question.Work<Change, T> change) {
    if (Thread.currentThread().equals(writerThread)) {
      throw new IllegalStateException("a listener to the revocation feed must not write");
    }
    return ask(writes, new Question<>(what, change), settings.timeout());
  }

  /// Calls that listener, on the writer's thread, for every feed row at its commit. It must be
  /// quick and must not write.
  void onCommit(Consumer<FeedEntry> listener) {
    writer.onCommit(listener);
  }

  private <S, T> T ask(
      BlockingQueue<Question<S, ?>> queue, Question<S, T> question, Duration timeout) {
    String what = question.what();
    if (closed) {
      throw turnedAway(what, "it is closed");
    }
    if (Thread.currentThread().isInterrupted()) {
      throw turnedAway(what, "the caller was interrupted");
    }
    if (!queue.offer(question)) {
      throw turnedAway(what, "too many wait for it");
    }
    if (closed && queue.remove(question)) {
      throw turnedAway(what, "it is closed");
    }
    try {
      return question.answer().get(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException failed) {
      throw told(what, failed);
    } catch (TimeoutException late) {
      String limit = "no answer within " + timeout.toMillis() + " ms; ";
      throw Failures.unavailable(what, limit + givenUp(question), late);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw Failures.unavailable(
          what, "the caller was interrupted; " + givenUp(question), interrupted);
    }
  }

  private static StoreUnavailableException turnedAway(String what, String why) {
    return Failures.unavailable(
        what, why + "; nothing changed", new RejectedExecutionException(why));
  }

  private static String givenUp(Question<?, ?> question) {
    return question.giveUp() ? "nothing changed" : "the outcome is unknown";
  }

  /// The failure that the database's thread told, thrown anew so that its trace shows the caller.
  private static RuntimeException told(String what, ExecutionException failed) {
    return switch (failed.getCause()) {
      case StoreUnavailableException unavailable ->
          new StoreUnavailableException(Failures.firstLine(unavailable), unavailable);
      case IllegalArgumentException refused ->
          new IllegalArgumentException(Failures.firstLine(refused), refused);
      case null, default -> Failures.unavailable(what, "it broke", failed);
    };
  }

  private List<Question<Change, ?>> nextWrites() {
    List<Question<Change, ?>> batch = new ArrayList<>();
    Question<Change, ?> first = nextOf(writes);
    if (first != null) {
      batch.add(first);
      writes.drainTo(batch, MOST_TOGETHER - 1);
    }
    return batch;
  }

  /// Waits for the next question; null when the database is closed and none is left.
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
    long deadline = System.nanoTime() + LONGEST_CLOSING.toNanos();
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
