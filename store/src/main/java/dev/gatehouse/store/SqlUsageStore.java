package dev.gatehouse.store;

import dev.gatehouse.Method;
import dev.gatehouse.usage.UsageRecord;
import dev.gatehouse.usage.UsageStore;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/// The counts of method uses, in the table `method_use`. The table `method_use_writer` has the last
/// batch of each writer, so that a batch that is sent twice counts once.
///
/// Exceptions, blocking and threads: see [SqlDatabase].
public final class SqlUsageStore implements UsageStore {

  // Changes no row if the batch was added before.
  private static final String CLAIM =
      """
      INSERT INTO method_use_writer (id, batch, written_at) VALUES (?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET batch = excluded.batch, written_at = excluded.written_at
        WHERE method_use_writer.batch < excluded.batch
      """;
  private static final String ADD =
      """
      INSERT INTO method_use
        (owner, method, credential, route, uses, first_used_at, last_used_at)
      VALUES (?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (owner, method, credential, route) DO UPDATE SET
        uses = method_use.uses + excluded.uses,
        first_used_at = CASE WHEN excluded.first_used_at < method_use.first_used_at
          THEN excluded.first_used_at ELSE method_use.first_used_at END,
        last_used_at = CASE WHEN excluded.last_used_at > method_use.last_used_at
          THEN excluded.last_used_at ELSE method_use.last_used_at END
      """;

  private static final String COLUMNS =
      "SELECT owner, method, credential, route, uses, first_used_at, last_used_at FROM method_use";
  private static final String BEHIND_AND_FILTERED =
      """
       (owner, method, credential, route) > (?, ?, ?, ?)
        AND (? = '' OR method = ?)
        AND (? = '' OR route = ?)
        AND (? = 0 OR route <> '')
        AND last_used_at >= ?
      ORDER BY owner, method, credential, route LIMIT ?
      """;
  private static final String LIST_ALL = COLUMNS + " WHERE" + BEHIND_AND_FILTERED;
  private static final String LIST_OF_OWNER =
      COLUMNS + " WHERE owner = ? AND" + BEHIND_AND_FILTERED;

  static final String FIRST_TOO_MANY =
      "SELECT last_used_at FROM method_use ORDER BY last_used_at DESC LIMIT 1 OFFSET ?";
  static final String FIND_UNUSED = COLUMNS + " WHERE last_used_at < ? LIMIT ?";
  private static final String REMOVE_UNUSED =
      """
      DELETE FROM method_use
      WHERE owner = ? AND method = ? AND credential = ? AND route = ? AND last_used_at < ?
      """;
  private static final String REMOVE_WRITERS =
      """
      DELETE FROM method_use_writer WHERE id IN
        (SELECT id FROM method_use_writer WHERE written_at < ? LIMIT ?)
      """;

  private final SqliteThreads threads;

  SqlUsageStore(SqliteThreads threads) {
    this.threads = threads;
  }

  @Override
  public void add(String writer, long batch, List<UsageRecord> uses) {
    Instant written =
        uses.stream().map(UsageRecord::last).max(Instant::compareTo).orElse(Instant.EPOCH);
    threads.write(
        "add uses of methods",
        change ->
            StatementCache.update(change.handle(), CLAIM, writer, batch, Columns.millis(written))
                    == 1
                && !uses.isEmpty()
                && add(change.handle(), uses));
  }

  private static boolean add(Handle handle, List<UsageRecord> uses) {
    PreparedBatch rows = handle.prepareBatch(ADD);
    for (UsageRecord use : uses) {
      key(rows, use.key())
          .bind(4, use.count())
          .bind(5, Columns.millis(use.first()))
          .bind(6, Columns.millis(use.last()))
          .add();
    }
    return rows.execute().length > 0;
  }

  @Override
  public List<UsageRecord> list(Filter filter, UsageRecord.@Nullable Key after, int limit) {
    int page = Columns.page(limit);
    return threads.read(
        "list uses of methods",
        handle -> {
          Query query =
              filter.owner() == null
                  ? handle.createQuery(LIST_ALL)
                  : handle.createQuery(LIST_OF_OWNER).bind(0, filter.owner());
          int next = filter.owner() == null ? 0 : 1;
          // The first page begins after the empty texts. Every row is after them, because every
          // method has a name.
          query
              .bind(next++, after == null ? "" : after.owner())
              .bind(next++, after == null ? "" : after.method().id())
              .bind(next++, after == null ? "" : after.credential())
              .bind(next++, after == null ? "" : after.route());
          String method = filter.method() == null ? "" : filter.method().id();
          String route = filter.route() == null ? "" : filter.route();
          return query
              .bind(next++, method)
              .bind(next++, method)
              .bind(next++, route)
              .bind(next++, route)
              .bind(next++, filter.announced() ? 1 : 0)
              .bind(next++, Columns.millis(filter.since()))
              .bind(next, page)
              .map((row, context) -> uses(row))
              .list();
        });
  }

  /// Readers find the rows that are no longer needed, a few at a time. The writer removes a row if
  /// that is still true.
  @Override
  public void purge(Instant unusedSince, int most) {
    long firstTooMany =
        threads.read(
            "count methods that were used",
            handle ->
                handle
                    .createQuery(FIRST_TOO_MANY)
                    .bind(0, most)
                    .mapTo(Long.class)
                    .findOne()
                    .orElse(Long.MIN_VALUE));
    long before = Math.max(Columns.millis(unusedSince), firstTooMany + 1);
    List<UsageRecord.Key> unused;
    do {
      unused =
          threads.read(
              "find methods that are not used any more",
              handle ->
                  handle
                      .createQuery(FIND_UNUSED)
                      .bind(0, before)
                      .bind(1, Purge.MAX_ROWS_PER_WRITE)
                      .map((row, context) -> uses(row).key())
                      .list());
      if (!unused.isEmpty()) {
        List<UsageRecord.Key> found = unused;
        threads.write(
            "forget methods that are not used any more",
            change -> remove(change.handle(), found, before));
      }
    } while (unused.size() == Purge.MAX_ROWS_PER_WRITE);
    Purge.removeInBatches(threads, "forget who wrote uses of methods", REMOVE_WRITERS, unusedSince);
  }

  private static int remove(Handle handle, List<UsageRecord.Key> unused, long before) {
    PreparedBatch rows = handle.prepareBatch(REMOVE_UNUSED);
    for (UsageRecord.Key one : unused) {
      key(rows, one).bind(4, before).add();
    }
    return rows.execute().length;
  }

  private static PreparedBatch key(PreparedBatch row, UsageRecord.Key of) {
    return row.bind(0, of.owner())
        .bind(1, of.method().id())
        .bind(2, of.credential())
        .bind(3, of.route());
  }

  private static UsageRecord uses(ResultSet row) throws SQLException {
    String method = row.getString(2);
    return new UsageRecord(
        row.getString(1),
        Method.of(method)
            .orElseThrow(() -> new SQLException("the database names a method " + method)),
        row.getString(3),
        row.getString(4),
        row.getLong(5),
        Columns.instant(row, 6),
        Columns.instant(row, 7));
  }
}
