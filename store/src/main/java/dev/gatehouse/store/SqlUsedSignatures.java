package dev.gatehouse.store;

import dev.gatehouse.hmac.UsedSignatures;
import dev.gatehouse.secret.Digest;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jdbi.v3.core.Handle;

/// The record of used signatures, in an SQLite file of its own: it is written with every signed
/// request, and worth something for minutes only. Thread-safe.
///
/// A deletion and the move of the horizon are one transaction. Calls throw
/// [dev.gatehouse.StoreUnavailableException] as [SqlDatabase] says.
public final class SqlUsedSignatures implements UsedSignatures, AutoCloseable {

  /// How many uses are kept when nothing is set: about 1,600 a second, for ten minutes; 120 MB.
  public static final int DEFAULT_MAX_USES = 1_000_000;

  private static final String COUNT = "SELECT COUNT(*) FROM signature_use";
  private static final String FIND = "SELECT 1 FROM signature_use WHERE digest = ?";
  private static final String HORIZON = "SELECT horizon FROM use_horizon WHERE kind = ?";
  private static final String ADD =
      """
      INSERT INTO signature_use (digest, kind, horizon, refused_from) VALUES (?, ?, ?, ?)
      ON CONFLICT DO NOTHING
      """;
  private static final String DUE =
      """
      SELECT digest, kind, horizon FROM signature_use WHERE refused_from < ?
      ORDER BY refused_from LIMIT ?
      """;
  private static final String MOVE_HORIZON =
      """
      INSERT INTO use_horizon (kind, horizon) VALUES (?, ?)
      ON CONFLICT (kind) DO UPDATE SET horizon = excluded.horizon
        WHERE excluded.horizon > use_horizon.horizon
      """;
  private static final String REMOVE = "DELETE FROM signature_use WHERE digest = ?";

  private final SqliteThreads threads;
  private final int maxUses;
  private final AtomicLong uses;

  private SqlUsedSignatures(SqliteThreads threads, int maxUses) {
    this.threads = threads;
    this.maxUses = maxUses;
    this.uses = new AtomicLong(count());
  }

  /// Opens that SQLite file; makes it, for its owner alone, if there is none. Its folder must
  /// exist. Throws [UnusableDatabaseException].
  ///
  /// @param maxUses how many are kept at once
  public static SqlUsedSignatures open(Path file, SqlSettings settings, Clock clock, int maxUses) {
    SqliteFile opened = SqliteFile.open(file, SqliteFile.Kind.USES, settings.timeout(), clock);
    return new SqlUsedSignatures(SqliteThreads.start(opened, settings, clock), maxUses);
  }

  @Override
  public Recorded record(Use use) {
    if (uses.get() >= maxUses) {
      return threads
          .read("find a use of a signature", handle -> known(handle, use))
          .orElseGet(Recorded.Full::new);
    }
    Recorded recorded =
        threads.write(
            "record a use of a signature",
            change -> {
              Optional<Recorded> known = known(change.handle(), use);
              if (known.isPresent()) {
                return known.get();
              }
              int added =
                  KeptStatements.update(
                      change.handle(),
                      ADD,
                      use.digest().bytes(),
                      use.kind().name(),
                      Rows.millis(use.horizon()),
                      Rows.millis(use.until()));
              return added == 1 ? new Recorded.First() : new Recorded.Again();
            });
    if (recorded instanceof Recorded.First) {
      uses.incrementAndGet();
    }
    return recorded;
  }

  /// Why a use is not the first, or can't be told to be; empty when it is.
  private static Optional<Recorded> known(Handle handle, Use use) throws SQLException {
    if (KeptStatements.row(handle, FIND, use.digest().bytes(), row -> true).isPresent()) {
      return Optional.of(new Recorded.Again());
    }
    return KeptStatements.row(handle, HORIZON, use.kind().name(), row -> Rows.instant(row, 1))
        .filter(horizon -> Rows.millis(use.time()) <= Rows.millis(horizon))
        .map(Recorded.BeforeHorizon::new);
  }

  /// A use that may be forgotten.
  private record Due(Digest digest, String kind, long horizon) {}

  @Override
  public void purge(Instant now) {
    int forgotten;
    do {
      forgotten =
          threads.write("forget used signatures", change -> forgetSome(change.handle(), now));
    } while (forgotten == Purge.MOST_TOGETHER);
    uses.set(count());
  }

  private static int forgetSome(Handle handle, Instant now) throws SQLException {
    List<Due> due =
        handle
            .createQuery(DUE)
            .bind(0, Rows.millis(now))
            .bind(1, Purge.MOST_TOGETHER)
            .map(
                (row, context) ->
                    new Due(Digest.of(row.getBytes(1)), row.getString(2), row.getLong(3)))
            .list();
    Map<String, Long> horizons = new HashMap<>();
    for (Due use : due) {
      horizons.merge(use.kind, use.horizon, Math::max);
      KeptStatements.update(handle, REMOVE, (Object) use.digest.bytes());
    }
    for (Map.Entry<String, Long> horizon : horizons.entrySet()) {
      KeptStatements.update(handle, MOVE_HORIZON, horizon.getKey(), horizon.getValue());
    }
    return due.size();
  }

  private long count() {
    return threads.read(
        "count used signatures", handle -> handle.createQuery(COUNT).mapTo(Long.class).one());
  }

  @Override
  public void close() {
    threads.close();
  }
}
