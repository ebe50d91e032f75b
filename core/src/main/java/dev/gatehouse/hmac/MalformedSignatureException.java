package dev.gatehouse.hmac;

import dev.gatehouse.Outcome;
import dev.gatehouse.Reason;

/// Thrown, while one is read, for what can't be a signature of that profile; holds what the sender
/// is told, which names no secret.
public final class MalformedSignatureException extends Exception {

  private static final long serialVersionUID = 1L;

  private final transient Outcome.Rejected rejection;

  /// Answered with that rejection.
  public MalformedSignatureException(Outcome.Rejected rejection) {
    super(rejection.detail(), null, false, false);
    this.rejection = rejection;
  }

  /// Answered with that reason; the client is told all of it.
  public MalformedSignatureException(Reason reason, String detail) {
    this(new Outcome.Rejected(reason, detail, detail));
  }

  /// Answered as an invalid signature; the client is told why.
  public MalformedSignatureException(String detail) {
    this(Reason.INVALID_SIGNATURE, detail);
  }

  /// What the sender is told.
  public Outcome.Rejected rejection() {
    return rejection;
  }
}
