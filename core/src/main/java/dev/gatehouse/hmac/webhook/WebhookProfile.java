package dev.gatehouse.hmac.webhook;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.CredentialLocation;
import dev.gatehouse.Explanation;
import dev.gatehouse.Outcome;
import dev.gatehouse.Policy;
import dev.gatehouse.Presented;
import dev.gatehouse.Principal;
import dev.gatehouse.Webhook;
import dev.gatehouse.hmac.MalformedSignatureException;
import dev.gatehouse.hmac.SignatureKey;
import dev.gatehouse.hmac.SignatureProfile;
import dev.gatehouse.hmac.SignatureVerifier;
import dev.gatehouse.replay.ReplayStore;
import dev.gatehouse.secret.Digest;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Verifies the signatures of webhook vendors, on routes that take a webhook. The package describes
/// the formats and what they prove.
///
/// Checks the syntax, then the time if the format signs one, and then the signature with each
/// secret of the webhook. Reads the whole body before it accepts. Thread-safe.
public final class WebhookProfile implements SignatureProfile {

  private final WebhookSettings settings;
  private final SignatureVerifier verifier;
  private final Clock clock;

  /// A profile that looks up secrets and records uses with this verifier.
  public WebhookProfile(WebhookSettings settings, SignatureVerifier verifier, Clock clock) {
    this.settings = settings;
    this.verifier = verifier;
    this.clock = clock;
  }

  /// Returns no field. On a route that takes no webhook, the fields of the vendors belong to the
  /// upstream. [#signatureFields] names them for the other routes.
  @Override
  public Set<String> fields() {
    return Set.of();
  }

  /// The names of the fields with the signatures of this vendor. On a route that takes its
  /// webhooks, the gate does not forward them. It forwards the vendor's times and ids: an upstream
  /// can use the id to recognize an event that it has processed before.
  public static Set<String> signatureFields(Webhook.Vendor vendor) {
    return Set.copyOf(WebhookFormat.of(vendor).signatureFields());
  }

  /// The names of the fields that this vendor signs and that are forwarded. A field whose name is
  /// another spelling of one of them must not be forwarded, because some servers do not distinguish
  /// the two.
  public static Set<String> signedFields(Webhook.Vendor vendor) {
    return Set.copyOf(WebhookFormat.of(vendor).signedFields());
  }

  @Override
  public Presented find(AuthRequest request, Policy policy) {
    Webhook webhook = policy.webhook();
    if (webhook == null) {
      return Presented.None.INSTANCE;
    }
    try {
      PresentedWebhook presented = WebhookFormat.of(webhook.vendor()).parse(request.fields());
      return presented == null ? Presented.None.INSTANCE : new Found(request, webhook, presented);
    } catch (MalformedSignatureException none) {
      return new Presented.Malformed(CredentialLocation.SIGNATURE_FIELD, none.rejection());
    }
  }

  private final class Found implements Presented.Credential {

    private final AuthRequest request;
    private final Webhook webhook;
    private final PresentedWebhook presented;

    Found(AuthRequest request, Webhook webhook, PresentedWebhook presented) {
      this.request = request;
      this.webhook = webhook;
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
      Instant signedAt = presented.signedAt();
      Outcome.Rejected late = signedAt == null ? null : verifier.outsideWindow(signedAt);
      return late == null
          ? verifier.verifyWebhook(webhook.name(), this::verifyWith)
          : late.withExplanation(
              new Explanation(
                  presented.signedPrefix(),
                  List.of(
                      "The event was signed long ago, or a clock is off: it was "
                          + late.cause()
                          + ".")));
    }

    @Override
    public Outcome verifyAgain(Principal before) {
      return verifier.verifyWebhookAgain(webhook.name(), before.credential());
    }

    private SignatureVerifier.Verdict verifyWith(SignatureKey key) {
      byte[] mac;
      try {
        mac = WebhookSecrets.key(webhook.vendor(), text(key));
      } catch (IllegalArgumentException unfit) {
        return new SignatureVerifier.Verdict.Invalid(
            SignatureVerifier.rejected(
                "a secret of the webhook '"
                    + webhook.name()
                    + "' does not fit the vendor: "
                    + unfit.getMessage()));
      }
      byte[] body = request.body().bytes(verifier.maxBodyBytes());
      return presented.isSignedBy(mac, body)
          ? new SignatureVerifier.Verdict.Valid(use(body))
          : new SignatureVerifier.Verdict.Invalid(
              SignatureVerifier.rejected("no signature of the event matches")
                  .withExplanation(new Explanation(shown(body), hints(key, body))));
    }

    private ReplayStore.Use use(byte[] body) {
      Digest digest = presented.useDigest(webhook.name(), body);
      Instant signedAt = presented.signedAt();
      String holder = SignatureVerifier.webhookHolder(webhook.name());
      if (signedAt != null) {
        return verifier.signatureUse(holder, digest, signedAt);
      }
      Instant now = clock.instant();
      return new ReplayStore.Use(
          ReplayStore.Kind.UNTIMED_EVENT,
          holder,
          digest,
          now,
          now.plus(settings.untimedEventRetention()));
    }

    // Shows a hash in place of the body, because the body is confidential.
    private String shown(byte[] body) {
      return presented.signedPrefix()
          + "<the body of "
          + body.length
          + " bytes, with the SHA-256 "
          + HexFormat.of().formatHex(Digest.sha256(body).bytes())
          + ">";
    }

    // Tries the mistakes that people often make, but only for a short body. So the answer to a
    // wrong signature costs little more than the answer to a right one.
    private List<String> hints(SignatureKey key, byte[] body) {
      List<String> hints = new ArrayList<>();
      if (body.length <= MAX_HINTED_BODY_BYTES) {
        if (isSigned(bytes("whsec_" + text(key)), body)) {
          hints.add(
              "The vendor's secret begins with whsec_, which was left out when it was added.");
        }
        if (isSigned(bytes(text(key) + "\n"), body)) {
          hints.add("The sender's copy of the secret ends with a line break.");
        }
        if (body.length > 0
            && isSigned(WebhookSecrets.key(webhook.vendor(), text(key)), new byte[0])) {
          hints.add("The body was left out: it is signed as it is sent.");
        }
      }
      if (hints.isEmpty()) {
        hints.add(
            "The wrong secret: each endpoint at the vendor's has its own, and those for tests have"
                + " others.");
        hints.add(
            "Something on the way read the body and wrote it anew: the gate got a body whose hash"
                + " is the one above.");
      }
      return hints;
    }

    private boolean isSigned(byte[] mac, byte[] body) {
      return presented.isSignedBy(mac, body);
    }
  }

  private static final int MAX_HINTED_BODY_BYTES = 4096;

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static String text(SignatureKey key) {
    return new String(key.secret(), StandardCharsets.US_ASCII);
  }
}
