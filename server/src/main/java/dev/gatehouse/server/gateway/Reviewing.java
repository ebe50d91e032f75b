package dev.gatehouse.server.gateway;

import dev.gatehouse.Decision;
import dev.gatehouse.Reason;

/// The admission no longer holds by itself, so the gate judges the request anew. Then the
/// provider's token is found again, since it rests on the same credential.
final class Reviewing extends Placed {

  Reviewing(Placed before) {
    super(before);
  }

  /// Asks the gate, or refuses a request whose admission changed each time.
  @Override
  public void begin() {
    if (admission.wasReviewedTooOften()) {
      exchange.refuse(
          admission.refusal(
              Reason.UNAVAILABLE,
              "The credential could not be verified now",
              "what it rests on changed each time it was reviewed"));
      return;
    }
    admission.review(decision -> exchange.handle(this, () -> decided(decision)));
  }

  private void decided(Decision decision) {
    switch (decision) {
      case Decision.Refused refused -> exchange.refuse(refused.refusal());
      case Decision.Admitted again -> {
        admission.reviewed(again);
        if (admission.needsProviderToken()) {
          admission.findProviderToken(this, () -> exchange.connect(this));
        } else {
          exchange.connect(this);
        }
      }
    }
  }

  @Override
  public void sweep(long now) {
    // the gate and the source of the token bound how long they take
  }
}
