package dev.gatehouse;

import org.jspecify.annotations.Nullable;

/// A store did not answer: it cannot be reached, is overloaded or has failed.
///
/// The gate answers 503. It neither admits the request nor answers 401.
public final class StoreUnavailableException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /// @param message which store was asked for what, and why it failed
  public StoreUnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
