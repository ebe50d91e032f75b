package dev.gatehouse.signing;

import java.math.BigInteger;
import java.util.BitSet;

/// Detects RSA keys that known libraries generated in a way that allows to factor them. Finding
/// nothing does not prove that a key is strong. Thread-safe; does not block.
final class WeakRsa {

  private static final int[] SMALL_PRIMES = {
    11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157
  };
  private static final int GENERATOR = 65_537;

  // The number of rounds that CAs of the Web PKI must try.
  private static final int FERMAT_ROUNDS = 100;
  private static final BigInteger ODD_MODULUS = BigInteger.valueOf(3 * 3 * 5 * 7 * 11 * 13);
  private static final BitSet SQUARES = squaresModulo(64);
  private static final BitSet ODD_SQUARES = squaresModulo(ODD_MODULUS.intValueExact());

  private WeakRsa() {}

  /// Returns true if the key has the fingerprint of a smart card library whose keys can be factored
  /// (CVE-2017-15361, "ROCA"). Modulo each small prime, the primes of such a key, and so its
  /// modulus, are powers of 65537. For another key, the chance of that for all these small primes
  /// is negligible.
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

  /// Returns true if the two primes are so close together that Fermat's method finds them in a few
  /// rounds (CVE-2022-26320). The method looks for a square a² such that a² - n is a square b².
  /// Then n is (a + b)(a - b). For a random key, the chance of that is negligible.
  ///
  /// @param modulus an odd, positive number
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

  // The last bits and a remainder show that most numbers are not squares. That is cheaper than a
  // root.
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
