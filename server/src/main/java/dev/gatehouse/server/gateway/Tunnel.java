package dev.gatehouse.server.gateway;

import dev.gatehouse.server.listen.Cutting;
import io.netty.channel.Channel;
import io.vertx.core.net.NetSocket;

/// Carries the bytes of a WebSocket both ways, each as fast as the other end takes them. Belongs to
/// the event loop of its exchange, which says when it has to be cut.
final class Tunnel {

  /// One end of it.
  ///
  /// @param channel beneath the socket
  record End(NetSocket socket, Channel channel) {

    private void closeAfterFlush() {
      Cutting.afterFlush(channel, socket::close);
    }
  }

  private final End client;
  private final End upstream;
  private final Exchange exchange;

  Tunnel(End client, End upstream, Exchange exchange) {
    this.client = client;
    this.upstream = upstream;
    this.exchange = exchange;
  }

  /// Begins to carry.
  void open() {
    carry(client, upstream);
    carry(upstream, client);
    upstream.socket().resume();
  }

  // Each write is awaited by the drain handler only: a socket's queue is never more than full.
  private void carry(End from, End to) {
    from.socket()
        .handler(
            piece -> {
              exchange.progressed();
              to.socket().write(piece);
              if (to.socket().writeQueueFull()) {
                holdBack(from, to);
              }
            });
    from.socket().exceptionHandler(failed -> ended(to));
    from.socket().closeHandler(closed -> ended(to));
  }

  private void holdBack(End from, End to) {
    boolean toClient = to.equals(client);
    if (toClient) {
      exchange.clientIsFull(true);
    }
    from.socket().pause();
    to.socket()
        .drainHandler(
            drained -> {
              if (toClient) {
                exchange.clientIsFull(false);
              }
              exchange.progressed();
              from.socket().resume();
            });
  }

  // The last frames of one end are still on their way to the other.
  private void ended(End other) {
    exchange.tunnelEnded();
    other.closeAfterFlush();
  }
}
