package dev.gatehouse.server.choose;

import dev.gatehouse.Method;

/// The display name of a method, and its page in the documentation.
///
/// @param name as in a heading
/// @param page its page of the documentation, from the root of the repository
public record Described(String name, String page) {

  /// The words for that method.
  public static Described of(Method method) {
    return switch (method) {
      case API_KEY -> new Described("API key", "docs/methods/api-key.md");
      case BASIC -> new Described("Basic", "docs/methods/basic.md");
      case JWT -> new Described("JWT", "docs/methods/jwt.md");
      case OAUTH -> new Described("OAuth 2.0", "docs/methods/oauth.md");
      case HMAC -> new Described("HMAC signature", "docs/methods/hmac.md");
      case SESSION -> new Described("Session", "docs/methods/session.md");
      case MTLS -> new Described("Mutual TLS", "docs/methods/mutual-tls.md");
    };
  }
}
