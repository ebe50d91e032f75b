package dev.gatehouse.apikey;

import dev.gatehouse.credential.CredentialStore;
import dev.gatehouse.credential.OwnedCredential;
import dev.gatehouse.secret.Digest;
import java.util.Optional;

/// Stores API keys, and looks up a presented key. Thread-safe; every method may block.
public interface ApiKeyStore extends CredentialStore<StoredApiKey> {

  /// Returns the key of that digest and its owner, whether or not it is still valid. Makes one
  /// look-up.
  Optional<OwnedCredential<StoredApiKey>> byDigest(Digest digest);
}
