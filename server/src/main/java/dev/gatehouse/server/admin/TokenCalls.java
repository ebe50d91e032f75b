package dev.gatehouse.server.admin;

import dev.gatehouse.jwt.TokenFamily;
import dev.gatehouse.jwt.TokenStore;
import dev.gatehouse.jwt.Tokens;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;

/// Families of the gate's own tokens: an administrator lists and revokes them.
public final class TokenCalls implements CallGroup {

  private final Tokens tokens;
  private final AccountCalls accounts;

  public TokenCalls(Tokens tokens, AccountCalls accounts) {
    this.tokens = tokens;
    this.accounts = accounts;
  }

  @Override
  public List<Call> all() {
    return List.of(
        Call.list("/tokens", "owner", this::listTokens),
        Call.of("POST", "/tokens/([^/]+)/revoke", this::revokeTokens));
  }

  private AdminApi.Answer listTokens(Input input) {
    return accounts.ofOwner(
        input,
        owner ->
            Call.page(
                tokens.list(owner, input.parameter("after"), input.limit()),
                input.limit(),
                this::json,
                owned -> owned.family().id()));
  }

  private AdminApi.Answer revokeTokens(Input input) {
    return tokens.revoke(input.name())
        ? Call.ok(new JsonObject().put("id", input.name()).put("live", false))
        : Call.notFound("There are no tokens of that id");
  }

  private JsonObject json(TokenStore.Owned owned) {
    TokenFamily family = owned.family();
    return new JsonObject()
        .put("id", family.id())
        .put("owner", family.account())
        .put("ownerName", owned.owner().name())
        .put("clientId", family.clientId())
        .put("live", tokens.isLive(owned))
        .put("scopes", Optional.ofNullable(family.scopes()).map(AccountCalls::array).orElse(null))
        .put("createdAt", family.createdAt().toString())
        .put("expiresAt", family.expiresAt().toString())
        .put("lastUsedAt", Call.text(family.lastUsedAt()));
  }
}
