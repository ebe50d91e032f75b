package dev.gatehouse.credential;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A credential that was issued to an account: its lifecycle, and the material of its kind.
///
/// It says nothing of whether the credential is good now: see [OwnedCredential#isValid]. Times are
/// cut to whole milliseconds, as stores keep them. Immutable.
///
/// @param <M> see [CredentialKind]
/// @param id public: audit records, logs and the upstream name the credential by it
/// @param owner the id of the account that it acts for
/// @param terms what it may do, and until when
/// @param material what its kind adds; holds no secret in plain text
/// @param lastUsedAt accurate to about a minute; null: never used
/// @param revokedAt null: not revoked
/// @param successor the id of the credential that replaced this one; null: none
/// @param origin the id of the credential with which its rotations began; null: it replaced none
public record IssuedCredential<M>(
    String id,
    String owner,
    CredentialTerms terms,
    M material,
    Instant createdAt,
    @Nullable Instant lastUsedAt,
    @Nullable Instant revokedAt,
    @Nullable String successor,
    @Nullable String origin) {

  /// Cuts the times to milliseconds.
  public IssuedCredential {
    createdAt = createdAt.truncatedTo(ChronoUnit.MILLIS);
    lastUsedAt = lastUsedAt == null ? null : lastUsedAt.truncatedTo(ChronoUnit.MILLIS);
    revokedAt = revokedAt == null ? null : revokedAt.truncatedTo(ChronoUnit.MILLIS);
  }

  /// One that was never used, revoked or replaced, and replaced none.
  public IssuedCredential(
      String id, String owner, CredentialTerms terms, M material, Instant createdAt) {
    this(id, owner, terms, material, createdAt, null, null, null, null);
  }

  /// The id of the credential with which the rotations began that led to this one; its own where it
  /// replaced none. During an overlap, the owner holds several credentials with the same origin.
  public String rotationOrigin() {
    return origin == null ? id : origin;
  }

  /// Why it can have no successor any more; empty when it can.
  ///
  /// @param what as in "the key"
  Optional<String> successionProblem(String what, Instant now) {
    if (revokedAt != null) {
      return Optional.of(what + " was revoked at " + revokedAt + "; issue a new one");
    }
    if (terms.isOver(now)) {
      return Optional.of(what + " expired at " + terms.expiresAt() + "; issue a new one");
    }
    return successor != null
        ? Optional.of(what + " has a successor already: " + successor)
        : Optional.empty();
  }

  IssuedCredential<M> used(Instant at) {
    return new IssuedCredential<>(
        id, owner, terms, material, createdAt, at, revokedAt, successor, origin);
  }

  IssuedCredential<M> revoked(Instant at) {
    return new IssuedCredential<>(
        id, owner, terms, material, createdAt, lastUsedAt, at, successor, origin);
  }

  IssuedCredential<M> succeededBy(String next, Instant endsAt) {
    return new IssuedCredential<>(
        id,
        owner,
        terms.endingBy(endsAt),
        material,
        createdAt,
        lastUsedAt,
        revokedAt,
        next,
        origin);
  }
}
