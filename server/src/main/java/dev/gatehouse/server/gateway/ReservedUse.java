package dev.gatehouse.server.gateway;

import dev.gatehouse.Decision;
import dev.gatehouse.SingleUse;
import org.jspecify.annotations.Nullable;

/// The single use that the gate reserved for a request, until it is settled. It is settled once:
/// either it counts, or it is released. Belongs to the event loop of its exchange.
final class ReservedUse {

  private static final ReservedUse NONE = new ReservedUse(null);

  // Null: nothing was reserved, or it is settled.
  private @Nullable SingleUse open;

  private ReservedUse(@Nullable SingleUse open) {
    this.open = open;
  }

  /// What that decision of [dev.gatehouse.Gate#admit] reserved. To be called once for a decision.
  static ReservedUse of(Decision.Admitted admitted) {
    SingleUse reserved = admitted.singleUse();
    return reserved == null ? NONE : new ReservedUse(reserved);
  }

  /// Whether a use is reserved and not settled.
  boolean isOpen() {
    return open != null;
  }

  /// The next byte goes to the upstream: a use that counts when the request is sent counts from now
  /// on, as it was reserved.
  void requestIsSent() {
    if (open != null && open.finality() == SingleUse.Finality.WHEN_SENT) {
      open = null;
    }
  }

  /// The upstream answered with that status: the use counts below 500, and is released otherwise.
  ///
  /// @param then is called on the event loop when this is on disk or has failed; at once when
  ///   nothing is open
  void answered(int status, Exchange exchange, Runnable then) {
    SingleUse answered = take();
    if (answered == null) {
      then.run();
    } else {
      exchange.settle(status < 500 ? answered::confirm : answered::release, then);
    }
  }

  /// The request ends without an answer of the upstream: a use that is open is released.
  void release(Exchange exchange) {
    release(exchange, () -> {});
  }

  /// The same, and then calls `then`.
  ///
  /// @param then as of [#answered]
  void release(Exchange exchange, Runnable then) {
    SingleUse failed = take();
    if (failed == null) {
      then.run();
    } else {
      exchange.settle(failed::release, then);
    }
  }

  private @Nullable SingleUse take() {
    SingleUse taken = open;
    open = null;
    return taken;
  }
}
