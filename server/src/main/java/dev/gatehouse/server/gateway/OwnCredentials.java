package dev.gatehouse.server.gateway;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;

/// Recognises the gate's own credentials in the values of header fields. Thread-safe; no method
/// blocks.
final class OwnCredentials {

  private static final String BASIC = "Basic";

  private final GatewaySettings settings;
  private final String cookie;
  private final List<String> schemes;

  /// @param schemes of `Authorization` that are the gate's own
  OwnCredentials(GatewaySettings settings, List<String> schemes) {
    this.settings = settings;
    this.cookie = settings.cookie();
    this.schemes = List.copyOf(schemes);
  }

  /// Whether a text holds a secret of the gate.
  boolean isSecretIn(String text) {
    return settings.ownSecrets().isIn(text);
  }

  private static boolean isBlank(char c) {
    return c == ' ' || c == '\t';
  }

  /// Whether the scheme of an `Authorization` field is one of the gate's. RFC 9110 §11.1: schemes
  /// are compared without regard to case.
  boolean hasOwnScheme(String authorization) {
    int end = 0;
    while (end < authorization.length() && !isBlank(authorization.charAt(end))) {
      end++;
    }
    for (String scheme : schemes) {
      if (scheme.length() == end && authorization.regionMatches(true, 0, scheme, 0, end)) {
        return true;
      }
    }
    return false;
  }

  // The session's cookie, and those of attempts to sign in with a provider: NAME-…
  private static boolean isOwnCookie(String name, String cookie) {
    return name.startsWith(cookie)
        && (name.length() == cookie.length() || name.charAt(cookie.length()) == '-');
  }

  /// Whether an `Authorization` field holds a secret or an access token of the gate. In Basic, the
  /// pair of name and password is Base64 (RFC 7617 §2). A value that can't be decoded counts as one
  /// that holds a secret, since a less strict reader may decode it.
  boolean isInAuthorization(String authorization) {
    int end = BASIC.length();
    if (authorization.length() > end
        && isBlank(authorization.charAt(end))
        && authorization.regionMatches(true, 0, BASIC, 0, end)) {
      try {
        byte[] pair = Base64.getDecoder().decode(authorization.substring(end).strip());
        return isOwnSecretIn(new String(pair, StandardCharsets.ISO_8859_1));
      } catch (IllegalArgumentException notBase64) {
        return true;
      }
    }
    return isOwnSecretIn(authorization);
  }

  private boolean isOwnSecretIn(String credentials) {
    return settings.ownSecrets().isIn(credentials)
        || (settings.ownTokens() != null && settings.ownTokens().isIn(credentials));
  }

  /// A `Cookie` field without the gate's cookies and without pairs that hold a secret of the gate.
  /// RFC 6265 §4.2.1: pairs are separated by semicolons.
  String withoutOwnCookies(String cookies) {
    if (!cookies.contains(cookie) && !settings.ownSecrets().isIn(cookies)) {
      return cookies;
    }
    StringBuilder left = new StringBuilder(cookies.length());
    for (String pair : cookies.split(";", -1)) {
      String stripped = pair.strip();
      if (!stripped.isEmpty()
          && !isOwnCookie(nameOf(stripped), cookie)
          && !settings.ownSecrets().isIn(stripped)) {
        left.append(left.isEmpty() ? "" : "; ").append(stripped);
      }
    }
    return left.toString();
  }

  /// Whether a `Set-Cookie` field sets one of the gate's cookies. RFC 6265 §5.2: the name ends at
  /// the first equals sign and is stripped.
  boolean isSetBy(String setCookie) {
    int end = setCookie.indexOf(';');
    // Case too, since some browsers compare the __Host- prefix without it (RFC 6265bis §5.7).
    return isOwnCookie(
        nameOf(named(end < 0 ? setCookie : setCookie.substring(0, end))).toLowerCase(Locale.ROOT),
        cookie.toLowerCase(Locale.ROOT));
  }

  // A cookie without a name: browsers send its value alone, which may read as another cookie.
  private static String named(String pair) {
    int from = 0;
    while (from < pair.length() && (pair.charAt(from) == '=' || isBlank(pair.charAt(from)))) {
      from++;
    }
    return pair.substring(from);
  }

  private static String nameOf(String pair) {
    int equals = pair.indexOf('=');
    return (equals < 0 ? pair : pair.substring(0, equals)).strip();
  }
}
