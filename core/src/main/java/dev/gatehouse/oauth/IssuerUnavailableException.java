package dev.gatehouse.oauth;

import org.jspecify.annotations.Nullable;

/// An issuer did not answer what had to be known: unreachable, overloaded or broken.
///
/// The gate turns it into 503; it never admits and never answers 401 for it.
public final class IssuerUnavailableException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /// Says who was asked for what, and why it failed.
  public IssuerUnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
