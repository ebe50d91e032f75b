package dev.gatehouse.basic;

import dev.gatehouse.password.PresentedPassword;
import dev.gatehouse.password.SignInName;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;

/// A text that has the form of a name and a password. They are not verified. Immutable; its text
/// form contains no secret.
record PresentedBasic(SignInName name, PresentedPassword password) {

  // In UTF-8 the longest name has 1,013 bytes and the longest password 1,024. With the colon these
  // are 2,720 characters of Base64. The rest allows for decomposed characters.
  private static final int MAX_CHARS = 4_096;

  /// Parses the text after the scheme; empty if it cannot be a name and a password.
  static Optional<PresentedBasic> parse(String credentials) {
    return strictBase64(credentials)
        .flatMap(PresentedBasic::strictUtf8)
        .flatMap(PresentedBasic::of);
  }

  private static Optional<PresentedBasic> of(String userPass) {
    // RFC 7617 §2: a user-id holds no colon, so the first one ends it.
    int colon = userPass.indexOf(':');
    return colon < 0
        ? Optional.empty()
        // RFC 7617 §2: neither part contains control characters. Both types check this.
        : SignInName.parse(userPass.substring(0, colon))
            .flatMap(
                name ->
                    PresentedPassword.parse(userPass.substring(colon + 1))
                        .map(password -> new PresentedBasic(name, password)));
  }

  // RFC 4648 §3.5: accept only the canonical padding and zero bits at the end.
  private static Optional<byte[]> strictBase64(String text) {
    if (text.length() > MAX_CHARS) {
      return Optional.empty();
    }
    try {
      byte[] bytes = Base64.getDecoder().decode(text);
      return Base64.getEncoder().encodeToString(bytes).equals(text)
          ? Optional.of(bytes)
          : Optional.empty();
    } catch (IllegalArgumentException noBase64) {
      return Optional.empty();
    }
  }

  private static Optional<String> strictUtf8(byte[] bytes) {
    try {
      // A new decoder reports malformed input. String's constructor would replace it with U+FFFD.
      return Optional.of(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException noUtf8) {
      return Optional.empty();
    }
  }

  /// Returns the name and the password for a digest: equal only for equal pairs. A NUL separates
  /// them, which neither contains; a colon may appear when a wide one is folded.
  byte[] bytes() {
    byte[] before = (name.folded() + "\0").getBytes(StandardCharsets.UTF_8);
    byte[] secret = password.bytes();
    byte[] bytes = Arrays.copyOf(before, before.length + secret.length);
    System.arraycopy(secret, 0, bytes, before.length, secret.length);
    return bytes;
  }

  @Override
  public String toString() {
    return "PresentedBasic[…]";
  }
}
