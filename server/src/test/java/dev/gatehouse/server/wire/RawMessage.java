package dev.gatehouse.server.wire;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/// An HTTP/1 message as it stood on the wire.
///
/// @param head without the empty line
/// @param body decoded of chunks, byte for character
public record RawMessage(String head, String body) {

  /// Reads the head alone; throws [EOFException] where the connection ends before it does.
  public static String readHead(InputStream in) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int matched = 0;
    while (matched < 4) {
      int b = in.read();
      if (b < 0) {
        throw new EOFException("ended after: " + bytes.toString(StandardCharsets.ISO_8859_1));
      }
      bytes.write(b);
      matched = b == "\r\n\r\n".charAt(matched) ? matched + 1 : b == '\r' ? 1 : 0;
    }
    String text = bytes.toString(StandardCharsets.ISO_8859_1);
    return text.substring(0, text.length() - 4);
  }

  /// Reads a message whose head was read.
  public static RawMessage readBody(String head, InputStream in, boolean none) throws IOException {
    RawMessage bare = new RawMessage(head, "");
    if (none) {
      return bare;
    }
    if (bare.fields("Transfer-Encoding").contains("chunked")) {
      ByteArrayOutputStream body = new ByteArrayOutputStream();
      while (true) {
        int size = Integer.parseInt(readLine(in), 16);
        body.write(exactly(in, size));
        readLine(in);
        if (size == 0) {
          return new RawMessage(head, body.toString(StandardCharsets.ISO_8859_1));
        }
      }
    }
    List<String> length = bare.fields("Content-Length");
    return length.isEmpty()
        ? bare
        : new RawMessage(
            head,
            new String(
                exactly(in, Integer.parseInt(length.getFirst())), StandardCharsets.ISO_8859_1));
  }

  /// The first line.
  public String startLine() {
    return head.lines().findFirst().orElse("");
  }

  /// The status of an answer.
  public int status() {
    return Integer.parseInt(startLine().substring("HTTP/1.1 ".length(), "HTTP/1.1 200".length()));
  }

  /// The values of the fields of exactly that name, whatever their case.
  public List<String> fields(String name) {
    return lines()
        .filter(line -> line.substring(0, line.indexOf(':')).equalsIgnoreCase(name))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .toList();
  }

  /// The names of all fields, in lower case.
  public List<String> names() {
    return lines()
        .map(line -> line.substring(0, line.indexOf(':')).toLowerCase(java.util.Locale.ROOT))
        .toList();
  }

  private Stream<String> lines() {
    return head.lines().skip(1);
  }

  private static byte[] exactly(InputStream in, int length) throws IOException {
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException("ended after " + bytes.length + " of " + length + " bytes");
    }
    return bytes;
  }

  private static String readLine(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    int b;
    while ((b = in.read()) != '\n') {
      if (b < 0) {
        throw new EOFException("ended in a line");
      }
      line.append((char) b);
    }
    return line.toString().strip();
  }
}
