package dev.gatehouse.server.admin;

import dev.gatehouse.oauth.DeniedToken;
import dev.gatehouse.oauth.DeniedTokens;
import io.vertx.core.json.JsonObject;
import java.util.List;

/// Which access tokens of other issuers count no more.
public final class DeniedTokenCalls implements CallGroup {

  private final DeniedTokens denied;

  public DeniedTokenCalls(DeniedTokens denied) {
    this.denied = denied;
  }

  @Override
  public List<Call> all() {
    return List.of(
        Call.list("/denied-tokens", this::list),
        Call.of("POST", "/denied-tokens", this::deny),
        Call.of("POST", "/denied-tokens/([^/]+)/allow", this::allow));
  }

  private AdminApi.Answer list(Input input) {
    return Call.page(
        denied.list(input.parameter("after"), input.limit()),
        input.limit(),
        DeniedTokenCalls::json,
        DeniedToken::id);
  }

  private AdminApi.Answer deny(Input input) {
    JsonInput body = input.json("issuer", "subject", "tokenId", "note", "until");
    try {
      return new AdminApi.Answer.Json(
          201,
          json(
              denied.deny(
                  body.text("issuer"),
                  body.optionalText("subject").orElse(null),
                  body.optionalText("tokenId").orElse(null),
                  body.optionalText("note").orElse(""),
                  body.optionalInstant("until").orElse(null))));
    } catch (IllegalArgumentException wrong) {
      return Call.refused(String.valueOf(wrong.getMessage()));
    }
  }

  private AdminApi.Answer allow(Input input) {
    return denied.allow(input.name())
        ? Call.ok(new JsonObject().put("id", input.name()).put("live", false))
        : Call.notFound("There is no denial of that id");
  }

  private static JsonObject json(DeniedToken denied) {
    return new JsonObject()
        .put("id", denied.id())
        .put("issuer", denied.issuer())
        .put("subject", denied.subject())
        .put("tokenId", denied.tokenId())
        .put("note", denied.note())
        .put("createdAt", denied.createdAt().toString())
        .put("until", Call.text(denied.until()));
  }
}
