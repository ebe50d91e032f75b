package dev.gatehouse.hmac.webhook;

import dev.gatehouse.Webhook;
import dev.gatehouse.hmac.SignatureKeys;
import dev.gatehouse.secret.RandomIds;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/// Generates and decodes the secrets of webhooks, in the form of each vendor. Thread-safe; does not
/// block.
public final class WebhookSecrets {

  private static final int MIN_CHARS = 16;
  private static final int MAX_CHARS = 512;

  private static final String STANDARD_PREFIX = SignatureKeys.WEBHOOK_SECRET_FORM.prefix();
  // Standard Webhooks 1.0, "Signature scheme": 192 to 512 bits.
  private static final int MIN_STANDARD_BYTES = 24;
  private static final int MAX_STANDARD_BYTES = 64;
  private static final int NEW_BYTES = 32;

  private WebhookSecrets() {}

  /// Returns a new secret with 256 random bits in the form of the vendor; empty if the vendor
  /// generates the secret itself.
  public static Optional<String> random(Webhook.Vendor vendor) {
    return switch (vendor) {
      case GITHUB -> Optional.of(STANDARD_PREFIX + RandomIds.text(RandomIds.CHARS_256_BITS));
      case STANDARD ->
          Optional.of(
              STANDARD_PREFIX + Base64.getEncoder().encodeToString(RandomIds.bytes(NEW_BYTES)));
      case STRIPE, SLACK -> Optional.empty();
    };
  }

  /// Returns the HMAC key for a secret in the form of this vendor. Throws
  /// [IllegalArgumentException] if the secret has another form; the message does not contain the
  /// secret.
  public static byte[] key(Webhook.Vendor vendor, String secret) {
    return WebhookFormat.of(vendor).key(secret);
  }

  /// The key for a secret whose characters are the key: 16 to 512 characters of ASCII.
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

  /// The key for a secret in Base64, with or without the prefix `whsec_`: 24 to 64 bytes.
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
