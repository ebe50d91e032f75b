package dev.gatehouse.credential;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A kind of issued credential: what the shared lifecycle must know of it.
///
/// An implementation has no state. Every method is a pure function that does not block and may be
/// called from any thread.
///
/// @param <M> the material: what a credential of this kind has beside the lifecycle. Immutable,
///   with `equals` by value, and no secret in its `toString`
public interface CredentialKind<M> {

  /// What the ids of this kind begin with, as `k_`. No two kinds share it.
  String idPrefix();

  /// What messages to people call one of them, without an article: `key`.
  String noun();

  /// What no two stored credentials of this kind may have at the same time: such as the digest by
  /// which one is looked up, or the name of one that is not revoked. Compared by `equals`.
  ///
  /// @return null: nothing of this credential, in the state that it is in
  default @Nullable Object uniqueValue(IssuedCredential<M> credential) {
    return null;
  }

  /// The name of the thing itself, where the same thing may be issued or registered several times:
  /// such as the fingerprint of one certificate that several CAs vouch for. Credentials of this
  /// kind with the same shared name are revoked together. The revocation feed names it when one is
  /// added and when one is revoked.
  ///
  /// @return null: the id is its only name
  default @Nullable String sharedName(M material) {
    return null;
  }

  /// When a credential ended or will end, as far as its retention is concerned: by default at its
  /// revocation or at its expiry, whichever comes first.
  ///
  /// @return in milliseconds; null: never, so that it is kept for good
  default @Nullable Instant end(IssuedCredential<M> credential) {
    return EndedRetention.end(credential.revokedAt(), credential.terms().expiresAt());
  }
}
