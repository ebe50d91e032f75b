package dev.gatehouse;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// What came of verifying one credential.
///
/// That there is none is not an outcome: see [Presented.None], which alone lets the gate look on.
public sealed interface Outcome {

  /// The credential is good, as long as the conditions hold.
  ///
  /// @param root the credential on which it rests
  /// @param bodyDigest what the body must hash to, which is still to be seen; null: nothing, as
  ///   always when nobody withholds the body ([RequestBody#isWithheld])
  /// @param singleUse what must be reserved before the request is admitted; null: the credential
  ///   may be used many times
  record Accepted(
      Principal principal,
      Conditions conditions,
      RootCredential root,
      @Nullable BodyDigest bodyDigest,
      @Nullable SingleUse singleUse)
      implements Outcome {

    /// Nothing more is asked of the body, and the credential may be used many times.
    public Accepted(Principal principal, Conditions conditions, RootCredential root) {
      this(principal, conditions, root, null, null);
    }

    /// The same for a request that was accepted before: with what was asked of its body then, and
    /// with its single use.
    Accepted inPlaceOf(Accepted before) {
      return new Accepted(principal, conditions, root, before.bodyDigest, before.singleUse);
    }
  }

  /// The credential is not good.
  ///
  /// @param detail what the client is told beside the reason's sentence; names no secret, and never
  ///   tells an unknown account from a wrong secret
  /// @param cause what only operators are told
  /// @param retryAfter when the client may try again; null: not said
  /// @param countsAsFailure whether it is a failed attempt, for which the address that it came from pays: a
  ///   guess (of credentials only a 401 is one), or a body that did not arrive
  /// @param explanation for an operator who asks why; null: the cause says all
  record Rejected(
      Reason reason,
      String detail,
      String cause,
      @Nullable Duration retryAfter,
      boolean countsAsFailure,
      @Nullable Explanation explanation)
      implements Outcome {

    /// A rejection that a retry mends after that time.
    public Rejected(Reason reason, String detail, String cause, @Nullable Duration retryAfter) {
      this(reason, detail, cause, retryAfter, reason.status() == 401, null);
    }

    /// A rejection that a retry does not mend.
    public Rejected(Reason reason, String detail, String cause) {
      this(reason, detail, cause, null);
    }

    /// The same, with more for an operator who asks why.
    public Rejected withExplanation(Explanation why) {
      return new Rejected(reason, detail, cause, retryAfter, countsAsFailure, why);
    }

    /// The same, for what is no guess and costs as much: its address pays for it, too.
    public Rejected countedAsFailure() {
      return new Rejected(reason, detail, cause, retryAfter, true, explanation);
    }

    /// The same, for what was no guess, or has been paid for already.
    public Rejected notCountedAsFailure() {
      return new Rejected(reason, detail, cause, retryAfter, false, explanation);
    }
  }

  /// The question could not be answered: a store is down, or an issuer can't be asked now. Answered
  /// with 503, never admitted.
  ///
  /// @param retryAfter when the client may try again; null: not said
  record Unavailable(Throwable cause, @Nullable Duration retryAfter) implements Outcome {

    /// It is not known when the question can be answered.
    public Unavailable(Throwable cause) {
      this(cause, null);
    }
  }
}
