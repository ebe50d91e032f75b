package dev.gatehouse.store;

import dev.gatehouse.oauth.DeniedToken;
import dev.gatehouse.oauth.DeniedTokenStore;
import dev.gatehouse.revocation.FeedEntry;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The denials of foreign tokens, in the table `denied_token`.
///
/// Throws [IllegalArgumentException] for a denial whose id is taken. Other exceptions, blocking and
/// threads: see [SqlDatabase].
public final class SqlDeniedTokenStore implements DeniedTokenStore {

  private static final String COLUMNS = "id, issuer, subject, token_id, note, created_at, ends_at";

  private static final String ADD =
      "INSERT INTO denied_token (" + COLUMNS + ") VALUES (?, ?, ?, ?, ?, ?, ?)";

  /// Two queries, so that each uses an index: one by the subject, and one by the token id. A token
  /// without an id is looked up with the empty text, which no denial has.
  static final String DENYING =
      "SELECT "
          + COLUMNS
          + " FROM denied_token WHERE issuer = ? AND subject = ? AND (ends_at IS NULL OR ends_at > ?)"
          + " UNION ALL SELECT "
          + COLUMNS
          + " FROM denied_token WHERE issuer = ? AND token_id = ?"
          + " AND (ends_at IS NULL OR ends_at > ?) LIMIT 1";

  /// The first page begins after the empty text, because every id is longer.
  static final String LIST =
      "SELECT " + COLUMNS + " FROM denied_token WHERE id > ? ORDER BY id LIMIT ?";

  private static final String REMOVE = "DELETE FROM denied_token WHERE id = ?";

  static final String FIND_OVER =
      "SELECT id, (ends_at IS NOT NULL AND ends_at <= ?) FROM denied_token WHERE id > ?"
          + " ORDER BY id LIMIT ?";
  static final String REMOVE_OVER =
      "DELETE FROM denied_token WHERE (ends_at IS NOT NULL AND ends_at <= ?) AND id = ?";

  private final SqliteThreads threads;

  SqlDeniedTokenStore(SqliteThreads threads) {
    this.threads = threads;
  }

  @Override
  public void add(DeniedToken denied) {
    threads.write(
        "deny foreign tokens",
        change -> {
          int added =
              change
                  .handle()
                  .createUpdate(ADD)
                  .bind(0, denied.id())
                  .bind(1, denied.issuer())
                  .bind(2, denied.subject())
                  .bind(3, denied.tokenId())
                  .bind(4, denied.note())
                  .bind(5, Columns.millis(denied.createdAt()))
                  .bind(6, Columns.millisOrNull(denied.until()))
                  .execute();
          change.forget(FeedEntry.Kind.CREDENTIAL, denied.id());
          return added;
        });
  }

  @Override
  public Optional<DeniedToken> denying(
      String issuer, String subject, @Nullable String tokenId, Instant now) {
    return threads.read(
        "find out whether a foreign token is denied",
        handle ->
            handle
                .createQuery(DENYING)
                .bind(0, issuer)
                .bind(1, subject)
                .bind(2, Columns.millis(now))
                .bind(3, issuer)
                .bind(4, tokenId == null ? "" : tokenId)
                .bind(5, Columns.millis(now))
                .map((row, context) -> denied(row))
                .findFirst());
  }

  @Override
  public List<DeniedToken> list(@Nullable String afterId, int limit) {
    int page = Columns.page(limit);
    return threads.read(
        "list what foreign tokens are denied",
        handle ->
            handle
                .createQuery(LIST)
                .bind(0, afterId == null ? "" : afterId)
                .bind(1, page)
                .map((row, context) -> denied(row))
                .list());
  }

  @Override
  public boolean remove(String id) {
    return threads.write(
        "let foreign tokens count again",
        change -> change.handle().createUpdate(REMOVE).bind(0, id).execute() == 1);
  }

  @Override
  public void purge(Instant now) {
    Purge.removeByPages(threads, "purge denials", FIND_OVER, null, REMOVE_OVER, now);
  }

  private static DeniedToken denied(ResultSet row) throws SQLException {
    return new DeniedToken(
        row.getString(1),
        row.getString(2),
        row.getString(3),
        row.getString(4),
        row.getString(5),
        Columns.instant(row, 6),
        Columns.instantOrNull(row, 7));
  }
}
