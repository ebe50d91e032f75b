package dev.gatehouse.bearer;

import dev.gatehouse.json.Json;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// Finds one member of a JSON object without reading the rest, because the issuer of a token is
/// needed for every request. It does not check that the object is valid: [dev.gatehouse.json.Json]
/// does, before the token is accepted.
final class JsonMemberScanner {

  private final byte[] json;
  private int at;

  private JsonMemberScanner(byte[] json) {
    this.json = json;
  }

  /// Returns the text of the first member of that name. If [dev.gatehouse.json.Json] reads the
  /// object, this is the value that it reads.
  ///
  /// @param name ASCII letters only
  /// @return null if there is no such member, if it is not a string, or if anything before its end
  ///   is not JSON. What follows it, and what is inside the values before it, is not checked
  static @Nullable String of(byte[] json, String name) {
    return new JsonMemberScanner(json).text(name);
  }

  // RFC 8259 §4
  private @Nullable String text(String name) {
    if (!takes('{')) {
      return null;
    }
    do {
      if (next() != '"') {
        return null;
      }
      int from = at + 1;
      if (!skipsString()) {
        return null;
      }
      boolean wanted = spells(name, from, at - 1);
      if (!takes(':')) {
        return null;
      }
      if (wanted) {
        return string();
      }
      if (!skipsValue()) {
        return null;
      }
    } while (takes(','));
    return null;
  }

  private int next() {
    while (at < json.length
        && (json[at] == ' ' || json[at] == '\t' || json[at] == '\n' || json[at] == '\r')) {
      at++;
    }
    return at < json.length ? json[at] : -1;
  }

  private boolean takes(char expected) {
    if (next() != expected) {
      return false;
    }
    at++;
    return true;
  }

  // RFC 8259 §7: a letter stands for itself, or is written as a backslash, u and four digits.
  private boolean spells(String name, int from, int to) {
    int i = from;
    for (int n = 0; n < name.length(); n++) {
      if (i < to && json[i] == name.charAt(n)) {
        i++;
      } else if (i + 6 <= to && json[i] == '\\' && json[i + 1] == 'u' && isHex(i, name.charAt(n))) {
        i += 6;
      } else {
        return false;
      }
    }
    return i == to;
  }

  private boolean isHex(int escape, char expected) {
    int value = 0;
    for (int i = escape + 2; i < escape + 6; i++) {
      if (!HexFormat.isHexDigit(json[i])) {
        return false;
      }
      value = value * 16 + HexFormat.fromHexDigit(json[i]);
    }
    return value == expected;
  }

  // Null: it is not a string.
  private @Nullable String string() {
    if (next() != '"') {
      return null;
    }
    int from = at + 1;
    boolean plain = true;
    for (int i = from; i < json.length && json[i] != '"'; i++) {
      plain &= json[i] >= 0x20 && json[i] != '\\'; // what is beyond ASCII is negative
    }
    if (!skipsString()) {
      return null;
    }
    int to = at - 1;
    return plain ? new String(json, from, to - from, StandardCharsets.US_ASCII) : read(from, to);
  }

  // The parser reads escapes and characters beyond ASCII.
  private @Nullable String read(int from, int to) {
    byte[] item = new byte[to - from + 4];
    item[0] = '[';
    System.arraycopy(json, from - 1, item, 1, to - from + 2);
    item[item.length - 1] = ']';
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(item)).toString();
      return Json.array(text)
          .map(items -> items.getFirst() instanceof String only ? only : null)
          .orElse(null);
    } catch (CharacterCodingException noUtf8) {
      return null;
    }
  }

  // False: it does not end.
  private boolean skipsValue() {
    int depth = 0;
    while (at < json.length) {
      switch (json[at]) {
        case '"' -> {
          if (!skipsString()) {
            return false;
          }
          continue;
        }
        case '{', '[' -> depth++;
        case '}', ']' -> {
          if (depth == 0) {
            return true;
          }
          depth--;
        }
        case ',' -> {
          if (depth == 0) {
            return true;
          }
        }
        default -> {
          // a part of a number or a name, or white space
        }
      }
      at++;
    }
    return false;
  }

  private boolean skipsString() {
    for (at++; at < json.length; at++) {
      if (json[at] == '\\') {
        at++;
      } else if (json[at] == '"') {
        at++;
        return true;
      }
    }
    return false;
  }
}
