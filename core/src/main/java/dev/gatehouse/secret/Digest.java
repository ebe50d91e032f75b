package dev.gatehouse.secret;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// A 256-bit digest of a secret. It is stored, compared and looked up instead of the secret.
///
/// It consists of four longs rather than an array, so that it is immutable and can be a map key
/// without a copy.
public record Digest(long first, long second, long third, long fourth) {

  /// The length of a digest, in bytes.
  public static final int BYTES = 32;

  /// Returns the SHA-256 of these bytes.
  ///
  /// It is sufficient for a secret of 256 random bits, which no dictionary contains. Never use it
  /// for a password.
  public static Digest sha256(byte[] secret) {
    try {
      return of(MessageDigest.getInstance("SHA-256").digest(secret));
    } catch (NoSuchAlgorithmException impossible) {
      // java.security.MessageDigest: every Java platform has SHA-256.
      throw new AssertionError(impossible);
    }
  }

  /// Returns the digest with these 32 bytes; throws [IllegalArgumentException] for another length.
  public static Digest of(byte[] bytes) {
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException("a digest has " + BYTES + " bytes, not " + bytes.length);
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.BIG_ENDIAN);
    return new Digest(buffer.getLong(), buffer.getLong(), buffer.getLong(), buffer.getLong());
  }

  /// Returns the 32 bytes in a new array.
  public byte[] bytes() {
    return ByteBuffer.allocate(BYTES)
        .putLong(first)
        .putLong(second)
        .putLong(third)
        .putLong(fourth)
        .array();
  }

  @Override
  public int hashCode() {
    return Long.hashCode(first);
  }

  /// Contains nothing of the digest: even a digest of a secret must not be logged.
  @Override
  public String toString() {
    return "Digest[…]";
  }
}
