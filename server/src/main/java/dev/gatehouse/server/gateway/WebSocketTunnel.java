package dev.gatehouse.server.gateway;

import dev.gatehouse.server.listen.Answers;
import dev.gatehouse.server.listen.ConnectionCloser;
import io.netty.channel.Channel;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.net.NetSocket;

/// Carries the bytes of a WebSocket both ways, each as fast as the other end takes them. The frames
/// are not read. The tunnel is cut when the admission no longer holds.
final class WebSocketTunnel extends Carrying {

  /// One end of it.
  ///
  /// @param channel beneath the socket
  private record End(NetSocket socket, Channel channel) {

    private void closeAfterFlush() {
      ConnectionCloser.afterFlush(channel, socket::close);
    }
  }

  private final HttpClientResponse switching;

  /// @param switching the upstream's answer of 101
  WebSocketTunnel(AwaitingAnswer before, HttpClientResponse switching) {
    super(before);
    this.switching = switching;
  }

  /// Answers the client with 101, and begins to carry.
  @Override
  public void begin() {
    NetSocket far = switching.netSocket();
    far.pause();
    Destination destination = exchange.route.destination();
    exchange.loop.gateway.fields.toClient(
        switching.headers(), exchange.response.headers(), false, destination.cors().isActive());
    destination.ends().addTo(exchange.response.headers(), admission.current());
    WebSocketHandshake.complete(exchange.response.headers());
    exchange.request.toNetSocket().onComplete(near -> join(near, far), failed -> exchange.cut());
  }

  private void join(NetSocket near, NetSocket far) {
    if (!isCurrent()) {
      Answers.cut(exchange.request);
      return;
    }
    End client = new End(near, ConnectionCloser.channel(exchange.request.connection()));
    End server = new End(far, ConnectionCloser.channel(sent.connection()));
    carry(client, server, false);
    carry(server, client, true);
    far.resume();
  }

  // Reading pauses when the write queue of the other end is full, and continues when it is empty.
  private void carry(End from, End to, boolean toClient) {
    from.socket()
        .handler(
            piece -> {
              exchange.progressed();
              to.socket().write(piece);
              if (to.socket().writeQueueFull()) {
                holdBack(from, to, toClient);
              }
            });
    from.socket().exceptionHandler(failed -> ended(to));
    from.socket().closeHandler(closed -> ended(to));
  }

  private void holdBack(End from, End to, boolean toClient) {
    if (toClient) {
      clientIsFull();
    }
    from.socket().pause();
    to.socket()
        .drainHandler(
            drained -> {
              if (toClient) {
                clientTakesMore();
              } else {
                exchange.progressed();
              }
              from.socket().resume();
            });
  }

  // One end closed. The last frames are still on their way to the other, which closes after them.
  private void ended(End other) {
    if (isCurrent()) {
      exchange.finish(this);
    }
    other.closeAfterFlush();
  }

  @Override
  void upstreamFailed(Throwable failed) {
    exchange.cut();
  }
}
