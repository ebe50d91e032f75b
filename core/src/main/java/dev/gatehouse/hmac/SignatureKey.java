package dev.gatehouse.hmac;

import dev.gatehouse.RootCredential;
import dev.gatehouse.signing.PublicKeyDigest;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import org.jspecify.annotations.Nullable;

/// A key that is ready to verify: its secret is open. It has no text form.
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

  /// A secret whose UTF-8 bytes are the key, as they stand.
  static SignatureKey ofSecret(String secret) {
    return new SignatureKey(
        SignatureAlgorithm.HMAC_SHA256, secret.getBytes(StandardCharsets.UTF_8), null);
  }

  static SignatureKey ofPublic(SignatureAlgorithm algorithm, byte[] spki) {
    return new SignatureKey(algorithm, null, algorithm.publicKey(spki));
  }

  /// How it signs.
  public SignatureAlgorithm algorithm() {
    return algorithm;
  }

  /// The secret, for ways of signing that make another key of it; throws [IllegalStateException]
  /// where the gate has a public key only.
  public byte[] secret() {
    byte[] known = secret;
    if (known == null) {
      throw new IllegalStateException("a public key has no secret");
    }
    return known.clone();
  }

  /// What a proof by this key rests on.
  ///
  /// @param id the key's public id
  RootCredential root(String id) {
    PublicKey known = publicKey;
    return known == null
        ? RootCredential.ofSecret(id)
        : RootCredential.ofKeyPair(PublicKeyDigest.of(known));
  }

  /// Whether the signature over that data is of this key.
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
