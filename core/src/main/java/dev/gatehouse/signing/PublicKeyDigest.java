package dev.gatehouse.signing;

import dev.gatehouse.secret.Digest;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.HexFormat;

/// Tells whether two public keys belong to one private key, however they are encoded.
public final class PublicKeyDigest {

  // A SubjectPublicKeyInfo of Ed25519 up to its point (RFC 8410 §10.1 shows one).
  private static final byte[] ED25519_HEAD = HexFormat.of().parseHex("302a300506032b6570032100");
  private static final int ED25519_BYTES = 32;

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
  // key ends with its point (RFC 8410 §4). What stands before the point is always written in the
  // same way, however the key came.
  private static byte[] withoutSign(byte[] ed25519) {
    byte[] written = Arrays.copyOf(ED25519_HEAD, ED25519_HEAD.length + ED25519_BYTES);
    System.arraycopy(
        ed25519, ed25519.length - ED25519_BYTES, written, ED25519_HEAD.length, ED25519_BYTES);
    int last = written.length - 1;
    written[last] = (byte) (written[last] & 0x7f);
    return written;
  }
}
