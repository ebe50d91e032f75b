package dev.gatehouse.server.provider;

import dev.gatehouse.FailureText;

/// Reports that a provider did not authenticate the person. The message is for operators. It may
/// hold text that the provider wrote, and holds no secret.
public final class ProviderException extends Exception {
  private static final long serialVersionUID = 1L;

  /// Whose fault it is.
  public enum Kind {
    /// The provider does not answer, or not as the protocols say: later, perhaps.
    UNAVAILABLE,
    /// The person or the provider said no.
    DECLINED,
    /// The answer can't be trusted: it was changed, or it was meant for another browser.
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
