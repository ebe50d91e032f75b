package dev.gatehouse.store;

import dev.gatehouse.account.EndedRetention;
import dev.gatehouse.revocation.FeedEntry;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// What is alike for every table of credentials that are issued to accounts: they are listed by
/// their owner, revoked, succeeded by others, and it is noted when they were used.
///
/// @param <T> what a row is read as
final class IssuedRows<T> {

  private final SqliteThreads threads;
  private final String thing;
  private final String things;
  private final KeptStatements.RowReader<T> reader;
  private final String listAll;
  private final String listOfOwner;
  private final String revoke;
  private final String succeed;
  private final String touch;
  private final String ends;
  private final String findEnded;
  private final String removeEnded;

  /// When a row ended or will end, of a table whose rows end as keys do; NULL: never.
  static final String END =
      """
      (CASE WHEN k.revoked_at IS NULL THEN k.expires_at
        WHEN k.expires_at IS NULL OR k.revoked_at < k.expires_at THEN k.revoked_at
        ELSE k.expires_at END)
      """;

  /// @param thing what messages call one of them, as "an API key"
  /// @param things the same of several
  /// @param table with the columns `id`, `owner`, `expires_at`, `last_used_at`, `revoked_at` and
  ///   `successor`
  /// @param columns what the reader reads, in its order, each behind `k.`
  /// @param end when a row `k` ended or will end: [#END], or another expression
  IssuedRows(
      SqliteThreads threads,
      String thing,
      String things,
      String table,
      String columns,
      String end,
      KeptStatements.RowReader<T> reader) {
    this.threads = threads;
    this.thing = thing;
    this.things = things;
    this.reader = reader;
    // Every id is longer than the empty one, so that the first page lies behind it.
    this.listAll =
        "SELECT " + columns + " FROM " + table + " k WHERE k.id > ? ORDER BY k.id LIMIT ?";
    this.listOfOwner = listOfOwner(table, columns);
    this.revoke = "UPDATE " + table + " SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL";
    this.succeed =
        "UPDATE "
            + table
            + """
             SET successor = ?,
              expires_at = CASE WHEN expires_at < ? THEN expires_at ELSE ? END
            WHERE id = ? AND revoked_at IS NULL AND successor IS NULL
            """;
    this.touch =
        "UPDATE "
            + table
            + """
             SET last_used_at = ?
            WHERE id = ? AND (last_used_at IS NULL OR last_used_at < ?)
            """;
    this.ends =
        "SELECT k.id, " + end + " FROM " + table + " k WHERE k.id > ? ORDER BY k.id LIMIT ?";
    String isOver = "(" + end + " IS NOT NULL AND " + end + " < ?)";
    this.findEnded =
        "SELECT k.id, " + isOver + " FROM " + table + " k WHERE k.id > ? ORDER BY k.id LIMIT ?";
    this.removeEnded =
        "DELETE FROM "
            + table
            + " AS k WHERE "
            + isOver
            + " AND k.id = ?"
            + " AND NOT EXISTS (SELECT 1 FROM "
            + table
            + " p WHERE p.successor = k.id)";
  }

  static String listOfOwner(String table, String columns) {
    return "SELECT "
        + columns
        + " FROM "
        + table
        + " k WHERE k.owner = ? AND k.id > ? ORDER BY k.id LIMIT ?";
  }

  /// A page in the order of their ids, of that owner or (null) of all, behind that id.
  List<T> list(@Nullable String owner, @Nullable String afterId, int limit) {
    int page = Rows.page(limit);
    String after = afterId == null ? "" : afterId;
    return threads.read(
        "list " + things,
        handle ->
            (owner == null
                    ? handle.createQuery(listAll).bind(0, after).bind(1, page)
                    : handle.createQuery(listOfOwner).bind(0, owner).bind(1, after).bind(2, page))
                .map((row, context) -> reader.read(row))
                .list());
  }

  /// Revokes one, and has the feed name it; false when there is none, or it was revoked before.
  boolean revoke(String id, Instant at) {
    return revoke(id, at, (change, revoked) -> {});
  }

  /// The same.
  ///
  /// @param also what else is changed with it, by its id
  boolean revoke(String id, Instant at, BiConsumer<Change, String> also) {
    return threads.write(
        "revoke " + thing,
        change -> {
          boolean revoked =
              change.handle().createUpdate(revoke).bind(0, Rows.millis(at)).bind(1, id).execute()
                  == 1;
          if (revoked) {
            change.forget(FeedEntry.Kind.CREDENTIAL, id);
            also.accept(change, id);
          }
          return revoked;
        });
  }

  /// Ends one at that instant or at its own end, whichever comes first, adds its successor, and has
  /// the feed name it; false when there is none, it is revoked, or it has a successor already.
  boolean succeed(String id, Instant endsAt, String successor, Consumer<Handle> adding) {
    return threads.write(
        "rotate " + thing,
        change -> {
          boolean claimed =
              change
                      .handle()
                      .createUpdate(succeed)
                      .bind(0, successor)
                      .bind(1, Rows.millis(endsAt))
                      .bind(2, Rows.millis(endsAt))
                      .bind(3, id)
                      .execute()
                  == 1;
          if (claimed) {
            adding.accept(change.handle());
            change.forget(FeedEntry.Kind.CREDENTIAL, id);
          }
          return claimed;
        });
  }

  /// Notes when they were last used; no time goes backwards.
  void touch(Map<String, Instant> lastUsed) {
    Rows.touch(threads, "note when " + things + " were used", touch, lastUsed);
  }

  /// Forgets what ended and is not to be kept any more, in small changes.
  void purgeEnded(EndedRetention retention) {
    String what = "forget " + things + " that ended";
    Instant before = retention.forgottenBefore(Purge.times(threads, what, ends));
    Purge.pages(threads, what, findEnded, null, removeEnded, before);
  }
}
