package dev.gatehouse.store;

import java.time.Instant;
import java.util.List;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jdbi.v3.core.statement.SqlStatement;

/// Removes rows that are over, however many, in changes so small that nobody waits long behind one.
final class Purge {

  /// How many rows a reader looks at in one go.
  private static final int PAGE = 1000;

  /// How many rows go in one change: few, because each may lie on a page of its own, and whoever
  /// writes waits for them.
  static final int MOST_TOGETHER = 100;

  private Purge() {}

  private record Seen(String id, boolean over) {}

  /// Walks through a table in the order of its ids: readers find what is over, and the writer
  /// removes that by its id, if it still is over. So no condition needs an index.
  ///
  /// @param find takes the times, the id behind which to look, and how many rows to look at;
  ///   answers ids, and whether each is over
  /// @param remove takes the times and an id
  /// @param weight how many rows of other tables go with each
  static void pages(
      SqliteThreads threads,
      String what,
      String find,
      String remove,
      int weight,
      Instant... times) {
    int together = Math.max(1, MOST_TOGETHER / (1 + weight));
    String last = "";
    List<Seen> page;
    do {
      String after = last;
      page =
          threads.read(
              what,
              handle ->
                  times(handle.createQuery(find), times)
                      .bind(times.length, after)
                      .bind(times.length + 1, PAGE)
                      .map((row, context) -> new Seen(row.getString(1), row.getBoolean(2)))
                      .list());
      List<String> over = page.stream().filter(Seen::over).map(Seen::id).toList();
      for (int from = 0; from < over.size(); from += together) {
        List<String> some = over.subList(from, Math.min(from + together, over.size()));
        threads.write(
            what,
            change -> {
              PreparedBatch batch = change.handle().prepareBatch(remove);
              some.forEach(id -> times(batch, times).bind(times.length, id).add());
              return batch.execute().length;
            });
      }
      last = page.isEmpty() ? last : page.getLast().id();
    } while (page.size() == PAGE);
  }

  /// Runs a statement that removes rows from before that time, and no more of them than it is told,
  /// until it finds no more.
  static void slices(SqliteThreads threads, String what, String remove, Instant before) {
    int removed;
    do {
      removed =
          threads.write(
              what,
              change ->
                  change
                      .handle()
                      .createUpdate(remove)
                      .bind(0, Rows.millis(before))
                      .bind(1, MOST_TOGETHER)
                      .execute());
    } while (removed == MOST_TOGETHER);
  }

  private static <S extends SqlStatement<S>> S times(S statement, Instant... times) {
    for (int i = 0; i < times.length; i++) {
      statement.bind(i, Rows.millis(times[i]));
    }
    return statement;
  }
}
