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

/// What an `Authorization` field of the scheme `AWS4-HMAC-SHA256` says, before anything of it is
/// believed.
///
/// The form is Amazon's ("Authentication Methods" in the IAM User Guide, section "HTTP
/// authorization header"): `Credential=…, SignedHeaders=…, Signature=…`. Signers differ in the
/// blanks behind the commas; everything else is taken to the letter.
///
/// @param keyId of the key that signed
/// @param date of the credential scope: eight digits
/// @param region of the credential scope
/// @param service of the credential scope
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

  // RFC 9110 §5.6.2, in lower case: what a field's name may be, and hence no semicolon.
  private static final Pattern FIELD_NAME = Pattern.compile("[a-z0-9!#$%&'*+.^_`|~-]{1,128}");
  private static final Pattern KEY_ID = Pattern.compile("[A-Za-z0-9._~-]{1,128}");
  private static final Pattern DATE = Pattern.compile("[0-9]{8}");
  private static final Pattern HEX_256 = Pattern.compile("[0-9a-f]{64}");

  AwsAuthorization {
    signedFields = List.copyOf(signedFields);
  }

  /// Reads what stands behind the scheme.
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
    // No regular expression for the blanks around a comma: of a run of blanks without a comma, it
    // would try every place to begin, which takes quadratic time.
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

  /// The scope in which the signature counts: what its key was derived for.
  String scope() {
    return String.join("/", date, region, service, SCOPE_TERMINATOR);
  }

  /// The signature's bytes, in a new array.
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

  /// Prints no signature.
  @Override
  public String toString() {
    return "AwsAuthorization[" + keyId + "]";
  }
}
