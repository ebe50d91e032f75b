package dev.gatehouse.hmac.aws;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.CredentialLocation;
import dev.gatehouse.Explanation;
import dev.gatehouse.Outcome;
import dev.gatehouse.Policy;
import dev.gatehouse.Presented;
import dev.gatehouse.Principal;
import dev.gatehouse.Reason;
import dev.gatehouse.hmac.MalformedSignatureException;
import dev.gatehouse.hmac.MaskedQuery;
import dev.gatehouse.hmac.SignatureKey;
import dev.gatehouse.hmac.SignatureProfile;
import dev.gatehouse.hmac.SignatureVerifier;
import dev.gatehouse.secret.Digest;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Verifies AWS Signature Version 4. The package describes the format and what it proves.
///
/// Accepts a signature in `Authorization` for the region and the service of the settings. Refuses
/// presigned URLs, Signature Version 4A, session tokens, and bodies that are unsigned or signed in
/// chunks. Reads the whole body before it accepts. Finds nothing on a route that takes a webhook.
/// Thread-safe.
public final class AwsProfile implements SignatureProfile {

  private static final String MULTI_REGION_SCHEME = "AWS4-ECDSA-P256-SHA256";
  private static final String UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD";

  // The query parameters of a presigned URL. None of these characters needs percent-encoding.
  private static final Pattern PRESIGNED_QUERY =
      Pattern.compile("(^|&)x-amz-(signature|credential|algorithm)=", Pattern.CASE_INSENSITIVE);

  // The signed fields whose values an explanation shows. Every other field may hold a secret.
  private static final Set<String> UNMASKED_FIELDS =
      Set.of("host", "x-amz-date", "x-amz-content-sha256", "content-type", "content-length");

  private final AwsSettings settings;
  private final SignatureVerifier verifier;

  /// A profile that looks up keys and records uses with this verifier.
  public AwsProfile(AwsSettings settings, SignatureVerifier verifier) {
    this.settings = settings;
    this.verifier = verifier;
  }

  @Override
  public Set<String> fields() {
    return Set.of("X-Amz-Date", "X-Amz-Content-Sha256", "X-Amz-Security-Token");
  }

  @Override
  public Set<String> schemes() {
    return Set.of(AwsAuthorization.SCHEME, MULTI_REGION_SCHEME);
  }

  @Override
  public Presented find(AuthRequest request, Policy policy) {
    if (policy.webhook() != null) {
      return Presented.None.INSTANCE;
    }
    boolean presigned = PRESIGNED_QUERY.matcher(request.query()).find();
    String credentials = request.credentials(AwsAuthorization.SCHEME);
    if (credentials == null) {
      if (request.credentials(MULTI_REGION_SCHEME) != null) {
        return new Presented.Malformed(CredentialLocation.AUTHORIZATION, MULTI_REGION_REFUSED);
      }
      return presigned
          ? new Presented.Malformed(CredentialLocation.QUERY, PRESIGNED_URL_REFUSED)
          : Presented.None.INSTANCE;
    }
    if (presigned) {
      return new Presented.Malformed(CredentialLocation.AUTHORIZATION, PRESIGNED_URL_REFUSED);
    }
    try {
      return new Found(request, PresentedAwsSignature.parse(request, credentials, settings));
    } catch (MalformedSignatureException none) {
      return new Presented.Malformed(CredentialLocation.AUTHORIZATION, none.rejection());
    }
  }

  private final class Found implements Presented.Credential {

    private final AuthRequest request;
    private final PresentedAwsSignature presented;

    Found(AuthRequest request, PresentedAwsSignature presented) {
      this.request = request;
      this.presented = presented;
    }

    @Override
    public CredentialLocation location() {
      return CredentialLocation.AUTHORIZATION;
    }

    @Override
    public @Nullable Digest memoryKey() {
      return null; // A signature is accepted once, so nothing is remembered.
    }

    @Override
    public boolean readsBody() {
      return !request.body().isEmpty();
    }

    @Override
    public Outcome verify() {
      Outcome.Rejected late = verifier.outsideWindow(presented.signedAt());
      return late == null
          ? verifier.verify(request, presented.keyId(), this::verifyWith)
          : late.withExplanation(
              new Explanation(
                  "X-Amz-Date: " + presented.time(),
                  List.of("The client's clock is off: it was " + late.cause() + ".")));
    }

    @Override
    public Outcome verifyAgain(Principal before) {
      return verifier.verifyAgain(request, presented.keyId());
    }

    private SignatureVerifier.Verdict verifyWith(SignatureKey key) {
      if (!key.algorithm().isSymmetric()) {
        return new SignatureVerifier.Verdict.Invalid(
            SignatureVerifier.rejected("the key has no secret: it signs HTTP Message Signatures"));
      }
      try {
        return verifyWith(presented.signingKey(key.secret()));
      } catch (MalformedSignatureException none) {
        return new SignatureVerifier.Verdict.Invalid(none.rejection());
      }
    }

    private SignatureVerifier.Verdict verifyWith(byte[] signingKey)
        throws MalformedSignatureException {
      // If the request states the hash of its body, the signature covers that hash. So the
      // signature is verified first, and the body is read for a caller with a valid key only.
      String claimed = presented.claimedBodyHash();
      String bodyHash = claimed == null ? hashOfBody() : claimed;
      String canonical = presented.canonicalRequest(bodyHash);
      if (!presented.matches(signingKey, canonical)) {
        return new SignatureVerifier.Verdict.Invalid(
            SignatureVerifier.rejected("the signature does not match")
                .withExplanation(
                    new Explanation(shown(canonical, bodyHash), hints(signingKey, bodyHash))));
      }
      if (claimed != null && !claimed.equals(hashOfBody())) {
        return new SignatureVerifier.Verdict.Invalid(
            SignatureVerifier.rejected("the body is not the one whose hash was signed")
                .withExplanation(
                    new Explanation(
                        shown(canonical, bodyHash),
                        List.of(
                            "The signature is good, and X-Amz-Content-Sha256 is that of another"
                                + " body: that of this one is "
                                + hashOfBody()
                                + "."))));
      }
      return new SignatureVerifier.Verdict.Valid(
          verifier.signatureUse(
              presented.keyId(),
              SignatureVerifier.useDigest(presented.signature()),
              presented.signedAt()));
    }

    private String hashOfBody() {
      byte[] body = request.body().bytes(verifier.maxBodyBytes());
      return body.length == 0 ? AwsSignature.EMPTY_BODY_HASH : AwsSignature.sha256(body);
    }

    private String shown(String canonical, String bodyHash) throws MalformedSignatureException {
      CanonicalTarget target = CanonicalTarget.parse(request.target());
      List<AwsSignature.Field> fields =
          presented.fields().stream()
              .map(
                  field ->
                      UNMASKED_FIELDS.contains(field.name())
                          ? field
                          : new AwsSignature.Field(field.name(), List.of("***")))
              .toList();
      return presented.canonicalRequest(
              target.path(), MaskedQuery.of(target.query()), fields, bodyHash)
          + "\n\n"
          + presented.stringToSign(canonical);
    }

    // Tries the mistakes that signers often make. Each try costs a hash and an HMAC of short texts.
    private List<String> hints(byte[] signingKey, String bodyHash)
        throws MalformedSignatureException {
      CanonicalTarget target = CanonicalTarget.parse(request.target());
      List<AwsSignature.Field> fields = presented.fields();
      Attempt attempt =
          (path, query, hash) ->
              presented.matches(signingKey, presented.canonicalRequest(path, query, fields, hash));
      List<String> hints = new ArrayList<>();
      if (!target.query().isEmpty() && attempt.matches(target.path(), "", bodyHash)) {
        hints.add("The query was left out: it is signed, sorted and encoded.");
      }
      boolean plainQuery = request.query().equals(target.query());
      if (!plainQuery && attempt.matches(target.path(), request.query(), bodyHash)) {
        hints.add(
            "The query was signed as it is sent, as curl before 8.3 does: send it sorted by name"
                + " and encoded.");
      }
      if (!request.path().equals(target.path())) {
        if (attempt.matches(request.path(), target.query(), bodyHash)) {
          hints.add(
              "The path was signed as it is sent, as for S3 and as older curls do: for every other"
                  + " service it is normalised, and each segment encoded once more.");
        }
        if (!plainQuery && attempt.matches(request.path(), request.query(), bodyHash)) {
          hints.add(
              "Path and query were signed as they are sent, as older curls do: the path is"
                  + " normalised and encoded once more, the query sorted and encoded.");
        }
        String unnormalised = CanonicalTarget.encoded(request.path());
        if (!unnormalised.equals(target.path())
            && attempt.matches(unnormalised, target.query(), bodyHash)) {
          hints.add("The path was not normalised: it is signed without dot segments and '//'.");
        }
      }
      if (!bodyHash.equals(AwsSignature.EMPTY_BODY_HASH)
          && attempt.matches(target.path(), target.query(), AwsSignature.EMPTY_BODY_HASH)) {
        hints.add("The body was left out: sign the hash of the bytes that are sent.");
      }
      if (attempt.matches(target.path(), target.query(), UNSIGNED_PAYLOAD)) {
        hints.add("The body was not signed (UNSIGNED-PAYLOAD): sign its hash.");
      }
      if (hints.isEmpty()) {
        hints.add(
            "The wrong key: check that the secret belongs to this key id, and that no line break follows it.");
        hints.add(
            "The body was written anew after it was signed: the gate got one whose hash stands in"
                + " the last line of the canonical request above.");
        hints.add(
            "The host, the method, the path or a signed field was changed on the way: compare them"
                + " with the canonical request of the signer.");
      }
      return hints;
    }
  }

  @FunctionalInterface
  private interface Attempt {
    boolean matches(String path, String query, String bodyHash);
  }

  private static final Outcome.Rejected MULTI_REGION_REFUSED =
      new Outcome.Rejected(
          Reason.INVALID_SIGNATURE,
          MULTI_REGION_SCHEME
              + " (Signature Version 4A) is refused: sign with "
              + AwsAuthorization.SCHEME,
          "a signature of version 4A");
  private static final Outcome.Rejected PRESIGNED_URL_REFUSED =
      new Outcome.Rejected(
          Reason.MALFORMED_REQUEST,
          "A signature in the query (a presigned URL) is refused, since URLs end up in logs: send it"
              + " in Authorization",
          "a presigned URL");
}
