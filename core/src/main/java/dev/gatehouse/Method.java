package dev.gatehouse;

import java.util.Optional;

/// The seven ways in which a caller can prove who it is.
public enum Method {
  API_KEY("apikey", "API key required", Ambience.NEVER),
  BASIC("basic", "Authentication required", Ambience.IN_BROWSERS),
  JWT("jwt", "Authorization token required", Ambience.NEVER),
  OAUTH("oauth", "Authorization token required", Ambience.NEVER),
  HMAC("hmac", "Authentication required", Ambience.NEVER),
  SESSION("session", "Not authenticated", Ambience.ALWAYS),
  MTLS("mtls", "Authentication required", Ambience.IN_BROWSERS);

  /// Whether credentials go along without the program's doing.
  enum Ambience {
    /// Somebody wrote it into this very request.
    NEVER,
    /// A browser adds it to whatever it sends there; other programs mean it.
    IN_BROWSERS,
    /// It is a browser's.
    ALWAYS
  }

  private final String id;
  private final String requiredSentence;
  private final Ambience ambience;

  Method(String id, String requiredSentence, Ambience ambience) {
    this.id = id;
    this.requiredSentence = requiredSentence;
    this.ambience = ambience;
  }

  /// The name that configuration, identity fields and metrics use.
  public String id() {
    return id;
  }

  /// What a caller without credentials is told where this is the only method that the route takes.
  String requiredSentence() {
    return requiredSentence;
  }

  /// Whether its credentials are ambient: see [CsrfCheck].
  Ambience ambience() {
    return ambience;
  }

  /// The method of that configuration name, in lower case; empty when there is none.
  public static Optional<Method> of(String id) {
    for (Method method : values()) {
      if (method.id.equals(id)) {
        return Optional.of(method);
      }
    }
    return Optional.empty();
  }

  @Override
  public String toString() {
    return id;
  }
}
