package dev.gatehouse;

import java.time.Duration;

/// The rejections that the gate itself makes, independent of a method.
final class Rejections {

  static final Outcome.Rejected NO_CREDENTIALS =
      new Outcome.Rejected(
          Reason.NO_CREDENTIALS,
          "The request holds no credentials; WWW-Authenticate says which this route accepts",
          "no credentials");
  static final Outcome.Rejected MORE_NEEDED =
      new Outcome.Rejected(
          Reason.NO_CREDENTIALS,
          "This route needs another credential beside that one",
          "not every method of an all-of");
  static final Outcome.Rejected NOT_ACCEPTED =
      new Outcome.Rejected(
          Reason.METHOD_NOT_ACCEPTED,
          "Send a credential of a method that this route accepts",
          "a method that the route does not accept came first");
  static final Outcome.Rejected TWO_CLAIMS =
      new Outcome.Rejected(
          Reason.AMBIGUOUS_CREDENTIALS,
          "Two credentials stand in one place",
          "two methods claim one place");
  static final Outcome.Rejected TWO_AUTHORIZATIONS =
      new Outcome.Rejected(
          Reason.AMBIGUOUS_CREDENTIALS,
          "The Authorization field is there more than once",
          "two Authorization fields");
  static final Outcome.Rejected OTHER_BODY =
      new Outcome.Rejected(
          Reason.INVALID_SIGNATURE,
          "The body is not the one whose digest was signed: hash the very bytes that are sent",
          "the body has another digest than the one that was signed");
  static final Outcome.Rejected FORGED =
      new Outcome.Rejected(
          Reason.CSRF,
          "Another site's page may have made the browser send this: send the session's"
              + " X-CSRF-Token, from a page of this origin",
          "an ambient credential; Origin, Sec-Fetch-Site and X-CSRF-Token do not show that a page of"
              + " this origin sent the request, or contradict each other");
  static final Outcome.Rejected OTHER_CALLER_NOW =
      new Outcome.Rejected(
          Reason.METHOD_NOT_ACCEPTED,
          "The credential belongs to another caller than when the request began: send it again",
          "the credential was registered for or linked with another account meanwhile");
  static final Outcome.Rejected DIFFERENT_CALLERS =
      new Outcome.Rejected(
          Reason.METHOD_NOT_ACCEPTED,
          "The credentials of this request belong to different callers",
          "all-of named different subjects");

  private Rejections() {}

  /// The address had too many failed attempts.
  static Outcome.Rejected throttled(Duration wait) {
    return new Outcome.Rejected(
        Reason.THROTTLED,
        "Too many failed attempts came from this address",
        "failed attempts of this address",
        wait);
  }

  /// The credential was used more often than its rate allows.
  static Outcome.Rejected overused(String credential, int perMinute, Duration wait) {
    return new Outcome.Rejected(
        Reason.THROTTLED,
        "This credential may be used " + perMinute + " times a minute",
        "the rate limit of " + credential,
        wait);
  }

  /// Two proofs of one alternative rest on the same credential. If this were allowed, one stolen
  /// secret would be enough where two are required: a token can be obtained with the key.
  static Outcome.Rejected oneCredential(Decision.Proof before, Decision.Proof proof) {
    return new Outcome.Rejected(
        Reason.METHOD_NOT_ACCEPTED,
        "Two credentials of this request rest on the same one, as a token and the key that it was"
            + " obtained with: replace one of them",
        basis(proof) + ", and " + basis(before));
  }

  private static String basis(Decision.Proof proof) {
    Principal principal = proof.accepted().principal();
    return principal.method()
        + " "
        + principal.credential()
        + " rests on "
        + proof.accepted().root();
  }
}
