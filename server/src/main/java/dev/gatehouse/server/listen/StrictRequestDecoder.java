package dev.gatehouse.server.listen;

import dev.gatehouse.ConnectionOptions;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.vertx.core.http.Http1ServerConfig;
import io.vertx.core.http.impl.http1.VertxHttpRequestDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Checks the bytes of each HTTP/1 head before Vert.x's decoder does. It refuses what that decoder
/// accepts and another server may read differently.
///
/// Netty 4.2 joins folded lines (RFC 9112 §5.2), also in trailers. It splits the request line at
/// any run of white space (§3) and accepts control characters in it. None of that can be seen after
/// parsing. Netty refuses bare LF, a length beside chunked, and unknown transfer codings by itself.
///
/// `Connection` is a list (RFC 9112 §9.6), but Vert.x only understands lists of one item. An option
/// that Vert.x must know is therefore repeated in a separate line. If a body can't be parsed, the
/// request is told. Vert.x itself would close the connection without an answer.
///
/// At each call the reader stands at the start of a line, since Netty takes whole lines only.
final class StrictRequestDecoder extends VertxHttpRequestDecoder {

  /// Says what is wrong with a head; the message quotes nothing of it.
  static final class MalformedHeadException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedHeadException(String message) {
      super(message);
    }
  }

  private static final byte[] HEAD = "HEAD ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] VERSION = " HTTP/1.".getBytes(StandardCharsets.US_ASCII);

  private final ConnectionWatch watch;
  private boolean inHead = true;
  private boolean pastRequestLine;
  private boolean inTrailers;
  private boolean refused;
  private boolean isHead;
  private int requests;

  StrictRequestDecoder(Http1ServerConfig config, ConnectionWatch watch) {
    super(config);
    this.watch = watch;
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out)
      throws Exception {
    if (refused || watch.isNoMore()) {
      in.skipBytes(in.readableBytes());
      return;
    }
    if (inHead && in.isReadable()) {
      watch.headBytes();
      String fault = faultIn(in);
      if (fault != null) {
        refused = true;
        in.skipBytes(in.readableBytes());
        HttpRequest invalid =
            new DefaultFullHttpRequest(
                HttpVersion.HTTP_1_1, isHead ? HttpMethod.HEAD : HttpMethod.GET, "/");
        invalid.setDecoderResult(DecoderResult.failure(new MalformedHeadException(fault)));
        out.add(invalid);
        return;
      }
    }
    if (inTrailers && hasFoldedTrailer(in)) {
      refused = true;
      in.skipBytes(in.readableBytes());
      watch.bodyIsMalformed(requests);
      return;
    }
    int before = out.size();
    int from = in.readerIndex();
    boolean atZeroChunk = !inHead && startsWithZero(in);
    super.decode(context, in, out);
    // Of a chunk that is not empty, or of a body that is not chunked, something would come out.
    inTrailers |= atZeroChunk && out.size() == before && in.readerIndex() > from;
    for (int i = before; i < out.size(); i++) {
      Object read = out.get(i);
      if (read instanceof HttpRequest request) {
        if (request.decoderResult().isFailure()) {
          // Where it did not get as far as a request, Netty makes up GET and HTTP/1.0.
          request
              .setMethod(isHead ? HttpMethod.HEAD : request.method())
              .setProtocolVersion(HttpVersion.HTTP_1_1);
        }
        watch.headComplete();
        inHead = false;
        pastRequestLine = false;
        requests++;
        isolateConnectionOptions(request);
      } else if (read instanceof HttpContent content && content.decoderResult().isFailure()) {
        out.remove(i);
        content.release();
        refused = true;
        watch.bodyIsMalformed(requests);
        return;
      }
      if (read instanceof LastHttpContent) {
        inHead = true;
        inTrailers = false;
      }
    }
  }

  private static void isolateConnectionOptions(HttpRequest request) {
    HttpHeaders fields = request.headers();
    List<String> options = fields.getAll(HttpHeaderNames.CONNECTION);
    if (options.isEmpty()) {
      return;
    }
    if (request.protocolVersion().equals(HttpVersion.HTTP_1_0)) {
      // RFC 9112 §9.3: a proxy keeps no connection to a client of HTTP/1.0.
      fields.set(
          HttpHeaderNames.CONNECTION,
          options.stream()
              .filter(
                  option -> !HttpHeaderValues.KEEP_ALIVE.contentEqualsIgnoreCase(option.strip()))
              .toList());
    } else if (ConnectionOptions.contains(options, "close")) {
      fields.add(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    }
  }

  // RFC 9112 §7.1: the size of the last chunk is one or more zeros.
  private static boolean startsWithZero(ByteBuf in) {
    int at = in.readerIndex();
    while (at < in.writerIndex() && in.getByte(at) == '0') {
      at++;
    }
    return at > in.readerIndex()
        && at < in.writerIndex()
        && Character.digit(in.getByte(at), 16) < 0;
  }

  // RFC 9112 §5.2, as in a head. Looks at the lines up to the empty one.
  private static boolean hasFoldedTrailer(ByteBuf in) {
    int at = in.readerIndex();
    while (at < in.writerIndex() && in.getByte(at) != '\r') {
      if (in.getByte(at) == ' ' || in.getByte(at) == '\t') {
        return true;
      }
      at = in.indexOf(at, in.writerIndex(), (byte) '\n') + 1;
      if (at == 0) {
        return false; // the line is not whole yet
      }
    }
    return false;
  }

  private @Nullable String faultIn(ByteBuf in) {
    int end = in.writerIndex();
    int at = in.readerIndex();
    boolean pastFirst = pastRequestLine;
    while (at < end) {
      int lineEnd = in.indexOf(at, end, (byte) '\n');
      int stop = lineEnd < 0 ? end : lineEnd;
      if (lineEnd == at + 1 && in.getByte(at) == '\r') {
        if (pastFirst) {
          break; // the head ends here; what follows is not ours to judge
        }
        at = lineEnd + 1; // RFC 9112 §2.2: empty lines before a request line are skipped
        continue;
      }
      if (!pastFirst) {
        isHead = startsWithHead(in, at);
      }
      String fault =
          pastFirst ? faultInField(in, at, stop) : faultInRequestLine(in, at, stop, lineEnd >= 0);
      if (fault != null) {
        return fault;
      }
      if (lineEnd >= 0) {
        pastFirst = true;
      }
      at = stop + 1;
    }
    pastRequestLine = pastFirst;
    return null;
  }

  private static boolean startsWithHead(ByteBuf in, int from) {
    for (int i = 0; i < HEAD.length; i++) {
      if (from + i >= in.writerIndex() || in.getByte(from + i) != HEAD[i]) {
        return false;
      }
    }
    return true;
  }

  private static @Nullable String faultInRequestLine(ByteBuf in, int from, int to, boolean whole) {
    int spaces = 0;
    byte before = ' '; // so that a space at the very start is one too many
    for (int i = from; i < to; i++) {
      byte b = in.getByte(i);
      if (b == ' ') {
        // RFC 9112 §3: a single space before the target and one before the version.
        if (before == ' ' || ++spaces > 2) {
          return "The request line is not separated by single spaces";
        }
      } else if (isControl(b) && !isLineEnd(b, i, to)) {
        return "The request line holds a control character";
      }
      before = b;
    }
    if (whole && !(spaces == 2 && hasKnownVersion(in, to))) {
      return "The request line does not end in HTTP/1.1";
    }
    return null;
  }

  // RFC 9112 §2.3: in upper case. Without its CR a line is refused by Netty.
  private static boolean hasKnownVersion(ByteBuf in, int lineEnd) {
    int start = lineEnd - VERSION.length - 2;
    for (int i = 0; i < VERSION.length; i++) {
      if (start + i < in.readerIndex() || in.getByte(start + i) != VERSION[i]) {
        return false;
      }
    }
    byte minor = in.getByte(lineEnd - 2);
    return minor == '1' || minor == '0';
  }

  private static @Nullable String faultInField(ByteBuf in, int from, int to) {
    byte first = in.getByte(from);
    if (first == ' ' || first == '\t') {
      return "A field is folded over two lines"; // RFC 9112 §5.2: a server may refuse obs-fold
    }
    for (int i = from; i < to; i++) {
      byte b = in.getByte(i);
      if (isControl(b) && b != '\t' && !isLineEnd(b, i, to)) {
        return "A field holds a control character";
      }
    }
    return null;
  }

  // The CR before LF; or a CR that is the last byte so far.
  private static boolean isLineEnd(byte b, int at, int to) {
    return b == '\r' && at == to - 1;
  }

  // Bytes above 0x7f are negative: obs-text (RFC 9110 §5.5).
  private static boolean isControl(byte b) {
    return (b >= 0 && b < 0x20) || b == 0x7f;
  }
}
