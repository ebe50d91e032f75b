package dev.gatehouse.jwt;

import dev.gatehouse.signing.SigningAlgorithm;
import java.time.Duration;

/// The settings of the gate's tokens. Immutable.
///
/// @param issuer the name of the gate: the `iss` of its tokens
/// @param audience the recipient of the tokens: the `aud`
/// @param realm the realm in challenges (RFC 9110 §11.5)
/// @param algorithm the algorithm of new signing keys
/// @param accessTokenLife how long an access token is valid; 1 to 60 minutes
/// @param refreshTokenLife how long a refresh token is valid if it is not used. No shorter than an
///   access token's life, since a family without a refresh token has ended
/// @param familyLife how long a family is valid after the sign-in, however often it is refreshed;
///   at most 366 days
/// @param reuseGrace how long a used refresh token gives the same successor to a client that lost
///   the response; at most 60 seconds; zero: never
/// @param clockSkew how far ahead another node's clock may be, for `nbf` and `iat` only; at most 60
///   seconds
public record JwtSettings(
    String issuer,
    String audience,
    String realm,
    SigningAlgorithm algorithm,
    Duration accessTokenLife,
    Duration refreshTokenLife,
    Duration familyLife,
    Duration reuseGrace,
    Duration clockSkew) {

  private static final int MAX_NAME_CHARS = 500;

  /// The longest grace for a second use.
  static final Duration MAX_REUSE_GRACE = Duration.ofSeconds(60);

  private static final Duration MAX_FAMILY_LIFE = Duration.ofDays(366);

  /// Throws [IllegalArgumentException] with a message that says what a setting must be.
  public JwtSettings {
    if (!isName(issuer) || !isName(audience)) {
      throw new IllegalArgumentException(
          "a token's issuer and audience have 1 to "
              + MAX_NAME_CHARS
              + " visible ASCII characters");
    }
    if (realm.chars().anyMatch(c -> c < 0x20 || c >= 0x7f)) {
      throw new IllegalArgumentException("a realm holds nothing but visible ASCII and spaces");
    }
    within(
        accessTokenLife, Duration.ofMinutes(1), Duration.ofMinutes(60), "an access token's life");
    within(familyLife, Duration.ofMinutes(1), MAX_FAMILY_LIFE, "a token family's life");
    within(refreshTokenLife, accessTokenLife, familyLife, "a refresh token's life");
    within(reuseGrace, Duration.ZERO, MAX_REUSE_GRACE, "the grace for a second use");
    within(clockSkew, Duration.ZERO, Duration.ofSeconds(60), "the clock skew");
  }

  /// Returns the defaults: ES256, 15 minutes for access tokens, 7 days for refresh tokens, 30 days
  /// for families, 10 seconds of grace, 5 seconds of skew.
  public static JwtSettings of(String issuer, String audience, String realm) {
    return new JwtSettings(
        issuer,
        audience,
        realm,
        SigningAlgorithm.ES256,
        Duration.ofMinutes(15),
        Duration.ofDays(7),
        Duration.ofDays(30),
        Duration.ofSeconds(10),
        Duration.ofSeconds(5));
  }

  private static boolean isName(String name) {
    return !name.isEmpty()
        && name.length() <= MAX_NAME_CHARS
        && name.chars().allMatch(c -> c > 0x20 && c < 0x7f);
  }

  private static void within(Duration is, Duration least, Duration most, String what) {
    if (is.compareTo(least) < 0 || is.compareTo(most) > 0) {
      throw new IllegalArgumentException(
          what + " is " + seconds(least) + " to " + seconds(most) + ", not " + seconds(is));
    }
  }

  private static String seconds(Duration duration) {
    return duration.toSeconds() + " s";
  }
}
