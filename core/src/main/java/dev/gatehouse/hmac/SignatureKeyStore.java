package dev.gatehouse.hmac;

import dev.gatehouse.credential.CredentialStore;
import dev.gatehouse.credential.OwnedCredential;
import java.time.Instant;
import java.util.List;

/// Where the keys are kept that requests and webhooks are signed with, and how those of a webhook
/// are found. A signed request names its key by the id.
public interface SignatureKeyStore extends CredentialStore<StoredSignatureKey> {

  /// The keys of that webhook that are not revoked and end after that instant, with their owners,
  /// the newest first; at most `limit`. May block. Throws [IllegalArgumentException] when the limit
  /// is below 1.
  List<OwnedCredential<StoredSignatureKey>> ofWebhook(String webhook, Instant now, int limit);
}
