package dev.gatehouse;

import org.jspecify.annotations.Nullable;

/// A store did not answer: unreachable, overloaded or broken.
///
/// The gate turns it into 503; it never admits and never answers 401 for it.
public final class StoreUnavailableException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /// Says what was asked of which store, and why it failed.
  public StoreUnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
