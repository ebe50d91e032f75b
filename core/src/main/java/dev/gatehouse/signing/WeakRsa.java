package dev.gatehouse.signing;

import java.math.BigInteger;

/// RSA keys that a widespread smart card library made too alike, so that they can be factored
/// (CVE-2017-15361, "ROCA").
///
/// The primes of such a key, and so its modulus, are powers of 65537 modulo every small prime. No
/// other key has a noticeable chance to be that for all of these at once.
final class WeakRsa {

  private static final int[] SMALL_PRIMES = {
    11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157
  };
  private static final int GENERATOR = 65_537;

  private WeakRsa() {}

  static boolean suspected(BigInteger modulus) {
    for (int prime : SMALL_PRIMES) {
      if (!isPower(modulus.mod(BigInteger.valueOf(prime)).intValueExact(), prime)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isPower(int residue, int prime) {
    int power = 1;
    for (int i = 1; i < prime; i++) {
      if (power == residue) {
        return true;
      }
      power = power * (GENERATOR % prime) % prime;
    }
    return false;
  }
}
