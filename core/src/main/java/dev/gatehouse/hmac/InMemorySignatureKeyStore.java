package dev.gatehouse.hmac;

import dev.gatehouse.account.InMemoryAccountStore;
import dev.gatehouse.credential.InMemoryCredentialStore;
import dev.gatehouse.credential.IssuedCredential;
import dev.gatehouse.credential.OwnedCredential;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/// Keeps signature keys in memory. For tests, and for programs that register their callers at the
/// start. Nothing outlives the process. Never blocks for long; thread-safe.
public final class InMemorySignatureKeyStore extends InMemoryCredentialStore<StoredSignatureKey>
    implements SignatureKeyStore {

  private static final Comparator<OwnedCredential<StoredSignatureKey>> NEWEST_FIRST =
      Comparator.comparing(
              (OwnedCredential<StoredSignatureKey> owned) -> owned.credential().createdAt())
          .reversed();

  /// An empty store. Its keys belong to these accounts, and its changes go to their revocation
  /// feed.
  public InMemorySignatureKeyStore(InMemoryAccountStore accounts) {
    super(StoredSignatureKey.KIND, accounts);
  }

  @Override
  public List<OwnedCredential<StoredSignatureKey>> ofWebhook(
      String webhook, Instant now, int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("at least one key, not " + limit);
    }
    return find(key -> isOfWebhook(key, webhook, now)).stream()
        .sorted(NEWEST_FIRST)
        .limit(limit)
        .toList();
  }

  private static boolean isOfWebhook(
      IssuedCredential<StoredSignatureKey> key, String webhook, Instant now) {
    return webhook.equals(key.material().webhook())
        && key.revokedAt() == null
        && !key.terms().isOver(now);
  }
}
