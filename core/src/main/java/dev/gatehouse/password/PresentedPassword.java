package dev.gatehouse.password;

import dev.gatehouse.account.UntrustedText;
import dev.gatehouse.secret.OwnSecrets;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// A text that can be a password, in the one form in which passwords are compared: OpaqueString
/// (RFC 8265 §4.2). Typed composed or decomposed, it is the same.
///
/// Of the characters that RFC 8264 §4.3 disallows, those are refused that no keyboard types on
/// purpose: controls, halves of a surrogate pair, and what Unicode has not assigned (it could be
/// normalised otherwise one day). A text with more than [UntrustedText#MAX_COMBINING_MARKS] combining marks
/// in a row is refused too. Joiners and variation selectors are let through, since emoji are made
/// of them.
public final class PresentedPassword {

  /// The longest password, in bytes of UTF-8.
  public static final int MAX_BYTES = 1_024;

  // What decoders put for bytes that are no UTF-8: with it, different passwords would be one.
  private static final int REPLACEMENT_CHARACTER = 0xfffd;

  private final String text;
  private final byte[] bytes;
  private final byte[] typed;

  private PresentedPassword(String text, byte[] bytes, byte[] typed) {
    this.text = text;
    this.bytes = bytes;
    this.typed = typed;
  }

  /// Reads untrusted text; empty when it can't be a password.
  public static Optional<PresentedPassword> parse(String untrusted) {
    // No normal form is so much shorter: what is cut off here could not fit.
    if (untrusted.length() > 3 * MAX_BYTES || !UntrustedText.hasFewCombiningMarks(untrusted)) {
      return Optional.empty();
    }
    StringBuilder spaced = new StringBuilder(untrusted.length());
    for (int i = 0; i < untrusted.length(); ) {
      int codePoint = untrusted.codePointAt(i);
      if (codePoint == REPLACEMENT_CHARACTER) {
        return Optional.empty();
      }
      switch (Character.getType(codePoint)) {
        case Character.CONTROL, Character.SURROGATE, Character.UNASSIGNED -> {
          return Optional.empty();
        }
        // RFC 8265 §4.2.2 rule 2: every space is U+0020.
        case Character.SPACE_SEPARATOR -> spaced.append(' ');
        default -> spaced.appendCodePoint(codePoint);
      }
      i += Character.charCount(codePoint);
    }
    // RFC 8265 §4.2.2 rule 4: NFC. Rules 1, 3 and 5 ask for nothing: case and width stay.
    String text = Normalizer.normalize(spaced, Normalizer.Form.NFC);
    byte[] bytes = utf8(text);
    // RFC 8265 §4.1: no password has zero bytes, judged behind mapping and normalisation.
    return bytes.length == 0 || bytes.length > MAX_BYTES
        ? Optional.empty()
        : Optional.of(new PresentedPassword(text, bytes, utf8(untrusted)));
  }

  /// How many characters a person would count: code points.
  int length() {
    return text.codePointCount(0, text.length());
  }

  /// Whether it is that text, whatever the case of either.
  boolean isLike(String other) {
    return folded(text).equals(folded(other));
  }

  /// Whether it is one of those secrets, or holds one.
  boolean holds(OwnSecrets secrets) {
    return secrets.isIn(text);
  }

  /// The UTF-8 of the normal form, to be hashed; a new array.
  public byte[] bytes() {
    return bytes.clone();
  }

  /// What a stored hash may have been made of, each a new array: the normal form, and the UTF-8 as
  /// it was typed if that differs. Other systems hash what was typed.
  List<byte[]> forms() {
    return Arrays.equals(bytes, typed) ? List.of(bytes()) : List.of(bytes(), typed.clone());
  }

  private static String folded(String text) {
    return UntrustedText.lowerCase(Normalizer.normalize(text, Normalizer.Form.NFKC));
  }

  private static byte[] utf8(String text) {
    try {
      ByteBuffer buffer = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
      byte[] bytes = new byte[buffer.remaining()];
      buffer.get(bytes);
      return bytes;
    } catch (CharacterCodingException impossible) {
      throw new AssertionError("no surrogate stands alone here", impossible);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PresentedPassword password
        && MessageDigest.isEqual(bytes, password.bytes);
  }

  @Override
  public int hashCode() {
    return 0; // nothing of it goes anywhere, not even into a hash table's order
  }

  @Override
  public String toString() {
    return "PresentedPassword[…]";
  }
}
