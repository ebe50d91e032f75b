package dev.gatehouse.server.listen;

import dev.gatehouse.PeerCertificates;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.util.AttributeKey;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.impl.http1.Http1ServerConnection;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The state of one open connection: its peer, how long the peer has kept the listener waiting, and
/// whether the peer takes what is sent to it. Belongs to one event loop.
final class ConnectionWatch implements Handler<Void> {

  static final AttributeKey<ConnectionWatch> KEY =
      AttributeKey.valueOf(ConnectionWatch.class, "of");

  // Of answers that the gate gives itself, on one connection of HTTP/2.
  private static final long MAX_OWN_BYTES = 256 * 1024;

  // Of all answers, on one connection.
  private static final long MAX_UNSENT_BYTES = 8 * 1024 * 1024;

  private static final long STUCK_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(1);

  final InetAddress peer;
  final boolean peerIsTrustedProxy;
  final PeerCertificates certificates;

  private final HttpConnection connection;
  private final Channel channel;
  private final @Nullable Http2ConnectionHandler http2;
  private int http1InFlight;
  private int http1Begun;
  private int malformedBodyOf; // the number of the request, from 1 on; 0: of none
  private boolean noMore;
  private boolean inHead;
  private long waitingSince;
  private boolean closing;

  // The writes for which the socket's queue has no room, or on HTTP/2 the client's windows have
  // none. The key is the identifier of the stream. Only streams with such writes are in the map.
  // HTTP/1 has one stream.
  private final Map<Integer, UnsentWrites> unsent = new HashMap<>();
  private final UnsentBytes unsentOfAll;
  private long unsentBytes;
  private long ownBytes;
  private long takenAt;

  // Is done once all that was in the socket's queue before it was sent.
  private @Nullable ChannelFuture marker;
  private long markedAt;

  /// The other end of a connection.
  ///
  /// @param isTrustedProxy whether it may speak for clients
  record Peer(InetAddress address, boolean isTrustedProxy, PeerCertificates certificates) {}

  /// @param unsentOfAll counts the bytes of this connection too, until it is closed
  ConnectionWatch(HttpConnection connection, Peer peer, UnsentBytes unsentOfAll) {
    this.connection = connection;
    this.channel = ConnectionCloser.channel(connection);
    this.peer = peer.address;
    this.peerIsTrustedProxy = peer.isTrustedProxy;
    this.certificates = peer.certificates;
    this.unsentOfAll = unsentOfAll;
    this.http2 = channel.pipeline().get(Http2ConnectionHandler.class);
    this.inHead = true; // the first head is due from the beginning
    this.waitingSince = System.nanoTime();
  }

  /// Bytes of a head came.
  void headBytes() {
    if (!inHead) {
      inHead = true;
      waitingSince = System.nanoTime();
    }
  }

  /// The head is whole.
  void headComplete() {
    inHead = false;
    waitingSince = System.nanoTime();
  }

  /// A request is being served.
  void requestBegins(HttpServerRequest request) {
    inHead = false;
    if (http2 == null) {
      http1InFlight++;
      http1Begun++;
      request.response().endHandler(this);
    }
    waitingSince = System.nanoTime();
  }

  /// An HTTP/1 request was answered.
  @Override
  public void handle(Void end) {
    http1InFlight--;
    waitingSince = System.nanoTime();
  }

  /// The body of an HTTP/1 request can't be read further. Tells the request, now or when it begins.
  ///
  /// @param request its number on this connection, from 1 on
  void bodyIsMalformed(int request) {
    malformedBodyOf = request;
    if (isBodyMalformed() && connection instanceof Http1ServerConnection http1) {
      http1.handleException(new MalformedBodyException());
    }
  }

  /// Whether the body of the latest HTTP/1 request can't be read further: neither more bytes nor
  /// the end of the body will arrive.
  boolean isBodyMalformed() {
    return malformedBodyOf != 0 && malformedBodyOf == http1Begun;
  }

  /// Whatever comes now is read and dropped: the answer that is being sent is the last one.
  void noMore() {
    noMore = true;
  }

  boolean isNoMore() {
    return noMore;
  }

  /// The watch of an open connection. Null before the connection was opened in order.
  static @Nullable ConnectionWatch of(HttpConnection connection) {
    return ConnectionCloser.channel(connection).attr(KEY).get();
  }

  /// Whether nothing more should be read from an upstream for this connection before its client
  /// takes what waits: that is as much as one connection may hold, or more than all others together
  /// may hold in addition.
  boolean isFull() {
    return unsentBytes > Math.min(MAX_UNSENT_BYTES, Math.max(0, unsentOfAll.free()));
  }

  /// Whether an answer of the gate's own would lie beside too many others that the client does not
  /// take.
  boolean isFullOfOwn() {
    return ownBytes > MAX_OWN_BYTES;
  }

  /// Takes note of an answer of the gate's own that was given to the connection.
  void sendsOwn(HttpServerResponse response, Future<Void> sent, long bytes) {
    sends(response, sent, bytes);
    if (http2 != null && !sent.isComplete()) {
      ownBytes += bytes;
      sent.onComplete(done -> ownBytes -= bytes);
    }
  }

  /// Takes note of a write that was given to the connection, also when nothing else is left of its
  /// request.
  ///
  /// @param sent is complete when it was sent or dropped
  void sends(HttpServerResponse response, Future<Void> sent, long bytes) {
    if (http2 == null && channel.isWritable()) {
      return; // it goes to the socket's queue, which has room
    }
    if (sent.failed()) {
      return;
    }
    long now = System.nanoTime();
    if (sent.isComplete() || unsent.isEmpty()) {
      takenAt = now;
    }
    if (sent.isComplete()) {
      return;
    }
    Integer id = Math.toIntExact(response.streamId());
    UnsentWrites writes = unsent.computeIfAbsent(id, first -> new UnsentWrites());
    writes.give(now);
    count(bytes);
    sent.onComplete(
        done -> {
          long then = System.nanoTime();
          if (done.succeeded()) {
            takenAt = then;
          }
          writes.take(then);
          if (writes.isEmpty()) {
            unsent.remove(id, writes);
          }
          count(-bytes);
        });
    if (http2 != null) {
      flush(http2);
    }
  }

  private void count(long bytes) {
    unsentBytes += bytes;
    unsentOfAll.add(bytes);
  }

  // Vert.x leaves the head of an answer unflushed where the piece behind it finds no room in the
  // windows, and with it what other streams have written.
  private void flush(Http2ConnectionHandler handler) {
    ChannelHandlerContext context = channel.pipeline().context(handler);
    if (context != null) {
      handler.flush(context);
    }
  }

  /// Closes the connection where the client has kept the listener waiting for longer than it may,
  /// or takes nothing of what is sent to it. Resets the streams of which alone it takes too little.
  void sweep(long now, ListenLimits limits) {
    long allowed = limits.sendTimeout().toNanos();
    long allowedForAny = isFull() ? limits.bodyTimeout().toNanos() : allowed;
    if (takesNothing(now, allowedForAny) || socketTakesTooLittle(now, allowed)) {
      cut();
      return;
    }
    resetOverdueStreams(now, allowed);
    if (!closing && isOverdue(now, limits)) {
      closing = true;
      ConnectionCloser.afterFlush(channel, connection::close);
    }
  }

  // By Netty: Vert.x resets no stream whose request and answer it knows to be complete, though the
  // answer is still queued.
  private void resetOverdueStreams(long now, long allowed) {
    if (http2 == null || unsent.isEmpty()) {
      return;
    }
    ChannelHandlerContext context = channel.pipeline().context(http2);
    for (Map.Entry<Integer, UnsentWrites> stream : List.copyOf(unsent.entrySet())) {
      if (context != null && stream.getValue().isOverdue(now, allowed)) {
        var _ =
            http2.resetStream(
                context,
                stream.getKey(),
                Http2Error.ENHANCE_YOUR_CALM.code(),
                context.newPromise());
        http2.flush(context);
      }
    }
  }

  /// Whether the socket has taken nothing for a second or longer.
  boolean isStuck() {
    return marker != null && !marker.isDone() && System.nanoTime() - markedAt > STUCK_TIMEOUT_NANOS;
  }

  /// Closes the connection now, whatever is queued.
  void cut() {
    ConnectionCloser.reset(channel);
  }

  private boolean takesNothing(long now, long allowed) {
    return !unsent.isEmpty() && now - takenAt > allowed;
  }

  // Whether what lay in the socket's queue at the mark is still not sent.
  private boolean socketTakesTooLittle(long now, long allowed) {
    if (marker != null && !marker.isDone()) {
      return now - markedAt > allowed;
    }
    marker = null;
    ChannelOutboundBuffer queue = channel.unsafe().outboundBuffer();
    if (queue != null && queue.totalPendingWriteBytes() > 0) {
      ChannelPromise promise = channel.newPromise();
      channel.unsafe().write(Unpooled.EMPTY_BUFFER, promise);
      channel.unsafe().flush();
      marker = promise;
      markedAt = now;
    }
    return false;
  }

  private boolean isOverdue(long now, ListenLimits limits) {
    if ((http2 == null ? http1InFlight : http2.connection().numActiveStreams()) > 0) {
      waitingSince = now;
      return false;
    }
    long allowed = (inHead ? limits.headerTimeout() : limits.keepAliveTimeout()).toNanos();
    return now - waitingSince > allowed;
  }
}
