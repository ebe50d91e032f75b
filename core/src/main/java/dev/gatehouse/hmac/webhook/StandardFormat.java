package dev.gatehouse.hmac.webhook;

import dev.gatehouse.HeaderFields;
import dev.gatehouse.Reason;
import dev.gatehouse.hmac.MalformedSignatureException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Standard Webhooks 1.0: `webhook-signature: v1,<base64> v1,…`, an HMAC of the id, the time and
/// the body with dots between them. Svix, the origin of the format, sends the same in `svix-…`
/// fields. A sender sends several signatures while it rotates a secret. Signatures of other
/// versions are ignored: the gate has no keys for `v1a` (Ed25519).
enum StandardFormat implements WebhookFormat {
  INSTANCE;

  private static final String PREFIX = "webhook-";
  private static final String SVIX_PREFIX = "svix-";
  private static final String SIGNATURE = "signature";
  private static final String ID = "id";
  private static final String TIME = "timestamp";
  private static final String VERSION = "v1";

  // "Signature scheme": an id has no dot. With a dot in it, a part of the id could be taken for the
  // time.
  private static final Pattern ID_FORM = Pattern.compile("[\\x21-\\x2d\\x2f-\\x7e]{1,256}");
  private static final Pattern BASE64_256 = Pattern.compile("[A-Za-z0-9+/]{43}=");

  @Override
  public List<String> signatureFields() {
    return List.of(PREFIX + SIGNATURE, SVIX_PREFIX + SIGNATURE);
  }

  @Override
  public List<String> signedFields() {
    return List.of(PREFIX + ID, PREFIX + TIME, SVIX_PREFIX + ID, SVIX_PREFIX + TIME);
  }

  @Override
  public byte[] key(String secret) {
    return WebhookSecrets.keyOfBase64(secret);
  }

  @Override
  public @Nullable PresentedWebhook parse(HeaderFields fields) throws MalformedSignatureException {
    boolean standard = has(fields, PREFIX);
    boolean svix = has(fields, SVIX_PREFIX);
    if (standard && svix) {
      for (String name : List.of(ID, TIME, SIGNATURE)) {
        if (!Objects.equals(
            WebhookFormat.singleValue(fields, PREFIX + name),
            WebhookFormat.singleValue(fields, SVIX_PREFIX + name))) {
          throw new MalformedSignatureException(
              Reason.AMBIGUOUS_CREDENTIALS,
              "The fields " + PREFIX + name + " and " + SVIX_PREFIX + name + " differ");
        }
      }
    }
    return standard || svix ? parse(fields, standard ? PREFIX : SVIX_PREFIX) : null;
  }

  private static boolean has(HeaderFields fields, String prefix) {
    return Stream.of(ID, TIME, SIGNATURE).anyMatch(name -> !fields.values(prefix + name).isEmpty());
  }

  private static PresentedWebhook parse(HeaderFields fields, String prefix)
      throws MalformedSignatureException {
    String value = WebhookFormat.singleValue(fields, prefix + SIGNATURE);
    String id = WebhookFormat.singleValue(fields, prefix + ID);
    String time = WebhookFormat.singleValue(fields, prefix + TIME);
    if (value == null || id == null || time == null) {
      throw new MalformedSignatureException(
          prefix + SIGNATURE + ", " + prefix + ID + " and " + prefix + TIME + " must all be there");
    }
    if (!ID_FORM.matcher(id).matches()) {
      throw new MalformedSignatureException(
          prefix + ID + " must be at most 256 visible ASCII characters, none of them a dot");
    }
    Instant signedAt = WebhookFormat.parseUnixSeconds(time, prefix + TIME);
    return new PresentedWebhook(
        signatures(value, prefix + SIGNATURE), id + "." + time + ".", signedAt);
  }

  private static List<byte[]> signatures(String value, String field)
      throws MalformedSignatureException {
    List<byte[]> signatures = new ArrayList<>();
    String[] items = value.split(" ", 2 * MAX_SIGNATURES + 1);
    if (items.length > 2 * MAX_SIGNATURES) {
      throw new MalformedSignatureException(
          field + " has more than " + 2 * MAX_SIGNATURES + " items");
    }
    for (String item : items) {
      int comma = item.indexOf(',');
      if (comma <= 0) {
        throw new MalformedSignatureException(
            field + " must be v1,…, several with one space between them");
      }
      if (item.substring(0, comma).equals(VERSION)) {
        signatures.add(base64(item.substring(comma + 1), field));
      }
    }
    if (signatures.isEmpty() || signatures.size() > MAX_SIGNATURES) {
      throw new MalformedSignatureException(
          field
              + " must have from one to "
              + MAX_SIGNATURES
              + " signatures of version v1: no other counts here");
    }
    return signatures;
  }

  private static byte[] base64(String text, String field) throws MalformedSignatureException {
    if (BASE64_256.matcher(text).matches()) {
      byte[] signature = Base64.getDecoder().decode(text);
      // RFC 4648 §3.5: the bits after the last byte are zero, so each signature has one text form.
      if (Base64.getEncoder().encodeToString(signature).equals(text)) {
        return signature;
      }
    }
    throw new MalformedSignatureException("v1 of " + field + " must be Base64 of 32 bytes");
  }
}
