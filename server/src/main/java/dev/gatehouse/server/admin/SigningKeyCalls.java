package dev.gatehouse.server.admin;

import dev.gatehouse.identity.IdentityTokens;
import dev.gatehouse.jwt.AccessTokens;
import dev.gatehouse.signing.SigningKeys;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The keys with which the gate signs: an administrator lists and rotates them.
public final class SigningKeyCalls implements CallGroup {

  private final SigningKeys tokenKeys;
  private final SigningKeys identityKeys;

  /// @param tokenKeys that sign access tokens
  /// @param identityKeys that sign what tells upstreams who is calling
  public SigningKeyCalls(SigningKeys tokenKeys, SigningKeys identityKeys) {
    this.tokenKeys = tokenKeys;
    this.identityKeys = identityKeys;
  }

  @Override
  public List<Call> all() {
    return List.of(
        Call.withParameter("GET", "/signing-keys", "for", this::listSigningKeys),
        Call.of("POST", "/signing-keys/rotate", this::rotateSigningKey));
  }

  private AdminApi.Answer listSigningKeys(Input input) {
    return published(signingKeys(input.parameter("for")));
  }

  private AdminApi.Answer rotateSigningKey(Input input) {
    JsonInput body = input.json("for", "revokeOld");
    SigningKeys keys = signingKeys(body.optionalText("for").orElse(null));
    boolean revoke = body.has("revokeOld") && body.flag("revokeOld");
    return (revoke ? keys.revoke() : keys.rotate())
        ? published(keys)
        : Call.refused("The keys are secrets that the configuration gives: put a new one first");
  }

  private SigningKeys signingKeys(@Nullable String purpose) {
    return switch (purpose) {
      case null -> tokenKeys;
      case AccessTokens.PURPOSE -> tokenKeys;
      case IdentityTokens.PURPOSE -> identityKeys;
      default ->
          throw new JsonInput.BadInputException(
              "'for' must be '" + AccessTokens.PURPOSE + "' or '" + IdentityTokens.PURPOSE + "'");
    };
  }

  private static AdminApi.Answer published(SigningKeys keys) {
    return Call.ok(new JsonObject(keys.publishedKeys().toJSONObject(true)));
  }
}
