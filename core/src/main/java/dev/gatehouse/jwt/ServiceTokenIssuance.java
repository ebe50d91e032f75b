package dev.gatehouse.jwt;

import dev.gatehouse.Scopes;
import java.time.Duration;

/// What came of a service's request for an access token (RFC 6749 §4.4).
public sealed interface ServiceTokenIssuance {

  /// The token, shown here and never again.
  ///
  /// @param expiresIn for how long it is good, in whole seconds
  /// @param scopes what it allows
  record Issued(String accessToken, Duration expiresIn, Scopes scopes) implements ServiceTokenIssuance {

    @Override
    public String toString() {
      return "ServiceTokenIssuance.Issued[…]";
    }
  }

  /// More was asked for than the credential allows: `invalid_scope` (RFC 6749 §5.2).
  record ScopeNotAllowed(Scopes notAllowed) implements ServiceTokenIssuance {}

  /// The credential allows so much that no token holds it: fewer scopes can be asked for
  /// (`invalid_scope`).
  record TooManyScopes() implements ServiceTokenIssuance {}

  /// The credential does not stand any more: `invalid_client` (RFC 6749 §5.2).
  record CredentialNotGood() implements ServiceTokenIssuance {}
}
