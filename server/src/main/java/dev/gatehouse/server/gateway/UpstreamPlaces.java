package dev.gatehouse.server.gateway;

import dev.gatehouse.throttle.Caller;
import dev.gatehouse.throttle.Turns;
import io.netty.channel.Channel;
import java.util.concurrent.atomic.AtomicInteger;

/// Bounds the requests in progress at one upstream, and separately the open WebSockets, over all
/// event loops and all routes that lead to it.
///
/// Callers share the places as described in [Turns]. A request waits for its turn; a WebSocket does
/// not. The connections are counted too: one event loop may need as many connections as all
/// requests together, and the connections that the event loops keep open must not add up to that
/// number for each of them. Thread-safe; does not block.
final class UpstreamPlaces {

  private final int maxRequests;
  private final int maxWebSockets;
  private final Upstream.Queue queue;
  private final Turns requests;
  private final Turns webSockets;
  private final AtomicInteger connections = new AtomicInteger();

  /// The places of an upstream with these limits.
  UpstreamPlaces(Upstream upstream) {
    this.maxRequests = upstream.maxRequests();
    this.maxWebSockets = upstream.maxWebSockets();
    this.queue = upstream.queue();
    this.requests = new Turns(maxRequests, queue.maxWaiting());
    this.webSockets = new Turns(maxWebSockets, 0);
  }

  /// Whether the limits are those of that upstream.
  boolean areThoseOf(Upstream upstream) {
    return maxRequests == upstream.maxRequests()
        && maxWebSockets == upstream.maxWebSockets()
        && queue.equals(upstream.queue());
  }

  /// Asks for a place, as [Turns#ask].
  Turns.Turn ask(boolean webSocket, Caller caller, Runnable decided) {
    return (webSocket ? webSockets : requests).ask(caller, decided);
  }

  /// Counts a connection for requests until it closes.
  void opened(Channel connection) {
    connections.incrementAndGet();
    connection.closeFuture().addListener(closed -> connections.decrementAndGet());
  }

  /// Whether a connection may be kept open for another request: there are no more than requests
  /// that may be under way.
  boolean mayKeepConnection() {
    return connections.get() <= maxRequests;
  }
}
