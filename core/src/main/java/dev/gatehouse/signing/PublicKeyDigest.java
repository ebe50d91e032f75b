package dev.gatehouse.signing;

import dev.gatehouse.secret.Digest;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;

/// Tells whether two public keys belong to one private key, however they are encoded.
public final class PublicKeyDigest {

  private PublicKeyDigest() {}

  /// The SHA-256 of what the private key decides: of an RSA key the modulus, of an EC key the
  /// x-coordinate of its point, of any other key its encoding.
  ///
  /// So the algorithm that an RSA key is restricted to, its public exponent, and the sign of an EC
  /// point make no other key: the private key of one is known to all who know that of the other.
  /// The key must have passed [PublicKeyCheck]. Does not block; thread-safe.
  public static Digest of(PublicKey key) {
    return Digest.sha256(
        switch (key) {
          case RSAPublicKey rsa -> rsa.getModulus().toByteArray();
          case ECPublicKey ec -> ec.getW().getAffineX().toByteArray();
          default -> key.getEncoded();
        });
  }
}
