package dev.gatehouse.store;

import dev.gatehouse.Scopes;
import dev.gatehouse.jwt.StoredRefreshToken;
import dev.gatehouse.jwt.TokenFamily;
import dev.gatehouse.jwt.TokenStore;
import dev.gatehouse.revocation.FeedEntry;
import dev.gatehouse.secret.Digest;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// The token families, in the table `token_family`, and the digests of their refresh tokens, in the
/// table `refresh_token`. A family that is revoked is removed, and its refresh tokens with it.
///
/// Throws [IllegalArgumentException] for a family whose id is taken or whose owner has no account,
/// and for a refresh token whose digest is taken. Other exceptions, blocking and threads: see
/// [SqlDatabase].
public final class SqlTokenStore implements TokenStore {

  private static final String COLUMNS =
      "f.id, f.account, f.client_id, f.scopes, f.generation, f.created_at, f.expires_at,"
          + " f.last_used_at, f.certificate, f.signed_in_by, "
          + SqlAccountStore.COLUMNS;
  private static final String OWNED =
      "SELECT " + COLUMNS + " FROM token_family f JOIN account a ON a.id = f.account";

  /// How many columns come before those of the account.
  private static final int COLUMN_COUNT = 10;

  private static final String ADD =
      """
      INSERT INTO token_family
        (id, account, client_id, scopes, generation, created_at, expires_at, last_used_at,
         certificate, signed_in_by)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """;
  private static final String ADD_TOKEN =
      "INSERT INTO refresh_token (digest, family, expires_at) VALUES (?, ?, ?)";
  static final String BY_ID = OWNED + " WHERE f.id = ?";
  static final String BY_TOKEN =
      "SELECT "
          + COLUMNS
          + ", t.spent_at IS NOT NULL AS spent"
          + ", (SELECT COUNT(*) FROM refresh_token r WHERE r.family = f.id) AS of_family"
          + " FROM refresh_token t"
          + " JOIN token_family f ON f.id = t.family JOIN account a ON a.id = f.account"
          + " WHERE t.digest = ?";

  /// A query for a refresh token of a family that is in force. Columns: when the token ends, when
  /// it was spent, and the sealed successor, if this token is the one that opens it.
  static final String USABLE =
      """
      SELECT t.expires_at, t.spent_at, CASE WHEN f.spent_last = t.digest THEN f.sealed_successor END
      FROM refresh_token t
        JOIN token_family f ON f.id = t.family
        JOIN account a ON a.id = f.account
      WHERE t.digest = ? AND t.family = ? AND f.expires_at > ?
        AND f.generation >= a.generation
      """;

  private static final String SPEND = "UPDATE refresh_token SET spent_at = ? WHERE digest = ?";
  private static final String KEEP_SUCCESSOR =
      "UPDATE token_family SET spent_last = ?, sealed_successor = ? WHERE id = ?";

  /// The first page begins after the empty text, because every id is longer.
  static final String LIST_ALL = OWNED + " WHERE f.id > ? ORDER BY f.id LIMIT ?";

  static final String LIST_OF_ACCOUNT =
      OWNED + " WHERE f.account = ? AND f.id > ? ORDER BY f.id LIMIT ?";
  private static final String REVOKE = "DELETE FROM token_family WHERE id = ?";
  private static final String TOUCH =
      """
      UPDATE token_family SET last_used_at = ?
      WHERE id = ? AND (last_used_at IS NULL OR last_used_at < ?)
      """;

  /// A family is over if it has expired, if the sign-ins of its account were ended, or if all of
  /// its refresh tokens have expired. Spent tokens count too, because a successor does not end
  /// before its predecessor.
  private static final String IS_OVER =
      """
      (f.expires_at <= ?
        OR f.generation < (SELECT a.generation FROM account a WHERE a.id = f.account)
        OR NOT EXISTS (SELECT 1 FROM refresh_token r WHERE r.family = f.id AND r.expires_at > ?))
      """;

  static final String FIND_OVER =
      "SELECT f.id, " + IS_OVER + " FROM token_family f WHERE f.id > ? ORDER BY f.id LIMIT ?";
  static final String REMOVE_TOKENS =
      "DELETE FROM refresh_token WHERE digest IN (SELECT t.digest"
          + " FROM token_family f JOIN refresh_token t ON t.family = f.id WHERE "
          + IS_OVER
          + " AND f.id = ? LIMIT ?)";
  static final String REMOVE_OVER =
      "DELETE FROM token_family AS f WHERE " + IS_OVER + " AND f.id = ?";

  /// A sealed successor is closed if the grace of the spent token is over: it is not given out any
  /// more.
  private static final String IS_CLOSED =
      """
      (f.sealed_successor IS NOT NULL
        AND (SELECT t.spent_at FROM refresh_token t WHERE t.digest = f.spent_last) <= ?)
      """;

  static final String FIND_CLOSED =
      "SELECT f.id, " + IS_CLOSED + " FROM token_family f WHERE f.id > ? ORDER BY f.id LIMIT ?";
  static final String FORGET_CLOSED =
      "UPDATE token_family AS f SET sealed_successor = NULL WHERE " + IS_CLOSED + " AND f.id = ?";

  private final SqliteThreads threads;

  SqlTokenStore(SqliteThreads threads) {
    this.threads = threads;
  }

  @Override
  public void add(TokenFamily family, StoredRefreshToken first) {
    if (!first.family().equals(family.id())) {
      throw new IllegalArgumentException("the first refresh token is of another family");
    }
    Scopes scopes = family.scopes();
    Digest certificate = family.certificate();
    threads.write(
        "add a family of tokens",
        change -> {
          change
              .handle()
              .createUpdate(ADD)
              .bind(0, family.id())
              .bind(1, family.account())
              .bind(2, family.clientId())
              .bind(3, scopes == null ? null : scopes.toString())
              .bind(4, family.generation())
              .bind(5, Columns.millis(family.createdAt()))
              .bind(6, Columns.millis(family.expiresAt()))
              .bind(7, Columns.millisOrNull(family.lastUsedAt()))
              .bind(8, certificate == null ? null : certificate.bytes())
              .bind(9, family.signedInBy())
              .execute();
          insert(change.handle(), first);
          return true;
        });
  }

  @Override
  public Optional<Owned> family(String id) {
    return threads.read(
        "find a family of tokens",
        handle -> StatementCache.row(handle, BY_ID, id, SqlTokenStore::owned));
  }

  @Override
  public Optional<Found> token(Digest digest) {
    return threads.read(
        "find a refresh token",
        handle ->
            StatementCache.row(
                handle,
                BY_TOKEN,
                digest.bytes(),
                row -> new Found(owned(row), row.getBoolean("spent"), row.getInt("of_family"))));
  }

  @Override
  public Use use(
      Digest refreshToken,
      Instant now,
      StoredRefreshToken successor,
      @Nullable String sealedSuccessor,
      Duration grace) {
    return threads.write(
        "use a refresh token",
        change -> {
          Usable token = usable(change.handle(), refreshToken, successor.family(), now);
          if (token == null) {
            return new Use.Unknown();
          }
          if (token.spentAt == null) {
            if (!now.isBefore(token.expiresAt)) {
              return new Use.Unknown();
            }
            spend(change.handle(), refreshToken, now, successor.family(), sealedSuccessor);
            insert(change.handle(), successor);
            return new Use.Rotated();
          }
          if (token.sealedSuccessor != null && now.isBefore(token.spentAt.plus(grace))) {
            return new Use.Again(token.sealedSuccessor);
          }
          remove(change, successor.family());
          return new Use.Reused(successor.family());
        });
  }

  private record Usable(
      Instant expiresAt, @Nullable Instant spentAt, @Nullable String sealedSuccessor) {}

  private static @Nullable Usable usable(
      Handle handle, Digest refreshToken, String family, Instant now) {
    return handle
        .createQuery(USABLE)
        .bind(0, refreshToken.bytes())
        .bind(1, family)
        .bind(2, Columns.millis(now))
        .map(
            (row, context) ->
                new Usable(
                    Columns.instant(row, 1), Columns.instantOrNull(row, 2), row.getString(3)))
        .findOne()
        .orElse(null);
  }

  private static void spend(
      Handle handle,
      Digest refreshToken,
      Instant now,
      String family,
      @Nullable String sealedSuccessor) {
    handle.createUpdate(SPEND).bind(0, Columns.millis(now)).bind(1, refreshToken.bytes()).execute();
    handle
        .createUpdate(KEEP_SUCCESSOR)
        .bind(0, refreshToken.bytes())
        .bind(1, sealedSuccessor)
        .bind(2, family)
        .execute();
  }

  @Override
  public List<Owned> list(@Nullable String account, @Nullable String afterId, int limit) {
    int page = Columns.page(limit);
    String after = afterId == null ? "" : afterId;
    return threads.read(
        "list families of tokens",
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
  public boolean revoke(String family) {
    return threads.write("revoke a family of tokens", change -> remove(change, family));
  }

  /// Removes a family and its refresh tokens, and adds a feed row that names the family. Returns
  /// false if there is no such family.
  private static boolean remove(Change change, String family) {
    boolean removed = change.handle().createUpdate(REVOKE).bind(0, family).execute() == 1;
    if (removed) {
      change.forget(FeedEntry.Kind.CREDENTIAL, family);
    }
    return removed;
  }

  @Override
  public void touch(Map<String, Instant> lastUsed) {
    Columns.touch(threads, "note when tokens were used", TOUCH, lastUsed);
  }

  @Override
  public void purge(Instant now, Instant graceOver) {
    Purge.removeByPages(
        threads, "purge families of tokens", FIND_OVER, REMOVE_TOKENS, REMOVE_OVER, now, now);
    Purge.removeByPages(
        threads, "forget sealed successors", FIND_CLOSED, null, FORGET_CLOSED, graceOver);
  }

  private static void insert(Handle handle, StoredRefreshToken token) {
    handle
        .createUpdate(ADD_TOKEN)
        .bind(0, token.digest().bytes())
        .bind(1, token.family())
        .bind(2, Columns.millis(token.expiresAt()))
        .execute();
  }

  private static Owned owned(ResultSet row) throws SQLException {
    String scopes = row.getString(4);
    byte[] certificate = row.getBytes(9);
    return new Owned(
        new TokenFamily(
            row.getString(1),
            row.getString(2),
            row.getString(3),
            scopes == null ? null : Scopes.parse(scopes),
            row.getLong(5),
            Columns.instant(row, 6),
            Columns.instant(row, 7),
            Columns.instantOrNull(row, 8),
            certificate == null ? null : Digest.of(certificate),
            row.getString(10)),
        SqlAccountStore.account(row, COLUMN_COUNT + 1));
  }
}
