package dev.gatehouse.oauth;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// An issuer did not answer what had to be known: unreachable, overloaded or broken.
///
/// The gate turns it into 503; it never admits and never answers 401 for it.
public final class IssuerUnavailableException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final @Nullable Duration retryAfter;

  /// Says who was asked for what, and why it failed.
  public IssuerUnavailableException(String message, @Nullable Throwable cause) {
    this(message, cause, null);
  }

  /// The same, and when the issuer may be asked again; null: not known.
  public IssuerUnavailableException(
      String message, @Nullable Throwable cause, @Nullable Duration retryAfter) {
    super(message, cause);
    this.retryAfter = retryAfter;
  }

  /// When the question may be asked again; null: not known.
  public @Nullable Duration retryAfter() {
    return retryAfter;
  }
}
