package dev.gatehouse.apikey;

import dev.gatehouse.account.InMemoryAccountStore;
import dev.gatehouse.credential.InMemoryCredentialStore;
import dev.gatehouse.credential.OwnedCredential;
import dev.gatehouse.secret.Digest;
import java.util.Optional;

/// API keys in memory, for tests and for programs with few callers. Nothing survives the process.
public final class InMemoryApiKeyStore extends InMemoryCredentialStore<StoredApiKey>
    implements ApiKeyStore {

  /// An empty store whose keys belong to those accounts. It writes to their feed.
  public InMemoryApiKeyStore(InMemoryAccountStore accounts) {
    super(StoredApiKey.KIND, accounts);
  }

  @Override
  public Optional<OwnedCredential<StoredApiKey>> byDigest(Digest digest) {
    return findUnique(digest);
  }
}
