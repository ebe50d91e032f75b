package dev.gatehouse.hmac.webhook;

import dev.gatehouse.Outcome;
import dev.gatehouse.Reason;

/// Thrown for what can't be the signature of that vendor; holds what the sender is told.
final class NotSignedException extends Exception {

  private static final long serialVersionUID = 1L;

  private final transient Outcome.Rejected rejection;

  NotSignedException(Reason reason, String detail) {
    super(detail, null, false, false);
    this.rejection = new Outcome.Rejected(reason, detail, detail);
  }

  NotSignedException(String detail) {
    this(Reason.INVALID_SIGNATURE, detail);
  }

  Outcome.Rejected rejection() {
    return rejection;
  }
}
