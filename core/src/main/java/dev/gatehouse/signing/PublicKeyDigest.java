package dev.gatehouse.signing;

import dev.gatehouse.secret.Digest;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;

/// Tells whether two public keys belong to one private key, however they are encoded.
public final class PublicKeyDigest {

  private PublicKeyDigest() {}

  /// The SHA-256 of what the private key decides: of an RSA key the modulus, of an EC key the
  /// x-coordinate of its point, of an Ed25519 key its encoding without the sign of its point.
  ///
  /// So the algorithm that an RSA key is restricted to, its public exponent, and the sign of a
  /// point make no other key: the private key of one is known to all who know that of the other.
  /// The key must have passed [PublicKeyCheck]. Does not block; thread-safe.
  public static Digest of(PublicKey key) {
    return Digest.sha256(
        switch (key) {
          case RSAPublicKey rsa -> rsa.getModulus().toByteArray();
          case ECPublicKey ec -> ec.getW().getAffineX().toByteArray();
          default -> withoutSign(key.getEncoded());
        });
  }

  // RFC 8032 §5.1.2: the highest bit of the last byte is the sign of the x-coordinate. An encoded
  // key ends with its point (RFC 8410 §4).
  private static byte[] withoutSign(byte[] ed25519) {
    int last = ed25519.length - 1;
    ed25519[last] = (byte) (ed25519[last] & 0x7f);
    return ed25519;
  }
}
