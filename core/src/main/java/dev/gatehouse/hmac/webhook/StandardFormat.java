package dev.gatehouse.hmac.webhook;

import dev.gatehouse.HeaderFields;
import dev.gatehouse.hmac.MalformedSignatureException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Standard Webhooks 1.0: `webhook-signature: v1,<base64> v1,…` over id, time and body with dots
/// between them. Several come while a secret is rotated. Other versions are passed over: of `v1a`
/// (Ed25519) this gate keeps no keys.
enum StandardFormat implements WebhookFormat {
  INSTANCE;

  private static final String FIELD = "webhook-signature";
  private static final String ID_FIELD = "webhook-id";
  private static final String TIME_FIELD = "webhook-timestamp";
  private static final String VERSION = "v1";

  // "Signature scheme": an id holds no dot, or else one could move the border to what follows it.
  private static final Pattern ID = Pattern.compile("[\\x21-\\x2d\\x2f-\\x7e]{1,256}");
  private static final Pattern BASE64_256 = Pattern.compile("[A-Za-z0-9+/]{43}=");

  @Override
  public List<String> signatureFields() {
    return List.of(FIELD);
  }

  @Override
  public byte[] key(String secret) {
    return WebhookSecrets.asBase64(secret);
  }

  @Override
  public @Nullable PresentedWebhook parse(HeaderFields fields) throws MalformedSignatureException {
    String value = WebhookFormat.one(fields, FIELD);
    String id = WebhookFormat.one(fields, ID_FIELD);
    String time = WebhookFormat.one(fields, TIME_FIELD);
    if (value == null && id == null && time == null) {
      return null;
    }
    if (value == null || id == null || time == null) {
      throw new MalformedSignatureException(
          FIELD + ", " + ID_FIELD + " and " + TIME_FIELD + " must all be there");
    }
    if (!ID.matcher(id).matches()) {
      throw new MalformedSignatureException(
          ID_FIELD + " must be at most 256 visible ASCII characters, none of them a dot");
    }
    Instant signedAt = WebhookFormat.seconds(time, TIME_FIELD);
    return new PresentedWebhook(signatures(value), id + "." + time + ".", signedAt);
  }

  private static List<byte[]> signatures(String value) throws MalformedSignatureException {
    List<byte[]> signatures = new ArrayList<>();
    String[] items = value.split(" ", 2 * MAX_SIGNATURES + 1);
    if (items.length > 2 * MAX_SIGNATURES) {
      throw new MalformedSignatureException(
          FIELD + " has more than " + 2 * MAX_SIGNATURES + " items");
    }
    for (String item : items) {
      int comma = item.indexOf(',');
      if (comma <= 0) {
        throw new MalformedSignatureException(
            FIELD + " must be v1,…, several with one space between them");
      }
      if (item.substring(0, comma).equals(VERSION)) {
        signatures.add(base64(item.substring(comma + 1)));
      }
    }
    if (signatures.isEmpty() || signatures.size() > MAX_SIGNATURES) {
      throw new MalformedSignatureException(
          FIELD
              + " must have from one to "
              + MAX_SIGNATURES
              + " signatures of version v1: no other counts here");
    }
    return signatures;
  }

  private static byte[] base64(String text) throws MalformedSignatureException {
    if (BASE64_256.matcher(text).matches()) {
      byte[] signature = Base64.getDecoder().decode(text);
      // RFC 4648 §3.5: the bits behind the last byte are zero, so that there is one text for each.
      if (Base64.getEncoder().encodeToString(signature).equals(text)) {
        return signature;
      }
    }
    throw new MalformedSignatureException("v1 of " + FIELD + " must be Base64 of 32 bytes");
  }
}
