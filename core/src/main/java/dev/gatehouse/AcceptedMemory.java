package dev.gatehouse;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.gatehouse.revocation.Revocations;
import dev.gatehouse.secret.Digest;
import org.jspecify.annotations.Nullable;

/// Remembers accepted principals for a short time. It never remembers refusals or decisions.
///
/// The key is a keyed digest of the credential. The number of entries and their age are bounded. At
/// each recall, [Revocations] says whether an entry still counts. Does not block; thread-safe.
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

  /// Returns the proof that is remembered under that key, if it still counts; null otherwise.
  Decision.@Nullable Proof recall(Digest key) {
    Decision.Proof proof = proofs.getIfPresent(key);
    return proof != null && counts(proof) ? proof : null;
  }

  /// Remembers a proof.
  void remember(Digest key, Decision.Proof proof) {
    proofs.put(key, proof);
  }

  /// Whether the proof may be used for a request that came after the proof was asked for: see
  /// [Revocations#vouchesFor].
  boolean counts(Decision.Proof proof) {
    Principal principal = proof.accepted().principal();
    return !isRootNamed(proof)
        && revocations.vouchesFor(proof.stamp(), principal.subject(), principal.credential());
  }

  /// Whether the revocation feed named something that the proof rests on since the proof was asked
  /// for: see [Revocations#isNamedSince].
  boolean isOutdated(Decision.Proof proof) {
    Principal principal = proof.accepted().principal();
    return isRootNamed(proof)
        || revocations.isNamedSince(proof.stamp(), principal.subject(), principal.credential());
  }

  private boolean isRootNamed(Decision.Proof proof) {
    return revocations.isAnyNamedSince(proof.stamp(), proof.accepted().root().names());
  }
}
