package dev.gatehouse.server.wire;

import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/// The frames of HTTP/2 as bytes (RFC 9113 §4.1), for clients that send what no library sends.
public final class Http2Frames {

  public static final int DATA = 0;
  public static final int HEADERS = 1;
  public static final int RST_STREAM = 3;
  public static final int SETTINGS = 4;
  public static final int PING = 6;
  public static final int GOAWAY = 7;
  public static final int WINDOW_UPDATE = 8;
  public static final int CONTINUATION = 9;

  public static final int END_STREAM = 1;
  public static final int END_HEADERS = 4;

  /// A frame that came.
  public record Frame(int type, int flags, int stream, Buffer payload) {

    /// The error code of a RST_STREAM frame.
    public int errorCode() {
      return payload.getByte(3) & 0xff;
    }
  }

  private Http2Frames() {}

  /// Sends what a connection begins with.
  ///
  /// @param settings the payload of the SETTINGS frame
  public static RawClient begin(RawClient client, byte... settings) throws IOException {
    client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    return client.send(frame(SETTINGS, 0, 0, settings));
  }

  /// The payload of a SETTINGS frame by which the peer may send no byte of a body.
  public static byte[] closedWindows() {
    return new byte[] {0, 4, 0, 0, 0, 0}; // RFC 9113 §6.5.2: SETTINGS_INITIAL_WINDOW_SIZE
  }

  /// A frame.
  public static byte[] frame(int type, int flags, int stream, byte[] payload) {
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    frame.write(payload.length >> 16);
    frame.write(payload.length >> 8);
    frame.write(payload.length);
    frame.write(type);
    frame.write(flags);
    frame.write(stream >> 24);
    frame.write(stream >> 16);
    frame.write(stream >> 8);
    frame.write(stream);
    frame.writeBytes(payload);
    return frame.toByteArray();
  }

  /// A WINDOW_UPDATE frame of a stream, or of the connection where it is 0 (RFC 9113 §6.9).
  public static byte[] windowUpdate(int stream, int bytes) {
    return frame(WINDOW_UPDATE, 0, stream, Buffer.buffer().appendInt(bytes).getBytes());
  }

  /// A block of fields, written as `name=value|name=value`: literals without indexing, without
  /// Huffman coding (RFC 7541 §6.2.2).
  public static byte[] fields(String text) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    for (String field : text.split("\\|", -1)) {
      int equals = field.indexOf('=', 1);
      block.write(0);
      literal(block, field.substring(0, equals));
      literal(block, field.substring(equals + 1));
    }
    return block.toByteArray();
  }

  private static void literal(ByteArrayOutputStream block, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    block.write(bytes.length); // below 127
    block.writeBytes(bytes);
  }

  /// Reads the next frame; throws [EOFException] where the connection ends.
  public static Frame read(InputStream in) throws IOException {
    byte[] head = in.readNBytes(9);
    if (head.length < 9) {
      throw new EOFException();
    }
    int length = (head[0] & 0xff) << 16 | (head[1] & 0xff) << 8 | (head[2] & 0xff);
    int stream =
        (head[5] & 0x7f) << 24 | (head[6] & 0xff) << 16 | (head[7] & 0xff) << 8 | (head[8] & 0xff);
    return new Frame(head[3], head[4], stream, Buffer.buffer(in.readNBytes(length)));
  }

  /// Reads on to the next frame of that type.
  public static Frame readUntil(InputStream in, int type) throws IOException {
    Frame frame = read(in);
    while (frame.type() != type) {
      frame = read(in);
    }
    return frame;
  }
}
