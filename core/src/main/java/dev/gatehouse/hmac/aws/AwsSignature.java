package dev.gatehouse.hmac.aws;

import dev.gatehouse.secret.Digest;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// The texts that are signed and how ("Create a signed AWS API request" in Amazon's IAM User
/// Guide).
final class AwsSignature {

  private static final String HMAC = "HmacSHA256";

  /// The SHA-256 of an empty body, in hexadecimal digits.
  static final String EMPTY_BODY = sha256(new byte[0]);

  private AwsSignature() {}

  /// A signed field.
  ///
  /// @param name in lower case
  /// @param values of each line of it, in the order in which they came
  record Field(String name, List<String> values) {

    /// The field's line, as it is signed: without blanks at the ends and with one for several
    /// within, several lines joined in their order.
    String canonical() {
      return name
          + ":"
          + values.stream().map(Field::collapsed).collect(Collectors.joining(","))
          + "\n";
    }

    private static String collapsed(String value) {
      String trimmed = value.trim();
      return trimmed.contains("  ") ? trimmed.replaceAll(" +", " ") : trimmed;
    }
  }

  /// The canonical request (step 1).
  static String canonicalRequest(
      String method, String path, String query, List<Field> fields, String bodyHash) {
    return method
        + "\n"
        + path
        + "\n"
        + query
        + "\n"
        + fields.stream().map(Field::canonical).collect(Collectors.joining())
        + "\n"
        + fields.stream().map(Field::name).collect(Collectors.joining(";"))
        + "\n"
        + bodyHash;
  }

  /// The string to sign (steps 2 and 3).
  ///
  /// @param time as it was sent: the value of `X-Amz-Date`
  static String stringToSign(String time, String scope, String canonicalRequest) {
    return AwsAuthorization.SCHEME
        + "\n"
        + time
        + "\n"
        + scope
        + "\n"
        + sha256(canonicalRequest.getBytes(StandardCharsets.UTF_8));
  }

  /// The signature (steps 4 and 5), under the key that is derived from the secret for the scope.
  static byte[] sign(byte[] secret, AwsAuthorization scope, String stringToSign) {
    byte[] first = "AWS4".getBytes(StandardCharsets.US_ASCII);
    byte[] key = new byte[first.length + secret.length];
    System.arraycopy(first, 0, key, 0, first.length);
    System.arraycopy(secret, 0, key, first.length, secret.length);
    for (String part :
        List.of(
            scope.date(),
            scope.region(),
            scope.service(),
            AwsAuthorization.TERMINATOR,
            stringToSign)) {
      key = hmac(key, part);
    }
    return key;
  }

  /// The SHA-256 of the bytes, in lower-case hexadecimal digits.
  static String sha256(byte[] bytes) {
    return HexFormat.of().formatHex(Digest.sha256(bytes).bytes());
  }

  private static byte[] hmac(byte[] key, String text) {
    try {
      Mac mac = Mac.getInstance(HMAC);
      mac.init(new SecretKeySpec(key, HMAC));
      return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException impossible) {
      // javax.crypto.Mac: every Java platform has HmacSHA256; any key that is not empty fits it.
      throw new AssertionError(impossible);
    }
  }
}
