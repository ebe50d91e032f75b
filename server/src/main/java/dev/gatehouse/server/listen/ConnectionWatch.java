package dev.gatehouse.server.listen;

import dev.gatehouse.PeerCertificates;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.util.AttributeKey;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.impl.ConnectionBase;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/// What a listener remembers of one open connection: who is at its end, and since when it keeps the
/// listener waiting. Belongs to one event loop.
final class ConnectionWatch implements Handler<Void> {

  static final AttributeKey<ConnectionWatch> KEY =
      AttributeKey.valueOf(ConnectionWatch.class, "of");

  final HttpConnection connection;
  final InetAddress peer;
  final boolean peerIsTrustedProxy;
  final PeerCertificates certificates;

  private final @Nullable Http2Connection http2;
  private int http1InFlight;
  private boolean noMore;
  private boolean inHead;
  private long waitingSince;

  /// @param http2 knows how many streams are open; null on HTTP/1
  ConnectionWatch(
      HttpConnection connection,
      InetAddress peer,
      boolean peerIsTrustedProxy,
      PeerCertificates certificates,
      @Nullable Http2Connection http2) {
    this.connection = connection;
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

  /// The watch of an open connection; null on one that was turned away.
  static @Nullable ConnectionWatch of(HttpConnection connection) {
    return ((ConnectionBase) connection).channel().attr(KEY).get();
  }

  /// Whether it has kept the listener waiting for longer than it may.
  boolean isOverdue(long now, ListenLimits limits) {
    if ((http2 == null ? http1InFlight : http2.numActiveStreams()) > 0) {
      waitingSince = now;
      return false;
    }
    long allowed = (inHead ? limits.headerTimeout() : limits.keepAliveTimeout()).toNanos();
    return now - waitingSince > allowed;
  }
}
