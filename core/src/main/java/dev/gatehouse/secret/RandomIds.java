package dev.gatehouse.secret;

import java.security.SecureRandom;

/// Makes random ids and secrets in base62, from the platform's secure source. Thread-safe.
public final class RandomIds {

  /// The characters of base62 in the order of their values.
  public static final String BASE62 =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

  /// The number of base62 characters that hold 256 bits: 43 × log2(62) = 256.03.
  public static final int CHARS_256_BITS = 43;

  // 22 × log2(62) = 130.9 bits, so that ids are unique.
  private static final int ID_CHARS = 22;
  private static final SecureRandom RANDOM = new SecureRandom();

  private RandomIds() {}

  /// Returns a new id: the prefix and 130 random bits.
  public static String next(String prefix) {
    return prefix + text(ID_CHARS);
  }

  /// Returns that many random base62 characters, with equal probability.
  public static String text(int chars) {
    StringBuilder text = new StringBuilder(chars);
    while (text.length() < chars) {
      for (byte random : bytes(chars)) {
        int six = random & 0x3f;
        // Discard 62 and 63. Folding them would make two characters more likely.
        if (six < BASE62.length() && text.length() < chars) {
          text.append(BASE62.charAt(six));
        }
      }
    }
    return text.toString();
  }

  /// Returns that many random bytes.
  public static byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    RANDOM.nextBytes(bytes);
    return bytes;
  }
}
