package dev.gatehouse.store;

import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.SqlStatement;
import org.jspecify.annotations.Nullable;

/// Removes rows that are no longer needed. Any number of rows is removed in small changes, so that
/// other writes do not wait long. Each method blocks until all rows are removed.
final class Purge {

  /// How many rows a reader reads in one query.
  private static final int PAGE_ROWS = 1000;

  /// How many rows one change removes. The number is small, because each row may be on another page
  /// of the file, and other writes wait for the change.
  static final int MAX_ROWS_PER_WRITE = 100;

  private Purge() {}

  private record Seen(String id, boolean over) {}

  /// Reads a table in the order of its ids, and removes the rows that are over. A reader finds
  /// them, and the writer removes each by its id if it is still over. So the condition needs no
  /// index.
  ///
  /// @param what the task, for messages
  /// @param find a query for ids, and whether each row is over; parameters: the times, the id after
  ///   which it begins, the number of rows
  /// @param rows a statement that first removes the rows of another table that belong to a row;
  ///   parameters: the times, the id, the largest number of rows; null: there are no such rows
  /// @param remove a statement that removes one row if it is over; parameters: the times, the id
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

  /// Returns the instant of each row that has one. Reads the table page by page, while the stream
  /// is consumed.
  ///
  /// @param find a query for ids and instants; parameters: the id after which it begins, the number
  ///   of rows
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

  /// Runs a statement until it removes no more rows.
  ///
  /// @param remove a statement that removes rows from before a time; parameters: the time, the
  ///   largest number of rows
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
