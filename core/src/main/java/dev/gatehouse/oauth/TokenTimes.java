package dev.gatehouse.oauth;

import dev.gatehouse.Reason;
import dev.gatehouse.bearer.Check;
import dev.gatehouse.bearer.TokenClaims;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The times of a token of another issuer, at which it is good.
///
/// @param expiresAt the first instant at which it is refused; null: it does not say
public record TokenTimes(@Nullable Instant expiresAt) {

  /// Checks `exp`, `iat` and `nbf` (RFC 7519 §4.1.4 to §4.1.6), as far as the claims have them:
  /// each is a time, `exp` lies ahead, and the others do not. Does not check that one is there.
  ///
  /// @param skew by how much the issuer's clock may be ahead. No token lives longer for it
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
