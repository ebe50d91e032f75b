package dev.gatehouse.apikey;

import dev.gatehouse.credential.CredentialStore;
import dev.gatehouse.credential.OwnedCredential;
import dev.gatehouse.secret.Digest;
import java.util.Optional;

/// Where API keys are kept, and how a key that was sent is found.
public interface ApiKeyStore extends CredentialStore<StoredApiKey> {

  /// The key of that digest and its owner, whether or not it is still good. One look-up; may block.
  Optional<OwnedCredential<StoredApiKey>> byDigest(Digest digest);
}
