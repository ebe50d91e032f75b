package dev.gatehouse.server.signin;

import dev.gatehouse.session.SessionAuthenticator;

/// Sets and clears the cookie of a session.
///
/// @param strict whether it stays behind when another site's link leads here
public record SessionCookie(boolean strict) {

  /// The answer, after which the browser has that session.
  Reply.Sent set(Reply.Sent answer, String secret) {
    return Reply.with(
        answer, "Set-Cookie", SessionAuthenticator.COOKIE + "=" + secret + attributes());
  }

  /// The answer, after which it has none. The same attributes as when it was set: another cookie
  /// would be another cookie.
  Reply.Sent clear(Reply.Sent answer) {
    return Reply.with(
        answer, "Set-Cookie", SessionAuthenticator.COOKIE + "=" + attributes() + "; Max-Age=0");
  }

  // RFC 6265bis §4.1.3.2: __Host- asks for Secure, Path=/ and no Domain.
  private String attributes() {
    return "; Path=/; Secure; HttpOnly; SameSite=" + (strict ? "Strict" : "Lax");
  }
}
