package dev.gatehouse;

import java.util.Optional;

/// The seven methods by which a caller can authenticate.
public enum Method {
  API_KEY("apikey", "API key required", Ambience.NEVER),
  BASIC("basic", "Authentication required", Ambience.IN_BROWSERS),
  JWT("jwt", "Authorization token required", Ambience.NEVER),
  OAUTH("oauth", "Authorization token required", Ambience.NEVER),
  HMAC("hmac", "Authentication required", Ambience.NEVER),
  SESSION("session", "Not authenticated", Ambience.ALWAYS),
  MTLS("mtls", "Authentication required", Ambience.IN_BROWSERS);

  /// Whether a client adds the credentials to a request by itself.
  enum Ambience {
    /// A program wrote the credential into this request.
    NEVER,
    /// A browser adds it to every request to this host. Other programs send it on purpose.
    IN_BROWSERS,
    /// Only a browser sends it, and it adds it by itself.
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

  /// Returns the name of the method in the configuration, in identity fields and in metrics.
  public String id() {
    return id;
  }

  /// Returns the sentence for a caller without credentials, if this is the only method that the
  /// route accepts.
  String requiredSentence() {
    return requiredSentence;
  }

  /// Returns whether its credentials are ambient: see [CsrfCheck].
  Ambience ambience() {
    return ambience;
  }

  /// Returns the method with that configuration name; empty if there is none. The name must be in
  /// lower case.
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
