package dev.gatehouse.hmac.aws;

import dev.gatehouse.Outcome;
import dev.gatehouse.Reason;

/// Thrown for what can't be a signature that this gate takes; holds what the caller is told.
final class NotSignedException extends Exception {

  private static final long serialVersionUID = 1L;

  private final transient Outcome.Rejected rejection;

  NotSignedException(Reason reason, String detail) {
    this(new Outcome.Rejected(reason, detail, detail));
  }

  NotSignedException(Outcome.Rejected rejection) {
    super(rejection.detail(), null, false, false);
    this.rejection = rejection;
  }

  Outcome.Rejected rejection() {
    return rejection;
  }
}
