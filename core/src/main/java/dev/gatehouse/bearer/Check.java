package dev.gatehouse.bearer;

import dev.gatehouse.Reason;

/// The result of checking a part of a token.
public sealed interface Check<T> {

  /// The part is valid, and has this value.
  record Passed<T>(T value) implements Check<T> {}

  /// The part is not valid.
  ///
  /// @param cause what only operators are told
  record Failed<T>(Reason reason, String cause) implements Check<T> {}

  /// Returns a failure with [Reason#INVALID_TOKEN] and that cause.
  static <T> Check<T> invalid(String cause) {
    return new Failed<>(Reason.INVALID_TOKEN, cause);
  }
}
