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

/// The signatures of a webhook's event, after their syntax was checked. They are not verified:
/// [#isSignedBy] does that. Immutable; the text form shows nothing of them.
final class PresentedWebhook {

  private static final String HMAC = "HmacSHA256";

  private final List<byte[]> signatures;
  private final String signedPrefix;
  private final @Nullable Instant signedAt;

  /// @param signatures the signatures, of which one must match
  /// @param signedPrefix the text that is signed before the body, in visible ASCII
  /// @param signedAt the signed time; null: the format signs no time
  PresentedWebhook(List<byte[]> signatures, String signedPrefix, @Nullable Instant signedAt) {
    this.signatures = List.copyOf(signatures);
    this.signedPrefix = signedPrefix;
    this.signedAt = signedAt;
  }

  /// The signed time; null: the format signs no time.
  @Nullable Instant signedAt() {
    return signedAt;
  }

  /// The text that is signed before the body; it may be empty.
  String signedPrefix() {
    return signedPrefix;
  }

  /// Returns true if one of the signatures was made with this key over the prefix and this body.
  /// Compares every signature, in constant time.
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

  /// The digest that identifies the use of this event: of the webhook's name and everything that is
  /// signed. It does not depend on the secret, so an event that two secrets signed has one use.
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
