package dev.gatehouse.server.listen;

import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/// The encoding of names and values in a query or a form (WHATWG URL, application/
/// x-www-form-urlencoded).
public final class PercentEncoding {

  private PercentEncoding() {}

  /// The text that stands for. Throws [IllegalArgumentException] where an encoding is broken, or is
  /// not that of UTF-8: a decoder that replaced what is no UTF-8 would make one text of many.
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
