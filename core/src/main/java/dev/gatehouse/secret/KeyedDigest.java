package dev.gatehouse.secret;

import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// HMAC-SHA-256 with a random key that this process makes at its start and never exposes.
///
/// It is used for the keys of memory: a reader of the memory learns no credential from them.
/// Thread-safe; does not block.
public final class KeyedDigest {

  private final Mac keyed;

  /// Makes a new random key. The label separates different uses.
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

  /// Returns the digest of these bytes.
  public Digest of(byte[] credential) {
    try {
      // A clone continues after the key and the label, without processing them again.
      return Digest.of(((Mac) keyed.clone()).doFinal(credential));
    } catch (CloneNotSupportedException notHere) {
      throw new AssertionError("the platform's HmacSHA256 can be cloned", notHere);
    }
  }
}
