package dev.gatehouse.store;

import dev.gatehouse.replay.ReplayStore;
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
import org.jdbi.v3.core.statement.Query;

/// The record of used signatures, in an SQLite file of its own: it is written with every signed
/// request, and worth something for minutes only. Thread-safe.
///
/// A deletion and the move of the horizon are one transaction, and so are a use and the count of
/// its holder. Calls throw [dev.gatehouse.StoreUnavailableException] as [SqlDatabase] says.
public final class SqlReplayStore implements ReplayStore, AutoCloseable {

  private static final String COUNT = "SELECT COALESCE(SUM(uses), 0) FROM use_holder";
  private static final String FIND = "SELECT 1 FROM signature_use WHERE digest = ?";
  private static final String HORIZON = "SELECT horizon FROM use_horizon WHERE kind = ?";
  private static final String HELD = "SELECT uses FROM use_holder WHERE holder = ?";
  private static final String ADD =
      """
      INSERT INTO signature_use (digest, kind, holder, horizon, refused_from, reserved)
      VALUES (?, ?, ?, ?, ?, ?)
      """;
  private static final String TAKE_PLACE =
      """
      INSERT INTO use_holder (holder, uses) VALUES (?, 1)
      ON CONFLICT (holder) DO UPDATE SET uses = use_holder.uses + 1
      """;
  private static final String GIVE_BACK = "UPDATE use_holder SET uses = uses - ? WHERE holder = ?";
  private static final String REMOVE_HOLDER =
      "DELETE FROM use_holder WHERE holder = ? AND uses <= 0";
  private static final String CONFIRM =
      "UPDATE signature_use SET reserved = FALSE WHERE digest = ? AND refused_from = ?";
  private static final String RELEASE =
      "DELETE FROM signature_use WHERE digest = ? AND refused_from = ?";
  private static final String RESERVED =
      "SELECT digest, kind, holder, horizon FROM signature_use WHERE reserved LIMIT ?";
  private static final String DUE =
      """
      SELECT digest, kind, holder, horizon FROM signature_use
      WHERE refused_from < ? AND (kind <> 'UNTIMED_EVENT' OR refused_from < ?)
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
  private final Limits limits;
  private final AtomicLong uses;

  private SqlReplayStore(SqliteThreads threads, Limits limits) {
    this.threads = threads;
    this.limits = limits;
    releaseReserved();
    this.uses = new AtomicLong(count());
  }

  /// Opens that SQLite file; makes it, for its owner alone, if there is none. Its folder must
  /// exist. Releases what a process reserved that ended before it confirmed it. So no other process
  /// may have the file open. Throws [UnusableDatabaseException].
  ///
  /// @param limits how many uses are kept at once
  public static SqlReplayStore open(Path file, SqlSettings settings, Clock clock, Limits limits) {
    SqliteFile opened = SqliteFile.open(file, SqliteFile.Kind.USES, settings.timeout(), clock);
    return new SqlReplayStore(SqliteThreads.start(opened, settings, clock), limits);
  }

  @Override
  public Recorded record(Use use) {
    return record(use, false);
  }

  @Override
  public Recorded reserve(Use use) {
    return record(use, true);
  }

  private Recorded record(Use use, boolean reserved) {
    if (uses.get() >= limits.all()) {
      return threads
          .read("find a use of a signature", handle -> known(handle, use))
          .orElseGet(Recorded.Full::new);
    }
    Recorded recorded =
        threads.write("record a use of a signature", change -> add(change.handle(), use, reserved));
    if (recorded instanceof Recorded.First) {
      uses.incrementAndGet();
    }
    return recorded;
  }

  private Recorded add(Handle handle, Use use, boolean reserved) throws SQLException {
    Optional<Recorded> known = known(handle, use);
    if (known.isPresent()) {
      return known.get();
    }
    long held = StatementCache.row(handle, HELD, use.holder(), row -> row.getLong(1)).orElse(0L);
    if (limits.isShareTaken(held, uses.get())) {
      return new Recorded.ShareTaken();
    }
    StatementCache.update(
        handle,
        ADD,
        use.digest().bytes(),
        use.kind().name(),
        use.holder(),
        Columns.millis(use.horizon()),
        Columns.millis(use.until()),
        reserved);
    StatementCache.update(handle, TAKE_PLACE, use.holder());
    return new Recorded.First();
  }

  /// Why a use is not the first, or can't be told to be; empty when it is.
  private static Optional<Recorded> known(Handle handle, Use use) throws SQLException {
    if (StatementCache.row(handle, FIND, use.digest().bytes(), row -> true).isPresent()) {
      return Optional.of(new Recorded.Again());
    }
    return StatementCache.row(handle, HORIZON, use.kind().name(), row -> Columns.instant(row, 1))
        .filter(horizon -> Columns.millis(use.time()) <= Columns.millis(horizon))
        .map(Recorded.BeforeHorizon::new);
  }

  @Override
  public void confirm(Use use) {
    threads.write(
        "confirm a use of a signature",
        change ->
            StatementCache.update(
                change.handle(), CONFIRM, use.digest().bytes(), Columns.millis(use.until())));
  }

  @Override
  public void release(Use use) {
    int released =
        threads.write(
            "release a use of a signature",
            change -> {
              int removed =
                  StatementCache.update(
                      change.handle(), RELEASE, use.digest().bytes(), Columns.millis(use.until()));
              giveBack(change.handle(), use.holder(), removed);
              return removed;
            });
    uses.addAndGet(-released);
  }

  /// A use that is taken off the record.
  private record Kept(Digest digest, String kind, String holder, long horizon) {}

  private static List<Kept> kept(Query query) {
    return query
        .map(
            (row, context) ->
                new Kept(
                    Digest.of(row.getBytes(1)), row.getString(2), row.getString(3), row.getLong(4)))
        .list();
  }

  @Override
  public void purge(Instant now, Instant untimed) {
    int forgotten;
    do {
      forgotten =
          threads.write(
              "forget used signatures", change -> forgetSome(change.handle(), now, untimed));
    } while (forgotten == Purge.MAX_ROWS_PER_WRITE);
    uses.set(count());
  }

  private static int forgetSome(Handle handle, Instant now, Instant untimed) throws SQLException {
    List<Kept> due =
        kept(
            handle
                .createQuery(DUE)
                .bind(0, Columns.millis(now))
                .bind(1, Columns.millis(untimed))
                .bind(2, Purge.MAX_ROWS_PER_WRITE));
    remove(handle, due);
    Map<String, Long> horizons = new HashMap<>();
    for (Kept use : due) {
      horizons.merge(use.kind, use.horizon, Math::max);
    }
    for (Map.Entry<String, Long> horizon : horizons.entrySet()) {
      StatementCache.update(handle, MOVE_HORIZON, horizon.getKey(), horizon.getValue());
    }
    return due.size();
  }

  // Nobody waits for the answer to these requests any more.
  private void releaseReserved() {
    int released;
    do {
      released =
          threads.write(
              "release reserved uses",
              change -> {
                List<Kept> reserved =
                    kept(change.handle().createQuery(RESERVED).bind(0, Purge.MAX_ROWS_PER_WRITE));
                remove(change.handle(), reserved);
                return reserved.size();
              });
    } while (released == Purge.MAX_ROWS_PER_WRITE);
  }

  private static void remove(Handle handle, List<Kept> uses) throws SQLException {
    Map<String, Integer> holders = new HashMap<>();
    for (Kept use : uses) {
      StatementCache.update(handle, REMOVE, (Object) use.digest.bytes());
      holders.merge(use.holder, 1, Integer::sum);
    }
    for (Map.Entry<String, Integer> holder : holders.entrySet()) {
      giveBack(handle, holder.getKey(), holder.getValue());
    }
  }

  private static void giveBack(Handle handle, String holder, int places) throws SQLException {
    if (places > 0) {
      StatementCache.update(handle, GIVE_BACK, places, holder);
      StatementCache.update(handle, REMOVE_HOLDER, holder);
    }
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
