package dev.gatehouse.bearer;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The JSON objects of a token, read strictly.
public final class Json {

  private Json() {}

  /// The members; empty when the bytes are not one JSON object in UTF-8, or name a member twice
  /// (RFC 7515 §4, RFC 7519 §4).
  public static Optional<Map<String, @Nullable Object>> object(byte[] bytes) {
    try {
      // A decoder that reports: nothing is replaced, no other encoding is guessed.
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      // The parser passes over a byte order mark (RFC 8259 §8.1: none is sent).
      return text.startsWith("{") ? Optional.of(JSONObjectUtils.parse(text)) : Optional.empty();
    } catch (CharacterCodingException | ParseException notJson) {
      return Optional.empty();
    }
  }
}
