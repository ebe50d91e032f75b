package dev.gatehouse.store;

import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlStatement;
import org.jspecify.annotations.Nullable;

/// Removes rows that are over, however many, in changes so small that nobody waits long behind one.
final class Purge {

  /// How many rows a reader looks at in one go.
  private static final int PAGE_ROWS = 1000;

  /// How many rows go in one change: few, because each may lie on a page of its own, and whoever
  /// writes waits for them.
  static final int MAX_ROWS_PER_WRITE = 100;

  private Purge() {}

  private record Seen(String id, boolean over) {}

  /// Walks through a table in the order of its ids: readers find what is over, and the writer
  /// removes that by its id, if it still is over. So no condition needs an index.
  ///
  /// @param find takes the times, the id behind which to look, and how many rows to look at;
  ///   answers ids, and whether each is over
  /// @param rows removes rows of another table that go with one that is over, before it goes
  ///   itself: takes the times, an id, and how many at most; null: there are none
  /// @param remove takes the times and an id
  static void removeByPages(
      SqliteThreads threads,
      String what,
      String find,
      @Nullable String rows,
      String remove,
      Instant... times) {
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
                      .bind(times.length + 1, PAGE_ROWS)
                      .map((row, context) -> new Seen(row.getString(1), row.getBoolean(2)))
                      .list());
      List<String> over = page.stream().filter(Seen::over).map(Seen::id).toList();
      int gone = 0;
      while (gone < over.size()) {
        List<String> rest = over.subList(gone, over.size());
        gone += threads.write(what, change -> some(change.handle(), rest, rows, remove, times));
      }
      last = page.isEmpty() ? last : page.getLast().id();
    } while (page.size() == PAGE_ROWS);
  }

  private record Timed(String id, @Nullable Instant time) {}

  /// Reads a time of every row that has it, page by page.
  ///
  /// @param find takes the id behind which to look, and how many rows to look at; answers ids and
  ///   times
  static Stream<Instant> instantsByPages(SqliteThreads threads, String what, String find) {
    return Stream.iterate(
            instantsBehind(threads, what, find, ""),
            page -> !page.isEmpty(),
            page -> instantsBehind(threads, what, find, page.getLast().id()))
        .flatMap(List::stream)
        .flatMap(row -> Stream.ofNullable(row.time()));
  }

  private static List<Timed> instantsBehind(
      SqliteThreads threads, String what, String find, String after) {
    return threads.read(
        what,
        handle ->
            handle
                .createQuery(find)
                .bind(0, after)
                .bind(1, PAGE_ROWS)
                .map((row, context) -> new Timed(row.getString(1), Columns.instantOrNull(row, 2)))
                .list());
  }

  // How many of these are gone; one with many rows may take several changes.
  private static int some(
      Handle handle, List<String> over, @Nullable String rows, String remove, Instant... times) {
    int left = MAX_ROWS_PER_WRITE;
    int gone = 0;
    for (String id : over) {
      if (rows != null && left > 0) {
        left -=
            times(handle.createUpdate(rows), times)
                .bind(times.length, id)
                .bind(times.length + 1, left)
                .execute();
      }
      if (left == 0) {
        break;
      }
      times(handle.createUpdate(remove), times).bind(times.length, id).execute();
      gone++;
      left--;
    }
    return gone;
  }

  /// Runs a statement that removes rows from before that time, and no more of them than it is told,
  /// until it finds no more.
  static void removeInBatches(SqliteThreads threads, String what, String remove, Instant before) {
    int removed;
    do {
      removed =
          threads.write(
              what,
              change ->
                  change
                      .handle()
                      .createUpdate(remove)
                      .bind(0, Columns.millis(before))
                      .bind(1, MAX_ROWS_PER_WRITE)
                      .execute());
    } while (removed == MAX_ROWS_PER_WRITE);
  }

  private static <S extends SqlStatement<S>> S times(S statement, Instant... times) {
    for (int i = 0; i < times.length; i++) {
      statement.bind(i, Columns.millis(times[i]));
    }
    return statement;
  }
}
