package dev.gatehouse.server.gateway;

import dev.gatehouse.Reason;
import io.vertx.core.http.HttpClientRequest;

/// A phase of a request that is at the upstream, or on its way there. While it lasts, the admission
/// is checked again four times a second.
abstract sealed class Sent extends Placed permits AwaitingAnswer, Carrying {

  /// The request to the upstream.
  final HttpClientRequest sent;

  Sent(Placed before, HttpClientRequest sent) {
    super(before);
    this.sent = sent;
  }

  /// The request failed at the upstream, or the upstream's answer did.
  abstract void upstreamFailed(Throwable failed);

  /// Ends the exchange if the upstream, or the client, has taken too long in this phase.
  abstract void sweepTimeouts(long now);

  @Override
  public final void sweep(long now) {
    admission.recheck(now);
    if (!isCurrent()) {
      return;
    }
    if (exchange.body.isTooSlow(now, exchange.loop.gateway.settings)) {
      exchange.refuseOrCut(
          admission.refusal(Reason.REQUEST_TIMEOUT, "The body came too slowly", "a slow body"));
      return;
    }
    sweepTimeouts(now);
  }

  /// Gives up the request and closes its connection. Otherwise the upstream could take the rest of
  /// this request for the next one.
  @Override
  public final void giveBack() {
    UpstreamClient.abandon(sent);
    super.giveBack();
  }
}
