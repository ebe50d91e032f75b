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

/// How values stand in the columns of a row.
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

  static String text(List<Network> networks) {
    return networks.stream().map(Network::toString).collect(Collectors.joining(" "));
  }

  static List<Network> networks(String text) {
    return words(text).stream().map(Network::parse).toList();
  }

  /// What stands in a text with single spaces between its members.
  static List<String> words(String text) {
    return text.isEmpty() ? List.of() : Arrays.asList(text.split(" ", -1));
  }

  /// The limit of a page; throws [IllegalArgumentException] for a page of nothing, which SQLite
  /// would take for one without end (<https://sqlite.org/lang_select.html#limitoffset>).
  static int page(int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("a page has at least one row, not " + limit);
    }
    return limit;
  }

  /// Notes when rows were last used, in changes so small that nobody waits long behind one: the
  /// statement takes the time, the id, and the time again.
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
