package dev.gatehouse.server.gateway;

import dev.gatehouse.Reason;
import dev.gatehouse.Refusal;
import dev.gatehouse.throttle.Turns;

/// Waits for a place at the upstream.
final class Queued extends Placed {

  Queued(Exchange exchange, Admission admission, Turns.Turn place) {
    super(exchange, admission, place);
  }

  /// Goes on at once if the place was given, or denied, without waiting.
  @Override
  public void begin() {
    exchange.progressed();
    if (!place.isWaiting()) {
      placeDecided();
    }
  }

  /// The place was given, or another request that waits took its room in the queue.
  void placeDecided() {
    if (place.hasBegun()) {
      exchange.connect(this);
    } else {
      exchange.refuse(noPlace());
    }
  }

  private Refusal noPlace() {
    return admission.refusal(
        Reason.UNAVAILABLE,
        exchange.webSocket
            ? "Too many WebSockets are open to the upstream"
            : "Too many requests wait for the upstream",
        "this caller has its share of the upstream's places, or all are taken");
  }

  @Override
  public void sweep(long now) {
    if (exchange.isIdleFor(upstream().queue().timeout(), now)) {
      exchange.refuse(noPlace());
    }
  }
}
