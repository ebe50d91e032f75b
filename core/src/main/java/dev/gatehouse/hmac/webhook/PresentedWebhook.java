package dev.gatehouse.hmac.webhook;

import dev.gatehouse.secret.Digest;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// What a request says of its vendor's signature, well formed. Whether one is right is for
/// [#isSignedBy] to say.
final class PresentedWebhook {

  private static final String HMAC = "HmacSHA256";

  private final List<byte[]> signatures;
  private final String beforeBody;
  private final @Nullable Instant signedAt;

  /// @param signatures of which one must be right
  /// @param beforeBody what is signed before the body: visible ASCII
  /// @param signedAt the time that is signed; null when none is
  PresentedWebhook(List<byte[]> signatures, String beforeBody, @Nullable Instant signedAt) {
    this.signatures = List.copyOf(signatures);
    this.beforeBody = beforeBody;
    this.signedAt = signedAt;
  }

  /// The time that is signed; null when none is.
  @Nullable Instant signedAt() {
    return signedAt;
  }

  /// What is signed before the body.
  String beforeBody() {
    return beforeBody;
  }

  /// Which of the keys made one of the signatures; -1 when none did.
  ///
  /// Every key and every signature is tried: a wrong one costs what a right one does, and the time
  /// does not tell how much of it is right.
  int isSignedBy(List<byte[]> keys, byte[] body) {
    int by = -1;
    for (int i = 0; i < keys.size(); i++) {
      byte[] right = hmac(keys.get(i), body);
      for (byte[] signature : signatures) {
        if (MessageDigest.isEqual(right, signature)) {
          by = i;
        }
      }
    }
    return by;
  }

  private byte[] hmac(byte[] key, byte[] body) {
    try {
      Mac mac = Mac.getInstance(HMAC);
      mac.init(new SecretKeySpec(key, HMAC));
      mac.update(WebhookFormat.bytes(beforeBody));
      return mac.doFinal(body);
    } catch (GeneralSecurityException impossible) {
      // javax.crypto.Mac: every Java platform has HmacSHA256; any key that is not empty fits it.
      throw new AssertionError(impossible);
    }
  }

  /// By what a use is known: the webhook's name and all that is signed, so that it does not matter
  /// which of several secrets signed it.
  Digest use(String name, byte[] body) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(name.getBytes(StandardCharsets.UTF_8));
      digest.update((byte) 0); // no name holds it
      digest.update(WebhookFormat.bytes(beforeBody));
      return Digest.of(digest.digest(body));
    } catch (GeneralSecurityException impossible) {
      // java.security.MessageDigest: every Java platform has SHA-256.
      throw new AssertionError(impossible);
    }
  }

  @Override
  public String toString() {
    return "PresentedWebhook[…]";
  }
}
