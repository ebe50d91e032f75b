package dev.gatehouse.hmac.webhook;

import dev.gatehouse.HeaderFields;
import dev.gatehouse.hmac.MalformedSignatureException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Stripe's format: `Stripe-Signature: t=<seconds>,v1=<hex>,…`, an HMAC of the time, a dot and the
/// body ("Verify webhook signatures manually" in Stripe's documentation). Stripe sends several `v1`
/// while a secret is rolled. Other schemes, such as the `v0` of test events, are ignored, so a
/// weaker one is never accepted.
enum StripeFormat implements WebhookFormat {
  INSTANCE;

  private static final String FIELD = "Stripe-Signature";
  private static final int MAX_ITEMS = 2 * MAX_SIGNATURES;

  @Override
  public List<String> signatureFields() {
    return List.of(FIELD);
  }

  @Override
  public @Nullable PresentedWebhook parse(HeaderFields fields) throws MalformedSignatureException {
    String value = WebhookFormat.singleValue(fields, FIELD);
    if (value == null) {
      return null;
    }
    String time = null;
    List<byte[]> signatures = new ArrayList<>();
    String[] items = value.split(",", MAX_ITEMS + 1);
    if (items.length > MAX_ITEMS) {
      throw new MalformedSignatureException(FIELD + " has more than " + MAX_ITEMS + " items");
    }
    for (String item : items) {
      int equals = item.indexOf('=');
      if (equals <= 0) {
        throw new MalformedSignatureException(FIELD + " must be t=…,v1=…");
      }
      String content = item.substring(equals + 1);
      switch (item.substring(0, equals)) {
        case "t" -> {
          if (time != null) {
            throw new MalformedSignatureException(FIELD + " has two times");
          }
          time = content;
        }
        case "v1" -> signatures.add(WebhookFormat.parseHex(content, "v1 of " + FIELD));
        default -> {} // Another scheme, which is ignored.
      }
    }
    if (time == null || signatures.isEmpty() || signatures.size() > MAX_SIGNATURES) {
      throw new MalformedSignatureException(
          FIELD
              + " must have one t and from one to "
              + MAX_SIGNATURES
              + " v1: no other scheme counts");
    }
    Instant signedAt = WebhookFormat.parseUnixSeconds(time, "t of " + FIELD);
    return new PresentedWebhook(signatures, time + ".", signedAt);
  }
}
