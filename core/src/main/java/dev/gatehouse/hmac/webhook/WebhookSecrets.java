package dev.gatehouse.hmac.webhook;

import dev.gatehouse.Webhook;
import dev.gatehouse.hmac.SignatureKeys;
import dev.gatehouse.secret.RandomIds;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/// The secrets that vendors sign with, in the form in which they are given.
public final class WebhookSecrets {

  private static final int MIN_CHARS = 16;
  private static final int MAX_CHARS = 512;

  private static final String STANDARD_PREFIX = SignatureKeys.WEBHOOK_SECRET_FORM.prefix();
  // Standard Webhooks 1.0, "Signature scheme": 192 to 512 bits.
  private static final int MIN_STANDARD_BYTES = 24;
  private static final int MAX_STANDARD_BYTES = 64;
  private static final int NEW_BYTES = 32;

  private WebhookSecrets() {}

  /// A new secret of 256 random bits in the vendor's form; empty where it is the vendor who makes
  /// the secret.
  public static Optional<String> random(Webhook.Vendor vendor) {
    return switch (vendor) {
      case GITHUB -> Optional.of(STANDARD_PREFIX + RandomIds.text(RandomIds.CHARS_256_BITS));
      case STANDARD ->
          Optional.of(
              STANDARD_PREFIX + Base64.getEncoder().encodeToString(RandomIds.bytes(NEW_BYTES)));
      case STRIPE, SLACK -> Optional.empty();
    };
  }

  /// The key that a secret of that vendor stands for: throws [IllegalArgumentException] that says
  /// what is wrong with it, but not what it is.
  public static byte[] key(Webhook.Vendor vendor, String secret) {
    return WebhookFormat.of(vendor).key(secret);
  }

  /// A secret whose characters are the key.
  static byte[] keyOfText(String secret) {
    if (secret.length() < MIN_CHARS || secret.length() > MAX_CHARS) {
      throw new IllegalArgumentException(
          "the secret of a webhook has " + MIN_CHARS + " to " + MAX_CHARS + " characters");
    }
    if (secret.chars().anyMatch(c -> c < 0x20 || c >= 0x7f) || !secret.equals(secret.strip())) {
      throw new IllegalArgumentException(
          "the secret of a webhook holds visible ASCII and spaces, and no space at its ends");
    }
    return secret.getBytes(StandardCharsets.US_ASCII);
  }

  /// A secret that is Base64 of the key, with `whsec_` before it or without.
  static byte[] keyOfBase64(String secret) {
    if (secret.startsWith("whsk_") || secret.startsWith("whpk_")) {
      throw new IllegalArgumentException(
          "keys of Ed25519 (whsk_, whpk_) are not taken: ask the sender for a secret (whsec_)");
    }
    byte[] key;
    try {
      key =
          Base64.getDecoder()
              .decode(
                  secret.startsWith(STANDARD_PREFIX)
                      ? secret.substring(STANDARD_PREFIX.length())
                      : secret);
    } catch (IllegalArgumentException notBase64) {
      throw new IllegalArgumentException("the secret must be Base64, behind " + STANDARD_PREFIX);
    }
    if (key.length < MIN_STANDARD_BYTES || key.length > MAX_STANDARD_BYTES) {
      throw new IllegalArgumentException(
          "the secret must be Base64 of "
              + MIN_STANDARD_BYTES
              + " to "
              + MAX_STANDARD_BYTES
              + " bytes, behind "
              + STANDARD_PREFIX);
    }
    return key;
  }
}
