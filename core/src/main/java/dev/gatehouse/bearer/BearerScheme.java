package dev.gatehouse.bearer;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.Challenge;
import dev.gatehouse.Reason;
import dev.gatehouse.Scopes;
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

  private static final Pattern PAIR_ENDS = Pattern.compile("[&;]");

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
  public static Challenge lacking(String realm, @Nullable Scopes required) {
    Map<String, String> parameters = new LinkedHashMap<>();
    parameters.put("realm", realm);
    parameters.put("error", "insufficient_scope");
    if (required != null) {
      parameters.put("scope", required.toString());
    }
    return new Challenge(NAME, parameters);
  }

  /// Whether some parameter in the query has such a token as its value or as its name. Of a broken
  /// percent-encoding, the rest is decoded.
  ///
  /// RFC 6750 §2.3 would allow `access_token`; §5.3 says why not: URLs end up in logs and
  /// histories. By whatever name, and only what is known for one: an upstream's own parameters are
  /// none of the gate's business.
  public static boolean isInQuery(AuthRequest request, Predicate<String> isToken) {
    if (request.target().indexOf('?') < 0) {
      return false;
    }
    for (String pair : PAIR_ENDS.split(request.query(), -1)) {
      int equals = pair.indexOf('=');
      if (isToken.test(decoded(pair.substring(equals + 1)))
          || (equals > 0 && isToken.test(decoded(pair.substring(0, equals))))) {
        return true;
      }
    }
    return false;
  }

  private static String decoded(String text) {
    if (text.indexOf('%') < 0) {
      return text;
    }
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException broken) {
      return URLDecoder.decode(
          BROKEN_PERCENT.matcher(text).replaceAll("%25"), StandardCharsets.UTF_8);
    }
  }
}
