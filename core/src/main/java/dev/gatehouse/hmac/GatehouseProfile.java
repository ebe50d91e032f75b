package dev.gatehouse.hmac;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.CredentialLocation;
import dev.gatehouse.Explanation;
import dev.gatehouse.Outcome;
import dev.gatehouse.Policy;
import dev.gatehouse.Presented;
import dev.gatehouse.Principal;
import dev.gatehouse.secret.Digest;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Verifies signatures in the gate's own format: an HMAC-SHA-256 over method, request target,
/// timestamp and the hash of the body. The package describes the wire format.
///
/// Checks the form of the fields, then the time, then the key, and then the signature over the body
/// as it was sent. The host is not signed: [SignatureVerifier] checks whether the key is valid for
/// it. Reads the whole body before it accepts. Finds nothing on a route that takes a webhook.
/// Thread-safe.
public final class GatehouseProfile implements SignatureProfile {

  private final SignatureVerifier verifier;

  /// A profile that looks up keys and records uses with this verifier.
  public GatehouseProfile(SignatureVerifier verifier) {
    this.verifier = verifier;
  }

  @Override
  public Set<String> fields() {
    return Set.of(
        PresentedSignature.KEY_ID,
        PresentedSignature.TIMESTAMP,
        PresentedSignature.SIGNATURE,
        PresentedSignature.NONCE);
  }

  @Override
  public Presented find(AuthRequest request, Policy policy) {
    if (policy.webhook() != null) {
      return Presented.None.INSTANCE;
    }
    return switch (PresentedSignature.in(request)) {
      case PresentedSignature.Reading.None none -> Presented.None.INSTANCE;
      case PresentedSignature.Reading.Malformed(Presented.Malformed malformed) -> malformed;
      case PresentedSignature.Reading.Found(PresentedSignature signature) ->
          new Found(request, signature);
    };
  }

  /// Returns the text that is signed. Each part is used as it is; nothing is checked or normalized.
  ///
  /// @param target the request target as it is sent, with the query
  /// @param timestamp the value of `X-Timestamp`
  /// @param bodyHash the SHA-256 of the body in lower-case hex; empty: there is no body
  /// @param nonce the value of `X-Nonce`; null: it is not sent
  public static String stringToSign(
      String method, String target, String timestamp, String bodyHash, @Nullable String nonce) {
    String four = method + "\n" + target + "\n" + timestamp + "\n" + bodyHash;
    return nonce == null ? four : four + "\n" + nonce;
  }

  private final class Found implements Presented.Credential {

    private final AuthRequest request;
    private final PresentedSignature presented;

    Found(AuthRequest request, PresentedSignature presented) {
      this.request = request;
      this.presented = presented;
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
      return !request.body().isEmpty();
    }

    @Override
    public Outcome verify() {
      Instant signedAt = Instant.ofEpochSecond(presented.seconds());
      Outcome.Rejected late = verifier.outsideWindow(signedAt);
      return late == null
          ? verifier.verify(request, presented.keyId(), key -> verifyWith(key, signedAt))
          : late.withExplanation(outsideWindow(late));
    }

    @Override
    public Outcome verifyAgain(Principal before) {
      return verifier.verifyAgain(request, presented.keyId());
    }

    private SignatureVerifier.Verdict verifyWith(SignatureKey key, Instant signedAt) {
      if (!key.algorithm().isSymmetric()) {
        return invalid("the key has no secret: it signs HTTP Message Signatures");
      }
      byte[] body = request.body().bytes(verifier.maxBodyBytes());
      String bodyHash = body.length == 0 ? "" : sha256(body);
      byte[] signed = bytes(string(request.target(), bodyHash));
      return key.verifies(signed, presented.signature())
          ? new SignatureVerifier.Verdict.Valid(
              verifier.signatureUse(
                  presented.keyId(), SignatureVerifier.useDigest(presented.signature()), signedAt))
          : new SignatureVerifier.Verdict.Invalid(
              SignatureVerifier.rejected("the signature does not match")
                  .withExplanation(new Explanation(shown(bodyHash), hints(key, bodyHash))));
    }

    private SignatureVerifier.Verdict invalid(String cause) {
      return new SignatureVerifier.Verdict.Invalid(SignatureVerifier.rejected(cause));
    }

    private String string(String target, String bodyHash) {
      return stringToSign(
          request.method(), target, presented.timestamp(), bodyHash, presented.nonce());
    }

    private String shown(String bodyHash) {
      return string(MaskedQuery.target(request), bodyHash);
    }

    private Explanation outsideWindow(Outcome.Rejected late) {
      List<String> hints = new ArrayList<>();
      hints.add("The client's clock is off: it was " + late.cause() + ".");
      if (verifier.outsideWindow(Instant.ofEpochMilli(presented.seconds())) == null) {
        hints.addFirst("X-Timestamp holds milliseconds: send seconds.");
      }
      return new Explanation(shown(""), hints);
    }

    // Tries the mistakes that clients often make. Each try costs one HMAC of a short text.
    private List<String> hints(SignatureKey key, String bodyHash) {
      List<String> hints = new ArrayList<>();
      String target = request.target();
      if (matches(key, request.path(), bodyHash)) {
        hints.add("The query was left out: sign the whole request target, query included.");
      }
      if (matches(key, request.scheme() + "://" + request.authority() + target, bodyHash)) {
        hints.add("The whole URL was signed: sign the request target only, from the first slash.");
      }
      if (!bodyHash.isEmpty() && matches(key, target, "")) {
        hints.add("The body was left out: sign the hash of the bytes that are sent.");
      }
      if (matches(key, target, bodyHash.toUpperCase(Locale.ROOT)) && !bodyHash.isEmpty()) {
        hints.add("The hash of the body was signed in upper case: sign it in lower case.");
      }
      if (bodyHash.isEmpty() && matches(key, target, sha256(new byte[0]))) {
        hints.add("The hash of an empty body was signed: without a body that line is empty.");
      }
      if (presented.nonce() != null
          && key.verifies(
              bytes(stringToSign(request.method(), target, presented.timestamp(), bodyHash, null)),
              presented.signature())) {
        hints.add("The nonce was not signed: when X-Nonce is sent, it is the last line.");
      }
      if (key.verifies(bytes(string(target, bodyHash) + "\n"), presented.signature())) {
        hints.add("A line ending follows the last line: the text ends with the last line.");
      }
      if (hints.isEmpty()) {
        hints.add(
            "The wrong key: check that the secret belongs to this key id, and that no line break follows it.");
        if (!bodyHash.isEmpty()) {
          hints.add(
              "The body was serialised again after it was signed: sign the very bytes that are"
                  + " sent; the gate got a body whose hash is the one above.");
        }
        hints.add(
            "The method, the path or the query was changed on the way, or is encoded otherwise"
                + " than it was signed: compare it with the text above.");
      }
      return hints;
    }

    private boolean matches(SignatureKey key, String target, String bodyHash) {
      return key.verifies(bytes(string(target, bodyHash)), presented.signature());
    }
  }

  private static byte[] bytes(String text) {
    // The listener refuses a target that is not ASCII, so each character is one byte.
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static String sha256(byte[] body) {
    return HexFormat.of().formatHex(Digest.sha256(body).bytes());
  }
}
