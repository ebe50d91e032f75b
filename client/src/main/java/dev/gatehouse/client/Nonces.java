package dev.gatehouse.client;

import java.security.SecureRandom;
import java.util.Base64;

/// Texts that never come twice.
final class Nonces {

  private static final int RANDOM_BYTES = 16;
  private static final SecureRandom RANDOM = new SecureRandom();

  private Nonces() {}

  /// 128 random bits in 22 visible characters.
  static String next() {
    byte[] bytes = new byte[RANDOM_BYTES];
    RANDOM.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
