package dev.gatehouse.server.gateway;

import dev.gatehouse.server.listen.ListenLimits;

/// Carries what comes from the upstream to the client: an answer, or the bytes of a WebSocket. The
/// upstream is read as fast as the client takes it.
abstract sealed class Carrying extends Sent permits Answering, WebSocketTunnel {

  private boolean clientFull;
  private long clientFullSince;

  Carrying(AwaitingAnswer before) {
    super(before, before.sent);
  }

  /// The client takes no more for now, so the upstream is not read. This keeps a connection to the
  /// upstream from other requests, so it must not last: see [#sweepTimeouts].
  final void clientIsFull() {
    clientFull = true;
    clientFullSince = exchange.now();
  }

  /// The client took what it had, so the upstream is read on.
  final void clientTakesMore() {
    clientFull = false;
    exchange.progressed();
  }

  @Override
  final void sweepTimeouts(long now) {
    if (exchange.isIdleFor(upstream().idleTimeout(), now) || takesNothing(now)) {
      exchange.cut();
    }
  }

  private boolean takesNothing(long now) {
    return clientFull
        && now - clientFullSince
            > ListenLimits.SEND_TIMEOUT_FACTOR
                * exchange.loop.gateway.settings.slowBodyGrace().toNanos();
  }
}
