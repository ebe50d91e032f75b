package dev.gatehouse.hmac.aws;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.ConnectionOptions;
import dev.gatehouse.Reason;
import dev.gatehouse.hmac.MalformedSignatureException;
import dev.gatehouse.hmac.SignatureAlgorithm;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A request with a well-formed AWS Signature Version 4 for this gate's region and service.
///
/// [#parse] checks the fields, the scope and which fields are signed. It does not check the time
/// against the clock, and it does not verify the signature: [#matches] does that. Does not block.
final class PresentedAwsSignature {

  private static final String DATE_FIELD = "x-amz-date";
  private static final String BODY_FIELD = "x-amz-content-sha256";
  private static final String SESSION_FIELD = "x-amz-security-token";
  private static final String HOST = "host";

  private static final Pattern TIME = Pattern.compile("[0-9]{8}T[0-9]{6}Z");
  private static final Pattern HEX_256 = Pattern.compile("[0-9a-f]{64}");

  private final AuthRequest request;
  private final AwsAuthorization authorization;
  private final String time;
  private final Instant signedAt;
  private final @Nullable String claimedBodyHash;

  private PresentedAwsSignature(
      AuthRequest request,
      AwsAuthorization authorization,
      String time,
      Instant signedAt,
      @Nullable String claimedBodyHash) {
    this.request = request;
    this.authorization = authorization;
    this.time = time;
    this.signedAt = signedAt;
    this.claimedBodyHash = claimedBodyHash;
  }

  /// Parses the signature of a request. Does not look at the target or the body.
  ///
  /// @param credentials the text after the scheme in `Authorization`
  static PresentedAwsSignature parse(AuthRequest request, String credentials, AwsSettings settings)
      throws MalformedSignatureException {
    AwsAuthorization authorization = AwsAuthorization.parse(credentials);
    if (!authorization.region().equals(settings.region())
        || !authorization.service().equals(settings.service())) {
      throw wrong(
          "Sign for the region "
              + settings.region()
              + " and the service "
              + settings.service()
              + ": a signature for another scope does not count here");
    }
    if (!request.fields().values(SESSION_FIELD).isEmpty()) {
      throw new MalformedSignatureException(
          Reason.MALFORMED_REQUEST,
          "X-Amz-Security-Token is refused: this gate issues no session tokens; sign with the"
              + " secret of a key");
    }
    String time = one(request, DATE_FIELD);
    if (time == null) {
      throw wrong("X-Amz-Date is missing");
    }
    Instant signedAt = instant(time);
    if (!time.startsWith(authorization.date())) {
      throw wrong("The date in Credential must be the day of X-Amz-Date, in UTC");
    }
    String bodyHash = one(request, BODY_FIELD);
    checkBodyHash(bodyHash);
    checkSigned(authorization.signedFields(), HOST);
    checkSigned(authorization.signedFields(), DATE_FIELD);
    if (bodyHash != null) {
      checkSigned(authorization.signedFields(), BODY_FIELD);
    }
    return new PresentedAwsSignature(request, authorization, time, signedAt, bodyHash);
  }

  private static @Nullable String one(AuthRequest request, String field)
      throws MalformedSignatureException {
    List<String> values = request.fields().values(field);
    if (values.size() > 1) {
      throw new MalformedSignatureException(
          Reason.AMBIGUOUS_CREDENTIALS, "The field " + field + " is present more than once");
    }
    return values.isEmpty() ? null : values.getFirst();
  }

  private static Instant instant(String time) throws MalformedSignatureException {
    if (TIME.matcher(time).matches()) {
      try {
        return LocalDateTime.of(
                number(time, 0, 4),
                number(time, 4, 6),
                number(time, 6, 8),
                number(time, 9, 11),
                number(time, 11, 13),
                number(time, 13, 15))
            .toInstant(ZoneOffset.UTC);
      } catch (DateTimeException noSuchDay) {
        // The digits name no time. The code below refuses it.
      }
    }
    throw wrong("X-Amz-Date must be a time in UTC in the form YYYYMMDDTHHMMSSZ");
  }

  private static int number(String digits, int from, int to) {
    return Integer.parseInt(digits, from, to, 10);
  }

  private static void checkBodyHash(@Nullable String bodyHash) throws MalformedSignatureException {
    if (bodyHash == null) {
      return;
    }
    if (bodyHash.equals("UNSIGNED-PAYLOAD")) {
      throw wrong("UNSIGNED-PAYLOAD is refused: the body must be signed with the request");
    }
    // Examples are STREAMING-AWS4-HMAC-SHA256-PAYLOAD and STREAMING-UNSIGNED-PAYLOAD-TRAILER. Such
    // a body has frames with signatures around its chunks, and the gate would forward the frames.
    if (bodyHash.startsWith("STREAMING-")) {
      throw wrong("A body signed in chunks (STREAMING-…) is refused: sign the body as a whole");
    }
    if (!HEX_256.matcher(bodyHash).matches()) {
      throw wrong(
          "X-Amz-Content-Sha256 must be the SHA-256 of the body in 64 lower-case hexadecimal"
              + " digits");
    }
  }

  private static void checkSigned(List<String> signed, String field)
      throws MalformedSignatureException {
    if (!signed.contains(field)) {
      throw wrong("SignedHeaders must name " + field);
    }
  }

  /// The id of the key that the request names.
  String keyId() {
    return authorization.keyId();
  }

  /// The value of `X-Amz-Date`.
  String time() {
    return time;
  }

  /// The time that `X-Amz-Date` states.
  Instant signedAt() {
    return signedAt;
  }

  /// The hash of the body that the request states; the signature covers it. Null: the request
  /// states none, and the signature covers the hash of the body that was received.
  @Nullable String claimedBodyHash() {
    return claimedBodyHash;
  }

  /// Derives the key for the day, the region and the service of this request from a secret.
  byte[] signingKey(byte[] secret) {
    return AwsSignature.signingKey(secret, authorization);
  }

  /// Returns true if the signature is the one of this canonical request with this key. The
  /// comparison takes constant time.
  boolean matches(byte[] signingKey, String canonicalRequest) {
    return SignatureAlgorithm.equalInConstantTime(
        AwsSignature.sign(signingKey, stringToSign(canonicalRequest)), signature());
  }

  /// The 32 bytes of the signature, in a new array.
  byte[] signature() {
    return authorization.signatureBytes();
  }

  /// The canonical request with this hash of the body. Throws if the target has no canonical form
  /// that is unambiguous, or if the request lacks a signed field.
  String canonicalRequest(String bodyHash) throws MalformedSignatureException {
    CanonicalTarget target = CanonicalTarget.parse(request.target());
    return canonicalRequest(target.path(), target.query(), fields(), bodyHash);
  }

  /// The canonical request with these parts in place of those of the request. Explanations use it
  /// to try the mistakes of signers.
  String canonicalRequest(
      String path, String query, List<AwsSignature.Field> fields, String bodyHash) {
    return AwsSignature.canonicalRequest(request.method(), path, query, fields, bodyHash);
  }

  /// The string to sign for this canonical request.
  String stringToSign(String canonicalRequest) {
    return AwsSignature.stringToSign(time, authorization.scope(), canonicalRequest);
  }

  /// The signed fields, in the order of `SignedHeaders`. Throws if the request lacks one of them,
  /// if `Connection` names one, or if a value has a character that is not a byte.
  List<AwsSignature.Field> fields() throws MalformedSignatureException {
    List<AwsSignature.Field> fields = new ArrayList<>();
    for (String name : authorization.signedFields()) {
      List<String> values =
          // The host is the authority that the gate uses: the field Host, or :authority in HTTP/2
          // (RFC 9113 §8.3.1).
          name.equals(HOST) && !request.authority().isEmpty()
              ? List.of(request.authority())
              : request.fields().values(name);
      if (values.isEmpty()) {
        throw wrong("SignedHeaders names " + name + ", which the request does not have");
      }
      if (ConnectionOptions.isListed(request.fields(), name)) {
        throw wrong("Connection names " + name + ", which is signed and would not be forwarded");
      }
      if (values.stream().anyMatch(value -> value.chars().anyMatch(c -> c > 0xff))) {
        throw wrong("The field " + name + " holds a character that is not a byte");
      }
      fields.add(new AwsSignature.Field(name, values));
    }
    return fields;
  }

  private static MalformedSignatureException wrong(String detail) {
    return new MalformedSignatureException(Reason.INVALID_SIGNATURE, detail);
  }

  @Override
  public String toString() {
    return "PresentedAwsSignature[" + authorization.keyId() + "]";
  }
}
