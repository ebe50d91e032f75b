package dev.gatehouse.store;

import dev.gatehouse.hmac.UsedSignatures;
import dev.gatehouse.secret.Digest;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/// The record of used signatures, in an SQLite file of its own: it is written with every signed
/// request, and worth something for minutes only. Thread-safe.
///
/// Calls throw [dev.gatehouse.StoreUnavailableException] as [SqlDatabase] says.
public final class SqlUsedSignatures implements UsedSignatures, AutoCloseable {

  /// How many uses are kept when nothing is set: about 1,600 a second, for ten minutes; 100 MB.
  public static final int DEFAULT_MAX_USES = 1_000_000;

  private static final String COUNT = "SELECT COUNT(*) FROM signature_use";
  static final String ADD =
      "INSERT INTO signature_use (digest, refused_from) VALUES (?, ?) ON CONFLICT DO NOTHING";
  static final String PURGE =
      """
      DELETE FROM signature_use WHERE digest IN
        (SELECT u.digest FROM signature_use u WHERE u.refused_from < ? LIMIT ?)
      """;

  private final SqliteThreads threads;
  private final int maxUses;
  private final AtomicLong uses;

  private SqlUsedSignatures(SqliteThreads threads, int maxUses) {
    this.threads = threads;
    this.maxUses = maxUses;
    this.uses =
        new AtomicLong(
            threads.read(
                "count used signatures",
                handle -> handle.createQuery(COUNT).mapTo(Long.class).one()));
  }

  /// Opens that SQLite file; makes it, for its owner alone, if there is none. Its folder must
  /// exist. Throws [UnusableDatabaseException].
  ///
  /// @param maxUses how many are kept at once
  public static SqlUsedSignatures open(Path file, SqlSettings settings, Clock clock, int maxUses) {
    SqliteFile opened = SqliteFile.open(file, SqliteFile.Kind.USES, settings.timeout());
    return new SqlUsedSignatures(SqliteThreads.start(opened, settings, clock), maxUses);
  }

  @Override
  public Recorded record(Digest use, Instant until) {
    if (uses.get() >= maxUses) {
      return isRecorded(use) ? Recorded.AGAIN : Recorded.FULL;
    }
    boolean first =
        threads.write(
            "record a use of a signature",
            change ->
                KeptStatements.update(change.handle(), ADD, use.bytes(), Rows.millis(until)) == 1);
    if (!first) {
      return Recorded.AGAIN;
    }
    uses.incrementAndGet();
    return Recorded.FIRST;
  }

  private boolean isRecorded(Digest use) {
    return threads.read(
        "find a use of a signature",
        handle ->
            handle
                .createQuery("SELECT 1 FROM signature_use WHERE digest = ?")
                .bind(0, use.bytes())
                .mapTo(Integer.class)
                .findOne()
                .isPresent());
  }

  @Override
  public void purge(Instant now) {
    Purge.slices(threads, "forget used signatures", PURGE, now);
    uses.set(
        threads.read(
            "count used signatures", handle -> handle.createQuery(COUNT).mapTo(Long.class).one()));
  }

  @Override
  public void close() {
    threads.close();
  }
}
