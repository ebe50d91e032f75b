package dev.gatehouse.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Map;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;

/// How values stand in the columns of a row.
final class Rows {

  private Rows() {}

  static long millis(Instant instant) {
    return instant.toEpochMilli();
  }

  static @Nullable Long millisOrNull(@Nullable Instant instant) {
    return instant == null ? null : instant.toEpochMilli();
  }

  static Instant instant(ResultSet row, int column) throws SQLException {
    return Instant.ofEpochMilli(row.getLong(column));
  }

  static @Nullable Instant instantOrNull(ResultSet row, int column) throws SQLException {
    long millis = row.getLong(column);
    return row.wasNull() ? null : Instant.ofEpochMilli(millis);
  }

  /// The limit of a page; throws [IllegalArgumentException] for a page of nothing, which SQLite
  /// would take for one without end (<https://sqlite.org/lang_select.html#limitoffset>).
  static int page(int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("a page has at least one row, not " + limit);
    }
    return limit;
  }

  /// Notes when rows were last used: the statement takes the time, the id, and the time again.
  static void touch(SqliteThreads threads, String what, String sql, Map<String, Instant> lastUsed) {
    Map<String, Instant> uses = Map.copyOf(lastUsed);
    if (uses.isEmpty()) {
      return;
    }
    threads.write(
        what,
        change -> {
          PreparedBatch batch = change.handle().prepareBatch(sql);
          uses.forEach((id, at) -> batch.bind(0, millis(at)).bind(1, id).bind(2, millis(at)).add());
          return batch.execute().length;
        });
  }
}
