package dev.gatehouse.server.listen;

import dev.gatehouse.Refusal;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import io.vertx.core.net.HostAndPort;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Sees the head of each HTTP/2 request before Vert.x does. It resets the stream where Vert.x would
/// fail, or where Vert.x would not show afterwards what was sent. Belongs to one connection.
///
/// [MessageForm] checks what Vert.x does show.
final class StrictHeads extends Http2FrameListenerDecorator {

  private static final String TOO_LARGE = "The fields of the request are too large";

  private final Http2ConnectionHandler http2;
  private final InetAddress peer;
  private final Http2Connection.PropertyKey headCame;
  private boolean goAwayCame;

  private StrictHeads(Http2ConnectionHandler http2, InetAddress peer) {
    super(http2.decoder().frameListener());
    this.http2 = http2;
    this.peer = peer;
    this.headCame = http2.connection().newKey();
  }

  /// Puts one before Vert.x.
  static void addTo(Http2ConnectionHandler http2, InetAddress peer) {
    StrictHeads heads = new StrictHeads(http2, peer);
    http2.decoder().frameListener(heads);
    http2
        .connection()
        .addListener(
            new Http2ConnectionAdapter() {
              @Override
              public void onStreamClosed(Http2Stream stream) {
                heads.closed(stream);
              }
            });
  }

  // Netty answers a head that is too large with 431 and nothing else, and shows it to no listener.
  private void closed(Http2Stream stream) {
    if (stream.getProperty(headCame) == null) {
      Refusal.ofUnreadable(peer, TOO_LARGE, TOO_LARGE);
    }
  }

  @Override
  public void onHeadersRead(
      ChannelHandlerContext context, int id, Http2Headers fields, int padding, boolean endOfStream)
      throws Http2Exception {
    if (isValid(context, id, fields, endOfStream)) {
      super.onHeadersRead(context, id, fields, padding, endOfStream);
    }
  }

  @Override
  public void onHeadersRead(
      ChannelHandlerContext context,
      int id,
      Http2Headers fields,
      int dependency,
      short weight,
      boolean exclusive,
      int padding,
      boolean endOfStream)
      throws Http2Exception {
    if (isValid(context, id, fields, endOfStream)) {
      super.onHeadersRead(context, id, fields, dependency, weight, exclusive, padding, endOfStream);
    }
  }

  @Override
  public void onGoAwayRead(ChannelHandlerContext context, int last, long error, ByteBuf debug)
      throws Http2Exception {
    goAwayCame = true;
    super.onGoAwayRead(context, last, error, debug);
  }

  private boolean isValid(
      ChannelHandlerContext context, int id, Http2Headers fields, boolean endOfStream) {
    Http2Stream stream = http2.connection().stream(id);
    if (stream == null || stream.setProperty(headCame, true) != null) {
      return true; // these are trailers
    }
    String fault = faultIn(fields);
    if (fault == null && goAwayCame && !endOfStream) {
      fault = "A body after GOAWAY is not served"; // Vert.x would never answer
    }
    if (fault == null) {
      return true;
    }
    // RFC 9113 §8.1.1: a malformed request is a stream error of type PROTOCOL_ERROR.
    Refusal.ofUnreadable(peer, fault, fault);
    var _ = http2.resetStream(context, id, Http2Error.PROTOCOL_ERROR.code(), context.newPromise());
    // Vert.x expects a separate object for each open stream.
    stream.close();
    return false;
  }

  // RFC 9113 §8.3.1.
  private static @Nullable String faultIn(Http2Headers fields) {
    CharSequence method = fields.method();
    if (method == null || !MessageForm.isToken(method.toString())) {
      return "The method is no token";
    }
    List<CharSequence> hosts = fields.getAll(HttpHeaderNames.HOST);
    if (hosts.size() > 1) {
      return "The request names its host twice";
    }
    String authority = text(fields.authority());
    String host = hosts.isEmpty() ? null : hosts.getFirst().toString();
    String named = authority == null ? host : authority;
    if (named == null
        || !MessageForm.isAuthority(named)
        || HostAndPort.parseAuthority(named, -1) == null) {
      return "The request does not name its host";
    }
    if (host != null && !host.equals(named)) {
      if (!MessageForm.sameAuthority(host, named, true)) {
        return "The request names two hosts";
      }
      fields.set(HttpHeaderNames.HOST, named); // Vert.x takes another spelling for another host
    }
    String scheme = text(fields.scheme());
    String path = text(fields.path());
    if (method.toString().equals("CONNECT")) {
      return scheme == null && path == null && authority != null
          ? null
          : "CONNECT has an authority alone"; // §8.5
    }
    if (!"https".equalsIgnoreCase(scheme)) {
      return "The scheme is not https";
    }
    return path == null || !(path.startsWith("/") || path.equals("*"))
        ? "The request target is not in origin form"
        : null;
  }

  private static @Nullable String text(@Nullable CharSequence value) {
    return value == null ? null : value.toString();
  }
}
