package dev.gatehouse;

import org.jspecify.annotations.Nullable;

/// The gate's answer for one request.
public sealed interface Decision {

  /// Let the request through.
  ///
  /// @param principal who calls; null on an open route without credentials
  /// @param conditions what must go on holding while a stream or WebSocket is open; null without a
  ///   principal
  record Admitted(@Nullable Principal principal, @Nullable Conditions conditions)
      implements Decision {}

  /// Answer the request with this refusal.
  record Refused(Refusal refusal) implements Decision {}
}
