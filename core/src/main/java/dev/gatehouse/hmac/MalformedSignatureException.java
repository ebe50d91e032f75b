package dev.gatehouse.hmac;

import dev.gatehouse.Outcome;
import dev.gatehouse.Reason;

/// Thrown by a parser for fields that are not a signature of its profile. Holds the rejection for
/// the client, which contains no secret. It has no stack trace, because clients cause it.
public final class MalformedSignatureException extends Exception {

  private static final long serialVersionUID = 1L;

  private final transient Outcome.Rejected rejection;

  /// An exception with this rejection.
  public MalformedSignatureException(Outcome.Rejected rejection) {
    super(rejection.detail(), null, false, false);
    this.rejection = rejection;
  }

  /// An exception with a rejection for this reason.
  ///
  /// @param detail the text for the client and for operators
  public MalformedSignatureException(Reason reason, String detail) {
    this(new Outcome.Rejected(reason, detail, detail));
  }

  /// An exception with a rejection for [Reason#INVALID_SIGNATURE].
  ///
  /// @param detail the text for the client and for operators
  public MalformedSignatureException(String detail) {
    this(Reason.INVALID_SIGNATURE, detail);
  }

  /// The rejection for the client.
  public Outcome.Rejected rejection() {
    return rejection;
  }
}
