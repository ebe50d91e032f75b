package dev.gatehouse.server.admin;

import dev.gatehouse.apikey.ApiKeys;
import dev.gatehouse.apikey.StoredApiKey;
import dev.gatehouse.credential.CredentialIssuance;
import dev.gatehouse.credential.IssuedCredential;
import io.vertx.core.json.JsonObject;

/// API keys.
public final class KeyCalls extends CredentialCalls<StoredApiKey> {

  private final ApiKeys keys;

  public KeyCalls(ApiKeys keys, AccountCalls accounts) {
    super(keys, accounts, "/keys", "rotate");
    this.keys = keys;
  }

  @Override
  AdminApi.Answer issue(Input input) {
    return issued(keys.issue(request(issueBody(input))));
  }

  @Override
  AdminApi.Answer rotate(Input input) {
    JsonInput body = rotationBody(input);
    return issued(keys.rotate(input.name(), overlap(body), expiresAt(body)));
  }

  private AdminApi.Answer issued(CredentialIssuance<StoredApiKey> issuance) {
    return issued(issuance, (document, issued) -> document.put("key", issued.secret()));
  }

  @Override
  void describe(JsonObject document, IssuedCredential<StoredApiKey> key) {
    document.put("hint", key.material().hint()).put("owner", key.owner());
  }
}
