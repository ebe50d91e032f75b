package dev.gatehouse.hmac;

import com.nimbusds.jose.jwk.Curve;
import dev.gatehouse.signing.PublicKeyCheck;
import dev.gatehouse.signing.SignatureProvider;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// How a key signs. It belongs to the key, and is never the message's choice.
///
/// The names are those of RFC 9421 §6.2.2.
public enum SignatureAlgorithm {
  HMAC_SHA256("hmac-sha256", null),
  ED25519("ed25519", "Ed25519"),
  ECDSA_P256_SHA256("ecdsa-p256-sha256", "EC"),
  RSA_PSS_SHA512("rsa-pss-sha512", "RSA");

  private final String id;
  private final @Nullable String keyType;

  SignatureAlgorithm(String id, @Nullable String keyType) {
    this.id = id;
    this.keyType = keyType;
  }

  /// The registered name.
  public String id() {
    return id;
  }

  /// Whether both sides hold the same secret; otherwise the gate has a public key only.
  public boolean isSymmetric() {
    return keyType == null;
  }

  /// The algorithm of that registered name; empty when there is none.
  public static Optional<SignatureAlgorithm> of(String id) {
    for (SignatureAlgorithm algorithm : values()) {
      if (algorithm.id.equals(id)) {
        return Optional.of(algorithm);
      }
    }
    return Optional.empty();
  }

  /// The public key that these bytes are (RFC 5280 SubjectPublicKeyInfo). Throws
  /// [IllegalArgumentException] that says why they are none for this algorithm, or what
  /// [PublicKeyCheck] finds.
  PublicKey publicKey(byte[] spki) {
    PublicKey key;
    try {
      key =
          KeyFactory.getInstance(String.valueOf(keyType))
              .generatePublic(new X509EncodedKeySpec(spki));
    } catch (GeneralSecurityException unfit) {
      throw new IllegalArgumentException("that is no public key for " + id, unfit);
    }
    if (key instanceof ECPublicKey ec
        && !Curve.P_256.equals(Curve.forECParameterSpec(ec.getParams()))) {
      throw new IllegalArgumentException("a key for " + id + " lies on the curve P-256");
    }
    String fault = PublicKeyCheck.fault(key);
    if (fault != null) {
      throw new IllegalArgumentException("the public key is " + fault);
    }
    return key;
  }

  /// Whether the signature over that data is of the key.
  boolean verifies(byte[] data, byte[] signature, PublicKey key) {
    try {
      Signature verifier = SignatureProvider.signature(jcaName());
      if (this == RSA_PSS_SHA512) {
        // RFC 9421 §3.3.1: SHA-512 for both, and a salt of 64 bytes.
        verifier.setParameter(
            new PSSParameterSpec("SHA-512", "MGF1", MGF1ParameterSpec.SHA512, 64, 1));
      }
      verifier.initVerify(key);
      verifier.update(data);
      return verifier.verify(signature);
    } catch (GeneralSecurityException malformed) {
      return false; // a signature of a length or form that there is not
    }
  }

  private String jcaName() {
    return switch (this) {
      case HMAC_SHA256 -> throw new IllegalStateException("an HMAC has no public key");
      case ED25519 -> "Ed25519";
      // RFC 9421 §3.3.4: r and s, 32 bytes each; no DER.
      case ECDSA_P256_SHA256 -> "SHA256withECDSAinP1363Format";
      case RSA_PSS_SHA512 -> "RSASSA-PSS";
    };
  }

  /// The HMAC-SHA-256 of the data.
  public static byte[] hmacSha256(byte[] secret, byte[] data) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
      return mac.doFinal(data);
    } catch (GeneralSecurityException impossible) {
      // javax.crypto.Mac: every Java platform has HmacSHA256; any key that is not empty fits it.
      throw new AssertionError(impossible);
    }
  }

  /// Whether these are the same bytes, found in a time that says nothing of where they differ.
  public static boolean equalInConstantTime(byte[] one, byte[] other) {
    return MessageDigest.isEqual(one, other);
  }
}
