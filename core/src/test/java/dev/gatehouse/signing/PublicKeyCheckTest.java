package dev.gatehouse.signing;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.ECNamedCurveTable;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

class PublicKeyCheckTest {

  private static final BigInteger F4 = BigInteger.valueOf(65_537);
  private static final BigInteger MODULUS = product(2048);
  static final List<String> SMALL_ORDER = WeakKeys.SMALL_ORDER;

  private static BigInteger product(int bits) {
    Random random = new Random(bits);
    while (true) {
      BigInteger product =
          BigInteger.probablePrime(bits / 2, random)
              .multiply(BigInteger.probablePrime(bits - bits / 2, random));
      if (product.bitLength() == bits) {
        return product;
      }
    }
  }

  private static @Nullable String rsa(BigInteger modulus, BigInteger exponent) {
    PublicKey key = WeakKeys.rsa(modulus, exponent);
    String fault = PublicKeyCheck.fault(key);
    assertThat(PublicKeyCheck.fault(new RSAKey.Builder((RSAPublicKey) key).build()))
        .as("the same as a JSON Web Key")
        .isEqualTo(fault);
    return fault;
  }

  @Test
  void acceptsStrongKeysOfEachKind() throws Exception {
    assertThat(rsa(MODULUS, F4)).isNull();
    assertThat(rsa(MODULUS, BigInteger.ONE.shiftLeft(63).add(BigInteger.ONE))).isNull();
    for (String curve : List.of("secp256r1", "secp384r1", "secp521r1")) {
      KeyPairGenerator pairs = KeyPairGenerator.getInstance("EC");
      pairs.initialize(new ECGenParameterSpec(curve));
      assertThat(PublicKeyCheck.fault(pairs.generateKeyPair().getPublic())).isNull();
    }
    assertThat(
            PublicKeyCheck.fault(
                KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPublic()))
        .isNull();
    for (SigningAlgorithm algorithm :
        List.of(SigningAlgorithm.ES256, SigningAlgorithm.EDDSA, SigningAlgorithm.RS256)) {
      assertThat(PublicKeyCheck.fault(algorithm.generate("sig_a"))).isNull();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1024, 2040, 2047, 2049, 2052, 8200})
  void refusesRsaKeysOfOtherSizes(int bits) {
    BigInteger modulus = BigInteger.ONE.shiftLeft(bits - 1).add(BigInteger.ONE);
    assertThat(rsa(modulus, F4)).startsWith("an RSA key of " + bits + " bits");
  }

  @Test
  void refusesRsaExponentsThatAreSmallEvenOrLong() {
    for (BigInteger exponent :
        List.of(
            BigInteger.valueOf(3),
            BigInteger.valueOf(17),
            BigInteger.valueOf(65_535),
            BigInteger.valueOf(65_538),
            BigInteger.ONE.shiftLeft(64).add(BigInteger.ONE))) {
      assertThat(rsa(MODULUS, exponent)).as("%s", exponent).contains("public exponent");
    }
  }

  @Test
  void refusesRsaModuliWithSmallFactors() {
    assertThat(rsa(MODULUS.clearBit(0), F4)).contains("small factor");
    BigInteger factor = BigInteger.valueOf(251);
    BigInteger rest = BigInteger.ONE.shiftLeft(2047).divide(factor).nextProbablePrime();
    assertThat(rsa(factor.multiply(rest), F4)).contains("small factor");
  }

  @Test
  void refusesRsaKeysOfRoca() {
    RSAPublicKey key = (RSAPublicKey) WeakKeys.roca().getPublic();
    assertThat(rsa(key.getModulus(), key.getPublicExponent())).contains("CVE-2017-15361");
  }

  @ParameterizedTest
  @CsvSource({"0, true", "515, true", "530, false"})
  void refusesRsaKeysWhosePrimesLieCloseTogether(int distanceBits, boolean close) {
    BigInteger modulus;
    do {
      BigInteger prime = BigInteger.probablePrime(1024, new SecureRandom());
      BigInteger other = prime.add(BigInteger.TWO.pow(distanceBits)).nextProbablePrime();
      modulus = prime.multiply(other);
    } while (modulus.bitLength() != 2048);
    String fault = rsa(modulus, BigInteger.valueOf(65_537));
    if (close) {
      assertThat(fault).contains("CVE-2022-26320");
    } else {
      assertThat(fault).isNull();
    }
  }

  @Test
  void refusesOtherCurvesAndPointsThatAreNotOnTheCurve() throws Exception {
    KeyPairGenerator pairs = KeyPairGenerator.getInstance("EC");
    pairs.initialize(new ECGenParameterSpec("secp256r1"));
    ECPublicKey good = (ECPublicKey) pairs.generateKeyPair().getPublic();
    ECPoint point = good.getW();
    ECPoint off = new ECPoint(point.getAffineX(), point.getAffineY().add(BigInteger.ONE));
    assertThat(PublicKeyCheck.fault(withEncoding(good, spki(good, off))))
        .isEqualTo("an EC key whose point is not on its curve");

    byte[] infinity =
        HexFormat.of().parseHex("3019301306072a8648ce3d020106082a8648ce3d03010703020000");
    assertThat(PublicKeyCheck.fault(withEncoding(good, infinity)))
        .isEqualTo("an EC key whose point is not on its curve");

    // secp256k1, by its name.
    byte[] encoded = good.getEncoded();
    String hex = HexFormat.of().formatHex(encoded);
    assertThat(hex).contains("06082a8648ce3d030107");
    byte[] koblitz =
        HexFormat.of()
            .parseHex(
                hex.replace(
                    "3059301306072a8648ce3d020106082a8648ce3d030107",
                    "3056301006072a8648ce3d020106052b8104000a"));
    assertThat(PublicKeyCheck.fault(withEncoding(good, koblitz)))
        .isEqualTo("an EC key on another curve than P-256, P-384 or P-521");

    // P-256, with its parameters written out.
    X9ECParameters p256 = ECNamedCurveTable.getByName("P-256");
    byte[] explicit =
        new SubjectPublicKeyInfo(
                new AlgorithmIdentifier(X9ObjectIdentifiers.id_ecPublicKey, p256),
                SubjectPublicKeyInfo.getInstance(encoded).getPublicKeyData().getOctets())
            .getEncoded();
    assertThat(PublicKeyCheck.fault(withEncoding(good, explicit)))
        .isEqualTo("an EC key on another curve than P-256, P-384 or P-521");
  }

  private static byte[] spki(ECPublicKey like, ECPoint point) throws GeneralSecurityException {
    return KeyFactory.getInstance("EC")
        .generatePublic(new ECPublicKeySpec(point, like.getParams()))
        .getEncoded();
  }

  @ParameterizedTest
  @FieldSource("SMALL_ORDER")
  void refusesEveryEncodingOfAPointOfSmallOrder(String point) {
    assertThat(PublicKeyCheck.fault(WeakKeys.ed25519(point)))
        .startsWith("an Ed25519 key that is not the canonical encoding");
    assertThat(PublicKeyCheck.fault(jwk(Curve.Ed25519, point)))
        .startsWith("an Ed25519 key that is not the canonical encoding");
  }

  // RFC 8410 §3: parameters must be absent.
  @Test
  void refusesEd25519KeyWithParameters() throws Exception {
    PublicKey key = KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPublic();

    assertThat(PublicKeyCheck.fault(WeakKeys.withParameters(key)))
        .isEqualTo("an Ed25519 key whose algorithm has parameters");
  }

  @Test
  void refusesEd25519KeysOfMixedOrderOrNotOnTheCurveOrOfAnotherLength() {
    for (String point :
        List.of(
            WeakKeys.MIXED_ORDER,
            "0200000000000000000000000000000000000000000000000000000000000000", // no point
            "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")) { // y is p + 3
      assertThat(PublicKeyCheck.fault(WeakKeys.ed25519(point))).as(point).isNotNull();
    }
    assertThat(PublicKeyCheck.fault(jwk(Curve.Ed25519, "01".repeat(31)))).isNotNull();
    assertThat(PublicKeyCheck.fault(jwk(Curve.Ed25519, "01".repeat(33)))).isNotNull();
  }

  @Test
  void refusesKeysOfAnotherKind() throws Exception {
    for (String kind : List.of("X25519", "Ed448", "DSA")) {
      assertThat(
              PublicKeyCheck.fault(
                  KeyPairGenerator.getInstance(kind).generateKeyPair().getPublic()))
          .isEqualTo("a key of another kind than RSA, EC or Ed25519");
    }
    assertThat(PublicKeyCheck.fault(SigningAlgorithm.HS256.generate("sig_a"))).isNotNull();
    assertThat(PublicKeyCheck.fault(jwk(Curve.X25519, "09" + "00".repeat(31)))).isNotNull();
    PublicKey good = KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPublic();
    assertThat(PublicKeyCheck.fault(withEncoding(good, null)))
        .isEqualTo("a key that cannot be read");
    assertThat(PublicKeyCheck.fault(withEncoding(good, new byte[] {0x30, 0})))
        .isEqualTo("a key that cannot be read");
  }

  private static JWK jwk(Curve curve, String point) {
    return new OctetKeyPair.Builder(curve, Base64URL.encode(HexFormat.of().parseHex(point)))
        .build();
  }

  // A key as another provider may have read it: only its encoding counts.
  private static PublicKey withEncoding(PublicKey like, byte @Nullable [] encoding) {
    return new PublicKey() {
      @Override
      public String getAlgorithm() {
        return like.getAlgorithm();
      }

      @Override
      public String getFormat() {
        return "X.509";
      }

      @Override
      public byte @Nullable [] getEncoded() {
        return encoding;
      }
    };
  }
}
