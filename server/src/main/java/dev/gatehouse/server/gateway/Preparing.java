package dev.gatehouse.server.gateway;

import dev.gatehouse.Refusal;

/// The gate has admitted the request. Checks what the gate does not check, then waits for the
/// caller's token at a provider if the upstream gets one.
final class Preparing implements Phase {

  private final Exchange exchange;
  private final Admission admission;

  Preparing(Exchange exchange, Admission admission) {
    this.exchange = exchange;
    this.admission = admission;
  }

  /// Refuses the request, or finds the token and continues.
  @Override
  public void begin() {
    Refusal uncovered = SignedRequest.refusalOfUncovered(exchange, admission);
    if (uncovered != null) {
      exchange.refuse(uncovered);
    } else if (!exchange.body.mayMeet(admission.current().bodyDigest())) {
      exchange.bodyIsWrong();
    } else if (exchange.body.isTooLarge()) {
      exchange.bodyTooLarge();
    } else if (admission.needsProviderToken()) {
      admission.findProviderToken(this, () -> exchange.queue(admission));
    } else {
      exchange.queue(admission);
    }
  }

  @Override
  public Admission admission() {
    return admission;
  }

  @Override
  public void giveBack() {
    // it holds nothing
  }

  @Override
  public void sweep(long now) {
    // the source of the token bounds how long it takes
  }
}
