package dev.gatehouse.hmac.webhook;

import dev.gatehouse.HeaderFields;
import dev.gatehouse.hmac.MalformedSignatureException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Slack's format: `X-Slack-Signature: v0=<hex>`, an HMAC of `v0:<time>:<body>`. The time is in
/// `X-Slack-Request-Timestamp` ("Verifying requests from Slack" in Slack's documentation).
enum SlackFormat implements WebhookFormat {
  INSTANCE;

  private static final String FIELD = "X-Slack-Signature";
  private static final String TIME_FIELD = "X-Slack-Request-Timestamp";
  private static final String VERSION = "v0";

  @Override
  public List<String> signatureFields() {
    return List.of(FIELD);
  }

  @Override
  public List<String> signedFields() {
    return List.of(TIME_FIELD);
  }

  @Override
  public @Nullable PresentedWebhook parse(HeaderFields fields) throws MalformedSignatureException {
    String value = WebhookFormat.singleValue(fields, FIELD);
    String time = WebhookFormat.singleValue(fields, TIME_FIELD);
    if (value == null && time == null) {
      return null;
    }
    if (value == null || time == null) {
      throw new MalformedSignatureException(FIELD + " and " + TIME_FIELD + " must both be there");
    }
    if (!value.startsWith(VERSION + "=")) {
      throw new MalformedSignatureException(
          FIELD + " must begin with " + VERSION + "=: no other version counts");
    }
    byte[] signature = WebhookFormat.parseHex(value.substring(VERSION.length() + 1), FIELD);
    Instant signedAt = WebhookFormat.parseUnixSeconds(time, TIME_FIELD);
    return new PresentedWebhook(List.of(signature), VERSION + ":" + time + ":", signedAt);
  }
}
