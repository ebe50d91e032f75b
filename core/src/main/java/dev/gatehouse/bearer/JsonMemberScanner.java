package dev.gatehouse.bearer;

import dev.gatehouse.json.Json;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// Finds one member of a JSON object without reading the rest of it: what a token says of its
/// issuer is asked with every request. It judges nothing: whoever believes a token reads all of it
/// ([dev.gatehouse.json.Json]).
final class JsonMemberScanner {

  private final byte[] json;
  private int at;

  private JsonMemberScanner(byte[] json) {
    this.json = json;
  }

  /// The text of that member of the object, the first of its name. Of an object that
  /// [dev.gatehouse.json.Json] reads, it is the one that it reads.
  ///
  /// @param name in ASCII letters
  /// @return null when there is none, when it is no text, or when something before its end is no
  ///   JSON. What stands behind it, or within the values before it, is not looked at
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

  // RFC 8259 §7: a letter stands for itself, or is encoded as u and four digits behind a backslash.
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

  // Null: it is no string.
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

  // Escapes and other characters than ASCII are left to the parser.
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
