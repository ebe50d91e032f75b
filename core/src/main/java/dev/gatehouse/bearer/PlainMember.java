package dev.gatehouse.bearer;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Finds one member of a JSON object without reading the rest of it: what a token says of its
/// issuer is asked with every request. It judges nothing: whoever believes a token reads all of it
/// ([dev.gatehouse.json.Json]).
final class PlainMember {

  private final byte[] json;
  private int at;

  private PlainMember(byte[] json) {
    this.json = json;
  }

  /// The text of that member of the object, the first of its name.
  ///
  /// @param name in ASCII
  /// @return null when there is none, or when it takes more than a glance to know: escapes, other
  ///   characters than ASCII, or what is no JSON
  static @Nullable String of(byte[] json, String name) {
    return new PlainMember(json).text(name);
  }

  // RFC 8259 §4
  private @Nullable String text(String name) {
    if (!takes('{')) {
      return null;
    }
    do {
      String key = string();
      if (key == null || !takes(':')) {
        return null;
      }
      if (key.equals(name)) {
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

  // Null: it is no string, or has more in it than plain ASCII.
  private @Nullable String string() {
    if (!takes('"')) {
      return null;
    }
    int from = at;
    while (at < json.length && json[at] != '"') {
      if (json[at] == '\\' || json[at] < 0x20) { // what is beyond ASCII is negative
        return null;
      }
      at++;
    }
    if (at == json.length) {
      return null;
    }
    return new String(json, from, at++ - from, StandardCharsets.US_ASCII);
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
