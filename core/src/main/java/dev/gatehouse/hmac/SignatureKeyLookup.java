package dev.gatehouse.hmac;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.gatehouse.Outcome;
import dev.gatehouse.credential.CredentialTerms;
import dev.gatehouse.credential.OwnedCredential;
import dev.gatehouse.revocation.Revocations;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Finds signature keys, and decides whether a key may be used for a request or a webhook now.
///
/// A key that was found is remembered until the revocation feed names the key or its owner. An id
/// that does not exist is not remembered. Methods that read the store may block, and throw
/// [dev.gatehouse.StoreUnavailableException] if it does not answer. Thread-safe.
final class SignatureKeyLookup {

  private static final int MAX_REMEMBERED_KEYS = 10_000;

  /// The result of a look-up.
  sealed interface Result {

    /// The key may be used now.
    record Usable(OwnedCredential<StoredSignatureKey> owned) implements Result {}

    /// There is no such key, or the key may not be used here and now.
    record Refused(Outcome.Rejected why) implements Result {}
  }

  /// @param stamp the stamp of [Revocations] before the store was read
  private record RememberedKey(OwnedCredential<StoredSignatureKey> owned, long stamp) {}

  private final Set<String> ownHosts;
  private final SignatureKeyStore store;
  private final Revocations revocations;
  private final Clock clock;
  private final Cache<String, RememberedKey> remembered;

  /// @param ownHosts the hosts for which a key is valid that names no host; empty: every host
  SignatureKeyLookup(
      Set<String> ownHosts,
      SignatureKeyStore store,
      Revocations revocations,
      Clock clock,
      Ticker ticker) {
    this.ownHosts = ownHosts;
    this.store = store;
    this.revocations = revocations;
    this.clock = clock;
    this.remembered =
        Caffeine.newBuilder()
            .maximumSize(MAX_REMEMBERED_KEYS)
            .expireAfterWrite(revocations.memory())
            .ticker(ticker)
            .build();
  }

  /// Finds the key that signs requests and has this id. Refuses a key that has ended, that is for a
  /// webhook, or that is not valid for the host.
  ///
  /// @param authority the authority of the request, with or without a port
  Result forRequest(String keyId, String authority) {
    OwnedCredential<StoredSignatureKey> owned = find(keyId).orElse(null);
    if (owned == null) {
      return refused("no such key");
    }
    Outcome.Rejected ended = ended(owned);
    if (ended != null) {
      return new Result.Refused(ended);
    }
    String id = owned.credential().id();
    StoredSignatureKey key = owned.credential().material();
    if (key.webhook() != null) {
      return refused(id + " is for the webhook '" + key.webhook() + "' only");
    }
    Set<String> hosts = key.hosts().isEmpty() ? ownHosts : key.hosts();
    String host = host(authority);
    if (!hosts.isEmpty() && !hosts.contains(host)) {
      return refused(id + " is not valid for the host '" + host + "', but for " + hosts);
    }
    return new Result.Usable(owned);
  }

  /// The secrets of this webhook that have not ended, the newest first. They are not remembered:
  /// each call reads the store.
  List<OwnedCredential<StoredSignatureKey>> forWebhook(String webhook, int limit) {
    return store.ofWebhook(webhook, clock.instant(), limit);
  }

  /// Finds the secret with this id. Refuses it if it is not a secret of this webhook, or has ended.
  Result ofWebhook(String webhook, String keyId) {
    OwnedCredential<StoredSignatureKey> owned = find(keyId).orElse(null);
    if (owned == null || !webhook.equals(owned.credential().material().webhook())) {
      return refused(keyId + " is no secret of the webhook '" + webhook + "' any more");
    }
    Outcome.Rejected ended = ended(owned);
    return ended == null ? new Result.Usable(owned) : new Result.Refused(ended);
  }

  /// Returns the rejection for a key that was revoked or has expired, or whose owner is disabled;
  /// null if none of these is true. Does not block.
  Outcome.@Nullable Rejected ended(OwnedCredential<StoredSignatureKey> owned) {
    String refusal = owned.refusal();
    if (refusal != null) {
      return SignatureVerifier.rejected(refusal);
    }
    // This is before the body is read. The gate checks the expiry again when the body is there.
    CredentialTerms terms = owned.credential().terms();
    return terms.isOver(clock.instant())
        ? SignatureVerifier.rejected(owned.credential().id() + " expired at " + terms.expiresAt())
        : null;
  }

  private static Result refused(String cause) {
    return new Result.Refused(SignatureVerifier.rejected(cause));
  }

  private Optional<OwnedCredential<StoredSignatureKey>> find(String keyId) {
    RememberedKey before = remembered.getIfPresent(keyId);
    if (before != null && revocations.vouchesFor(before.stamp, before.owned.owner().id(), keyId)) {
      return Optional.of(before.owned);
    }
    // The stamp is taken first: a revocation during the look-up makes the entry worthless.
    long stamp = revocations.stamp();
    Optional<OwnedCredential<StoredSignatureKey>> found = store.byId(keyId);
    found.ifPresent(owned -> remembered.put(keyId, new RememberedKey(owned, stamp)));
    return found;
  }

  // RFC 3986 §3.2.2: the host has no case. The port is not a part of it (§3.2.3).
  private static String host(String authority) {
    int colon = authority.lastIndexOf(':');
    boolean port = colon >= 0 && authority.indexOf(']', colon) < 0;
    return (port ? authority.substring(0, colon) : authority).toLowerCase(Locale.ROOT);
  }
}
