package dev.gatehouse.store;

import dev.gatehouse.credential.IssuedCredential;
import dev.gatehouse.credential.OwnedCredential;
import dev.gatehouse.hmac.SignatureAlgorithm;
import dev.gatehouse.hmac.SignatureKeyStore;
import dev.gatehouse.hmac.StoredSignatureKey;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The keys that sign requests and webhooks, in the tables `credential` and `signature_key`.
///
/// Exceptions, blocking and threads: see [SqlCredentialStore].
public final class SqlSignatureKeyStore extends SqlCredentialStore<StoredSignatureKey>
    implements SignatureKeyStore {

  static final CredentialTable TABLE =
      CredentialTable.of("signature_key", "algorithm", "material", "webhook", "hosts");
  static final String OF_WEBHOOK =
      TABLE.select(
          """
          WHERE k.webhook = ? AND c.revoked_at IS NULL
            AND (c.expires_at IS NULL OR c.expires_at > ?)
          ORDER BY c.created_at DESC, c.id LIMIT ?
          """);

  private final SqliteThreads threads;

  SqlSignatureKeyStore(SqliteThreads threads) {
    super(threads, StoredSignatureKey.KIND, TABLE);
    this.threads = threads;
  }

  @Override
  public List<OwnedCredential<StoredSignatureKey>> ofWebhook(
      String webhook, Instant now, int limit) {
    int page = Columns.page(limit);
    return threads.read(
        "find the keys of a webhook",
        handle ->
            handle
                .createQuery(OF_WEBHOOK)
                .bind(0, webhook)
                .bind(1, Columns.millis(now))
                .bind(2, page)
                .map((row, context) -> owned(row))
                .list());
  }

  @Override
  List<@Nullable Object> columns(IssuedCredential<StoredSignatureKey> key) {
    StoredSignatureKey material = key.material();
    return Arrays.asList(
        material.algorithm().id(),
        material.material(),
        material.webhook(),
        String.join(" ", new TreeSet<>(material.hosts())));
  }

  @Override
  StoredSignatureKey material(ResultSet row, int first) throws SQLException {
    String algorithm = row.getString(first);
    return new StoredSignatureKey(
        SignatureAlgorithm.of(algorithm)
            .orElseThrow(() -> new SQLException("no such algorithm: " + algorithm)),
        row.getString(first + 1),
        row.getString(first + 2),
        Set.copyOf(Columns.words(row.getString(first + 3))));
  }
}
