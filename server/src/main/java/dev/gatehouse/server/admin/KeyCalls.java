package dev.gatehouse.server.admin;

import dev.gatehouse.apikey.ApiKeys;
import dev.gatehouse.apikey.StoredApiKey;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;

/// API keys.
final class KeyCalls {

  private final ApiKeys keys;
  private final AccountCalls accounts;

  KeyCalls(ApiKeys keys, AccountCalls accounts) {
    this.keys = keys;
    this.accounts = accounts;
  }

  List<Call> all() {
    return List.of(
        Call.list("/keys", "owner", this::list),
        Call.of("POST", "/keys", this::issue),
        Call.of("GET", "/keys/([^/]+)", this::show),
        Call.of("POST", "/keys/([^/]+)/rotate", this::rotate),
        Call.of("POST", "/keys/([^/]+)/revoke", this::revoke));
  }

  private AdminApi.Answer issue(Input input) {
    JsonInput body =
        input.json("owner", "name", "scopes", "expiresAt", "networks", "requestsPerMinute");
    return issued(
        keys.issue(
            new ApiKeys.Request(
                body.text("owner"),
                body.text("name"),
                body.optionalScopes("scopes"),
                body.optionalInstant("expiresAt").orElse(null),
                body.networks("networks"),
                body.optionalNumber("requestsPerMinute").orElse(null))));
  }

  private AdminApi.Answer rotate(Input input) {
    JsonInput body = input.json("overlapSeconds", "expiresAt");
    Duration overlap =
        body.optionalNumber("overlapSeconds")
            .map(Duration::ofSeconds)
            .orElse(ApiKeys.DEFAULT_OVERLAP);
    return issued(
        keys.rotate(input.name(), overlap, body.optionalInstant("expiresAt").orElse(null)));
  }

  private AdminApi.Answer revoke(Input input) {
    keys.revoke(input.name()); // revoking twice is no error: it is revoked
    return show(input);
  }

  private AdminApi.Answer show(Input input) {
    return Call.found(keys.find(input.name()), "key", KeyCalls::json);
  }

  private AdminApi.Answer list(Input input) {
    return accounts.ofOwner(
        input,
        owner ->
            Call.page(
                keys.list(owner, input.parameter("after"), input.limit()),
                input.limit(),
                KeyCalls::json,
                StoredApiKey::id));
  }

  private static AdminApi.Answer issued(ApiKeys.Issuance issuance) {
    return switch (issuance) {
      case ApiKeys.Issuance.Issued(StoredApiKey key, String secret) ->
          new AdminApi.Answer.Json(201, json(key).put("key", secret));
      case ApiKeys.Issuance.Refused(String why) -> Call.refused(why);
      case ApiKeys.Issuance.NotFound() -> Call.notFound("There is no key of that id");
    };
  }

  private static JsonObject json(StoredApiKey key) {
    JsonArray networks = new JsonArray();
    key.networks().forEach(network -> networks.add(network.toString()));
    return new JsonObject()
        .put("id", key.id())
        .put("name", key.name())
        .put("hint", key.hint())
        .put("owner", key.owner())
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
