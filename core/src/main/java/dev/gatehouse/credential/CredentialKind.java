package dev.gatehouse.credential;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What the shared lifecycle must know about one kind of issued credential.
///
/// An implementation has no state. Each method is a pure function that does not block and may be
/// called from any thread.
///
/// @param <M> the material: what a credential of this kind has in addition to the lifecycle.
///   Immutable, with `equals` by value, and without a secret in its `toString`
public interface CredentialKind<M> {

  /// The prefix of the ids of this kind, such as `k_`. No two kinds have the same prefix.
  String idPrefix();

  /// The word for such a credential in messages to people, without an article: `key`.
  String noun();

  /// A value that no two stored credentials of this kind may have at the same time, such as the
  /// digest by which one is looked up, or the name of one that is not revoked. Compared by
  /// `equals`.
  ///
  /// @return null: nothing about this credential is unique in its current state
  default @Nullable Object uniqueValue(IssuedCredential<M> credential) {
    return null;
  }

  /// The name of the thing itself, if the same thing may be issued or registered several times:
  /// such as the fingerprint of a certificate for which several CAs vouch. Credentials of this kind
  /// with the same shared name are revoked together. The revocation feed names it when one is added
  /// and when one is revoked.
  ///
  /// @return null: the id is its only name
  default @Nullable String sharedName(M material) {
    return null;
  }

  /// The time from which the credential's retention is counted. By default this is its revocation
  /// or its expiry, whichever is first.
  ///
  /// @return in whole milliseconds; null: never, so it is stored for good
  default @Nullable Instant end(IssuedCredential<M> credential) {
    return EndedRetention.end(credential.revokedAt(), credential.terms().expiresAt());
  }
}
