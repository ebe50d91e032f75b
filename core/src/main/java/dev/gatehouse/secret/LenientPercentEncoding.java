package dev.gatehouse.secret;

import java.util.HexFormat;

/// Decodes percent-encoding (RFC 3986 §2.1) as the most lenient reader would. Does not block;
/// thread-safe.
final class LenientPercentEncoding {

  private static final String TOKEN_PUNCTUATION = "-_.+/%";

  private LenientPercentEncoding() {}

  /// Whether the text encodes a character that tokens contain, or a percent sign. Any other encoded
  /// character separates tokens, whether or not it is encoded. Allocates nothing.
  static boolean hidesTokenChar(String text) {
    for (int at = text.indexOf('%'); at >= 0; at = text.indexOf('%', at + 1)) {
      if (isEncodedAt(text, at)
          && isTokenChar((char) HexFormat.fromHexDigits(text, at + 1, at + 3))) {
        return true;
      }
    }
    return false;
  }

  /// Returns the text with each encoding decoded once. A broken encoding is left as it is; a byte
  /// becomes the character with its number.
  static String decodedOnce(String text) {
    char[] decoded = new char[text.length()];
    int length = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (isEncodedAt(text, i)) {
        c = (char) HexFormat.fromHexDigits(text, i + 1, i + 3);
        i += 2;
      }
      decoded[length++] = c;
    }
    return new String(decoded, 0, length);
  }

  /// Returns the text with all encodings decoded until none is left. A broken encoding is left as
  /// it is; a byte becomes the character with its number.
  static String decoded(String text) {
    char[] decoded = new char[text.length()];
    int length = 0;
    for (int i = 0; i < text.length(); i++) {
      decoded[length++] = text.charAt(i);
      while (length >= 3
          && decoded[length - 3] == '%'
          && HexFormat.isHexDigit(decoded[length - 2])
          && HexFormat.isHexDigit(decoded[length - 1])) {
        decoded[length - 3] =
            (char)
                (HexFormat.fromHexDigit(decoded[length - 2]) * 16
                    + HexFormat.fromHexDigit(decoded[length - 1]));
        length -= 2;
      }
    }
    return new String(decoded, 0, length);
  }

  private static boolean isEncodedAt(String text, int at) {
    return text.charAt(at) == '%'
        && at + 2 < text.length()
        && HexFormat.isHexDigit(text.charAt(at + 1))
        && HexFormat.isHexDigit(text.charAt(at + 2));
  }

  private static boolean isTokenChar(char c) {
    return SecretForm.isBase62(c) || TOKEN_PUNCTUATION.indexOf(c) >= 0;
  }
}
