package dev.gatehouse.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
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
}
