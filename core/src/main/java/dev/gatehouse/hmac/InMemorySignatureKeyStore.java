package dev.gatehouse.hmac;

import dev.gatehouse.account.InMemoryAccountStore;
import dev.gatehouse.credential.InMemoryCredentialStore;
import dev.gatehouse.credential.IssuedCredential;
import dev.gatehouse.credential.OwnedCredential;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/// Signature keys in memory: for tests, and for a program that names its few callers itself.
public final class InMemorySignatureKeyStore extends InMemoryCredentialStore<StoredSignatureKey>
    implements SignatureKeyStore {

  private static final Comparator<OwnedCredential<StoredSignatureKey>> NEWEST_FIRST =
      Comparator.comparing(
              (OwnedCredential<StoredSignatureKey> owned) -> owned.credential().createdAt())
          .reversed();

  /// An empty store whose keys belong to those accounts; it writes to their feed.
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
