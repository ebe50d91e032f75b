package dev.gatehouse;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// The result of verifying one credential. Immutable.
///
/// A request without a credential has no outcome: see [Presented.None], which alone lets the gate
/// try the next method.
public sealed interface Outcome {

  /// The credential is valid, as long as the conditions are met.
  ///
  /// @param root the credential on which the proof rests
  /// @param bodyDigest the digest that the body must have, which is not verified yet; null: none.
  ///   It is always null if nothing withholds the body ([RequestBody#isWithheld])
  /// @param singleUse the use that must be reserved before the request is admitted; null: the
  ///   credential may be used many times
  record Accepted(
      Principal principal,
      Conditions conditions,
      RootCredential root,
      @Nullable BodyDigest bodyDigest,
      @Nullable SingleUse singleUse)
      implements Outcome {

    /// Nothing is required of the body, and the credential may be used many times.
    public Accepted(Principal principal, Conditions conditions, RootCredential root) {
      this(principal, conditions, root, null, null);
    }

    /// Returns this acceptance for a request that was accepted before: with the body digest and the
    /// single use of that acceptance.
    Accepted inPlaceOf(Accepted before) {
      return new Accepted(principal, conditions, root, before.bodyDigest, before.singleUse);
    }
  }

  /// The credential is not valid.
  ///
  /// @param detail what the client is told in addition to the reason's sentence. It contains no
  ///   secret, and does not distinguish an unknown account from a wrong secret
  /// @param cause what only operators are told
  /// @param retryAfter after which time the client may try again; null: not said
  /// @param countsAsFailure whether this is a failed attempt that counts against its address: a
  ///   guess (among credentials, only a 401 is one), or a body that did not arrive
  /// @param explanation more for an operator who asks why; null: the cause says everything
  record Rejected(
      Reason reason,
      String detail,
      String cause,
      @Nullable Duration retryAfter,
      boolean countsAsFailure,
      @Nullable Explanation explanation)
      implements Outcome {

    /// A rejection after which the client may try again after that time. It is a failed attempt if
    /// its status is 401.
    public Rejected(Reason reason, String detail, String cause, @Nullable Duration retryAfter) {
      this(reason, detail, cause, retryAfter, reason.status() == 401, null);
    }

    /// A rejection that another try does not change. It is a failed attempt if its status is 401.
    public Rejected(Reason reason, String detail, String cause) {
      this(reason, detail, cause, null);
    }

    /// Returns this rejection with more for an operator who asks why.
    public Rejected withExplanation(Explanation why) {
      return new Rejected(reason, detail, cause, retryAfter, countsAsFailure, why);
    }

    /// Returns this rejection as a failed attempt: it is not a guess, but it costs as much.
    public Rejected countedAsFailure() {
      return new Rejected(reason, detail, cause, retryAfter, true, explanation);
    }

    /// Returns this rejection as one that is not a failed attempt: it was not a guess, or it was
    /// counted already.
    public Rejected notCountedAsFailure() {
      return new Rejected(reason, detail, cause, retryAfter, false, explanation);
    }
  }

  /// The credential could not be verified: a store is unavailable, or an issuer cannot be asked
  /// now. The gate answers 503 and never admits the request.
  ///
  /// @param retryAfter after which time the client may try again; null: not said
  record Unavailable(Throwable cause, @Nullable Duration retryAfter) implements Outcome {

    /// It is not known when the credential can be verified.
    public Unavailable(Throwable cause) {
      this(cause, null);
    }
  }
}
