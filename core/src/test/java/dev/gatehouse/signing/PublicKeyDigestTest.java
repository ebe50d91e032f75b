package dev.gatehouse.signing;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECFieldFp;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.security.spec.X509EncodedKeySpec;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PublicKeyDigestTest {

  private static PublicKey generated(String algorithm) throws GeneralSecurityException {
    return KeyPairGenerator.getInstance(algorithm).generateKeyPair().getPublic();
  }

  private static void assertSame(PublicKey one, PublicKey other) {
    assertThat(one.getEncoded()).isNotEqualTo(other.getEncoded());
    assertThat(PublicKeyDigest.of(one)).isEqualTo(PublicKeyDigest.of(other));
  }

  @ParameterizedTest
  @ValueSource(strings = {"RSA", "EC", "Ed25519"})
  void aKeyThatIsReadAgainIsTheSameAndAnyOtherIsAnother(String algorithm) throws Exception {
    PublicKey key = generated(algorithm);
    PublicKey read =
        KeyFactory.getInstance(algorithm).generatePublic(new X509EncodedKeySpec(key.getEncoded()));

    assertThat(PublicKeyDigest.of(read)).isEqualTo(PublicKeyDigest.of(key));
    assertThat(PublicKeyDigest.of(generated(algorithm))).isNotEqualTo(PublicKeyDigest.of(key));
  }

  @Test
  void anRsaKeyIsTheSameForPssAloneAndWithAnotherExponent() throws Exception {
    RSAPublicKey key = (RSAPublicKey) generated("RSA");
    SubjectPublicKeyInfo info = SubjectPublicKeyInfo.getInstance(key.getEncoded());
    byte[] forPss =
        new SubjectPublicKeyInfo(
                new AlgorithmIdentifier(PKCSObjectIdentifiers.id_RSASSA_PSS), info.parsePublicKey())
            .getEncoded();

    assertSame(
        key, KeyFactory.getInstance("RSASSA-PSS").generatePublic(new X509EncodedKeySpec(forPss)));
    assertSame(
        key,
        KeyFactory.getInstance("RSA")
            .generatePublic(new RSAPublicKeySpec(key.getModulus(), BigInteger.valueOf(65_539))));
  }

  @Test
  void anEcKeyIsTheSameAsItsNegative() throws Exception {
    ECPublicKey key = (ECPublicKey) generated("EC");
    BigInteger p = ((ECFieldFp) key.getParams().getCurve().getField()).getP();
    ECPoint negative = new ECPoint(key.getW().getAffineX(), p.subtract(key.getW().getAffineY()));

    assertSame(
        key,
        KeyFactory.getInstance("EC")
            .generatePublic(new ECPublicKeySpec(negative, key.getParams())));
  }

  @Test
  void anEd25519KeyIsTheSameWithParametersOfItsAlgorithm() throws Exception {
    PublicKey key = generated("Ed25519");

    assertSame(key, WeakKeys.withParameters(key));
  }

  @Test
  void anEd25519KeyIsTheSameAsItsNegative() throws Exception {
    PublicKey key = generated("Ed25519");
    byte[] negative = key.getEncoded();
    int last = negative.length - 1;
    negative[last] = (byte) (negative[last] ^ 0x80);

    assertSame(
        key, KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(negative)));
  }
}
