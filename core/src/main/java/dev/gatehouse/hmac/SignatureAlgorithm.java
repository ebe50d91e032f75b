package dev.gatehouse.hmac;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import dev.gatehouse.signing.SignatureProvider;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
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

  private static final int MIN_RSA_BITS = 2048;
  private static final int MAX_RSA_BITS = 4096;

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
  /// [IllegalArgumentException] that says why they are none that is strong enough.
  PublicKey publicKey(byte[] spki) {
    PublicKey key;
    try {
      key =
          KeyFactory.getInstance(String.valueOf(keyType))
              .generatePublic(new X509EncodedKeySpec(spki));
    } catch (GeneralSecurityException unfit) {
      throw new IllegalArgumentException("that is no public key for " + id, unfit);
    }
    switch (key) {
      case RSAPublicKey rsa -> {
        int bits = rsa.getModulus().bitLength();
        if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS) {
          throw new IllegalArgumentException(
              "an RSA key has " + MIN_RSA_BITS + " to " + MAX_RSA_BITS + " bits, not " + bits);
        }
        // RFC 8017 §3.1 allows others; that is the one of the gate's own keys as well.
        if (!rsa.getPublicExponent().equals(RSAKeyGenParameterSpec.F4)) {
          throw new IllegalArgumentException("an RSA key has the public exponent 65537");
        }
      }
      case ECPublicKey ec -> {
        if (!isP256(ec)) {
          throw new IllegalArgumentException("a key for " + id + " lies on the curve P-256");
        }
      }
      default -> {
        // Ed25519 has one size
      }
    }
    return key;
  }

  private static boolean isP256(ECPublicKey key) {
    if (!Curve.P_256.equals(Curve.forECParameterSpec(key.getParams()))) {
      return false;
    }
    try {
      new ECKey.Builder(Curve.P_256, key).build();
      return true;
    } catch (IllegalArgumentException | IllegalStateException offTheCurve) {
      return false;
    }
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
  public static boolean equal(byte[] one, byte[] other) {
    return MessageDigest.isEqual(one, other);
  }
}
