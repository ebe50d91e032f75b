package dev.gatehouse;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// What came of verifying one credential.
///
/// That there is none is not an outcome: see [Presented.None], which alone lets the gate look on.
public sealed interface Outcome {

  /// The credential is good, as long as the conditions hold.
  record Accepted(Principal principal, Conditions conditions) implements Outcome {}

  /// The credential is not good.
  ///
  /// @param detail what the client is told beside the reason's sentence; names no secret, and never
  ///   tells an unknown account from a wrong secret
  /// @param cause what only operators are told
  /// @param retryAfter when the client may try again; null: not said
  record Rejected(Reason reason, String detail, String cause, @Nullable Duration retryAfter)
      implements Outcome {

    /// A rejection that a retry does not mend.
    public Rejected(Reason reason, String detail, String cause) {
      this(reason, detail, cause, null);
    }
  }

  /// The question could not be answered: a store is down. Answered with 503, never admitted.
  record Unavailable(Throwable cause) implements Outcome {}
}
