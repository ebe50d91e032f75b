package dev.gatehouse.server.listen;

import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/// Decodes names and values of a query or a form (WHATWG URL, `application/x-www-form-urlencoded`).
/// Thread-safe; does not block.
public final class PercentEncoding {

  private PercentEncoding() {}

  /// Decodes a text. Throws [IllegalArgumentException] if an encoding is malformed, or if the bytes
  /// are not UTF-8. Replacing malformed bytes would map different texts to the same one.
  public static String decode(String encoded) {
    String octets =
        new String(encoded.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    byte[] bytes =
        URLDecoder.decode(octets, StandardCharsets.ISO_8859_1)
            .getBytes(StandardCharsets.ISO_8859_1);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException noUtf8) {
      throw new IllegalArgumentException("not UTF-8", noUtf8);
    }
  }
}
