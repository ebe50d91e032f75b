package dev.gatehouse.bearer;

import dev.gatehouse.Reason;

/// What came of looking at a part of a token.
public sealed interface Check<T> {

  /// It is good, and says this.
  record Passed<T>(T value) implements Check<T> {}

  /// It is not.
  ///
  /// @param cause what only operators are told
  record Failed<T>(Reason reason, String cause) implements Check<T> {}

  /// Not good for that cause.
  static <T> Check<T> invalid(String cause) {
    return new Failed<>(Reason.INVALID_TOKEN, cause);
  }
}
