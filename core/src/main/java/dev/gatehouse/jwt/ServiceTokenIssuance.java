package dev.gatehouse.jwt;

import dev.gatehouse.Scopes;
import java.time.Duration;

/// The result of a service's request for an access token (RFC 6749 §4.4).
public sealed interface ServiceTokenIssuance {

  /// The token, which is shown here and never again.
  ///
  /// @param expiresIn how long it is valid, in whole seconds
  /// @param scopes the scopes that it has
  record Issued(String accessToken, Duration expiresIn, Scopes scopes)
      implements ServiceTokenIssuance {

    @Override
    public String toString() {
      return "ServiceTokenIssuance.Issued[…]";
    }
  }

  /// The request asked for scopes that the credential does not have: `invalid_scope` (RFC 6749
  /// §5.2).
  record ScopeNotAllowed(Scopes notAllowed) implements ServiceTokenIssuance {}

  /// The credential has more scopes than a token can contain. The client can ask for fewer scopes
  /// (`invalid_scope`).
  record TooManyScopes() implements ServiceTokenIssuance {}

  /// The credential is no longer valid: `invalid_client` (RFC 6749 §5.2).
  record CredentialNotGood() implements ServiceTokenIssuance {}
}
