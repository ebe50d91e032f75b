package dev.gatehouse;

import org.jspecify.annotations.Nullable;

/// One method of proving who calls. Thread-safe.
public interface Authenticator {

  /// The method that this is.
  Method method();

  /// What the request holds of this method. Parses only: asks no store and never blocks.
  Presented find(AuthRequest request);

  /// The challenge for a 401 on a route that takes this method (RFC 9110 §11.6.1).
  ///
  /// @param rejected why the request was refused; null when it held no credential
  Challenge challenge(@Nullable Reason rejected);
}
