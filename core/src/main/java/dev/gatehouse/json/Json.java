package dev.gatehouse.json;

import com.nimbusds.jose.util.JSONArrayUtils;
import com.nimbusds.jose.util.JSONObjectUtils;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reads JSON of others strictly: I-JSON (RFC 7493), so that no two documents mean the same by
/// accident.
///
/// A document is not read when it is no UTF-8, when an object names a member twice at any depth
/// (RFC 7493 §2.3, RFC 7519 §4), or when a text in it is not well-formed Unicode, as a surrogate
/// without its other half is (RFC 7493 §2.1). Whole numbers are exact [Long]s; those that are no
/// `long`, and fractions, are [Double]s and may be rounded. Does not block; thread-safe. The caller
/// bounds the length.
public final class Json {

  /// What a caller is told whose body is not read as an object.
  public static final String REFUSAL_DETAIL =
      "The body is no JSON object, names a member twice, or holds a text that is not well-formed";

  private Json() {}

  /// The members of the object; empty when the bytes are not one such object.
  public static Optional<Map<String, @Nullable Object>> object(byte[] bytes) {
    try {
      // A decoder that reports: nothing is replaced, no other encoding is guessed.
      return object(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException noUtf8) {
      return Optional.empty();
    }
  }

  /// The members of the object; empty when the text is not one such object.
  public static Optional<Map<String, @Nullable Object>> object(String text) {
    try {
      return begins(text, '{') ? strict(text, JSONObjectUtils.parse(text)) : Optional.empty();
    } catch (ParseException notJson) {
      return Optional.empty();
    }
  }

  /// The items of the array; empty when the text is not one such array.
  public static Optional<List<@Nullable Object>> array(String text) {
    try {
      return begins(text, '[') ? strict(text, JSONArrayUtils.parse(text)) : Optional.empty();
    } catch (ParseException notJson) {
      return Optional.empty();
    }
  }

  // The parser passes over a byte order mark (RFC 8259 §8.1: none is sent), and takes `null` for
  // either.
  private static boolean begins(String text, char first) {
    return text.stripLeading().startsWith(String.valueOf(first)) && isWellFormed(text);
  }

  private static <T> Optional<T> strict(String text, T parsed) {
    return isStrict(text, parsed) ? Optional.of(parsed) : Optional.empty();
  }

  // The parser keeps the last of two members of one name, but for the outermost object: there are
  // fewer members in what it read than in the text then.
  private static boolean isStrict(String text, Object parsed) {
    return (text.indexOf("\\u") < 0 || isWellFormed(parsed)) && members(parsed) == colons(text);
  }

  private static int members(@Nullable Object value) {
    return switch (value) {
      case Map<?, ?> object ->
          object.size() + object.values().stream().mapToInt(Json::members).sum();
      case List<?> array -> array.stream().mapToInt(Json::members).sum();
      case null, default -> 0;
    };
  }

  // RFC 8259 §4: outside of strings, one stands in each member and nowhere else.
  private static int colons(String json) {
    int colons = 0;
    boolean inString = false;
    for (int i = 0; i < json.length(); i++) {
      switch (json.charAt(i)) {
        case '"' -> inString = !inString;
        case '\\' -> i++; // only strings hold one, and what follows ends none
        case ':' -> colons += inString ? 0 : 1;
        default -> {
          // any other character
        }
      }
    }
    return colons;
  }

  private static boolean isWellFormed(@Nullable Object value) {
    return switch (value) {
      case String text -> isWellFormed(text);
      case Map<?, ?> object ->
          object.keySet().stream().allMatch(Json::isWellFormed)
              && object.values().stream().allMatch(Json::isWellFormed);
      case List<?> array -> array.stream().allMatch(Json::isWellFormed);
      case null, default -> true;
    };
  }

  /// Whether the text is well-formed Unicode: no surrogate stands in it without its other half. One
  /// that is not becomes another text when it is encoded, and two of them may become the same.
  public static boolean isWellFormed(String text) {
    return StandardCharsets.UTF_8.newEncoder().canEncode(text);
  }
}
