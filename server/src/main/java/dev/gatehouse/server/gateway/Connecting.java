package dev.gatehouse.server.gateway;

import dev.gatehouse.Principal;
import dev.gatehouse.Reason;
import io.vertx.core.Future;
import io.vertx.core.http.HttpClientRequest;

/// Waits for a connection to the upstream. When the connection comes, checks a last time whether
/// the admission still holds.
final class Connecting extends Placed {

  Connecting(Placed before) {
    super(before);
  }

  /// Asks for a connection.
  @Override
  public void begin() {
    exchange.progressed();
    Future<HttpClientRequest> connecting;
    try {
      connecting =
          exchange
              .loop
              .client(exchange.route.destination())
              .request(exchange.webSocket, exchange.request.method(), exchange.path.target());
    } catch (RuntimeException notAsked) {
      place.close();
      throw notAsked;
    }
    connecting.onComplete(this::connected, this::unreachable);
  }

  // The last check before the request is sent. Since the decision, the request may have waited for
  // a body, a hash, an issuer, a provider, a place and a connection. It is not sent if a proof was
  // revoked, was changed or has ended meanwhile. So nothing may be waited for between this check
  // and the head of the request.
  private void connected(HttpClientRequest connected) {
    if (!isCurrent()) {
      place.close();
      UpstreamClient.giveBack(connected);
      return;
    }
    try {
      if (!admission.holds()) {
        UpstreamClient.giveBack(connected);
        exchange.review(this);
        return;
      }
      Principal caller = admission.principal();
      String identity =
          caller == null
              ? null
              : exchange.loop.gateway.identities.token(caller, upstream().audience()).orElse(null);
      if (caller != null && identity == null) {
        UpstreamClient.giveBack(connected);
        exchange.awaitIdentityKey(this, caller);
      } else {
        exchange.send(this, connected, identity);
      }
    } catch (RuntimeException failed) {
      if (isCurrent()) { // nothing was sent
        UpstreamClient.giveBack(connected);
      }
      place.close();
      exchange.fail(failed);
    }
  }

  private void unreachable(Throwable failed) {
    if (!isCurrent()) {
      place.close();
      return;
    }
    String why = UpstreamClient.described(failed);
    Exchange.LOG.warn("{} can't be reached: {}", upstream().audience(), why);
    place.close();
    exchange.refuse(
        admission.refusal(Reason.UPSTREAM_UNREACHABLE, "The upstream can't be reached", why));
  }

  /// Keeps the place while the pool works on the connection, which can't be called off. The place
  /// is given back when the connection has come or failed.
  @Override
  public void giveBack() {
    // connected and unreachable give the place back
  }

  @Override
  public void sweep(long now) {
    if (exchange.isIdleFor(upstream().connectTimeout(), now)) {
      Exchange.LOG.warn("{} can't be reached in time", upstream().audience());
      exchange.refuse(
          admission.refusal(
              Reason.UPSTREAM_UNREACHABLE,
              "The upstream can't be reached",
              "no connection within " + upstream().connectTimeout()));
    }
  }
}
