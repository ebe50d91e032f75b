package dev.gatehouse;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.gatehouse.revocation.Revocations;
import dev.gatehouse.secret.Digest;
import org.jspecify.annotations.Nullable;

/// Remembers accepted principals, never refusals and never decisions, for a short time.
///
/// Keyed by a keyed digest of the credential; bounded in number and time. Whether an entry still
/// counts is for [Revocations] to say at each recall.
final class AcceptedMemory {

  private final Revocations revocations;
  private final Cache<Digest, Decision.Proof> proofs;

  AcceptedMemory(Revocations revocations, int maxEntries, Ticker ticker) {
    this.revocations = revocations;
    this.proofs =
        Caffeine.newBuilder()
            .maximumSize(maxEntries)
            .expireAfterWrite(revocations.memory())
            .ticker(ticker)
            .build();
  }

  /// The proof remembered under that key, if it still counts.
  Decision.@Nullable Proof recall(Digest key) {
    Decision.Proof proof = proofs.getIfPresent(key);
    return proof != null && counts(proof) ? proof : null;
  }

  /// Remembers a proof.
  void remember(Digest key, Decision.Proof proof) {
    proofs.put(key, proof);
  }

  /// Whether the proof may be used for a request that came after it was asked for: see
  /// [Revocations#vouchesFor].
  boolean counts(Decision.Proof proof) {
    Principal principal = proof.accepted().principal();
    return !isRootNamed(proof)
        && revocations.vouchesFor(proof.stamp(), principal.subject(), principal.credential());
  }

  /// Whether something that the proof rests on was named since it was asked for: see
  /// [Revocations#isNamedSince].
  boolean isOutdated(Decision.Proof proof) {
    Principal principal = proof.accepted().principal();
    return isRootNamed(proof)
        || revocations.isNamedSince(proof.stamp(), principal.subject(), principal.credential());
  }

  private boolean isRootNamed(Decision.Proof proof) {
    return revocations.isAnyNamedSince(proof.stamp(), proof.accepted().root().names());
  }
}
