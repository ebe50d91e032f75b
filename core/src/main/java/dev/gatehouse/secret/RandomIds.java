package dev.gatehouse.secret;

import java.security.SecureRandom;

/// Random text: ids and secrets in base62, from the platform's secure source.
public final class RandomIds {

  /// The characters of base62, in the order of their values.
  public static final String BASE62 =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

  /// The characters that hold 256 bits in base62: 43 × log2(62) = 256.03.
  public static final int CHARS_256_BITS = 43;

  // 22 × log2(62) = 130.9 bits: two ids never meet.
  private static final int ID_CHARS = 22;
  private static final SecureRandom RANDOM = new SecureRandom();

  private RandomIds() {}

  /// A new id behind the prefix: 130 random bits.
  public static String next(String prefix) {
    return prefix + text(ID_CHARS);
  }

  /// That many random base62 characters, each as likely as the next.
  public static String text(int chars) {
    StringBuilder text = new StringBuilder(chars);
    while (text.length() < chars) {
      for (byte random : bytes(chars)) {
        int six = random & 0x3f;
        // 62 and 63 are thrown away rather than folded, which would favour two characters.
        if (six < BASE62.length() && text.length() < chars) {
          text.append(BASE62.charAt(six));
        }
      }
    }
    return text.toString();
  }

  /// That many random bytes.
  public static byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    RANDOM.nextBytes(bytes);
    return bytes;
  }
}
