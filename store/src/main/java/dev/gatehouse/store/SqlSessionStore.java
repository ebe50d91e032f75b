package dev.gatehouse.store;

import dev.gatehouse.revocation.FeedEntry;
import dev.gatehouse.secret.Digest;
import dev.gatehouse.session.SessionStore;
import dev.gatehouse.session.StoredSession;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The sessions, in the table `session`. A session that ends is removed.
///
/// Throws [IllegalArgumentException] for a session whose id or digest is taken, or whose account
/// does not exist. Other exceptions, blocking and threads: see [SqlDatabase].
public final class SqlSessionStore implements SessionStore {

  private static final String OWNED =
      "SELECT s.id, s.digest, s.account, s.generation, s.created_at, s.authenticated_at,"
          + " s.expires_at, s.last_seen_at, s.agent, s.address, s.signed_in_by, "
          + SqlAccountStore.COLUMNS
          + " FROM session s JOIN account a ON a.id = s.account";

  /// How many columns come before those of the account.
  private static final int COLUMN_COUNT = 11;

  private static final String ADD =
      """
      INSERT INTO session
        (id, digest, account, generation, created_at, authenticated_at, expires_at, last_seen_at,
          agent, address, signed_in_by)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """;
  static final String BY_DIGEST = OWNED + " WHERE s.digest = ?";
  static final String BY_ID = OWNED + " WHERE s.id = ?";

  /// The first page begins after the empty text, because every id is longer.
  static final String LIST_ALL = OWNED + " WHERE s.id > ? ORDER BY s.id LIMIT ?";

  static final String LIST_OF_ACCOUNT =
      OWNED + " WHERE s.account = ? AND s.id > ? ORDER BY s.id LIMIT ?";
  private static final String END = "DELETE FROM session WHERE id = ?";
  private static final String TOUCH =
      "UPDATE session SET last_seen_at = ? WHERE id = ? AND last_seen_at < ?";

  private static final String IS_OVER =
      """
      (s.expires_at <= ? OR s.last_seen_at < ?
        OR s.generation < (SELECT a.generation FROM account a WHERE a.id = s.account))
      """;
  static final String FIND_OVER =
      "SELECT s.id, " + IS_OVER + " FROM session s WHERE s.id > ? ORDER BY s.id LIMIT ?";
  static final String REMOVE_OVER = "DELETE FROM session AS s WHERE " + IS_OVER + " AND s.id = ?";

  private final SqliteThreads threads;

  SqlSessionStore(SqliteThreads threads) {
    this.threads = threads;
  }

  @Override
  public void add(StoredSession session) {
    threads.write(
        "add a session",
        change ->
            change
                .handle()
                .createUpdate(ADD)
                .bind(0, session.id())
                .bind(1, session.digest().bytes())
                .bind(2, session.account())
                .bind(3, session.generation())
                .bind(4, Columns.millis(session.createdAt()))
                .bind(5, Columns.millisOrNull(session.authenticatedAt()))
                .bind(6, Columns.millis(session.expiresAt()))
                .bind(7, Columns.millis(session.lastSeenAt()))
                .bind(8, session.agent())
                .bind(9, session.address())
                .bind(10, session.signedInBy())
                .execute());
  }

  @Override
  public Optional<Owned> byDigest(Digest digest) {
    return threads.read(
        "find a session by its digest",
        handle -> StatementCache.row(handle, BY_DIGEST, digest.bytes(), SqlSessionStore::owned));
  }

  @Override
  public Optional<Owned> byId(String id) {
    return threads.read(
        "find a session by its id",
        handle -> StatementCache.row(handle, BY_ID, id, SqlSessionStore::owned));
  }

  @Override
  public List<Owned> list(@Nullable String account, @Nullable String afterId, int limit) {
    int page = Columns.page(limit);
    String after = afterId == null ? "" : afterId;
    return threads.read(
        "list sessions",
        handle ->
            (account == null
                    ? handle.createQuery(LIST_ALL).bind(0, after).bind(1, page)
                    : handle
                        .createQuery(LIST_OF_ACCOUNT)
                        .bind(0, account)
                        .bind(1, after)
                        .bind(2, page))
                .map((row, context) -> owned(row))
                .list());
  }

  @Override
  public boolean end(String id) {
    return threads.write(
        "end a session",
        change -> {
          boolean ended = change.handle().createUpdate(END).bind(0, id).execute() == 1;
          if (ended) {
            change.forget(FeedEntry.Kind.CREDENTIAL, id);
          }
          return ended;
        });
  }

  @Override
  public void touch(Map<String, Instant> lastUsed) {
    Columns.touch(threads, "note when sessions were used", TOUCH, lastUsed);
  }

  @Override
  public void purge(Instant now, Instant idleSince) {
    Purge.removeByPages(threads, "purge sessions", FIND_OVER, null, REMOVE_OVER, now, idleSince);
  }

  private static Owned owned(ResultSet row) throws SQLException {
    return new Owned(
        new StoredSession(
            row.getString(1),
            Digest.of(row.getBytes(2)),
            row.getString(3),
            row.getLong(4),
            Columns.instant(row, 5),
            Columns.instantOrNull(row, 6),
            Columns.instant(row, 7),
            Columns.instant(row, 8),
            row.getString(9),
            row.getString(10),
            row.getString(11)),
        SqlAccountStore.account(row, COLUMN_COUNT + 1));
  }
}
