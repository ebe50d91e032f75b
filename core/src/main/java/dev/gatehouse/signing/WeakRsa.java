package dev.gatehouse.signing;

import java.math.BigInteger;
import java.util.BitSet;

/// RSA keys that widespread libraries made in a way that lets anybody factor them.
final class WeakRsa {

  private static final int[] SMALL_PRIMES = {
    11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157
  };
  private static final int GENERATOR = 65_537;

  // As many as the CAs of the Web have to try.
  private static final int FERMAT_ROUNDS = 100;
  private static final BigInteger ODD_MODULUS = BigInteger.valueOf(3 * 3 * 5 * 7 * 11 * 13);
  private static final BitSet SQUARES = squaresModulo(64);
  private static final BitSet ODD_SQUARES = squaresModulo(ODD_MODULUS.intValueExact());

  private WeakRsa() {}

  /// Whether a widespread smart card library made the key (CVE-2017-15361, "ROCA"). The primes of
  /// such a key, and so its modulus, are powers of 65537 modulo every small prime. No other key has
  /// a noticeable chance to be that for all of these at once.
  static boolean hasRocaFingerprint(BigInteger modulus) {
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

  /// Whether the two primes lie so close together that Fermat's method finds them in a few rounds
  /// (CVE-2022-26320). The method looks for a square a² for which a² - n is a square b²: then n is
  /// (a + b)(a - b). A random key has no noticeable chance to be found.
  ///
  /// @param modulus odd and positive
  static boolean hasClosePrimes(BigInteger modulus) {
    BigInteger[] root = modulus.sqrtAndRemainder();
    BigInteger a = root[1].signum() == 0 ? root[0] : root[0].add(BigInteger.ONE);
    BigInteger difference = a.multiply(a).subtract(modulus);
    for (int round = 0; round < FERMAT_ROUNDS; round++) {
      if (isSquare(difference)) {
        return true;
      }
      difference = difference.add(a.shiftLeft(1)).add(BigInteger.ONE); // (a + 1)² - n
      a = a.add(BigInteger.ONE);
    }
    return false;
  }

  // Most numbers are no square by their last bits or by their remainder; a root costs much.
  private static boolean isSquare(BigInteger number) {
    return SQUARES.get(number.intValue() & 63)
        && ODD_SQUARES.get(number.mod(ODD_MODULUS).intValueExact())
        && number.sqrtAndRemainder()[1].signum() == 0;
  }

  private static BitSet squaresModulo(int modulus) {
    BitSet squares = new BitSet(modulus);
    for (long i = 0; i < modulus; i++) {
      squares.set((int) (i * i % modulus));
    }
    return squares;
  }
}
