package dev.gatehouse.hmac.webhook;

import dev.gatehouse.hmac.SignatureAlgorithm;
import dev.gatehouse.hmac.SignatureVerifier;
import dev.gatehouse.secret.Digest;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// What a request says of its vendor's signature, well formed. Whether one is right is for
/// [#isSignedBy] to say.
final class PresentedWebhook {

  private static final String HMAC = "HmacSHA256";

  private final List<byte[]> signatures;
  private final String signedPrefix;
  private final @Nullable Instant signedAt;

  /// @param signatures of which one must be right
  /// @param signedPrefix what is signed before the body: visible ASCII
  /// @param signedAt the time that is signed; null when none is
  PresentedWebhook(List<byte[]> signatures, String signedPrefix, @Nullable Instant signedAt) {
    this.signatures = List.copyOf(signatures);
    this.signedPrefix = signedPrefix;
    this.signedAt = signedAt;
  }

  /// The time that is signed; null when none is.
  @Nullable Instant signedAt() {
    return signedAt;
  }

  /// What is signed before the body.
  String signedPrefix() {
    return signedPrefix;
  }

  /// Whether the key made one of the signatures over a body.
  ///
  /// Every signature is compared: the time does not tell how much of one is right.
  boolean isSignedBy(byte[] key, byte[] body) {
    byte[] right = hmac(key, body);
    boolean signed = false;
    for (byte[] signature : signatures) {
      signed |= SignatureAlgorithm.equalInConstantTime(right, signature);
    }
    return signed;
  }

  private byte[] hmac(byte[] key, byte[] body) {
    try {
      Mac mac = Mac.getInstance(HMAC);
      mac.init(new SecretKeySpec(key, HMAC));
      mac.update(WebhookFormat.asciiBytes(signedPrefix));
      return mac.doFinal(body);
    } catch (GeneralSecurityException impossible) {
      // javax.crypto.Mac: every Java platform has HmacSHA256; any key that is not empty fits it.
      throw new AssertionError(impossible);
    }
  }

  /// By what a second use is known: the webhook's name and all that is signed, so that it does not
  /// matter which of several secrets signed it.
  Digest useDigest(String webhook, byte[] body) {
    byte[] before = WebhookFormat.asciiBytes(signedPrefix);
    byte[] hash = Digest.sha256(body).bytes();
    byte[] signed = Arrays.copyOf(before, before.length + hash.length);
    System.arraycopy(hash, 0, signed, before.length, hash.length);
    return SignatureVerifier.useDigest(webhook, signed);
  }

  @Override
  public String toString() {
    return "PresentedWebhook[…]";
  }
}
