package dev.gatehouse.jwt;

import dev.gatehouse.Scopes;
import dev.gatehouse.secret.Digest;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// All tokens that resulted from one sign-in. They are revoked together. Immutable.
///
/// @param id public: the `sid` of its access tokens, and the credential that principals name
/// @param account the id of its owner
/// @param clientId the application for which it was issued (RFC 9068 §2.2)
/// @param scopes the scopes that its tokens have at most; null: all scopes of the owner
/// @param generation the generation of the account when the family began
/// @param expiresAt when the family ends, however often it is refreshed
/// @param lastUsedAt when one of its access tokens last proved a caller, as far as it was recorded;
///   a refresh does not count; null: never
/// @param certificate the SHA-256 of the client certificate to which all its tokens are bound (RFC
///   8705); null: to none
/// @param signedInBy the credential with which the person signed in
///   ([dev.gatehouse.account.SignIn#credential]); null: not known
public record TokenFamily(
    String id,
    String account,
    String clientId,
    @Nullable Scopes scopes,
    long generation,
    Instant createdAt,
    Instant expiresAt,
    @Nullable Instant lastUsedAt,
    @Nullable Digest certificate,
    @Nullable String signedInBy) {

  /// A family that is not bound to a certificate. The credential of the sign-in is not known.
  public TokenFamily(
      String id,
      String account,
      String clientId,
      @Nullable Scopes scopes,
      long generation,
      Instant createdAt,
      Instant expiresAt,
      @Nullable Instant lastUsedAt) {
    this(id, account, clientId, scopes, generation, createdAt, expiresAt, lastUsedAt, null, null);
  }
}
