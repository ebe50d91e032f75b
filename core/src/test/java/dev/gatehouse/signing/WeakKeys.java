package dev.gatehouse.signing;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.RSAPrivateKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;

/// Keys that prove nothing, for tests.
public final class WeakKeys {

  /// Every encoding of a point of small order on the curve of Ed25519: the eight points, and the
  /// encodings of them that are not canonical (RFC 8032 §5.1.3).
  public static final List<String> SMALL_ORDER =
      List.of(
          "0100000000000000000000000000000000000000000000000000000000000000",
          "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
          "0000000000000000000000000000000000000000000000000000000000000000",
          "0000000000000000000000000000000000000000000000000000000000000080",
          "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
          "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
          "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
          "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
          "0100000000000000000000000000000000000000000000000000000000000080",
          "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
          "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
          "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
          "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
          "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff");

  /// The neutral point, whose signature of every message is [#CONSTANT_SIGNATURE].
  public static final String NEUTRAL = SMALL_ORDER.getFirst();

  /// The sum of a good key and of a point of order 8.
  public static final String MIXED_ORDER =
      "d63c01223147541df4e170763e9e2788a8bf5971f52a93c5829dbe6f5ff6bba9";

  /// R is the neutral point, and S is 0.
  public static final byte[] CONSTANT_SIGNATURE =
      HexFormat.of().parseHex(NEUTRAL + "00".repeat(32));

  private static final int[] MARKED_PRIMES = {
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97,
    101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167
  };

  private WeakKeys() {}

  /// The same Ed25519 key, in an encoding whose algorithm has parameters.
  public static PublicKey withParameters(PublicKey ed25519) throws GeneralSecurityException {
    byte[] plain = ed25519.getEncoded();
    String point = HexFormat.of().formatHex(plain, plain.length - 32, plain.length);
    return KeyFactory.getInstance("Ed25519")
        .generatePublic(
            new X509EncodedKeySpec(
                HexFormat.of().parseHex("302d300806032b6570040100032100" + point)));
  }

  /// The Ed25519 key of those bytes, which the Java platform takes as they are.
  public static PublicKey ed25519(String hex) {
    try {
      return KeyFactory.getInstance("Ed25519")
          .generatePublic(
              new X509EncodedKeySpec(HexFormat.of().parseHex("302a300506032b6570032100" + hex)));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /// An RSA key of 2048 bits with the fingerprint of CVE-2017-15361.
  public static KeyPair roca() {
    Random random = new Random(15361);
    return pair(rocaPrime(random), rocaPrime(random));
  }

  // As that library made them: k * M + (65537^a mod M).
  private static BigInteger rocaPrime(Random random) {
    BigInteger product = BigInteger.ONE;
    for (int prime : MARKED_PRIMES) {
      product = product.multiply(BigInteger.valueOf(prime));
    }
    product = product.shiftLeft(1); // 65537 is odd
    while (true) {
      BigInteger candidate =
          new BigInteger(1024, random)
              .setBit(1023)
              .setBit(1022)
              .divide(product)
              .multiply(product)
              .add(BigInteger.valueOf(65_537).modPow(new BigInteger(32, random), product));
      if (candidate.bitLength() == 1024 && candidate.isProbablePrime(40)) {
        return candidate;
      }
    }
  }

  /// The RSA key of those primes, with the public exponent 65537.
  static KeyPair pair(BigInteger p, BigInteger q) {
    BigInteger modulus = p.multiply(q);
    BigInteger exponent = BigInteger.valueOf(65_537);
    BigInteger order = p.subtract(BigInteger.ONE).multiply(q.subtract(BigInteger.ONE));
    return new KeyPair(rsa(modulus, exponent), privateRsa(modulus, exponent.modInverse(order)));
  }

  /// The RSA key of that modulus and public exponent.
  public static PublicKey rsa(BigInteger modulus, BigInteger exponent) {
    try {
      return KeyFactory.getInstance("RSA").generatePublic(new RSAPublicKeySpec(modulus, exponent));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static PrivateKey privateRsa(BigInteger modulus, BigInteger exponent) {
    try {
      return KeyFactory.getInstance("RSA")
          .generatePrivate(new RSAPrivateKeySpec(modulus, exponent));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
