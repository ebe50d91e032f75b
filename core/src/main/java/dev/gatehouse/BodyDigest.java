package dev.gatehouse;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/// The digest that the body of an admitted request must have, because the caller signed it. The
/// body may be forwarded as it arrives, but its end is held back until the digest was compared.
/// Immutable; thread-safe; does not block.
public final class BodyDigest {

  private final String algorithm;
  private final byte[] value;

  /// Copies the value.
  ///
  /// @param algorithm the name of a [MessageDigest]; throws [IllegalArgumentException] if there is
  ///   no such algorithm
  /// @param value the digest that was signed
  public BodyDigest(String algorithm, byte[] value) {
    this.algorithm = algorithm;
    this.value = Arrays.copyOf(value, value.length);
    begin();
  }

  /// Returns a new digest, which the caller updates with the body as it arrives.
  public MessageDigest begin() {
    try {
      return MessageDigest.getInstance(algorithm);
    } catch (NoSuchAlgorithmException unknown) {
      throw new IllegalArgumentException("there is no digest " + algorithm, unknown);
    }
  }

  /// Whether the body with which the given digest was updated is the one that was signed. Compares
  /// in constant time, and resets the given digest.
  public boolean matches(MessageDigest body) {
    return MessageDigest.isEqual(value, body.digest());
  }

  @Override
  public String toString() {
    return "BodyDigest[" + algorithm + "]";
  }
}
