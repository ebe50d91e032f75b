package dev.gatehouse.store;

import dev.gatehouse.Scopes;
import dev.gatehouse.account.EndedRetention;
import dev.gatehouse.apikey.ApiKeyStore;
import dev.gatehouse.apikey.StoredApiKey;
import dev.gatehouse.secret.Digest;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// API keys in an SQL database.
///
/// Calls throw [dev.gatehouse.StoreUnavailableException] and [IllegalArgumentException] as
/// [SqlDatabase] says: the latter for a key whose id or digest is taken, or whose owner has no
/// account.
public final class SqlApiKeyStore implements ApiKeyStore {

  /// What [#key] reads, in its order.
  private static final String COLUMNS =
      """
      k.id, k.digest, k.hint, k.owner, k.name, k.scopes, k.expires_at, k.networks, \
      k.requests_per_minute, k.created_at, k.last_used_at, k.revoked_at, k.successor, \
      k.origin""";

  private static final int COLUMN_COUNT = 14;

  private static final String ADD =
      """
      INSERT INTO api_key
        (id, digest, hint, owner, name, scopes, expires_at, networks,
         requests_per_minute, created_at, last_used_at, revoked_at, successor, origin)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """;
  static final String BY_DIGEST =
      "SELECT "
          + COLUMNS
          + ", "
          + SqlAccountStore.COLUMNS
          + " FROM api_key k JOIN account a ON a.id = k.owner WHERE k.digest = ?";
  private static final String BY_ID = "SELECT " + COLUMNS + " FROM api_key k WHERE k.id = ?";

  static final String LIST_OF_OWNER = IssuedRows.listOfOwner("api_key", COLUMNS);

  private final SqliteThreads threads;
  private final IssuedRows<StoredApiKey> issued;

  SqlApiKeyStore(SqliteThreads threads) {
    this.threads = threads;
    this.issued =
        new IssuedRows<>(
            threads,
            "an API key",
            "API keys",
            "api_key",
            COLUMNS,
            IssuedRows.END,
            SqlApiKeyStore::key);
  }

  @Override
  public void add(StoredApiKey key) {
    threads.write(
        "add an API key",
        change -> {
          insert(change.handle(), key);
          return true;
        });
  }

  @Override
  public Optional<Owned> byDigest(Digest digest) {
    return threads.read(
        "find an API key by its digest",
        handle -> KeptStatements.row(handle, BY_DIGEST, digest.bytes(), SqlApiKeyStore::owned));
  }

  @Override
  public Optional<StoredApiKey> byId(String id) {
    return threads.read(
        "find an API key",
        handle -> handle.createQuery(BY_ID).bind(0, id).map((row, context) -> key(row)).findOne());
  }

  @Override
  public List<StoredApiKey> list(@Nullable String owner, @Nullable String afterId, int limit) {
    return issued.list(owner, afterId, limit);
  }

  @Override
  public boolean revoke(String id, Instant at) {
    return issued.revoke(id, at);
  }

  @Override
  public boolean rotate(String id, Instant endsAt, StoredApiKey successor) {
    return issued.succeed(id, endsAt, successor.id(), handle -> insert(handle, successor));
  }

  @Override
  public void purgeEnded(EndedRetention retention) {
    issued.purgeEnded(retention);
  }

  @Override
  public void touch(Map<String, Instant> lastUsed) {
    issued.touch(lastUsed);
  }

  private static void insert(Handle handle, StoredApiKey key) {
    handle
        .createUpdate(ADD)
        .bind(0, key.id())
        .bind(1, key.digest().bytes())
        .bind(2, key.hint())
        .bind(3, key.owner())
        .bind(4, key.name())
        .bind(5, key.scopes().toString())
        .bind(6, Rows.millisOrNull(key.expiresAt()))
        .bind(7, Rows.text(key.networks()))
        .bind(8, key.requestsPerMinute())
        .bind(9, Rows.millis(key.createdAt()))
        .bind(10, Rows.millisOrNull(key.lastUsedAt()))
        .bind(11, Rows.millisOrNull(key.revokedAt()))
        .bind(12, key.successor())
        .bind(13, key.origin())
        .execute();
  }

  private static Owned owned(ResultSet row) throws SQLException {
    return new Owned(key(row), SqlAccountStore.account(row, COLUMN_COUNT + 1));
  }

  private static StoredApiKey key(ResultSet row) throws SQLException {
    int perMinute = row.getInt(9);
    Integer requestsPerMinute = row.wasNull() ? null : perMinute;
    return new StoredApiKey(
        row.getString(1),
        Digest.of(row.getBytes(2)),
        row.getString(3),
        row.getString(4),
        row.getString(5),
        Scopes.parse(row.getString(6)),
        Rows.instantOrNull(row, 7),
        Rows.networks(row.getString(8)),
        requestsPerMinute,
        Rows.instant(row, 10),
        Rows.instantOrNull(row, 11),
        Rows.instantOrNull(row, 12),
        row.getString(13),
        row.getString(14));
  }
}
