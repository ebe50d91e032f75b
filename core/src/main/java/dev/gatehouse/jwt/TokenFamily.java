package dev.gatehouse.jwt;

import dev.gatehouse.Scopes;
import dev.gatehouse.secret.Digest;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// All tokens that came of one sign-in: what is revoked together.
///
/// @param id public: the `sid` of its access tokens, and the credential that principals name
/// @param account whose it is
/// @param clientId for which application it was issued (RFC 9068 §2.2)
/// @param scopes at most these; null: whatever the owner may do
/// @param generation of the account's sign-ins when it began
/// @param expiresAt the end of all of it, however often it is refreshed
/// @param lastUsedAt when an access token of it last proved a caller, as far as is written; a
///   refresh is no use of it; null: never
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

  /// Bound to no certificate, of a person of whom it is not known how they signed in.
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
