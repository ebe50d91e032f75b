package dev.gatehouse.secret;

import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// HMAC-SHA-256 under a key that this process made up at its start and never shows.
///
/// What memory is keyed by: who reads it learns nothing that could be tried elsewhere. Thread-safe.
public final class KeyedDigest {

  private final Mac keyed;

  /// A digest under a new random key; the label keeps the uses of different rooms apart.
  public KeyedDigest(String label) {
    byte[] key = RandomIds.bytes(Digest.BYTES);
    try {
      keyed = Mac.getInstance("HmacSHA256");
      keyed.init(new SecretKeySpec(key, "HmacSHA256"));
      keyed.update(label.getBytes(java.nio.charset.StandardCharsets.UTF_8));
      keyed.update((byte) 0);
    } catch (GeneralSecurityException impossible) {
      // javax.crypto.Mac: every Java platform has HmacSHA256; any key of 32 bytes fits it.
      throw new AssertionError(impossible);
    }
  }

  /// The digest of these bytes.
  public Digest of(byte[] credential) {
    try {
      // A clone goes on from the key and label already taken in, without doing them again.
      return Digest.of(((Mac) keyed.clone()).doFinal(credential));
    } catch (CloneNotSupportedException notHere) {
      throw new AssertionError("the platform's HmacSHA256 can be cloned", notHere);
    }
  }
}
