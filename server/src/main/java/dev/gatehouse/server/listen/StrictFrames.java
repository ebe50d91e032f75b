package dev.gatehouse.server.listen;

import dev.gatehouse.Refusal;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameTypes;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Checks the head of each HTTP/2 frame before Netty does. Belongs to one connection.
///
/// It handles the cases in which Netty differs from RFC 9113:
///
/// - A HEADERS frame on a closed or skipped stream ends the connection (§5.1, §5.1.1). Netty resets
///   the stream.
/// - DATA in flight on a stream that was refused is dropped, and counts for the flow control of the
///   connection (§5.1). Netty ends the connection, or answers each frame with a reset.
/// - A connection that does not begin with the preface and SETTINGS ends (§3.4). Vert.x logs an
///   error.
///
/// On an HTTP/1 connection it removes itself.
final class StrictFrames extends ChannelInboundHandlerAdapter {

  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private static final int HEAD_BYTES = Http2CodecUtil.FRAME_HEADER_LENGTH;
  private static final int END_STREAM = 0x1;
  private static final int END_HEADERS = 0x4;
  private static final int ACK = 0x1;

  // The streams whose client side is open. Streams that have ended here are removed beyond this
  // number.
  private static final int MAX_UNENDED = 256;

  // The client learns of a reset before it has sent more than a window (§6.9.1).
  private static final int MAX_DROPPED = ListenLimits.STREAM_WINDOW_BYTES;

  /// What is known of a stream of which the client has not ended its side.
  private static final class Unended {
    private int dropped;
  }

  private final ByteBuf splitHead = Unpooled.buffer(HEAD_BYTES, HEAD_BYTES);
  private final Map<Integer, Unended> unended = new LinkedHashMap<>();
  private final int[] ended = new int[128]; // the latest, by identifier
  private @Nullable Http2ConnectionHandler http2;
  private int prefaceBytes;
  private boolean settingsCame;
  private boolean inFieldBlock; // between HEADERS and the last CONTINUATION
  private int payloadBytes; // still to come of the frame
  private @Nullable Unended dropping; // null: the frame is passed on
  private int latestStream;
  private boolean over;

  /// Puts one behind TLS, before anything that reads HTTP.
  static void addTo(Channel channel) {
    channel
        .pipeline()
        .addLast(
            new ChannelInboundHandlerAdapter() {
              @Override
              public void channelActive(ChannelHandlerContext context) {
                ChannelHandlerContext tls = context.pipeline().context(SslHandler.class);
                if (tls != null) {
                  context.pipeline().addAfter(tls.name(), "frames", new StrictFrames());
                }
                context.fireChannelActive();
                context.pipeline().remove(this);
              }
            });
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (!(message instanceof ByteBuf in)) {
      context.fireChannelRead(message);
      return;
    }
    if (http2 == null) {
      http2 = context.pipeline().get(Http2ConnectionHandler.class);
      if (http2 == null) {
        context.pipeline().remove(this);
        context.fireChannelRead(message);
        return;
      }
    }
    try {
      read(context, in);
    } finally {
      in.release();
    }
  }

  private void read(ChannelHandlerContext context, ByteBuf in) {
    int from = in.readerIndex(); // where what was not passed on yet begins
    while (in.isReadable() && !over) {
      if (prefaceBytes < PREFACE.length) {
        if (in.readByte() != PREFACE[prefaceBytes++]) {
          end(context, Http2Error.PROTOCOL_ERROR, "the connection does not begin with the preface");
        }
      } else if (payloadBytes > 0) {
        int piece = Math.min(payloadBytes, in.readableBytes());
        payloadBytes -= piece;
        if (dropping == null) {
          in.skipBytes(piece);
        } else {
          drop(context, dropping, in.readSlice(piece));
          from = in.readerIndex();
        }
      } else if (splitHead.isReadable() || in.readableBytes() < HEAD_BYTES) {
        pass(context, in, from);
        in.readBytes(
            splitHead, Math.min(HEAD_BYTES - splitHead.readableBytes(), in.readableBytes()));
        from = in.readerIndex();
        if (!splitHead.isWritable()) {
          begin(context, splitHead.getLong(0) >>> 24, splitHead.getInt(5));
          if (dropping == null && !over) {
            context.fireChannelRead(splitHead.copy());
          }
          splitHead.clear();
        }
      } else {
        int at = in.readerIndex();
        long head = in.getLong(at) >>> 24;
        if (dependsOnNetty(head, in.getInt(at + 5))) {
          pass(context, in, from); // so that Netty knows of what stands before it
          from = at;
        }
        begin(context, head, in.getInt(at + 5));
        in.skipBytes(HEAD_BYTES);
        if (dropping != null) {
          from = in.readerIndex();
        }
      }
    }
    if (!over) {
      pass(context, in, from);
    }
  }

  private static void pass(ChannelHandlerContext context, ByteBuf in, int from) {
    if (from < in.readerIndex()) {
      context.fireChannelRead(in.retainedSlice(from, in.readerIndex() - from));
    }
  }

  private boolean dependsOnNetty(long head, int streamBits) {
    return switch (type(head)) {
      case Http2FrameTypes.DATA -> unended.containsKey(streamBits & Integer.MAX_VALUE);
      case Http2FrameTypes.HEADERS -> unended.size() >= MAX_UNENDED;
      default -> false;
    };
  }

  // RFC 9113 §4.1: 24 bits of length, 8 of type, 8 of flags, 1 reserved, 31 of the stream.
  private static byte type(long head) {
    return (byte) (head >>> 8);
  }

  private void begin(ChannelHandlerContext context, long head, int streamBits) {
    payloadBytes = (int) (head >>> 16);
    dropping = null;
    int flags = (int) head & 0xff;
    int stream = streamBits & Integer.MAX_VALUE;
    boolean endsStream = (flags & END_STREAM) != 0;
    if (!settingsCame) {
      settingsCame = true;
      if (type(head) != Http2FrameTypes.SETTINGS || (flags & ACK) != 0) {
        end(context, Http2Error.PROTOCOL_ERROR, "the preface ends without SETTINGS");
        return;
      }
    }
    boolean interrupts = inFieldBlock && type(head) != Http2FrameTypes.CONTINUATION;
    inFieldBlock =
        switch (type(head)) {
          case Http2FrameTypes.HEADERS, Http2FrameTypes.CONTINUATION -> (flags & END_HEADERS) == 0;
          default -> false;
        };
    if (interrupts) {
      return; // §6.10: Netty ends the connection
    }
    switch (type(head)) {
      case Http2FrameTypes.HEADERS -> headers(context, stream, endsStream);
      case Http2FrameTypes.DATA -> data(stream, endsStream);
      case Http2FrameTypes.RST_STREAM -> ended(stream);
      default -> {
        // Netty's affair
      }
    }
  }

  private void headers(ChannelHandlerContext context, int stream, boolean endsStream) {
    if ((stream & 1) == 0) {
      return; // Netty refuses it
    }
    if (stream > latestStream) {
      latestStream = stream;
      if (!endsStream) {
        forgetOver();
        unended.put(stream, new Unended());
      }
    } else if (!unended.containsKey(stream)) {
      if (ended[place(stream)] == stream) {
        // §5.1: the client ended its side, or reset the stream.
        end(context, Http2Error.STREAM_CLOSED, "HEADERS on a stream that is over");
      } else {
        // §5.1.1: the identifier of a new stream is greater than all before it.
        end(context, Http2Error.PROTOCOL_ERROR, "HEADERS on a stream that was skipped");
      }
      return;
    }
    if (endsStream) {
      ended(stream);
    }
  }

  private void data(int stream, boolean endsStream) {
    Unended known = unended.get(stream);
    // What is larger than a frame may be is Netty's affair.
    if (known != null
        && isUnknownToNetty(stream)
        && payloadBytes <= Http2CodecUtil.MAX_FRAME_SIZE_LOWER_BOUND) {
      dropping = known;
    }
    if (endsStream) {
      ended(stream);
    }
  }

  private void ended(int stream) {
    if (stream <= latestStream) {
      unended.remove(stream);
      ended[place(stream)] = stream;
    }
  }

  private int place(int stream) {
    return (stream >>> 1) % ended.length;
  }

  private void forgetOver() {
    if (unended.size() >= MAX_UNENDED) {
      Iterator<Integer> streams = unended.keySet().iterator();
      while (streams.hasNext()) {
        if (isUnknownToNetty(streams.next())) {
          streams.remove();
        }
      }
    }
  }

  private boolean isUnknownToNetty(int stream) {
    return netty().connection().stream(stream) == null;
  }

  private void drop(ChannelHandlerContext context, Unended stream, ByteBuf piece) {
    stream.dropped += piece.readableBytes();
    if (stream.dropped > MAX_DROPPED) {
      end(context, Http2Error.FLOW_CONTROL_ERROR, "DATA beyond the window of a stream");
      return;
    }
    try {
      netty().decoder().flowController().receiveFlowControlledFrame(null, piece, 0, false);
    } catch (Http2Exception beyondTheWindow) {
      end(context, beyondTheWindow.error(), "DATA beyond the window of the connection");
    }
  }

  private Http2ConnectionHandler netty() {
    return Objects.requireNonNull(http2);
  }

  // RFC 9113 §5.4.1: GOAWAY, and the connection is closed.
  private void end(ChannelHandlerContext context, Http2Error error, String why) {
    over = true;
    Channel channel = context.channel();
    if (channel.remoteAddress() instanceof InetSocketAddress peer) {
      Refusal.ofUnreadable(peer.getAddress(), "The connection can't be read", why);
    }
    ChannelHandlerContext writer = context.pipeline().context(netty());
    if (writer != null) {
      var _ =
          netty()
              .goAway(
                  writer,
                  netty().connection().remote().lastStreamCreated(),
                  error.code(),
                  Unpooled.EMPTY_BUFFER,
                  writer.newPromise());
      writer.flush();
    }
    ConnectionCloser.afterFlush(
        channel,
        () -> {
          var _ = channel.close();
        });
  }
}
