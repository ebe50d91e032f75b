package dev.gatehouse.client;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Parses a JSON object exactly as RFC 8259 defines it.
///
/// Strings become [String], whole numbers of up to 18 characters [Long], other numbers [Double],
/// arrays [List], objects [Map], and null is null. An object with a member twice is refused, since
/// two readers would use different values. The caller must bound the size; this class bounds the
/// depth.
final class Json {

  private static final int MAX_DEPTH = 32;

  // RFC 8259 §6
  private static final Pattern NUMBER =
      Pattern.compile("-?(?:0|[1-9][0-9]*+)(\\.[0-9]++)?([eE][+-]?[0-9]++)?");
  private static final int LONG_DIGITS = 18;

  private final String text;
  private int at;

  private Json(String text) {
    this.text = text;
  }

  /// Returns the members of the object in these bytes.
  ///
  /// @throws ParseException for anything else, with a message that quotes none of it
  static Map<String, @Nullable Object> object(byte[] utf8) throws ParseException {
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
    } catch (CharacterCodingException notUtf8) {
      throw new ParseException("no UTF-8", 0);
    }
    Json json = new Json(text);
    json.space();
    Map<String, @Nullable Object> members = json.members(MAX_DEPTH);
    json.space();
    if (json.at != text.length()) {
      throw json.wrong("something after the object");
    }
    return members;
  }

  /// Returns that text as a JSON string, in quotes.
  static String quoted(String text) {
    StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      // RFC 8259 §7; an unpaired surrogate cannot be sent as UTF-8 (§8.2)
      if (c < ' ' || c == '"' || c == '\\' || Character.isSurrogate(c)) {
        quoted.append("\\u").append(HexFormat.of().toHexDigits(c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }

  private @Nullable Object value(int depth) throws ParseException {
    return switch (peek()) {
      case '{' -> members(depth);
      case '[' -> elements(depth);
      case '"' -> string();
      case 't' -> literal("true", true);
      case 'f' -> literal("false", false);
      case 'n' -> literal("null", null);
      default -> number();
    };
  }

  private Map<String, @Nullable Object> members(int depth) throws ParseException {
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    begin('{', depth);
    if (!ends('}')) {
      do {
        space();
        String name = string();
        space();
        expect(':');
        space();
        if (members.containsKey(name)) {
          throw wrong("a name twice");
        }
        members.put(name, value(depth - 1));
      } while (goesOn('}'));
    }
    return Collections.unmodifiableMap(members);
  }

  private List<@Nullable Object> elements(int depth) throws ParseException {
    List<@Nullable Object> elements = new ArrayList<>();
    begin('[', depth);
    if (!ends(']')) {
      do {
        space();
        elements.add(value(depth - 1));
      } while (goesOn(']'));
    }
    return Collections.unmodifiableList(elements);
  }

  private void begin(char bracket, int depth) throws ParseException {
    expect(bracket);
    if (depth == 0) {
      throw wrong("too deep");
    }
    space();
  }

  private boolean ends(char bracket) throws ParseException {
    if (peek() != bracket) {
      return false;
    }
    at++;
    return true;
  }

  private boolean goesOn(char bracket) throws ParseException {
    space();
    if (ends(bracket)) {
      return false;
    }
    expect(',');
    return true;
  }

  private String string() throws ParseException {
    expect('"');
    StringBuilder string = new StringBuilder();
    while (peek() != '"') {
      char c = text.charAt(at++);
      if (c < ' ') {
        throw wrong("a control character in a string");
      }
      string.append(c == '\\' ? escaped() : c);
    }
    at++;
    return string.toString();
  }

  private char escaped() throws ParseException {
    char c = peek();
    at++;
    return switch (c) {
      case '"', '\\', '/' -> c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> {
        int end = at + 4;
        if (end > text.length()
            || !text.substring(at, end).chars().allMatch(HexFormat::isHexDigit)) {
          throw wrong("an escape without its four digits");
        }
        char unit = (char) HexFormat.fromHexDigits(text, at, end);
        at = end;
        yield unit;
      }
      default -> throw wrong("an unknown escape");
    };
  }

  private Number number() throws ParseException {
    Matcher number = NUMBER.matcher(text).region(at, text.length());
    if (!number.lookingAt()) {
      throw wrong("no value");
    }
    at = number.end();
    boolean whole = number.group(1) == null && number.group(2) == null;
    return whole && number.group().length() <= LONG_DIGITS
        ? (Number) Long.valueOf(number.group())
        : (Number) Double.valueOf(number.group());
  }

  private <T> @Nullable T literal(String literal, @Nullable T value) throws ParseException {
    if (!text.startsWith(literal, at)) {
      throw wrong("no value");
    }
    at += literal.length();
    return value;
  }

  // RFC 8259 §2
  private void space() {
    while (at < text.length() && " \t\n\r".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  private void expect(char wanted) throws ParseException {
    if (peek() != wanted) {
      throw wrong("no " + wanted);
    }
    at++;
  }

  private char peek() throws ParseException {
    if (at >= text.length()) {
      throw wrong("an end too early");
    }
    return text.charAt(at);
  }

  private ParseException wrong(String what) {
    return new ParseException(what, at);
  }
}
