package dev.gatehouse.server.listen;

import dev.gatehouse.Refusal;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/// Answers a plain HTTP request to a TLS listener with 400 and a message. Without it the client
/// would only see the connection close.
///
/// It is the first handler of a connection. It looks at the first byte, and removes itself unless
/// that byte begins a plain HTTP request. Belongs to one connection.
final class PlainHttpOnTls extends ChannelInboundHandlerAdapter {

  private static final String DETAIL =
      "This is plain HTTP, and the port is for HTTPS: write https:// in the address";
  private static final String HEAD = "HEAD ";
  private static final long LINGER_TIMEOUT_MILLIS = 500;

  private final FailedHandshakes handshakes;
  // The beginning of the request line, until it shows whether the answer has a body (HEAD has
  // none). The time limit of the handshake bounds the wait.
  private final StringBuilder method = new StringBuilder();
  private boolean plain;
  private boolean refused;

  PlainHttpOnTls(FailedHandshakes handshakes) {
    this.handshakes = handshakes;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    SslHandler tls = context.pipeline().get(SslHandler.class);
    if (!plain && tls != null && message instanceof ByteBuf bytes && beginsRequest(bytes)) {
      plain = true;
    }
    if (!plain) {
      if (tls != null && context.channel().remoteAddress() instanceof InetSocketAddress peer) {
        handshakes.watch(tls, peer.getAddress());
      }
      context.pipeline().remove(this);
      context.fireChannelRead(message);
      return;
    }
    if (!refused && message instanceof ByteBuf bytes && tellsMethod(bytes)) {
      refused = true;
      refuse(context, method.toString().equals(HEAD));
    }
    ReferenceCountUtil.release(message);
  }

  // Every registered method begins with a letter. An empty line may come before (RFC 9112 §2.2). A
  // record of TLS begins with 20 to 24 (RFC 8446 §5.1).
  private static boolean beginsRequest(ByteBuf bytes) {
    if (!bytes.isReadable()) {
      return false;
    }
    byte first = bytes.getByte(bytes.readerIndex());
    return (first >= 'A' && first <= 'Z') || (first >= 'a' && first <= 'z') || isLineEnd(first);
  }

  private static boolean isLineEnd(byte b) {
    return b == '\r' || b == '\n';
  }

  private boolean tellsMethod(ByteBuf bytes) {
    while (bytes.isReadable()) {
      byte b = bytes.readByte();
      if (!method.isEmpty() || !isLineEnd(b)) {
        method.append((char) b);
        if (method.length() == HEAD.length() || !HEAD.startsWith(method.toString())) {
          return true;
        }
      }
    }
    return false;
  }

  private static void refuse(ChannelHandlerContext context, boolean head) {
    Refusal refusal =
        Refusal.ofUnreadable(
            ((InetSocketAddress) context.channel().remoteAddress()).getAddress(), DETAIL, DETAIL);
    String document = refusal.document();
    StringBuilder answer = new StringBuilder("HTTP/1.1 400 Bad Request\r\n");
    refusal.fields().forEach((name, values) -> values.forEach(value -> line(answer, name, value)));
    line(answer, "Content-Type", Refusal.MEDIA_TYPE);
    line(
        answer,
        "Content-Length",
        Integer.toString(document.getBytes(StandardCharsets.UTF_8).length));
    line(answer, "Connection", "close");
    answer.append("\r\n").append(head ? "" : document);
    // From here it goes to the socket, and not through TLS.
    var _ = context.writeAndFlush(Unpooled.copiedBuffer(answer, StandardCharsets.UTF_8));
    // RFC 9112 §9.6: the client gets time to read it.
    Runnable close =
        () -> {
          var _ = context.close();
        };
    var _ = context.executor().schedule(close, LINGER_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
  }

  private static void line(StringBuilder answer, String name, String value) {
    answer.append(name).append(": ").append(value).append("\r\n");
  }
}
