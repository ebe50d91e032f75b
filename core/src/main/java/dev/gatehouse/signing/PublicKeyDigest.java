package dev.gatehouse.signing;

import dev.gatehouse.secret.Digest;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.HexFormat;

/// Identifies a key pair by a digest. Two public keys that belong to the same private key have the
/// same digest, even if they are encoded differently. Thread-safe; does not block.
public final class PublicKeyDigest {

  // The beginning of a SubjectPublicKeyInfo of Ed25519, before the point (example: RFC 8410 §10.1).
  private static final byte[] ED25519_HEAD = HexFormat.of().parseHex("302a300506032b6570032100");
  private static final int ED25519_BYTES = 32;

  private PublicKeyDigest() {}

  /// Returns the SHA-256 of the part of the public key that the private key determines: the modulus
  /// of an RSA key, the x-coordinate of an EC key, and the encoding of an Ed25519 key without the
  /// sign of its point.
  ///
  /// So these differences do not change the digest: the algorithm to which an RSA key is
  /// restricted, its public exponent, and the sign of a point. If two keys differ only in these,
  /// the private key of one gives the private key of the other.
  ///
  /// @param key a key that passed [PublicKeyCheck]
  public static Digest of(PublicKey key) {
    return Digest.sha256(
        switch (key) {
          case RSAPublicKey rsa -> rsa.getModulus().toByteArray();
          case ECPublicKey ec -> ec.getW().getAffineX().toByteArray();
          default -> withoutSign(key.getEncoded());
        });
  }

  // RFC 8032 §5.1.2: the highest bit of the last byte is the sign of the x-coordinate. An encoded
  // key ends with its point (RFC 8410 §4). The bytes before the point are replaced by the usual
  // ones.
  private static byte[] withoutSign(byte[] ed25519) {
    byte[] written = Arrays.copyOf(ED25519_HEAD, ED25519_HEAD.length + ED25519_BYTES);
    System.arraycopy(
        ed25519, ed25519.length - ED25519_BYTES, written, ED25519_HEAD.length, ED25519_BYTES);
    int last = written.length - 1;
    written[last] = (byte) (written[last] & 0x7f);
    return written;
  }
}
