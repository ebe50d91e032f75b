package dev.gatehouse.oauth;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// An issuer did not answer a question that had to be answered: it cannot be reached, is overloaded
/// or has failed.
///
/// The gate answers 503. It neither admits the request nor answers 401.
public final class IssuerUnavailableException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final @Nullable Duration retryAfter;

  /// @param message who was asked for what, and why it failed
  public IssuerUnavailableException(String message, @Nullable Throwable cause) {
    this(message, cause, null);
  }

  /// The same, and when the issuer may be asked again; null: not known.
  public IssuerUnavailableException(
      String message, @Nullable Throwable cause, @Nullable Duration retryAfter) {
    super(message, cause);
    this.retryAfter = retryAfter;
  }

  /// Returns after which time the issuer may be asked again; null: not known.
  public @Nullable Duration retryAfter() {
    return retryAfter;
  }
}
