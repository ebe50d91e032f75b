package dev.gatehouse.server.admin;

import dev.gatehouse.Webhook;
import dev.gatehouse.account.CredentialTerms;
import dev.gatehouse.hmac.SignatureAlgorithm;
import dev.gatehouse.hmac.SignatureKeys;
import dev.gatehouse.hmac.StoredSignatureKey;
import dev.gatehouse.hmac.webhook.WebhookSecrets;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The keys that requests and webhooks are signed with.
final class SignatureKeyCalls {

  private final SignatureKeys keys;
  private final Map<String, Webhook.Vendor> webhooks;
  private final AccountCalls accounts;

  /// @param webhooks the vendor of each webhook that the routes take, by its name
  SignatureKeyCalls(
      SignatureKeys keys, Map<String, Webhook.Vendor> webhooks, AccountCalls accounts) {
    this.keys = keys;
    this.webhooks = Map.copyOf(webhooks);
    this.accounts = accounts;
  }

  List<Call> all() {
    return List.of(
        Call.list("/signature-keys", "owner", this::list),
        Call.of("POST", "/signature-keys", this::issue),
        Call.of("GET", "/signature-keys/([^/]+)", this::show),
        Call.of("POST", "/signature-keys/([^/]+)/rotate", this::rotate),
        Call.of("POST", "/signature-keys/([^/]+)/revoke", this::revoke));
  }

  private AdminApi.Answer issue(Input input) {
    JsonInput body =
        input.json(
            "owner",
            "name",
            "algorithm",
            "publicKey",
            "secret",
            "webhook",
            "hosts",
            "scopes",
            "expiresAt",
            "networks",
            "requestsPerMinute");
    String webhook = body.optionalText("webhook").orElse(null);
    SignatureKeys.Material material = material(body, webhook);
    return issued(
        body,
        material,
        keys.issue(
            new SignatureKeys.Request(
                body.text("owner"),
                body.text("name"),
                material,
                webhook,
                body.texts("hosts"),
                body.optionalScopes("scopes"),
                body.optionalInstant("expiresAt").orElse(null),
                body.networks("networks"),
                body.optionalNumber("requestsPerMinute").orElse(null))));
  }

  private AdminApi.Answer rotate(Input input) {
    JsonInput body = input.json("overlapSeconds", "expiresAt", "algorithm", "publicKey", "secret");
    Duration overlap =
        body.optionalNumber("overlapSeconds")
            .map(Duration::ofSeconds)
            .orElse(CredentialTerms.DEFAULT_OVERLAP);
    String webhook = keys.find(input.name()).map(StoredSignatureKey::webhook).orElse(null);
    SignatureKeys.Material material = material(body, webhook);
    return issued(
        body,
        material,
        keys.rotate(
            input.name(), material, overlap, body.optionalInstant("expiresAt").orElse(null)));
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
    return new SignatureKeys.Material.Given(secret);
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
      return new SignatureKeys.Material.Public(algorithm, publicKey.get());
    }
    return secret
        .<SignatureKeys.Material>map(SignatureKeys.Material.Given::new)
        .orElse(new SignatureKeys.Material.Random());
  }

  private AdminApi.Answer revoke(Input input) {
    keys.revoke(input.name()); // revoking twice is no error: it is revoked
    return show(input);
  }

  private AdminApi.Answer show(Input input) {
    return Call.found(keys.find(input.name()), "key", SignatureKeyCalls::json);
  }

  private AdminApi.Answer list(Input input) {
    return accounts.ofOwner(
        input,
        owner ->
            Call.page(
                keys.list(owner, input.parameter("after"), input.limit()),
                input.limit(),
                SignatureKeyCalls::json,
                StoredSignatureKey::id));
  }

  private static AdminApi.Answer issued(
      JsonInput body, SignatureKeys.Material material, SignatureKeys.Issuance issuance) {
    return switch (issuance) {
      case SignatureKeys.Issuance.Issued issued -> {
        JsonObject key = json(issued.key());
        if (issued.secret() != null) {
          key.put("secret", issued.secret());
        } else if (material instanceof SignatureKeys.Material.Given(String secret)
            && body.optionalText("secret").isEmpty()) {
          key.put("secret", secret); // made here, in the vendor's form
        }
        yield new AdminApi.Answer.Json(201, key);
      }
      case SignatureKeys.Issuance.Refused(String why) -> Call.refused(why);
      case SignatureKeys.Issuance.NotFound() -> Call.notFound("There is no key of that id");
    };
  }

  private static JsonObject json(StoredSignatureKey key) {
    JsonArray networks = new JsonArray();
    key.networks().forEach(network -> networks.add(network.toString()));
    return new JsonObject()
        .put("id", key.id())
        .put("name", key.name())
        .put("algorithm", key.algorithm().id())
        .put("webhook", key.webhook())
        .put("owner", key.owner())
        .put("hosts", new JsonArray(List.copyOf(new TreeSet<>(key.hosts()))))
        .put("scopes", AccountCalls.array(key.scopes()))
        .put("networks", networks)
        .put("requestsPerMinute", key.requestsPerMinute())
        .put("createdAt", key.createdAt().toString())
        .put("expiresAt", Call.text(key.expiresAt()))
        .put("lastUsedAt", Call.text(key.lastUsedAt()))
        .put("revokedAt", Call.text(key.revokedAt()))
        .put("successor", key.successor());
  }
}
