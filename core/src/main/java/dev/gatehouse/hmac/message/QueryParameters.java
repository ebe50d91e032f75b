package dev.gatehouse.hmac.message;

import dev.gatehouse.hmac.MalformedSignatureException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/// The parameters of a query that is a form (RFC 9421 §2.2.8; WHATWG URL §5).
final class QueryParameters {

  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  private QueryParameters() {}

  /// The encoded value of the one parameter of that encoded name; throws when there is none, or
  /// more than one.
  static String value(String query, String name) throws MalformedSignatureException {
    String found = null;
    int start = 0;
    while (start <= query.length()) {
      int end = query.indexOf('&', start);
      String pair = query.substring(start, end < 0 ? query.length() : end);
      int equals = pair.indexOf('=');
      if (encoded(equals < 0 ? pair : pair.substring(0, equals)).equals(name) && !pair.isEmpty()) {
        if (found != null) {
          throw new MalformedSignatureException(
              "The signature covers a query parameter that the query has twice");
        }
        found = encoded(equals < 0 ? "" : pair.substring(equals + 1));
      }
      start = end < 0 ? query.length() + 1 : end + 1;
    }
    if (found == null) {
      throw new MalformedSignatureException(
          "The signature covers a query parameter that the query has not");
    }
    return found;
  }

  // Decoded as a form, and encoded again, so that it does not matter how the sender did it. What
  // that would guess at is refused: a percent sign that begins no encoding, bytes that are no
  // UTF-8.
  private static String encoded(String raw) throws MalformedSignatureException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(raw.length());
    for (int i = 0; i < raw.length(); i++) {
      char c = raw.charAt(i);
      if (c == '+') {
        bytes.write(' ');
      } else if (c != '%') {
        bytes.writeBytes(String.valueOf(c).getBytes(StandardCharsets.UTF_8));
      } else if (i + 2 < raw.length()
          && HexFormat.isHexDigit(raw.charAt(i + 1))
          && HexFormat.isHexDigit(raw.charAt(i + 2))) {
        bytes.write(HexFormat.fromHexDigits(raw, i + 1, i + 3));
        i += 2;
      } else {
        throw new MalformedSignatureException(
            "A query parameter is signed, and the query holds a percent sign that encodes nothing");
      }
    }
    return encoded(bytes.toByteArray());
  }

  // WHATWG URL §5: the application/x-www-form-urlencoded percent-encode set; RFC 9421 §2.2.8: and
  // a space is %20.
  private static String encoded(byte[] bytes) throws MalformedSignatureException {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
    } catch (CharacterCodingException noText) {
      throw new MalformedSignatureException(
          "A query parameter is signed, and the query holds bytes that are no UTF-8");
    }
    StringBuilder encoded = new StringBuilder(bytes.length);
    for (byte b : bytes) {
      char c = (char) (b & 0xff);
      boolean plain =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || "*-._".indexOf(c) >= 0;
      if (plain) {
        encoded.append(c);
      } else {
        encoded.append('%').append(HEX.toHexDigits(b));
      }
    }
    return encoded.toString();
  }
}
