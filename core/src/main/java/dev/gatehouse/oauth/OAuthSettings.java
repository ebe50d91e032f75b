package dev.gatehouse.oauth;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Settings of the method, for access tokens of others.
///
/// @param realm named in challenges (RFC 9110 §11.5)
/// @param origin of the gate, under which its resources lie (RFC 9728 §1.2)
/// @param clockSkew how far an issuer's clock may be ahead: for `nbf` and `iat` only
/// @param remembered for how long the gate remembers an accepted token:
///   [dev.gatehouse.revocation.Revocations#memory]
/// @param issuers whose tokens count; no two of one name
public record OAuthSettings(
    String realm,
    String origin,
    Duration clockSkew,
    Duration remembered,
    List<TrustedIssuer> issuers) {

  private static final Duration MAX_CLOCK_SKEW = Duration.ofSeconds(60);

  /// Checks them; throws [IllegalArgumentException].
  public OAuthSettings {
    issuers = List.copyOf(issuers);
    Set<String> names = new HashSet<>();
    for (TrustedIssuer issuer : issuers) {
      if (!names.add(issuer.issuer())) {
        throw new IllegalArgumentException("two issuers are called " + issuer.issuer());
      }
    }
    if (clockSkew.isNegative() || clockSkew.compareTo(MAX_CLOCK_SKEW) > 0) {
      throw new IllegalArgumentException(
          "the clock skew is 0 to " + MAX_CLOCK_SKEW.toSeconds() + " s, not " + clockSkew.toSeconds());
    }
  }
}
