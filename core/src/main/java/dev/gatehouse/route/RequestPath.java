package dev.gatehouse.route;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;

/// A request target that was normalized once. The same path is matched with routes and forwarded.
/// Immutable.
///
/// A target that two servers may read differently is refused: one with an encoded slash or
/// backslash, a NUL or control character, a parameter after `;`, bytes that are not UTF-8, or a
/// path that leads above its root.
///
/// @param path normalized (RFC 3986 §6.2.2): it starts with `/`, has no dot segments, no empty
///   segment except the last, decoded unreserved characters, and percent-encodings in upper case
/// @param query the query as sent, with its `?`; empty if there is none
public record RequestPath(String path, String query) {

  private static final HexFormat UPPER_HEX = HexFormat.of().withUpperCase();

  /// The target is ambiguous or malformed. The message is for the client.
  public static final class MalformedTargetException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedTargetException(String message) {
      super(message);
    }
  }

  /// Returns the target to forward.
  public String target() {
    return path + query;
  }

  /// Normalizes a request target in origin form (RFC 9112 §3.2.1). Does not block.
  public static RequestPath parse(String target) throws MalformedTargetException {
    if (!target.startsWith("/")) {
      throw new MalformedTargetException("The request target must begin with a slash");
    }
    int mark = target.indexOf('?');
    String rawPath = mark < 0 ? target : target.substring(0, mark);
    String query = mark < 0 ? "" : target.substring(mark);
    checkQuery(query);
    return new RequestPath(isPlain(rawPath) ? rawPath : normalised(rawPath), query);
  }

  // The common case, without allocation: the path has nothing that normalization would change.
  private static boolean isPlain(String path) {
    char before = 0;
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      boolean letterOrDigit =
          (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      boolean plain =
          letterOrDigit
              || c == '-'
              || c == '_'
              || c == '~'
              || (c == '/' && before != '/')
              || (c == '.' && before != '/' && before != '.');
      if (!plain) {
        return false;
      }
      before = c;
    }
    return true;
  }

  private static String normalised(String rawPath) throws MalformedTargetException {
    String decoded = decodeUnreserved(rawPath);
    Deque<String> segments = new ArrayDeque<>();
    String[] parts = decoded.split("/", -1);
    for (int i = 1; i < parts.length; i++) {
      String part = parts[i];
      boolean last = i == parts.length - 1;
      // RFC 3986 §5.2.4: remove dot segments, also encoded ones.
      if (part.equals("..")) {
        if (segments.pollLast() == null) {
          throw new MalformedTargetException("The path climbs above its root");
        }
      } else if (!part.equals(".") && !part.isEmpty()) {
        segments.addLast(part);
      }
      if (last && (part.isEmpty() || part.equals(".") || part.equals(".."))) {
        segments.addLast("");
      }
    }
    return "/" + String.join("/", segments);
  }

  // RFC 3986 §6.2.2.2: decode unreserved characters. Other encodings remain, in upper case.
  private static String decodeUnreserved(String path) throws MalformedTargetException {
    StringBuilder decoded = new StringBuilder(path.length());
    ByteBuffer bytes = ByteBuffer.allocate(path.length());
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c == '%') {
        int value =
            i + 2 < path.length() ? hex(path.charAt(i + 1)) * 16 + hex(path.charAt(i + 2)) : -1;
        if (value < 0) {
          throw new MalformedTargetException("The path holds an incomplete percent-encoding");
        }
        i += 2;
        if (value < 0x20 || value == 0x7f || value == '/' || value == '\\' || value == ';') {
          throw new MalformedTargetException(
              "The path holds an encoded control character, slash, backslash or semicolon");
        }
        bytes.put((byte) value);
        if (isUnreserved((char) value)) {
          decoded.append((char) value);
        } else {
          decoded.append('%').append(UPPER_HEX.toHexDigits((byte) value));
        }
      } else if (c <= 0x20 || c >= 0x7f || c == '\\' || c == ';' || c == '#') {
        throw new MalformedTargetException(
            "The path holds a control character, a space, a backslash, a semicolon, a hash sign or"
                + " a character outside ASCII");
      } else {
        bytes.put((byte) c);
        decoded.append(c);
      }
    }
    try {
      // Decoders differ about overlong and other invalid UTF-8, so it is not forwarded.
      StandardCharsets.UTF_8.newDecoder().decode(bytes.flip());
    } catch (CharacterCodingException invalid) {
      throw new MalformedTargetException("The path is no valid UTF-8 when decoded");
    }
    return decoded.toString();
  }

  /// Returns the path as a server reads it that decodes everything, which is compared with routes.
  /// It has no slash that was encoded, since [#parse] refuses those.
  static String decoded(String normalisedPath) {
    if (normalisedPath.indexOf('%') < 0) {
      return normalisedPath;
    }
    ByteBuffer bytes = ByteBuffer.allocate(normalisedPath.length());
    for (int i = 0; i < normalisedPath.length(); i++) {
      char c = normalisedPath.charAt(i);
      if (c == '%') {
        bytes.put((byte) HexFormat.fromHexDigits(normalisedPath, i + 1, i + 3));
        i += 2;
      } else {
        bytes.put((byte) c);
      }
    }
    return StandardCharsets.UTF_8.decode(bytes.flip()).toString();
  }

  private static void checkQuery(String query) throws MalformedTargetException {
    for (int i = 0; i < query.length(); i++) {
      char c = query.charAt(i);
      if (c <= 0x20 || c >= 0x7f || c == '#') {
        throw new MalformedTargetException(
            "The query holds a control character, a space, a hash sign or a character outside"
                + " ASCII");
      }
    }
  }

  // RFC 3986 §2.3.
  private static boolean isUnreserved(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '-'
        || c == '.'
        || c == '_'
        || c == '~';
  }

  // Far below zero if it is not a hex digit, so that a sum with it stays below zero.
  private static int hex(char c) {
    int value = c < 0x80 ? Character.digit(c, 16) : -1;
    return value < 0 ? -1000 : value;
  }
}
