package dev.gatehouse.server.signin;

import dev.gatehouse.Refusal;

/// Ends the handling of a request: the answer is the refusal.
final class RefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Refusal refusal;

  RefusedException(Refusal refusal) {
    super(refusal.reason().code());
    this.refusal = refusal;
  }

  Refusal refusal() {
    return refusal;
  }
}
