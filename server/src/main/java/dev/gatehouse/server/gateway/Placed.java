package dev.gatehouse.server.gateway;

import dev.gatehouse.throttle.Turns;

/// A phase of an admitted request that holds a place at the upstream, or waits for one.
///
/// The place belongs to one phase at a time. The phase hands it on to the next one, or gives it
/// back when the exchange ends.
abstract sealed class Placed implements Phase
    permits Queued, Connecting, Reviewing, AwaitingIdentityKey, Sent {

  final Exchange exchange;
  final Admission admission;
  final Turns.Turn place;

  Placed(Exchange exchange, Admission admission, Turns.Turn place) {
    this.exchange = exchange;
    this.admission = admission;
    this.place = place;
  }

  /// Takes over the place of the phase before.
  Placed(Placed before) {
    this(before.exchange, before.admission, before.place);
  }

  /// Whether the exchange is in this phase, so that an event of this phase still counts.
  final boolean isCurrent() {
    return exchange.isIn(this);
  }

  /// Where the request goes: its timeouts, and its name.
  final Upstream upstream() {
    return exchange.route.destination().upstream();
  }

  @Override
  public final Admission admission() {
    return admission;
  }

  @Override
  public void giveBack() {
    place.close();
  }
}
