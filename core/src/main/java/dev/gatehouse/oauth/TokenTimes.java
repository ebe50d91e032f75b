package dev.gatehouse.oauth;

import dev.gatehouse.Reason;
import dev.gatehouse.bearer.Check;
import dev.gatehouse.bearer.TokenClaims;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The times at which a token of another issuer is valid. Immutable.
///
/// @param expiresAt the first instant at which it is refused; null: the token does not say
public record TokenTimes(@Nullable Instant expiresAt) {

  /// Checks `exp`, `iat` and `nbf` (RFC 7519 §4.1.4 to §4.1.6) as far as they are present: each is
  /// a time, `exp` is in the future, and the others are not. Does not check that any of them is
  /// present.
  ///
  /// @param skew how far the issuer's clock may be ahead. It does not make a token valid for longer
  public static Check<TokenTimes> of(
      Map<String, @Nullable Object> claims, Duration skew, Instant now) {
    Instant expiresAt = null;
    if (claims.containsKey("exp")) {
      expiresAt = TokenClaims.instant(claims.get("exp"));
      if (expiresAt == null) {
        return Check.invalid("exp is no time");
      }
    }
    Instant latest = now.plus(skew);
    for (String claim : List.of("iat", "nbf")) {
      if (claims.containsKey(claim)) {
        Instant at = TokenClaims.instant(claims.get(claim));
        if (at == null || at.isAfter(latest)) {
          return Check.invalid(claim + " is no time, or lies in the future");
        }
      }
    }
    // RFC 7519 §4.1.4: refused on or after that time.
    return expiresAt != null && !now.isBefore(expiresAt)
        ? new Check.Failed<>(Reason.TOKEN_EXPIRED, "the token expired at " + expiresAt)
        : new Check.Passed<>(new TokenTimes(expiresAt));
  }
}
