package dev.gatehouse.hmac.message;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.BodyDigest;
import dev.gatehouse.ConnectionOptions;
import dev.gatehouse.CredentialLocation;
import dev.gatehouse.Explanation;
import dev.gatehouse.HeaderFields;
import dev.gatehouse.Outcome;
import dev.gatehouse.Policy;
import dev.gatehouse.Presented;
import dev.gatehouse.Principal;
import dev.gatehouse.hmac.MalformedSignatureException;
import dev.gatehouse.hmac.SignatureAlgorithm;
import dev.gatehouse.hmac.SignatureKey;
import dev.gatehouse.hmac.SignatureProfile;
import dev.gatehouse.hmac.SignatureVerifier;
import dev.gatehouse.secret.Digest;
import dev.gatehouse.secret.RandomIds;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Verifies HTTP Message Signatures (RFC 9421). The package describes the format and what it
/// proves.
///
/// Checks that the signature covers the components of the settings, that it has `created` and
/// `keyid`, that its times are valid, and that the body has the signed digest. If the body is not
/// read yet, the gate compares the digest while it forwards the body. Finds nothing on a route that
/// takes a webhook. Thread-safe.
public final class MessageSignatureProfile implements SignatureProfile {

  private static final int NONCE_CHARS = 22;
  private static final int ECDSA_BYTES = 64;
  private static final byte DER_SEQUENCE = 0x30;

  // A request without Content-Digest must have an empty body.
  private static final BodyDigest EMPTY_BODY_DIGEST =
      new BodyDigest("SHA-256", Digest.sha256(new byte[0]).bytes());

  private final MessageSignatureSettings settings;
  private final SignatureVerifier verifier;

  /// A profile that looks up keys and records uses with this verifier.
  public MessageSignatureProfile(MessageSignatureSettings settings, SignatureVerifier verifier) {
    this.settings = settings;
    this.verifier = verifier;
  }

  @Override
  public Set<String> fields() {
    return Set.of(PresentedMessageSignature.INPUT_FIELD, PresentedMessageSignature.SIGNATURE_FIELD);
  }

  /// The field `Accept-Signature`, which says what a signature must cover (RFC 9421 §5.1). Each
  /// call makes a new nonce.
  @Override
  public Map<String, String> challengeFields() {
    return Map.of("Accept-Signature", settings.acceptSignature(RandomIds.text(NONCE_CHARS)));
  }

  @Override
  public Presented find(AuthRequest request, Policy policy) {
    if (policy.webhook() != null) {
      return Presented.None.INSTANCE;
    }
    try {
      Optional<PresentedMessageSignature> signature =
          PresentedMessageSignature.in(request.fields(), settings.label());
      if (signature.isEmpty()) {
        return Presented.None.INSTANCE;
      }
      require(signature.get().parameters());
      requireForwarded(signature.get().parameters(), request.fields());
      return new Found(
          request, signature.get(), expectedBody(request.fields(), signature.get().parameters()));
    } catch (MalformedSignatureException malformed) {
      return new Presented.Malformed(CredentialLocation.SIGNATURE_FIELD, malformed.rejection());
    }
  }

  // RFC 9421 §3.2.1: the requirements of the application on a signature.
  private void require(SignatureParameters parameters) throws MalformedSignatureException {
    for (String component : settings.components()) {
      if (!component.equals(ContentDigest.FIELD) && !parameters.covers(component)) {
        throw new MalformedSignatureException(
            "The signature does not cover " + component + ", as it must here");
      }
    }
    if (settings.nonceRequired() && parameters.nonce() == null) {
      throw new MalformedSignatureException("The signature needs the parameter nonce here");
    }
    String tag = settings.tag();
    if (tag != null && !tag.equals(parameters.tag())) {
      throw new MalformedSignatureException("The signature needs the tag \"" + tag + "\" here");
    }
    String alg = parameters.alg();
    if (alg != null && SignatureAlgorithm.of(alg).isEmpty()) {
      throw new MalformedSignatureException("The signature's alg is none that is known here");
    }
    Long expires = parameters.expires();
    if (expires != null && expires <= parameters.created()) {
      throw new MalformedSignatureException("The signature expires before it was created");
    }
  }

  // Connection is not signed. An attacker on the path could name a signed field there, and the gate
  // would not forward the field. RFC 9110 §7.6.1 forbids that for fields that all recipients need.
  private static void requireForwarded(SignatureParameters parameters, HeaderFields fields)
      throws MalformedSignatureException {
    for (CoveredComponent component : parameters.components()) {
      if (ConnectionOptions.isListed(fields, component.name())) {
        throw new MalformedSignatureException(
            "Connection names "
                + component.name()
                + ", which is signed and would not be forwarded");
      }
    }
  }

  // The digest that the body must have. A digest that is not signed proves nothing, so it is
  // refused. A body without a signed digest is refused too.
  private static BodyDigest expectedBody(HeaderFields fields, SignatureParameters parameters)
      throws MalformedSignatureException {
    List<String> lines = fields.values(ContentDigest.FIELD);
    boolean covered = parameters.covers(ContentDigest.FIELD);
    if (!covered && !lines.isEmpty()) {
      throw new MalformedSignatureException(
          "Content-Digest is sent, and the signature does not cover it");
    }
    if (!covered && announcesBody(fields)) {
      throw new MalformedSignatureException(
          "A request with a body needs a Content-Digest, and a signature that covers it");
    }
    // If the field is covered and absent, building the signature base fails later.
    return lines.isEmpty() ? EMPTY_BODY_DIGEST : ContentDigest.of(lines);
  }

  // RFC 9112 §6.3. In HTTP/2, a body may arrive without an announcement. It must then be empty, and
  // the digest of an empty body is compared with it.
  private static boolean announcesBody(HeaderFields fields) {
    List<String> lengths = fields.values("Content-Length");
    return !fields.values("Transfer-Encoding").isEmpty()
        || !(lengths.isEmpty() || lengths.equals(List.of("0")));
  }

  private final class Found implements Presented.Credential {

    private final AuthRequest request;
    private final PresentedMessageSignature presented;
    private final SignatureParameters parameters;
    private final BodyDigest expected;

    Found(AuthRequest request, PresentedMessageSignature presented, BodyDigest expected) {
      this.request = request;
      this.presented = presented;
      this.parameters = presented.parameters();
      this.expected = expected;
    }

    @Override
    public CredentialLocation location() {
      return CredentialLocation.SIGNATURE_FIELD;
    }

    @Override
    public @Nullable Digest memoryKey() {
      return null; // A signature is accepted once, so nothing is remembered.
    }

    @Override
    public boolean readsBody() {
      return !request.body().isEmpty() && !request.body().isWithheld();
    }

    @Override
    public Outcome verify() {
      Instant created = Instant.ofEpochSecond(parameters.created());
      Outcome.Rejected late = verifier.outsideWindow(created);
      if (late == null) {
        late = verifier.expired(expiresAt());
      }
      if (late != null) {
        return late;
      }
      // The signature base may be long, so it is built only if the key exists.
      return verifier.verify(request, parameters.keyId(), key -> verifyWith(key, created));
    }

    @Override
    public Outcome verifyAgain(Principal before) {
      return verifier.verifyAgain(request, parameters.keyId());
    }

    // RFC 9421 §2.3.
    private @Nullable Instant expiresAt() {
      Long expires = parameters.expires();
      return expires == null ? null : Instant.ofEpochSecond(expires);
    }

    private SignatureVerifier.Verdict verifyWith(SignatureKey key, Instant created) {
      // RFC 9421 §3.2, step 6: alg must be the algorithm of the key.
      String alg = parameters.alg();
      if (alg != null && !alg.equals(key.algorithm().id())) {
        return bad("the signature claims " + alg + ", and its key is for " + key.algorithm().id());
      }
      SignatureBase base = SignatureBase.of(request);
      byte[] signed;
      try {
        signed = bytes(base.text(parameters));
      } catch (MalformedSignatureException lacking) {
        // Only operators see what the request lacks. A client could otherwise find out which keys
        // exist.
        return bad(String.valueOf(lacking.getMessage()));
      }
      if (!key.verifies(signed, presented.signature())) {
        return new SignatureVerifier.Verdict.Invalid(
            SignatureVerifier.rejected("the signature does not match")
                .withExplanation(new Explanation(base.masked(parameters), hints(key, base))));
      }
      boolean later = request.body().isWithheld() && !request.body().isEmpty();
      if (!later && !isExpected(request.body().bytes(verifier.maxBodyBytes()))) {
        return bad("the body has another digest than the one that was signed");
      }
      return new SignatureVerifier.Verdict.Valid(
          verifier.signatureUse(
              parameters.keyId(), SignatureVerifier.useDigest(parameters.keyId(), signed), created),
          expiresAt(),
          later ? expected : null);
    }

    private boolean isExpected(byte[] body) {
      MessageDigest digest = expected.begin();
      digest.update(body);
      return expected.matches(digest);
    }

    private SignatureVerifier.Verdict bad(String cause) {
      return new SignatureVerifier.Verdict.Invalid(SignatureVerifier.rejected(cause));
    }

    // Looks for the mistakes that clients often make. It tries them only if a try costs an HMAC of
    // a short text. With a public key, each try would cost as much as the verification.
    private List<String> hints(SignatureKey key, SignatureBase base) {
      List<String> hints = new ArrayList<>();
      byte[] signature = presented.signature();
      if (key.algorithm() == SignatureAlgorithm.ECDSA_P256_SHA256
          && signature.length != ECDSA_BYTES
          && signature.length > 0
          && signature[0] == DER_SEQUENCE) {
        hints.add("The signature is DER: send r and s with 32 bytes each (IEEE P1363).");
      }
      if (key.algorithm().isSymmetric()) {
        if (matches(key, base.with("http", request.target()))) {
          hints.add("The scheme http was signed: what clients see is https.");
        }
        if (matches(key, base.with(request.scheme(), request.path()))) {
          hints.add("The query was left out: sign the whole target URI, query included.");
        }
      }
      if (hints.isEmpty()) {
        hints.add("The wrong key: check that the key belongs to this keyid.");
        hints.add(
            "A component was changed on the way, or has another value at the client: compare what"
                + " it signed with the text above, line by line.");
      }
      return hints;
    }

    private boolean matches(SignatureKey key, SignatureBase other) {
      try {
        return key.verifies(bytes(other.text(parameters)), presented.signature());
      } catch (MalformedSignatureException lacking) {
        return false;
      }
    }
  }

  private static byte[] bytes(String base) {
    return base.getBytes(StandardCharsets.US_ASCII);
  }
}
