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

/// A text that can be a password, in the form in which passwords are compared: OpaqueString (RFC
/// 8265 §4.2). Composed and decomposed characters are the same in it. Immutable; its text form
/// contains nothing of the password.
///
/// RFC 8264 §4.3 disallows more characters than are refused here. Refused are those that no
/// keyboard produces on purpose: control characters, unpaired surrogates, and code points that
/// Unicode has not assigned (their normalization could change). A text with more than
/// [UntrustedText#MAX_COMBINING_MARKS] successive combining marks is refused too. Joiners and
/// variation selectors are allowed, since emoji contain them.
public final class PresentedPassword {

  /// The longest password, in bytes of UTF-8.
  public static final int MAX_BYTES = 1_024;

  // Decoders replace malformed bytes with this. If it were allowed, different passwords would
  // become one.
  private static final int REPLACEMENT_CHARACTER = 0xfffd;

  private final String text;
  private final byte[] bytes;
  private final byte[] typed;

  private PresentedPassword(String text, byte[] bytes, byte[] typed) {
    this.text = text;
    this.bytes = bytes;
    this.typed = typed;
  }

  /// Parses untrusted text; empty if it cannot be a password. Does not check the minimum length.
  public static Optional<PresentedPassword> parse(String untrusted) {
    // No normal form is that much shorter, so a longer text cannot fit.
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
        // RFC 8265 §4.2.2 rule 2: every space becomes U+0020.
        case Character.SPACE_SEPARATOR -> spaced.append(' ');
        default -> spaced.appendCodePoint(codePoint);
      }
      i += Character.charCount(codePoint);
    }
    // RFC 8265 §4.2.2 rule 4: NFC. Rules 1, 3 and 5 change nothing: case and width stay.
    String text = Normalizer.normalize(spaced, Normalizer.Form.NFC);
    byte[] bytes = utf8(text);
    // RFC 8265 §4.1: a password is not empty, after mapping and normalization.
    return bytes.length == 0 || bytes.length > MAX_BYTES
        ? Optional.empty()
        : Optional.of(new PresentedPassword(text, bytes, utf8(untrusted)));
  }

  /// Returns the length in code points.
  int length() {
    return text.codePointCount(0, text.length());
  }

  /// Whether the password equals that text, without regard to case and compatibility forms.
  boolean isLike(String other) {
    return folded(text).equals(folded(other));
  }

  /// Whether the password is or contains one of those secrets.
  boolean holds(OwnSecrets secrets) {
    return secrets.isIn(text);
  }

  /// Returns the UTF-8 of the normal form, for hashing; a new array.
  public byte[] bytes() {
    return bytes.clone();
  }

  /// Returns the byte sequences from which a stored hash may have been made, each in a new array:
  /// the normal form, and the UTF-8 as it was typed if that differs. Other systems hash what was
  /// typed.
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
    return 0; // reveals nothing, not even by the order in a hash table
  }

  @Override
  public String toString() {
    return "PresentedPassword[…]";
  }
}
