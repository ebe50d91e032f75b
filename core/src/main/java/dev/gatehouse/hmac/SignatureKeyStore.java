package dev.gatehouse.hmac;

import dev.gatehouse.credential.CredentialStore;
import dev.gatehouse.credential.OwnedCredential;
import java.time.Instant;
import java.util.List;

/// The port to the store of signature keys.
///
/// A signed request names its key, so the gate reads the key by its id. An event of a webhook names
/// no key, so the gate reads the keys of the webhook. Implementations are thread-safe; each method
/// may block, and throws [dev.gatehouse.StoreUnavailableException] if the store does not answer.
public interface SignatureKeyStore extends CredentialStore<StoredSignatureKey> {

  /// Returns the keys of this webhook with their owners, the newest first. Leaves out keys that are
  /// revoked and keys that end at or before `now`.
  ///
  /// Throws [IllegalArgumentException] if the limit is below 1.
  ///
  /// @param limit how many keys are returned at most
  List<OwnedCredential<StoredSignatureKey>> ofWebhook(String webhook, Instant now, int limit);
}
