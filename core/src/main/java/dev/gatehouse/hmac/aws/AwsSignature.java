package dev.gatehouse.hmac.aws;

import dev.gatehouse.hmac.SignatureAlgorithm;
import dev.gatehouse.secret.Digest;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;

/// Computes AWS Signature Version 4 (IAM User Guide, "Create a signed AWS API request"). The steps
/// below are those of that page. Checks nothing. Thread-safe; does not block.
final class AwsSignature {

  /// The SHA-256 of an empty body, in lower-case hexadecimal digits.
  static final String EMPTY_BODY_HASH = sha256(new byte[0]);

  private AwsSignature() {}

  /// A signed header field.
  ///
  /// @param name the name in lower case
  /// @param values the values of its lines, in the order of the request
  record Field(String name, List<String> values) {

    /// The line of the canonical request for this field. Spaces at the ends of a value are removed,
    /// and each run of spaces becomes one space. Several values are joined with a comma. The lines
    /// of `Cookie` are parts of one value (RFC 9113 §8.2.3), so they are joined as they are
    /// forwarded.
    String canonical() {
      String separator = name.equals("cookie") ? "; " : ",";
      return name
          + ":"
          + values.stream().map(Field::collapsed).collect(Collectors.joining(separator))
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
  /// @param time the value of `X-Amz-Date`, as it was sent
  static String stringToSign(String time, String scope, String canonicalRequest) {
    // Each character of the request is one byte.
    return AwsAuthorization.SCHEME
        + "\n"
        + time
        + "\n"
        + scope
        + "\n"
        + sha256(canonicalRequest.getBytes(StandardCharsets.ISO_8859_1));
  }

  /// Derives the signing key from the secret, for the scope (step 4).
  static byte[] signingKey(byte[] secret, AwsAuthorization scope) {
    byte[] first = "AWS4".getBytes(StandardCharsets.US_ASCII);
    byte[] key = new byte[first.length + secret.length];
    System.arraycopy(first, 0, key, 0, first.length);
    System.arraycopy(secret, 0, key, first.length, secret.length);
    for (String part :
        List.of(scope.date(), scope.region(), scope.service(), AwsAuthorization.SCOPE_TERMINATOR)) {
      key = hmac(key, part);
    }
    return key;
  }

  /// The signature (step 5).
  static byte[] sign(byte[] signingKey, String stringToSign) {
    return hmac(signingKey, stringToSign);
  }

  /// The SHA-256 of the bytes, in lower-case hexadecimal digits.
  static String sha256(byte[] bytes) {
    return HexFormat.of().formatHex(Digest.sha256(bytes).bytes());
  }

  private static byte[] hmac(byte[] key, String text) {
    return SignatureAlgorithm.hmacSha256(key, text.getBytes(StandardCharsets.US_ASCII));
  }
}
