package dev.gatehouse.client;

import java.nio.charset.StandardCharsets;

/// Checks texts that callers hand in, without a word of what they were: they are secrets. The JDK's
/// own check of a field says what its value was.
final class FieldText {

  private FieldText() {}

  /// That text, if it is nothing but visible ASCII (RFC 9110 §5.5: VCHAR).
  ///
  /// @param what how the exception begins: `An API key`
  /// @throws IllegalArgumentException for anything else
  static String visible(String what, String text) {
    if (text.isEmpty() || !text.chars().allMatch(c -> c > ' ' && c < 0x7F)) {
      throw new IllegalArgumentException(
          what + " is visible ASCII without spaces; is there a line end in it?");
    }
    return text;
  }

  /// The bytes of a secret that signs, as the gate takes them: in UTF-8.
  ///
  /// @throws IllegalArgumentException when there are none, or a line end is among them
  static byte[] secret(String text) {
    if (text.isEmpty() || text.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException(
          "A secret is one line of text; is there a line end in what it was read from?");
    }
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
