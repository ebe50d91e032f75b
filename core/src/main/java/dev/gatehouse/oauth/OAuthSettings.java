package dev.gatehouse.oauth;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The settings for access tokens of other issuers. Immutable.
///
/// @param realm the realm in challenges (RFC 9110 §11.5)
/// @param origin the origin of the gate, under which its resources are (RFC 9728 §1.2)
/// @param clockSkew how far an issuer's clock may be ahead, for `nbf` and `iat` only; at most 60
///   seconds
/// @param remembered how long the gate remembers an accepted token:
///   [dev.gatehouse.revocation.Revocations#memory]
/// @param issuers the issuers whose tokens are accepted; no two have the same name
public record OAuthSettings(
    String realm,
    String origin,
    Duration clockSkew,
    Duration remembered,
    List<TrustedIssuer> issuers) {

  private static final Duration MAX_CLOCK_SKEW = Duration.ofSeconds(60);

  /// Throws [IllegalArgumentException] if two issuers have one name, or the skew is out of range.
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
          "the clock skew is 0 to "
              + MAX_CLOCK_SKEW.toSeconds()
              + " s, not "
              + clockSkew.toSeconds());
    }
  }
}
