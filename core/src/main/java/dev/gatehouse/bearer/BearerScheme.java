package dev.gatehouse.bearer;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.Challenge;
import dev.gatehouse.Reason;
import dev.gatehouse.Scopes;
import dev.gatehouse.route.QueryPairs;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The `Bearer` scheme (RFC 6750): its challenges, and the places where no token may be. Does not
/// block; thread-safe.
public final class BearerScheme {

  /// The name of the scheme.
  public static final String NAME = "Bearer";

  // A refresh token of the gate has 46 characters; any signed token has more.
  private static final int MIN_TOKEN_CHARS = 46;

  private static final Pattern BROKEN_PERCENT = Pattern.compile("%(?![0-9A-Fa-f]{2})");

  private BearerScheme() {}

  /// Returns the challenge for a 401.
  ///
  /// @param rejected why the token was rejected; null if the request had no token
  public static Challenge challenge(String realm, @Nullable Reason rejected) {
    Map<String, String> parameters = new LinkedHashMap<>();
    parameters.put("realm", realm);
    // RFC 6750 §3.1: no error code for a request that held no token.
    if (rejected == Reason.INVALID_TOKEN || rejected == Reason.TOKEN_EXPIRED) {
      parameters.put("error", "invalid_token");
    }
    return new Challenge(NAME, parameters);
  }

  /// Returns the challenge for a 403 (RFC 6750 §3). It may name the missing scopes (§3.1).
  ///
  /// @param required the scopes that the request needs; null if no scope would be enough
  public static Challenge insufficientScope(String realm, @Nullable Scopes required) {
    Map<String, String> parameters = new LinkedHashMap<>();
    parameters.put("realm", realm);
    parameters.put("error", "insufficient_scope");
    if (required != null) {
      parameters.put("scope", required.toString());
    }
    return new Challenge(NAME, parameters);
  }

  /// Whether a query parameter has a token as its value or as its name. A parameter with a broken
  /// percent-encoding has none.
  ///
  /// RFC 6750 §2.3 would allow `access_token`; §5.3 says why it should not be used: URLs are
  /// written to logs and histories. The name of the parameter does not matter. Only what `isToken`
  /// recognizes counts, since other parameters are for the upstream.
  public static boolean isInQuery(AuthRequest request, Predicate<String> isToken) {
    if (request.target().indexOf('?') < 0) {
      return false;
    }
    return QueryPairs.any(
        request.query(),
        QueryPairs.Part.EITHER,
        MIN_TOKEN_CHARS,
        text -> isEncodedToken(text, isToken));
  }

  private static boolean isEncodedToken(String text, Predicate<String> isToken) {
    if (text.indexOf('%') < 0) {
      return isToken.test(text);
    }
    // A percent sign that begins no encoding is left as it is, and no token contains a percent
    // sign.
    return !BROKEN_PERCENT.matcher(text).find()
        && isToken.test(URLDecoder.decode(text, StandardCharsets.UTF_8));
  }
}
