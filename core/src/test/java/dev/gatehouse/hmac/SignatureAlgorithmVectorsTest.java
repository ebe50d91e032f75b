package dev.gatehouse.hmac;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.Base64;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// The examples of RFC 9421 appendix B, with their keys. What they are signed over is judged where
/// that is built.
class SignatureAlgorithmVectorsTest {

  @Test
  void everyExampleIsGoodUnderItsKeyAndNoOther() throws Exception {
    Map<String, Object> file = file();
    Map<String, Object> keys = JSONObjectUtils.getJSONObject(file, "keys");
    Set<String> algorithms = new HashSet<>();
    int good = 0;
    for (Map<String, Object> example : JSONObjectUtils.getJSONObjectArray(file, "cases")) {
      if (!"valid".equals(example.get("result"))) {
        continue;
      }
      byte[] base =
          JSONObjectUtils.getString(example, "signatureBase").getBytes(StandardCharsets.US_ASCII);
      String member = JSONObjectUtils.getString(example, "signature");
      byte[] signature =
          Base64.getDecoder()
              .decode(member.substring(member.indexOf("=:") + 2, member.length() - 1));
      SignatureAlgorithm algorithm =
          SignatureAlgorithm.of(JSONObjectUtils.getString(example, "alg")).orElseThrow();
      algorithms.add(algorithm.id());
      Map<String, Object> key =
          JSONObjectUtils.getJSONObject(keys, JSONObjectUtils.getString(example, "keyid"));
      assertThat(verifies(algorithm, key, base, signature)).as("%s", example.get("id")).isTrue();
      base[base.length - 1] ^= 1;
      assertThat(verifies(algorithm, key, base, signature)).as("%s", example.get("id")).isFalse();
      base[base.length - 1] ^= 1;
      signature[0] ^= 1;
      assertThat(verifies(algorithm, key, base, signature)).as("%s", example.get("id")).isFalse();
      good++;
    }
    assertThat(good).isEqualTo(11);
    assertThat(algorithms)
        .containsExactlyInAnyOrder("hmac-sha256", "ed25519", "ecdsa-p256-sha256", "rsa-pss-sha512");
  }

  @Test
  void theFifthKeySignsNoExampleAndIsGoodForItsAlgorithm() throws Exception {
    Map<String, Object> jwk = rsaJwk();
    PrivateKey key = JWK.parse(jwk).toRSAKey().toPrivateKey();
    byte[] base = "base".getBytes(StandardCharsets.US_ASCII);
    for (int salt : new int[] {64, 32, 0}) {
      Signature signing = Signature.getInstance("RSASSA-PSS");
      signing.setParameter(
          new PSSParameterSpec("SHA-512", "MGF1", MGF1ParameterSpec.SHA512, salt, 1));
      signing.initSign(key);
      signing.update(base);
      // RFC 9421 §3.3.1: the salt has 64 bytes.
      assertThat(
              SignatureAlgorithm.RSA_PSS_SHA512.verifies(
                  base, signing.sign(), SignatureAlgorithm.RSA_PSS_SHA512.publicKey(spki(jwk))))
          .isEqualTo(salt == 64);
    }
  }

  @Test
  void keysOfAnotherKindOrStrengthAreRefused() throws Exception {
    BigInteger modulus = JWK.parse(rsaJwk()).toRSAKey().toRSAPublicKey().getModulus();
    for (long exponent : new long[] {3, 17}) {
      byte[] weak =
          KeyFactory.getInstance("RSA")
              .generatePublic(new RSAPublicKeySpec(modulus, BigInteger.valueOf(exponent)))
              .getEncoded();
      assertThatThrownBy(() -> SignatureAlgorithm.RSA_PSS_SHA512.publicKey(weak))
          .isInstanceOf(IllegalArgumentException.class);
    }
    KeyPairGenerator pairs = KeyPairGenerator.getInstance("EC");
    pairs.initialize(new ECGenParameterSpec("secp256r1"));
    byte[] offTheCurve = pairs.generateKeyPair().getPublic().getEncoded();
    SignatureAlgorithm.ECDSA_P256_SHA256.publicKey(offTheCurve);
    offTheCurve[offTheCurve.length - 1] ^= 1;
    assertThatThrownBy(() -> SignatureAlgorithm.ECDSA_P256_SHA256.publicKey(offTheCurve))
        .isInstanceOf(IllegalArgumentException.class);
    for (String curve : new String[] {"secp384r1", "secp521r1"}) {
      pairs.initialize(new ECGenParameterSpec(curve));
      byte[] other = pairs.generateKeyPair().getPublic().getEncoded();
      assertThatThrownBy(() -> SignatureAlgorithm.ECDSA_P256_SHA256.publicKey(other))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  private static Map<String, Object> rsaJwk() throws Exception {
    return JSONObjectUtils.getJSONObject(
        JSONObjectUtils.getJSONObject(
            JSONObjectUtils.getJSONObject(file(), "keys"), "test-key-rsa"),
        "jwk");
  }

  private static boolean verifies(
      SignatureAlgorithm algorithm, Map<String, Object> key, byte[] base, byte[] signature)
      throws Exception {
    if (algorithm.isSymmetric()) {
      return SignatureAlgorithm.equalInConstantTime(
          SignatureAlgorithm.hmacSha256(
              Base64.getDecoder().decode(JSONObjectUtils.getString(key, "base64")), base),
          signature);
    }
    String pem = JSONObjectUtils.getString(key, "publicPem");
    byte[] spki =
        Base64.getMimeDecoder()
            .decode(
                pem.strip()
                    .replace("-----BEGIN PUBLIC KEY-----", "")
                    .replace("-----END PUBLIC KEY-----", ""));
    PublicKey known = algorithm.publicKey(spki);
    return algorithm.verifies(base, signature, known);
  }

  private static byte[] spki(Map<String, Object> jwk) throws Exception {
    return JWK.parse(jwk).toRSAKey().toPublicKey().getEncoded();
  }

  private static Map<String, Object> file() throws Exception {
    try (InputStream file =
        Objects.requireNonNull(
            SignatureAlgorithmVectorsTest.class.getResourceAsStream(
                "/vectors/rfc9421/appendix-b.json"))) {
      return JSONObjectUtils.parse(new String(file.readAllBytes(), StandardCharsets.UTF_8));
    }
  }
}
