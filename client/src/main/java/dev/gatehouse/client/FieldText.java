package dev.gatehouse.client;

import java.nio.charset.StandardCharsets;

/// Checks texts of callers without quoting them, because they are secrets. The JDK's own check of a
/// field quotes its value.
final class FieldText {

  private FieldText() {}

  /// Returns that text if it is printable ASCII without spaces (RFC 9110 §5.5: VCHAR).
  ///
  /// @param what the beginning of the exception's message: `An API key`
  /// @throws IllegalArgumentException otherwise
  static String visible(String what, String text) {
    if (text.isEmpty() || !text.chars().allMatch(c -> c > ' ' && c < 0x7F)) {
      throw new IllegalArgumentException(
          what + " is visible ASCII without spaces; is there a line end in it?");
    }
    return text;
  }

  /// Returns the bytes of a secret that signs, in UTF-8, as the gate uses them.
  ///
  /// @throws IllegalArgumentException if it is empty or contains a control character, such as a
  ///   line end
  static byte[] secret(String text) {
    if (text.isEmpty() || text.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException(
          "A secret is one line of text; is there a line end in what it was read from?");
    }
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
