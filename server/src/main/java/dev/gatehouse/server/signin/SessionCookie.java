package dev.gatehouse.server.signin;

import dev.gatehouse.session.SessionAuthenticator;

/// Sets and removes the cookie of the session.
///
/// @param strict whether the cookie stays behind when another site's link leads here
record SessionCookie(boolean strict) {

  /// The `Set-Cookie` field that holds a session's secret.
  String holding(String secret) {
    return SessionAuthenticator.COOKIE + "=" + secret + attributes();
  }

  /// The `Set-Cookie` field that removes the cookie. It has the same attributes, since other
  /// attributes would name another cookie.
  String takenBack() {
    return SessionAuthenticator.COOKIE + "=" + attributes() + "; Max-Age=0";
  }

  // RFC 6265bis §4.1.3.2: __Host- asks for Secure, Path=/ and no Domain.
  private String attributes() {
    return "; Path=/; Secure; HttpOnly; SameSite=" + (strict ? "Strict" : "Lax");
  }
}
