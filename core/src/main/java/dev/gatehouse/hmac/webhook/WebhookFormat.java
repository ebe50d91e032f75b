package dev.gatehouse.hmac.webhook;

import dev.gatehouse.ConnectionOptions;
import dev.gatehouse.HeaderFields;
import dev.gatehouse.Reason;
import dev.gatehouse.Webhook;
import dev.gatehouse.hmac.MalformedSignatureException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// How one vendor writes its signature into a request.
interface WebhookFormat {

  /// The characters that a field of a signature has at most.
  int MAX_CHARS = 4096;

  /// The signatures that one field holds at most: old and new ones during a rotation.
  int MAX_SIGNATURES = 8;

  // Seconds since 1970: eleven digits last for three thousand years, and no milliseconds fit.
  Pattern UNIX_SECONDS = Pattern.compile("[0-9]{1,11}");

  Pattern HEX_256 = Pattern.compile("[0-9a-f]{64}");

  /// The fields that hold the signatures. Times and ids, which are of use to an upstream, stand in
  /// others.
  List<String> signatureFields();

  /// The fields that the vendor signs and that are forwarded: times and ids.
  default List<String> signedFields() {
    return List.of();
  }

  /// What the request says of its signature; null when it says nothing.
  @Nullable PresentedWebhook parse(HeaderFields fields) throws MalformedSignatureException;

  /// The bytes that a secret of this vendor stands for; throws [IllegalArgumentException] that says
  /// what is wrong with it, but not what it is.
  default byte[] key(String secret) {
    return WebhookSecrets.keyOfText(secret);
  }

  /// The format of that vendor.
  static WebhookFormat of(Webhook.Vendor vendor) {
    return switch (vendor) {
      case GITHUB -> GitHubFormat.INSTANCE;
      case STRIPE -> StripeFormat.INSTANCE;
      case SLACK -> SlackFormat.INSTANCE;
      case STANDARD -> StandardFormat.INSTANCE;
    };
  }

  /// The field's one value; null when it is absent.
  static @Nullable String singleValue(HeaderFields fields, String name)
      throws MalformedSignatureException {
    List<String> values = fields.values(name);
    if (values.isEmpty()) {
      return null;
    }
    if (values.size() > 1) {
      throw new MalformedSignatureException(
          Reason.AMBIGUOUS_CREDENTIALS, "The field " + name + " is there more than once");
    }
    if (values.getFirst().length() > MAX_CHARS) {
      throw new MalformedSignatureException(
          "The field " + name + " is longer than " + MAX_CHARS + " characters");
    }
    // Connection is not signed: it must not take a signed id or time out of what is forwarded.
    if (ConnectionOptions.name(fields, name)) {
      throw new MalformedSignatureException("Connection names " + name + ", which is signed");
    }
    return values.getFirst();
  }

  /// The time that plain digits name.
  static Instant parseUnixSeconds(String text, String where) throws MalformedSignatureException {
    if (!UNIX_SECONDS.matcher(text).matches()) {
      throw new MalformedSignatureException(
          where + " must be the time in seconds since 1970, in plain digits");
    }
    return Instant.ofEpochSecond(Long.parseLong(text));
  }

  /// The signature that 64 lower-case hexadecimal digits are.
  static byte[] parseHex(String text, String where) throws MalformedSignatureException {
    if (!HEX_256.matcher(text).matches()) {
      throw new MalformedSignatureException(
          where + " must be 64 lower-case hexadecimal digits and nothing else");
    }
    return HexFormat.of().parseHex(text);
  }

  /// The bytes of a text that was read from a field.
  static byte[] asciiBytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
