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

/// Reads untrusted JSON strictly, as I-JSON (RFC 7493), so that two readers cannot understand a
/// document differently.
///
/// A document is refused if it is not UTF-8, if an object has a member twice at any depth (RFC 7493
/// §2.3, RFC 7519 §4), or if a string is not well-formed Unicode, such as one with an unpaired
/// surrogate (RFC 7493 §2.1). Whole numbers are exact [Long]s. Other numbers are [Double]s, which
/// may be rounded. The caller must bound the length. Does not block; thread-safe.
public final class Json {

  /// What a caller is told if the body is refused as a JSON object.
  public static final String REFUSAL_DETAIL =
      "The body is no JSON object, names a member twice, or holds a text that is not well-formed";

  private Json() {}

  /// Returns the members of the object; empty if the bytes are not one such object.
  public static Optional<Map<String, @Nullable Object>> object(byte[] bytes) {
    try {
      // A decoder that reports malformed input, replaces nothing and guesses no other encoding.
      return object(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException noUtf8) {
      return Optional.empty();
    }
  }

  /// Returns the members of the object; empty if the text is not one such object.
  public static Optional<Map<String, @Nullable Object>> object(String text) {
    try {
      return begins(text, '{') ? strict(text, JSONObjectUtils.parse(text)) : Optional.empty();
    } catch (ParseException notJson) {
      return Optional.empty();
    }
  }

  /// Returns the items of the array; empty if the text is not one such array.
  public static Optional<List<@Nullable Object>> array(String text) {
    try {
      return begins(text, '[') ? strict(text, JSONArrayUtils.parse(text)) : Optional.empty();
    } catch (ParseException notJson) {
      return Optional.empty();
    }
  }

  // The parser skips a byte order mark (RFC 8259 §8.1 forbids sending one), and accepts `null` for
  // either.
  private static boolean begins(String text, char first) {
    return text.stripLeading().startsWith(String.valueOf(first)) && isWellFormed(text);
  }

  private static <T> Optional<T> strict(String text, T parsed) {
    return isStrict(text, parsed) ? Optional.of(parsed) : Optional.empty();
  }

  // Except for the outermost object, the parser keeps the last of two members with one name. Then
  // it has read fewer members than the text has.
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

  // RFC 8259 §4: outside of strings, each member has exactly one colon, and there is none
  // elsewhere.
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

  /// Whether the text is well-formed Unicode: it has no unpaired surrogate. A text that is not
  /// well-formed becomes another text when it is encoded, and two of them may become the same.
  public static boolean isWellFormed(String text) {
    return StandardCharsets.UTF_8.newEncoder().canEncode(text);
  }
}
