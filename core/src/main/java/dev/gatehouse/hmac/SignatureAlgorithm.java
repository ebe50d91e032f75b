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

/// The signature algorithms that keys may have. The algorithm belongs to the stored key; a message
/// cannot choose it (RFC 9421 §3.2, step 6).
///
/// The ids are the names in the registry "HTTP Signature Algorithms" (RFC 9421 §6.2.2).
/// Thread-safe; does not block.
public enum SignatureAlgorithm {
  /// HMAC with SHA-256 (RFC 9421 §3.3.3). Both sides hold the same secret.
  HMAC_SHA256("hmac-sha256", null),
  /// Ed25519 (RFC 9421 §3.3.6).
  ED25519("ed25519", "Ed25519"),
  /// ECDSA on the curve P-256 with SHA-256 (RFC 9421 §3.3.4).
  ECDSA_P256_SHA256("ecdsa-p256-sha256", "EC"),
  /// RSASSA-PSS with SHA-512 (RFC 9421 §3.3.1).
  RSA_PSS_SHA512("rsa-pss-sha512", "RSA");

  private final String id;
  private final @Nullable String keyType;

  SignatureAlgorithm(String id, @Nullable String keyType) {
    this.id = id;
    this.keyType = keyType;
  }

  /// The registered name, for example `ed25519`.
  public String id() {
    return id;
  }

  /// Returns true if both sides hold the same secret, and false if the gate holds a public key
  /// only.
  public boolean isSymmetric() {
    return keyType == null;
  }

  /// Returns the algorithm with this registered name; empty if there is none. Compares with case.
  public static Optional<SignatureAlgorithm> of(String id) {
    for (SignatureAlgorithm algorithm : values()) {
      if (algorithm.id.equals(id)) {
        return Optional.of(algorithm);
      }
    }
    return Optional.empty();
  }

  /// Reads a public key for this algorithm and checks it with [PublicKeyCheck].
  ///
  /// Throws [IllegalArgumentException], whose message gives the reason, if the bytes are not a
  /// public key for this algorithm, or if the key is weak or invalid.
  ///
  /// @param spki the SubjectPublicKeyInfo in DER (RFC 5280 §4.1.2.7)
  PublicKey publicKey(byte[] spki) {
    PublicKey key;
    try {
      key =
          KeyFactory.getInstance(String.valueOf(keyType))
              .generatePublic(new X509EncodedKeySpec(spki));
    } catch (GeneralSecurityException unfit) {
      throw new IllegalArgumentException("that is not a public key for " + id, unfit);
    }
    if (key instanceof ECPublicKey ec
        && !Curve.P_256.equals(Curve.forECParameterSpec(ec.getParams()))) {
      throw new IllegalArgumentException("a key for " + id + " must be on the curve P-256");
    }
    String fault = PublicKeyCheck.fault(key);
    if (fault != null) {
      throw new IllegalArgumentException("the public key is " + fault);
    }
    return key;
  }

  /// Returns true if the signature over this data was made with the private key of this public key.
  /// Returns false for a signature with a wrong length or encoding. Throws [IllegalStateException]
  /// for [#HMAC_SHA256].
  boolean verifies(byte[] data, byte[] signature, PublicKey key) {
    try {
      Signature verifier = SignatureProvider.signature(jcaName());
      if (this == RSA_PSS_SHA512) {
        // RFC 9421 §3.3.1: SHA-512 for the message and for MGF1, and a salt of 64 bytes.
        verifier.setParameter(
            new PSSParameterSpec("SHA-512", "MGF1", MGF1ParameterSpec.SHA512, 64, 1));
      }
      verifier.initVerify(key);
      verifier.update(data);
      return verifier.verify(signature);
    } catch (GeneralSecurityException malformed) {
      return false; // The signature has a length or an encoding that the algorithm does not have.
    }
  }

  private String jcaName() {
    return switch (this) {
      case HMAC_SHA256 -> throw new IllegalStateException("an HMAC has no public key");
      case ED25519 -> "Ed25519";
      // RFC 9421 §3.3.4: r and s with 32 bytes each, and not DER.
      case ECDSA_P256_SHA256 -> "SHA256withECDSAinP1363Format";
      case RSA_PSS_SHA512 -> "RSASSA-PSS";
    };
  }

  /// Returns the HMAC-SHA-256 of the data: 32 bytes.
  ///
  /// @param secret the key; not empty
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

  /// Returns true if both arrays hold the same bytes. The time that this takes does not show at
  /// which byte they differ.
  public static boolean equalInConstantTime(byte[] one, byte[] other) {
    return MessageDigest.isEqual(one, other);
  }
}
