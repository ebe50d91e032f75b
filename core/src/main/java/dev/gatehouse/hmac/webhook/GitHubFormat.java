package dev.gatehouse.hmac.webhook;

import dev.gatehouse.HeaderFields;
import dev.gatehouse.hmac.MalformedSignatureException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// GitHub's format: `X-Hub-Signature-256: sha256=<hex>`, an HMAC of the body ("Validating webhook
/// deliveries" in GitHub's documentation). GitHub also sends `X-Hub-Signature` with SHA-1, which is
/// never accepted. No time is signed.
enum GitHubFormat implements WebhookFormat {
  INSTANCE;

  private static final String FIELD = "X-Hub-Signature-256";
  private static final String OLD_FIELD = "X-Hub-Signature";
  private static final String PREFIX = "sha256=";

  @Override
  public List<String> signatureFields() {
    return List.of(FIELD, OLD_FIELD);
  }

  @Override
  public @Nullable PresentedWebhook parse(HeaderFields fields) throws MalformedSignatureException {
    String value = WebhookFormat.singleValue(fields, FIELD);
    if (value == null) {
      if (fields.values(OLD_FIELD).isEmpty()) {
        return null;
      }
      throw new MalformedSignatureException(
          "X-Hub-Signature is SHA-1 and does not count: send X-Hub-Signature-256");
    }
    if (!value.startsWith(PREFIX)) {
      throw new MalformedSignatureException("X-Hub-Signature-256 must begin with " + PREFIX);
    }
    byte[] signature = WebhookFormat.parseHex(value.substring(PREFIX.length()), FIELD);
    return new PresentedWebhook(List.of(signature), "", null);
  }
}
