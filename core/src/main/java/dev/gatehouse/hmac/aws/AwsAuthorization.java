package dev.gatehouse.hmac.aws;

import dev.gatehouse.Reason;
import dev.gatehouse.hmac.MalformedSignatureException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The parts of an `Authorization` field with the scheme `AWS4-HMAC-SHA256`. Only the syntax is
/// checked; nothing is verified. The text form hides the signature.
///
/// Amazon defines the form (IAM User Guide, "Authentication Methods", section "HTTP authorization
/// header"): `Credential=…, SignedHeaders=…, Signature=…`. Signers differ in the white space around
/// the commas, so that is ignored. Everything else must match exactly. The three parts may come in
/// any order.
///
/// @param keyId the id of the key
/// @param date the date of the credential scope, as eight digits
/// @param region the region of the credential scope
/// @param service the service of the credential scope
/// @param signedFields the names of the signed fields: lower case, sorted, each once
/// @param signature 64 lower-case hexadecimal digits
record AwsAuthorization(
    String keyId,
    String date,
    String region,
    String service,
    List<String> signedFields,
    String signature) {

  static final String SCHEME = "AWS4-HMAC-SHA256";
  static final String SCOPE_TERMINATOR = "aws4_request";

  private static final int MAX_CHARS = 4096;
  private static final int MAX_FIELDS = 64;
  private static final int MAX_PARTS = 3;
  private static final String CREDENTIAL = "Credential";
  private static final String SIGNED_HEADERS = "SignedHeaders";
  private static final String SIGNATURE = "Signature";

  // RFC 9110 §5.6.2: a field name is a token, here in lower case. So it has no semicolon.
  private static final Pattern FIELD_NAME = Pattern.compile("[a-z0-9!#$%&'*+.^_`|~-]{1,128}");
  private static final Pattern KEY_ID = Pattern.compile("[A-Za-z0-9._~-]{1,128}");
  private static final Pattern DATE = Pattern.compile("[0-9]{8}");
  private static final Pattern HEX_256 = Pattern.compile("[0-9a-f]{64}");

  AwsAuthorization {
    signedFields = List.copyOf(signedFields);
  }

  /// Parses the text after the scheme.
  static AwsAuthorization parse(String credentials) throws MalformedSignatureException {
    if (credentials.length() > MAX_CHARS) {
      throw wrong("The Authorization field is longer than " + MAX_CHARS + " characters");
    }
    Map<String, String> parts = parts(credentials);
    String[] credential = part(parts, CREDENTIAL).split("/", -1);
    if (credential.length != 5
        || !KEY_ID.matcher(credential[0]).matches()
        || !DATE.matcher(credential[1]).matches()
        || !AwsSettings.SCOPE_NAME.matcher(credential[2]).matches()
        || !AwsSettings.SCOPE_NAME.matcher(credential[3]).matches()
        || !credential[4].equals(SCOPE_TERMINATOR)) {
      throw wrong("Credential must be KEYID/YYYYMMDD/REGION/SERVICE/" + SCOPE_TERMINATOR);
    }
    String signature = part(parts, SIGNATURE);
    if (!HEX_256.matcher(signature).matches()) {
      throw wrong("Signature must be 64 lower-case hexadecimal digits and nothing else");
    }
    return new AwsAuthorization(
        credential[0],
        credential[1],
        credential[2],
        credential[3],
        signedFields(part(parts, SIGNED_HEADERS)),
        signature);
  }

  private static Map<String, String> parts(String credentials) throws MalformedSignatureException {
    Map<String, String> parts = new HashMap<>();
    // A regular expression for the white space around a comma would take quadratic time for a long
    // run of spaces without a comma.
    String[] between = credentials.split(",", MAX_PARTS + 1);
    for (int i = 0; i < between.length; i++) {
      String part = withoutBlanks(between[i], i > 0, i < between.length - 1);
      int equals = part.indexOf('=');
      String name = equals < 0 ? part : part.substring(0, equals);
      boolean known =
          name.equals(CREDENTIAL) || name.equals(SIGNED_HEADERS) || name.equals(SIGNATURE);
      if (equals < 0 || !known || parts.put(name, part.substring(equals + 1)) != null) {
        throw wrong(REQUIRED_FORM);
      }
    }
    return parts;
  }

  private static String withoutBlanks(String text, boolean before, boolean behind) {
    int start = 0;
    int end = text.length();
    while (before && start < end && isBlank(text.charAt(start))) {
      start++;
    }
    while (behind && end > start && isBlank(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(start, end);
  }

  private static boolean isBlank(char c) {
    return c == ' ' || c == '\t';
  }

  private static String part(Map<String, String> parts, String name)
      throws MalformedSignatureException {
    @Nullable String part = parts.get(name);
    if (part == null) {
      throw wrong(REQUIRED_FORM);
    }
    return part;
  }

  private static List<String> signedFields(String text) throws MalformedSignatureException {
    List<String> names = new ArrayList<>();
    String before = "";
    for (String name : text.split(";", MAX_FIELDS + 1)) {
      if (!FIELD_NAME.matcher(name).matches()
          || name.compareTo(before) <= 0
          || names.size() == MAX_FIELDS) {
        throw wrong(
            "SignedHeaders must be at most "
                + MAX_FIELDS
                + " names in lower case, sorted, each once, with semicolons between them");
      }
      names.add(name);
      before = name;
    }
    return names;
  }

  /// The credential scope, for which the signing key was derived:
  /// `DATE/REGION/SERVICE/aws4_request`.
  String scope() {
    return String.join("/", date, region, service, SCOPE_TERMINATOR);
  }

  /// The 32 bytes of the signature, in a new array.
  byte[] signatureBytes() {
    return HexFormat.of().parseHex(signature);
  }

  private static MalformedSignatureException wrong(String detail) {
    return new MalformedSignatureException(Reason.INVALID_SIGNATURE, detail);
  }

  private static final String REQUIRED_FORM =
      "Authorization must be "
          + SCHEME
          + " Credential=…, SignedHeaders=…, Signature=… with each of the three once";

  /// Names the key id only.
  @Override
  public String toString() {
    return "AwsAuthorization[" + keyId + "]";
  }
}
