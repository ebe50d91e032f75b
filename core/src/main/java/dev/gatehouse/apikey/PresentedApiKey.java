package dev.gatehouse.apikey;

import dev.gatehouse.secret.Digest;
import dev.gatehouse.secret.RandomIds;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.zip.CRC32;

/// A text that has the form of a key: its prefix, length, alphabet and checksum are right. Only the
/// store knows whether such a key was issued. Immutable; its text form contains no secret.
final class PresentedApiKey {

  private static final int CHECKSUM_CHARS = 6;
  private static final int HINT_CHARS = 4;

  private final String text;

  private PresentedApiKey(String text) {
    this.text = text;
  }

  /// Returns a new key of 256 random bits.
  static PresentedApiKey random(String prefix) {
    String body = prefix + RandomIds.text(RandomIds.CHARS_256_BITS);
    return new PresentedApiKey(body + checksum(body));
  }

  /// Parses untrusted text; empty if it cannot be a key with this prefix.
  static Optional<PresentedApiKey> parse(String text, String prefix) {
    int bodyChars = prefix.length() + RandomIds.CHARS_256_BITS;
    if (text.length() != bodyChars + CHECKSUM_CHARS || !text.startsWith(prefix)) {
      return Optional.empty();
    }
    for (int i = prefix.length(); i < text.length(); i++) {
      char c = text.charAt(i);
      if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))) {
        return Optional.empty();
      }
    }
    return text.startsWith(checksum(text.substring(0, bodyChars)), bodyChars)
        ? Optional.of(new PresentedApiKey(text))
        : Optional.empty();
  }

  /// Returns the bytes of the key, for a digest.
  byte[] bytes() {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /// Returns the digest by which the key is stored and looked up.
  Digest digest() {
    return Digest.sha256(bytes());
  }

  /// Returns the prefix and the first characters, by which a person can recognize the key.
  String hint(String prefix) {
    return text.substring(0, prefix.length() + HINT_CHARS) + "…";
  }

  /// Returns the whole key, for the one time when it is shown.
  String reveal() {
    return text;
  }

  // Six characters of base62 hold the 32 bits: 62^6 > 2^32.
  private static String checksum(String body) {
    CRC32 crc = new CRC32();
    crc.update(body.getBytes(StandardCharsets.US_ASCII));
    long value = crc.getValue();
    char[] chars = new char[CHECKSUM_CHARS];
    for (int i = CHECKSUM_CHARS - 1; i >= 0; i--) {
      chars[i] = RandomIds.BASE62.charAt((int) (value % RandomIds.BASE62.length()));
      value /= RandomIds.BASE62.length();
    }
    return new String(chars);
  }

  @Override
  public String toString() {
    return "PresentedApiKey[…]";
  }
}
