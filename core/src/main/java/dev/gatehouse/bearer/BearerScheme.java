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

/// The scheme `Bearer` (RFC 6750): its challenges, and where its tokens may not stand.
public final class BearerScheme {

  /// Its name.
  public static final String NAME = "Bearer";

  // A refresh token of the gate has 46 characters; a signed token of anybody has more.
  private static final int MIN_TOKEN_CHARS = 46;

  private static final Pattern BROKEN_PERCENT = Pattern.compile("%(?![0-9A-Fa-f]{2})");

  private BearerScheme() {}

  /// The challenge of a 401.
  ///
  /// @param rejected why the request was refused; null when it held no token
  public static Challenge challenge(String realm, @Nullable Reason rejected) {
    Map<String, String> parameters = new LinkedHashMap<>();
    parameters.put("realm", realm);
    // RFC 6750 §3.1: no error code for a request that held no token.
    if (rejected == Reason.INVALID_TOKEN || rejected == Reason.TOKEN_EXPIRED) {
      parameters.put("error", "invalid_token");
    }
    return new Challenge(NAME, parameters);
  }

  /// The challenge of a 403: RFC 6750 §3 has one with a token that does not allow it, too; §3.1:
  /// `insufficient_scope` may say which.
  ///
  /// @param required null when no scope would do
  public static Challenge insufficientScope(String realm, @Nullable Scopes required) {
    Map<String, String> parameters = new LinkedHashMap<>();
    parameters.put("realm", realm);
    parameters.put("error", "insufficient_scope");
    if (required != null) {
      parameters.put("scope", required.toString());
    }
    return new Challenge(NAME, parameters);
  }

  /// Whether some parameter in the query has such a token as its value or as its name. None that
  /// holds a broken percent-encoding has.
  ///
  /// RFC 6750 §2.3 would allow `access_token`; §5.3 says why not: URLs end up in logs and
  /// histories. By whatever name, and only what is known for one: an upstream's own parameters are
  /// none of the gate's business.
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
    // A percent sign that begins no encoding stays one, and no token holds a percent sign.
    return !BROKEN_PERCENT.matcher(text).find()
        && isToken.test(URLDecoder.decode(text, StandardCharsets.UTF_8));
  }
}
