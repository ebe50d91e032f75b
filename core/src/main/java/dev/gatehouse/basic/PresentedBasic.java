package dev.gatehouse.basic;

import dev.gatehouse.password.PresentedPassword;
import dev.gatehouse.password.SignInName;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;

/// A text that has the form of a name and a password. Whether they are right is for others to say.
record PresentedBasic(SignInName name, PresentedPassword password) {

  // In UTF-8 the longest name has 1,013 bytes and the longest password 1,024: 2,720 characters with
  // the colon. The rest is for what is typed decomposed.
  private static final int MAX_CHARS = 4_096;

  /// Reads what stands behind the scheme; empty when it can't be a name and a password.
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
        // RFC 7617 §2: neither part holds control characters: both proof types see to it.
        : SignInName.parse(userPass.substring(0, colon))
            .flatMap(
                name ->
                    PresentedPassword.parse(userPass.substring(colon + 1))
                        .map(password -> new PresentedBasic(name, password)));
  }

  // RFC 4648 §3.5: padding and the bits that are left over may stand in one way only.
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
      // A new decoder reports what is no UTF-8; String's constructor would put U+FFFD for it.
      return Optional.of(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException noUtf8) {
      return Optional.empty();
    }
  }

  /// Name and password, to be digested: equal for equal pairs only. A NUL parts them, which stands
  /// in neither; a colon may come out of folding a wide one.
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
