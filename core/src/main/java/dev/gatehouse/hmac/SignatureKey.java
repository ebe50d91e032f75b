package dev.gatehouse.hmac;

import dev.gatehouse.RootCredential;
import dev.gatehouse.signing.PublicKeyDigest;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import org.jspecify.annotations.Nullable;

/// A signature key that can verify: a secret in clear, or a public key. The text form names the
/// algorithm only. Immutable and thread-safe; does not block.
public final class SignatureKey {

  private final SignatureAlgorithm algorithm;
  private final byte @Nullable [] secret;
  private final @Nullable PublicKey publicKey;

  private SignatureKey(
      SignatureAlgorithm algorithm, byte @Nullable [] secret, @Nullable PublicKey publicKey) {
    this.algorithm = algorithm;
    this.secret = secret;
    this.publicKey = publicKey;
  }

  /// An HMAC key. The UTF-8 bytes of the secret are the key; nothing is decoded.
  static SignatureKey ofSecret(String secret) {
    return new SignatureKey(
        SignatureAlgorithm.HMAC_SHA256, secret.getBytes(StandardCharsets.UTF_8), null);
  }

  /// A public key. Throws [IllegalArgumentException] if [SignatureAlgorithm#publicKey] refuses it.
  static SignatureKey ofPublic(SignatureAlgorithm algorithm, byte[] spki) {
    return new SignatureKey(algorithm, null, algorithm.publicKey(spki));
  }

  /// The algorithm of the key.
  public SignatureAlgorithm algorithm() {
    return algorithm;
  }

  /// Returns a copy of the secret, for profiles that derive another key from it. Throws
  /// [IllegalStateException] if this is a public key.
  public byte[] secret() {
    byte[] known = secret;
    if (known == null) {
      throw new IllegalStateException("a public key has no secret");
    }
    return known.clone();
  }

  /// The credential on which an authentication with this key rests: the secret with this id, or the
  /// key pair.
  ///
  /// @param id the public id of the key
  RootCredential root(String id) {
    PublicKey known = publicKey;
    return known == null
        ? RootCredential.ofSecret(id)
        : RootCredential.ofKeyPair(PublicKeyDigest.of(known));
  }

  /// Returns true if the signature over this data was made with this key. For an HMAC, the
  /// comparison takes constant time. Does not check a time or a use.
  public boolean verifies(byte[] data, byte[] signature) {
    byte[] known = secret;
    PublicKey other = publicKey;
    if (known != null) {
      return SignatureAlgorithm.equalInConstantTime(
          SignatureAlgorithm.hmacSha256(known, data), signature);
    }
    return other != null && algorithm.verifies(data, signature, other);
  }

  @Override
  public String toString() {
    return "SignatureKey[" + algorithm.id() + "]";
  }
}
