package dev.gatehouse.credential;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A credential that was issued to an account: its lifecycle, and the material of its kind.
///
/// It does not say whether the credential is valid now: see [OwnedCredential#isValid]. Times are in
/// whole milliseconds, as stores keep them. Immutable.
///
/// @param <M> the material: see [CredentialKind]
/// @param id public: audit records, logs and the upstream name the credential by it
/// @param owner the id of the account that it is for
/// @param terms what it may do, and for how long
/// @param material what its kind adds; contains no secret in plain text
/// @param lastUsedAt when it was last used, accurate to about a minute; null: never
/// @param revokedAt when it was revoked; null: it was not
/// @param successor the id of the credential that replaced this one; null: none did
/// @param origin the id of the first credential in its series of rotations; null: it replaced none
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

  /// Truncates the times to milliseconds.
  public IssuedCredential {
    createdAt = createdAt.truncatedTo(ChronoUnit.MILLIS);
    lastUsedAt = lastUsedAt == null ? null : lastUsedAt.truncatedTo(ChronoUnit.MILLIS);
    revokedAt = revokedAt == null ? null : revokedAt.truncatedTo(ChronoUnit.MILLIS);
  }

  /// A credential that was never used, revoked or replaced, and that replaced none.
  public IssuedCredential(
      String id, String owner, CredentialTerms terms, M material, Instant createdAt) {
    this(id, owner, terms, material, createdAt, null, null, null, null);
  }

  /// Returns the id of the first credential in the series of rotations that led to this one; its
  /// own id if it replaced none. During an overlap, the owner has several credentials with the same
  /// origin.
  public String rotationOrigin() {
    return origin == null ? id : origin;
  }

  /// Returns why it can no longer have a successor; empty if it can.
  ///
  /// @param what the credential in a sentence: "the key"
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
