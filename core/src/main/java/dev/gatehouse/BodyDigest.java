package dev.gatehouse;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/// What the body of an admitted request must hash to: it may stream, but its end is held back until
/// that is seen. Immutable.
public final class BodyDigest {

  private final String algorithm;
  private final byte[] value;

  /// @param algorithm of [MessageDigest]; throws [IllegalArgumentException] when there is none
  /// @param value the digest that was signed
  public BodyDigest(String algorithm, byte[] value) {
    this.algorithm = algorithm;
    this.value = Arrays.copyOf(value, value.length);
    begin();
  }

  /// Takes in the body as it comes.
  public MessageDigest begin() {
    try {
      return MessageDigest.getInstance(algorithm);
    } catch (NoSuchAlgorithmException unknown) {
      throw new IllegalArgumentException("there is no digest " + algorithm, unknown);
    }
  }

  /// Whether the body that was taken in is the one that was signed.
  public boolean matches(MessageDigest body) {
    return MessageDigest.isEqual(value, body.digest());
  }

  @Override
  public String toString() {
    return "BodyDigest[" + algorithm + "]";
  }
}
