package dev.gatehouse.hmac.message;

import dev.gatehouse.hmac.MalformedSignatureException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;

/// The parameters of a query, for the component `@query-param` (RFC 9421 §2.2.8). They are parsed
/// and encoded as a form (WHATWG URL §5). Not thread-safe; does not block.
final class QueryParameters {

  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  // From the encoded name to the value as it was sent. Empty: the name is present twice.
  private final Map<String, Optional<String>> values = new HashMap<>();

  /// Parses the whole query. Throws if a name cannot be decoded.
  QueryParameters(String query) throws MalformedSignatureException {
    int start = 0;
    while (start <= query.length()) {
      int end = query.indexOf('&', start);
      String pair = query.substring(start, end < 0 ? query.length() : end);
      if (!pair.isEmpty()) {
        int equals = pair.indexOf('=');
        String name = encoded(equals < 0 ? pair : pair.substring(0, equals));
        String value = equals < 0 ? "" : pair.substring(equals + 1);
        values.merge(name, Optional.of(value), (one, other) -> Optional.empty());
      }
      start = end < 0 ? query.length() + 1 : end + 1;
    }
  }

  /// Returns the encoded value of the parameter with this encoded name. Throws if the query has no
  /// such parameter or has it twice, or if the value cannot be decoded.
  String value(String name) throws MalformedSignatureException {
    Optional<String> value = values.get(name);
    if (value == null) {
      throw new MalformedSignatureException(
          "The signature covers a query parameter that the query does not have");
    }
    if (value.isEmpty()) {
      throw new MalformedSignatureException(
          "The signature covers a query parameter that the query has twice");
    }
    return encoded(value.get());
  }

  // Decodes the text as a form and encodes it again, so that the encoding of the sender does not
  // matter. Refuses a percent sign that begins no encoding, and bytes that are not UTF-8, because a
  // decoder would have to guess.
  private static String encoded(String raw) throws MalformedSignatureException {
    ByteArrayOutputStream decoded = new ByteArrayOutputStream(raw.length());
    byte[] bytes = raw.getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '+') {
        decoded.write(' ');
      } else if (bytes[i] != '%') {
        decoded.write(bytes[i]);
      } else if (i + 2 < bytes.length
          && HexFormat.isHexDigit(bytes[i + 1])
          && HexFormat.isHexDigit(bytes[i + 2])) {
        decoded.write(
            HexFormat.fromHexDigit(bytes[i + 1]) * 16 + HexFormat.fromHexDigit(bytes[i + 2]));
        i += 2;
      } else {
        throw new MalformedSignatureException(
            "A query parameter is signed, and the query holds a percent sign that encodes nothing");
      }
    }
    return encoded(decoded.toByteArray());
  }

  // WHATWG URL §5: the application/x-www-form-urlencoded percent-encode set. RFC 9421 §2.2.8: a
  // space becomes %20.
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
