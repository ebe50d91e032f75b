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

/// The signature format of one webhook vendor. Parses the fields of a request; verifies nothing.
/// Thread-safe; does not block.
interface WebhookFormat {

  /// The longest value of a field, in characters.
  int MAX_CHARS = 4096;

  /// How many signatures one field may hold. Senders send several during a rotation.
  int MAX_SIGNATURES = 8;

  // Seconds since 1970. Eleven digits are enough for three thousand years, and too few for the
  // milliseconds of today.
  Pattern UNIX_SECONDS = Pattern.compile("[0-9]{1,11}");

  Pattern HEX_256 = Pattern.compile("[0-9a-f]{64}");

  /// The names of the fields with the signatures. The gate does not forward them.
  List<String> signatureFields();

  /// The names of the signed fields that are forwarded: times and ids, which an upstream may need.
  default List<String> signedFields() {
    return List.of();
  }

  /// Parses the signature of a request. Returns null if the request has none of the fields. Throws
  /// if a field is missing, present twice or malformed.
  @Nullable PresentedWebhook parse(HeaderFields fields) throws MalformedSignatureException;

  /// Returns the HMAC key for a secret in the form of this vendor. Throws
  /// [IllegalArgumentException] if the secret has another form; the message does not contain the
  /// secret.
  default byte[] key(String secret) {
    return WebhookSecrets.keyOfText(secret);
  }

  /// Returns the format of this vendor.
  static WebhookFormat of(Webhook.Vendor vendor) {
    return switch (vendor) {
      case GITHUB -> GitHubFormat.INSTANCE;
      case STRIPE -> StripeFormat.INSTANCE;
      case SLACK -> SlackFormat.INSTANCE;
      case STANDARD -> StandardFormat.INSTANCE;
    };
  }

  /// Returns the value of a field; null if it is absent. Throws if the field is present more than
  /// once, is too long, or is named by `Connection`.
  static @Nullable String singleValue(HeaderFields fields, String name)
      throws MalformedSignatureException {
    List<String> values = fields.values(name);
    if (values.isEmpty()) {
      return null;
    }
    if (values.size() > 1) {
      throw new MalformedSignatureException(
          Reason.AMBIGUOUS_CREDENTIALS, "The field " + name + " is present more than once");
    }
    if (values.getFirst().length() > MAX_CHARS) {
      throw new MalformedSignatureException(
          "The field " + name + " is longer than " + MAX_CHARS + " characters");
    }
    // Connection is not signed. An attacker on the path could name a signed id or time there, and
    // the gate would not forward it.
    if (ConnectionOptions.isListed(fields, name)) {
      throw new MalformedSignatureException("Connection names " + name + ", which is signed");
    }
    return values.getFirst();
  }

  /// Parses seconds since 1970, in at most eleven digits. Throws for another text.
  ///
  /// @param where the place of the text, for the message
  static Instant parseUnixSeconds(String text, String where) throws MalformedSignatureException {
    if (!UNIX_SECONDS.matcher(text).matches()) {
      throw new MalformedSignatureException(
          where + " must be the time in seconds since 1970, in plain digits");
    }
    return Instant.ofEpochSecond(Long.parseLong(text));
  }

  /// Parses 64 lower-case hexadecimal digits. Returns 32 bytes. Throws for another text.
  ///
  /// @param where the place of the text, for the message
  static byte[] parseHex(String text, String where) throws MalformedSignatureException {
    if (!HEX_256.matcher(text).matches()) {
      throw new MalformedSignatureException(
          where + " must be 64 lower-case hexadecimal digits and nothing else");
    }
    return HexFormat.of().parseHex(text);
  }

  /// Returns the bytes of a text in ASCII.
  static byte[] asciiBytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
