package dev.gatehouse.client;

import java.security.SecureRandom;
import java.util.Base64;

/// Makes unique nonces. Thread-safe.
final class Nonces {

  private static final int RANDOM_BYTES = 16;
  private static final SecureRandom RANDOM = new SecureRandom();

  private Nonces() {}

  /// Returns 128 random bits as 22 printable characters.
  static String next() {
    byte[] bytes = new byte[RANDOM_BYTES];
    RANDOM.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
