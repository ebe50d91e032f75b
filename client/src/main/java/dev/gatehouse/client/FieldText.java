package dev.gatehouse.client;

/// Checks what becomes part of a field's value. The JDK's own check says in its exception what the
/// value was, which here is a secret.
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
}
