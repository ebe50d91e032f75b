package dev.gatehouse.jwt;

import dev.gatehouse.signing.SigningAlgorithm;
import java.time.Duration;

/// Settings of the method.
///
/// @param issuer the gate's own name: the `iss` of its tokens
/// @param audience for whom they are: the `aud`
/// @param realm named in challenges (RFC 9110 §11.5)
/// @param algorithm with which new signing keys sign
/// @param accessTokenLife how long an access token is good
/// @param refreshTokenLife how long a refresh token waits for its use; no shorter than an access
///   token's life, since a family without a refresh token is over
/// @param familyLife the end of what began with one sign-in, however often it is refreshed
/// @param reuseGrace how long a refresh token that was used gives the same successor, to a client
///   that lost the response; zero: never
/// @param clockSkew how far ahead another node's clock may be: for `nbf` and `iat` only
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

  /// Checks all of them; throws [IllegalArgumentException] that says what they must be.
  public JwtSettings {
    if (!isName(issuer) || !isName(audience)) {
      throw new IllegalArgumentException(
          "a token's issuer and audience have 1 to " + MAX_NAME_CHARS + " visible ASCII characters");
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

  /// The defaults: ES256, 15 minutes, 7 days, 30 days, 10 seconds of grace, 5 seconds.
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
