package dev.gatehouse.server.provider;

import dev.gatehouse.FailureText;

/// Thrown where a provider did not prove anybody. The message is for operators: it may hold what
/// the provider wrote, and no secret.
public final class ProviderException extends Exception {
  private static final long serialVersionUID = 1L;

  /// Whose fault it is.
  public enum Kind {
    /// The provider does not answer, or not as the protocols say: later, perhaps.
    UNAVAILABLE,
    /// The person or the provider said no.
    DECLINED,
    /// The answer can't be trusted: somebody tampered with it, or it was meant for another.
    UNTRUSTED
  }

  private final Kind kind;

  private ProviderException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  private ProviderException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  static ProviderException unavailable(String message) {
    return new ProviderException(Kind.UNAVAILABLE, message);
  }

  static ProviderException unavailable(String message, Throwable cause) {
    return new ProviderException(Kind.UNAVAILABLE, message + ": " + FailureText.of(cause), cause);
  }

  static ProviderException declined(String message) {
    return new ProviderException(Kind.DECLINED, message);
  }

  static ProviderException untrusted(String message) {
    return new ProviderException(Kind.UNTRUSTED, message);
  }

  static ProviderException untrusted(String message, Throwable cause) {
    return new ProviderException(Kind.UNTRUSTED, message + ": " + FailureText.of(cause), cause);
  }

  /// Whose fault it is.
  public Kind kind() {
    return kind;
  }
}
