package dev.gatehouse.server.admin;

import dev.gatehouse.Webhook;
import dev.gatehouse.credential.CredentialIssuance;
import dev.gatehouse.credential.IssuedCredential;
import dev.gatehouse.hmac.SignatureAlgorithm;
import dev.gatehouse.hmac.SignatureKeys;
import dev.gatehouse.hmac.StoredSignatureKey;
import dev.gatehouse.hmac.webhook.WebhookSecrets;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The keys that requests and webhooks are signed with.
public final class SignatureKeyCalls extends CredentialCalls<StoredSignatureKey> {

  private final SignatureKeys keys;
  private final Map<String, Webhook.Vendor> webhooks;

  /// @param webhooks the vendor of each webhook that the routes take, by its name
  public SignatureKeyCalls(
      SignatureKeys keys, Map<String, Webhook.Vendor> webhooks, AccountCalls accounts) {
    super(keys, accounts, "/signature-keys", "rotate");
    this.keys = keys;
    this.webhooks = Map.copyOf(webhooks);
  }

  @Override
  AdminApi.Answer issue(Input input) {
    JsonInput body = issueBody(input, "algorithm", "publicKey", "secret", "webhook", "hosts");
    String webhook = body.optionalText("webhook").orElse(null);
    SignatureKeys.Material material = material(body, webhook);
    return issued(
        body,
        material,
        keys.issue(
            new SignatureKeys.Request(request(body), material, webhook, body.texts("hosts"))));
  }

  @Override
  AdminApi.Answer rotate(Input input) {
    JsonInput body = rotationBody(input, "algorithm", "publicKey", "secret");
    String webhook = keys.find(input.name()).map(key -> key.material().webhook()).orElse(null);
    SignatureKeys.Material material = material(body, webhook);
    return issued(
        body, material, keys.rotate(input.name(), material, overlap(body), expiresAt(body)));
  }

  private SignatureKeys.Material material(JsonInput body, @Nullable String webhook) {
    return webhook == null ? material(body) : webhookMaterial(body, webhook);
  }

  // Some vendors let the receiver choose the secret, and each has a form of its own.
  private SignatureKeys.Material webhookMaterial(JsonInput body, String webhook) {
    if (body.optionalText("algorithm").isPresent() || body.optionalText("publicKey").isPresent()) {
      throw new JsonInput.BadInputException(
          "a webhook takes a 'secret', and neither 'algorithm' nor 'publicKey'");
    }
    Webhook.Vendor vendor = webhooks.get(webhook);
    if (vendor == null) {
      throw new JsonInput.BadInputException(
          "no route takes a webhook of that name: add webhook: {vendor: …, name: …} to one, and"
              + " start the gate anew");
    }
    String secret =
        body.optionalText("secret")
            .or(() -> WebhookSecrets.random(vendor))
            .orElseThrow(
                () ->
                    new JsonInput.BadInputException(
                        vendor.id() + " makes the secret itself: give it as 'secret'"));
    try {
      WebhookSecrets.key(vendor, secret);
    } catch (IllegalArgumentException unfit) {
      throw new JsonInput.BadInputException(String.valueOf(unfit.getMessage()));
    }
    return new SignatureKeys.Material.GivenSecret(secret);
  }

  private static SignatureKeys.Material material(JsonInput body) {
    SignatureAlgorithm algorithm =
        body.optionalText("algorithm")
            .map(
                id ->
                    SignatureAlgorithm.of(id)
                        .orElseThrow(
                            () ->
                                new JsonInput.BadInputException(
                                    "'algorithm' must be hmac-sha256, ed25519, ecdsa-p256-sha256 or"
                                        + " rsa-pss-sha512")))
            .orElse(SignatureAlgorithm.HMAC_SHA256);
    Optional<String> publicKey = body.optionalText("publicKey");
    Optional<String> secret = body.optionalText("secret");
    if (algorithm.isSymmetric() == publicKey.isPresent()
        || (secret.isPresent() && publicKey.isPresent())) {
      throw new JsonInput.BadInputException(
          algorithm.isSymmetric()
              ? "'publicKey' goes with another 'algorithm' than hmac-sha256"
              : "'" + algorithm.id() + "' takes the 'publicKey' in PEM, and no 'secret'");
    }
    if (publicKey.isPresent()) {
      return new SignatureKeys.Material.PublicKey(algorithm, publicKey.get());
    }
    return secret
        .<SignatureKeys.Material>map(SignatureKeys.Material.GivenSecret::new)
        .orElse(new SignatureKeys.Material.NewSecret());
  }

  private AdminApi.Answer issued(
      JsonInput body,
      SignatureKeys.Material material,
      CredentialIssuance<StoredSignatureKey> issuance) {
    return issued(
        issuance,
        (document, issued) -> {
          if (issued.secret() != null) {
            document.put("secret", issued.secret());
          } else if (material instanceof SignatureKeys.Material.GivenSecret(String secret)
              && body.optionalText("secret").isEmpty()) {
            document.put("secret", secret); // made here, in the vendor's form
          }
        });
  }

  @Override
  void describe(JsonObject document, IssuedCredential<StoredSignatureKey> key) {
    StoredSignatureKey material = key.material();
    document
        .put("algorithm", material.algorithm().id())
        .put("webhook", material.webhook())
        .put("owner", key.owner())
        .put("hosts", new JsonArray(List.copyOf(new TreeSet<>(material.hosts()))));
  }
}
