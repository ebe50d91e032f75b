package dev.gatehouse.store;

import dev.gatehouse.Network;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;

/// Converts values to and from the columns of a row. Instants are stored as milliseconds since
/// 1970.
final class Columns {

  private Columns() {}

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

  /// The networks as one text, with spaces between them.
  static String text(List<Network> networks) {
    return networks.stream().map(Network::toString).collect(Collectors.joining(" "));
  }

  /// The networks in a text of [#text].
  static List<Network> networks(String text) {
    return words(text).stream().map(Network::parse).toList();
  }

  /// The words in a text with single spaces between them; none for the empty text.
  static List<String> words(String text) {
    return text.isEmpty() ? List.of() : Arrays.asList(text.split(" ", -1));
  }

  /// Checks and returns the length of a page. Throws [IllegalArgumentException] if it is below 1.
  /// SQLite treats a negative limit as no limit
  /// (<https://sqlite.org/lang_select.html#limitoffset>).
  static int page(int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("a page has at least one row, not " + limit);
    }
    return limit;
  }

  /// Stores the times of the last uses of rows, in small changes, so that other writes do not wait
  /// long.
  ///
  /// @param sql a statement for one row; parameters: the time, the id, the time
  /// @param lastUsed the time of the last use for each id
  static void touch(SqliteThreads threads, String what, String sql, Map<String, Instant> lastUsed) {
    List<Map.Entry<String, Instant>> uses = List.copyOf(new TreeMap<>(lastUsed).entrySet());
    for (int from = 0; from < uses.size(); from += Purge.MAX_ROWS_PER_WRITE) {
      List<Map.Entry<String, Instant>> some =
          uses.subList(from, Math.min(from + Purge.MAX_ROWS_PER_WRITE, uses.size()));
      threads.write(
          what,
          change -> {
            PreparedBatch batch = change.handle().prepareBatch(sql);
            for (Map.Entry<String, Instant> use : some) {
              long at = millis(use.getValue());
              batch.bind(0, at).bind(1, use.getKey()).bind(2, at).add();
            }
            return batch.execute().length;
          });
    }
  }
}
