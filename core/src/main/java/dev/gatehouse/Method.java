package dev.gatehouse;

import java.util.Optional;

/// The seven ways in which a caller can prove who it is.
public enum Method {
  API_KEY("apikey", "API key required"),
  BASIC("basic", "Authentication required"),
  JWT("jwt", "Authorization token required"),
  OAUTH("oauth", "Authorization token required"),
  HMAC("hmac", "Authentication required"),
  SESSION("session", "Not authenticated"),
  MTLS("mtls", "Authentication required");

  private final String id;
  private final String requiredSentence;

  Method(String id, String requiredSentence) {
    this.id = id;
    this.requiredSentence = requiredSentence;
  }

  /// The name that configuration, identity fields and metrics use.
  public String id() {
    return id;
  }

  /// What a caller without credentials is told where this is the only method that the route takes.
  String requiredSentence() {
    return requiredSentence;
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
