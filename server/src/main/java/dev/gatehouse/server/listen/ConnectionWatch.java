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
import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// What a listener remembers of one open connection: who is at its end, since when it keeps the
/// listener waiting, and whether it takes what is sent to it. Belongs to one event loop.
final class ConnectionWatch implements Handler<Void> {

  static final AttributeKey<ConnectionWatch> KEY =
      AttributeKey.valueOf(ConnectionWatch.class, "of");

  // Of answers that the gate gives itself, on one connection of HTTP/2.
  private static final long MAX_OWN_BYTES = 256 * 1024;

  private static final long STUCK_NANOS = TimeUnit.SECONDS.toNanos(1);

  final InetAddress peer;
  final boolean peerIsTrustedProxy;
  final PeerCertificates certificates;

  private final HttpConnection connection;
  private final Channel channel;
  private final @Nullable Http2ConnectionHandler http2;
  private int http1InFlight;
  private boolean noMore;
  private boolean inHead;
  private long waitingSince;
  private boolean closing;

  // On HTTP/2, the flow controller holds what the client's windows leave no room for. By the
  // stream's identifier; only streams with such writes are here.
  private final Map<Integer, UnsentWrites> unsent = new HashMap<>();
  private long ownBytes;
  private long takenAt;

  // Is done once all that was in the socket's queue before it was sent.
  private @Nullable ChannelFuture marker;
  private long markedAt;

  /// @param http2 knows the streams; null on HTTP/1
  ConnectionWatch(
      HttpConnection connection,
      InetAddress peer,
      boolean peerIsTrustedProxy,
      PeerCertificates certificates,
      @Nullable Http2ConnectionHandler http2) {
    this.connection = connection;
    this.channel = Cutting.channel(connection);
    this.peer = peer;
    this.peerIsTrustedProxy = peerIsTrustedProxy;
    this.certificates = certificates;
    this.http2 = http2;
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

  /// Whatever comes now is read and dropped: the answer that is being sent is the last one.
  void noMore() {
    noMore = true;
  }

  boolean isNoMore() {
    return noMore;
  }

  /// The watch of an open connection. Null before the connection was opened in order.
  static @Nullable ConnectionWatch of(HttpConnection connection) {
    return Cutting.channel(connection).attr(KEY).get();
  }

  /// Whether an answer of the gate's own would lie beside too many others that the client does not
  /// take.
  boolean isFullOfOwn() {
    return ownBytes > MAX_OWN_BYTES;
  }

  /// Takes note of an answer of the gate's own that was given to the connection.
  void sendsOwn(HttpServerResponse response, Future<Void> sent, long bytes) {
    sends(response, sent);
    if (http2 != null && !sent.isComplete()) {
      ownBytes += bytes;
      sent.onComplete(done -> ownBytes -= bytes);
    }
  }

  /// Takes note of a write that was given to the connection, also when nothing else is left of its
  /// request.
  ///
  /// @param sent is complete when it was sent or dropped
  void sends(HttpServerResponse response, Future<Void> sent) {
    if (http2 == null) {
      return; // what HTTP/1 sends goes to the socket's queue, which the marker watches
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
        });
    flush(http2);
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
    if (takesNothing(now, allowed)) {
      cut();
      return;
    }
    resetOverdueStreams(now, allowed);
    if (!closing && isOverdue(now, limits)) {
      closing = true;
      Cutting.afterFlush(channel, connection::close);
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
        http2.resetStream(
            context, stream.getKey(), Http2Error.ENHANCE_YOUR_CALM.code(), context.newPromise());
        http2.flush(context);
      }
    }
  }

  /// Whether the socket has taken nothing for a second or longer.
  boolean isStuck() {
    return marker != null && !marker.isDone() && System.nanoTime() - markedAt > STUCK_NANOS;
  }

  /// Closes the connection now, whatever is queued.
  void cut() {
    Cutting.reset(channel);
  }

  private boolean takesNothing(long now, long allowed) {
    return (!unsent.isEmpty() && now - takenAt > allowed) || socketTakesNothing(now, allowed);
  }

  private boolean socketTakesNothing(long now, long allowed) {
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
