package dev.gatehouse.store;

import dev.gatehouse.apikey.ApiKeyStore;
import dev.gatehouse.apikey.StoredApiKey;
import dev.gatehouse.credential.IssuedCredential;
import dev.gatehouse.credential.OwnedCredential;
import dev.gatehouse.secret.Digest;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The API keys, in the tables `credential` and `api_key`. A digest is unique, also among revoked
/// keys.
///
/// Exceptions, blocking and threads: see [SqlCredentialStore].
public final class SqlApiKeyStore extends SqlCredentialStore<StoredApiKey> implements ApiKeyStore {

  static final CredentialTable TABLE = CredentialTable.of("api_key", "digest", "hint");
  static final String BY_DIGEST = TABLE.select("WHERE k.digest = ?");

  SqlApiKeyStore(SqliteThreads threads) {
    super(threads, StoredApiKey.KIND, TABLE);
  }

  @Override
  public Optional<OwnedCredential<StoredApiKey>> byDigest(Digest digest) {
    return one(BY_DIGEST, digest.bytes());
  }

  @Override
  List<@Nullable Object> columns(IssuedCredential<StoredApiKey> key) {
    return List.of(key.material().digest().bytes(), key.material().hint());
  }

  @Override
  StoredApiKey material(ResultSet row, int first) throws SQLException {
    return new StoredApiKey(Digest.of(row.getBytes(first)), row.getString(first + 1));
  }
}
