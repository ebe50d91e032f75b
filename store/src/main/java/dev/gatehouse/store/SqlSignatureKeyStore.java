package dev.gatehouse.store;

import dev.gatehouse.Scopes;
import dev.gatehouse.account.EndedRetention;
import dev.gatehouse.hmac.SignatureAlgorithm;
import dev.gatehouse.hmac.SignatureKeyStore;
import dev.gatehouse.hmac.StoredSignatureKey;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// The keys that requests and webhooks are signed with, in an SQL database.
///
/// Calls throw [dev.gatehouse.StoreUnavailableException] and [IllegalArgumentException] as
/// [SqlDatabase] says: the latter for a key whose id is taken, or whose owner has no account.
public final class SqlSignatureKeyStore implements SignatureKeyStore {

  /// What [#key] reads, in its order.
  private static final String COLUMNS =
      """
      k.id, k.algorithm, k.material, k.webhook, k.owner, k.name, k.hosts, k.scopes, k.expires_at, \
      k.networks, k.requests_per_minute, k.created_at, k.last_used_at, k.revoked_at, k.successor""";

  private static final int COLUMN_COUNT = 15;

  private static final String OWNED =
      "SELECT "
          + COLUMNS
          + ", "
          + SqlAccountStore.COLUMNS
          + " FROM signature_key k JOIN account a ON a.id = k.owner";

  private static final String ADD =
      """
      INSERT INTO signature_key
        (id, algorithm, material, webhook, owner, name, hosts, scopes, expires_at, networks,
         requests_per_minute, created_at, last_used_at, revoked_at, successor)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """;
  static final String BY_ID = OWNED + " WHERE k.id = ?";
  static final String OF_WEBHOOK =
      OWNED
          + """
           WHERE k.webhook = ? AND k.revoked_at IS NULL
            AND (k.expires_at IS NULL OR k.expires_at > ?)
          ORDER BY k.created_at DESC, k.id LIMIT ?
          """;

  private final SqliteThreads threads;
  private final IssuedRows<StoredSignatureKey> issued;

  SqlSignatureKeyStore(SqliteThreads threads) {
    this.threads = threads;
    this.issued =
        new IssuedRows<>(
            threads,
            "a signature key",
            "signature keys",
            "signature_key",
            COLUMNS,
            IssuedRows.END,
            SqlSignatureKeyStore::key);
  }

  @Override
  public void add(StoredSignatureKey key) {
    threads.write(
        "add a signature key",
        change -> {
          insert(change.handle(), key);
          return true;
        });
  }

  @Override
  public Optional<Owned> byId(String id) {
    return threads.read(
        "find a signature key",
        handle -> KeptStatements.row(handle, BY_ID, id, SqlSignatureKeyStore::owned));
  }

  @Override
  public List<Owned> ofWebhook(String webhook, Instant now, int limit) {
    int page = Rows.page(limit);
    return threads.read(
        "find the keys of a webhook",
        handle ->
            handle
                .createQuery(OF_WEBHOOK)
                .bind(0, webhook)
                .bind(1, Rows.millis(now))
                .bind(2, page)
                .map((row, context) -> owned(row))
                .list());
  }

  @Override
  public List<StoredSignatureKey> list(
      @Nullable String owner, @Nullable String afterId, int limit) {
    return issued.list(owner, afterId, limit);
  }

  @Override
  public boolean revoke(String id, Instant at) {
    return issued.revoke(id, at);
  }

  @Override
  public boolean rotate(String id, Instant endsAt, StoredSignatureKey successor) {
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

  private static void insert(Handle handle, StoredSignatureKey key) {
    handle
        .createUpdate(ADD)
        .bind(0, key.id())
        .bind(1, key.algorithm().id())
        .bind(2, key.material())
        .bind(3, key.webhook())
        .bind(4, key.owner())
        .bind(5, key.name())
        .bind(6, String.join(" ", new TreeSet<>(key.hosts())))
        .bind(7, key.scopes().toString())
        .bind(8, Rows.millisOrNull(key.expiresAt()))
        .bind(9, Rows.text(key.networks()))
        .bind(10, key.requestsPerMinute())
        .bind(11, Rows.millis(key.createdAt()))
        .bind(12, Rows.millisOrNull(key.lastUsedAt()))
        .bind(13, Rows.millisOrNull(key.revokedAt()))
        .bind(14, key.successor())
        .execute();
  }

  private static Owned owned(ResultSet row) throws SQLException {
    return new Owned(key(row), SqlAccountStore.account(row, COLUMN_COUNT + 1));
  }

  private static StoredSignatureKey key(ResultSet row) throws SQLException {
    int perMinute = row.getInt(11);
    Integer requestsPerMinute = row.wasNull() ? null : perMinute;
    String algorithm = row.getString(2);
    return new StoredSignatureKey(
        row.getString(1),
        SignatureAlgorithm.of(algorithm)
            .orElseThrow(() -> new SQLException("no such algorithm: " + algorithm)),
        row.getString(3),
        row.getString(4),
        row.getString(5),
        row.getString(6),
        Set.copyOf(Rows.words(row.getString(7))),
        Scopes.parse(row.getString(8)),
        Rows.instantOrNull(row, 9),
        Rows.networks(row.getString(10)),
        requestsPerMinute,
        Rows.instant(row, 12),
        Rows.instantOrNull(row, 13),
        Rows.instantOrNull(row, 14),
        row.getString(15));
  }
}
