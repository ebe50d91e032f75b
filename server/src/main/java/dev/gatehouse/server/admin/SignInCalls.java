package dev.gatehouse.server.admin;

import dev.gatehouse.FailureText;
import dev.gatehouse.Reason;
import dev.gatehouse.identity.IdentityTokens;
import dev.gatehouse.jwt.AccessTokens;
import dev.gatehouse.jwt.TokenFamily;
import dev.gatehouse.jwt.TokenStore;
import dev.gatehouse.jwt.Tokens;
import dev.gatehouse.password.Passwords;
import dev.gatehouse.session.SessionStore;
import dev.gatehouse.session.Sessions;
import dev.gatehouse.session.StoredSession;
import dev.gatehouse.signing.SigningKeys;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What people sign in with, and what came of it: passwords, sessions, tokens.
final class SignInCalls {

  private static final Duration RESET_LIFE = Duration.ofHours(24);

  private final AccountCalls accounts;
  private final Passwords passwords;
  private final Sessions sessions;
  private final Tokens tokens;
  private final SigningKeys tokenKeys;
  private final SigningKeys identityKeys;
  private final Supplier<String> resetPage;

  /// @param resetPage the address of the page where a one-time link leads
  SignInCalls(
      AccountCalls accounts,
      Passwords passwords,
      Sessions sessions,
      Tokens tokens,
      SigningKeys tokenKeys,
      SigningKeys identityKeys,
      Supplier<String> resetPage) {
    this.accounts = accounts;
    this.passwords = passwords;
    this.sessions = sessions;
    this.tokens = tokens;
    this.tokenKeys = tokenKeys;
    this.identityKeys = identityKeys;
    this.resetPage = resetPage;
  }

  List<Call> all() {
    return List.of(
        Call.of("PUT", "/accounts/([^/]+)/password", this::setPassword),
        Call.of("POST", "/accounts/([^/]+)/password-reset", this::startReset),
        Call.list("/sessions", "owner", this::listSessions),
        Call.of("POST", "/sessions/([^/]+)/end", this::endSession),
        Call.list("/tokens", "owner", this::listTokens),
        Call.of("POST", "/tokens/([^/]+)/revoke", this::revokeTokens),
        Call.withParameter("GET", "/signing-keys", "for", this::listSigningKeys),
        Call.of("POST", "/signing-keys/rotate", this::rotateSigningKey));
  }

  private AdminApi.Answer setPassword(Input input) {
    JsonInput body = input.json("password", "hash");
    if (body.has("password") == body.has("hash")) {
      return Call.refused("Give 'password', or the 'hash' of one that was made elsewhere");
    }
    return changed(
        body.has("password")
            ? passwords.set(input.name(), body.text("password"))
            : passwords.importHash(input.name(), body.text("hash")));
  }

  private AdminApi.Answer changed(Passwords.Change change) {
    return switch (change) {
      case Passwords.Change.Done done -> Call.ok(accounts.json(done.account()));
      case Passwords.Change.Refused(String why) -> Call.refused(why);
      case Passwords.Change.Rejected(var rejected) -> Call.refused(rejected.detail());
      case Passwords.Change.Unavailable(Throwable cause) ->
          Call.problem(
              Reason.UNAVAILABLE, "The password could not be set now", FailureText.of(cause));
      case Passwords.Change.NotFound() -> Call.notFound("There is no such account");
    };
  }

  private AdminApi.Answer startReset(Input input) {
    Duration life =
        input
            .json("lifeSeconds")
            .optionalNumber("lifeSeconds")
            .map(Duration::ofSeconds)
            .orElse(RESET_LIFE);
    if (life.compareTo(Duration.ofMinutes(1)) < 0 || life.compareTo(Passwords.MAX_RESET_LIFE) > 0) {
      return Call.refused(
          "A link is good for a minute to " + Passwords.MAX_RESET_LIFE.toDays() + " days");
    }
    return passwords
        .startReset(input.name(), life)
        .<AdminApi.Answer>map(
            link ->
                new AdminApi.Answer.Json(
                    201,
                    new JsonObject()
                        .put("link", resetPage.get() + "?token=" + link.token())
                        .put("token", link.token())
                        .put("expiresAt", link.expiresAt().toString())))
        .orElseGet(() -> Call.notFound("There is no person '" + input.name() + "'"));
  }

  private AdminApi.Answer listSessions(Input input) {
    return accounts.ofOwner(
        input,
        owner ->
            Call.page(
                sessions.list(owner, input.parameter("after"), input.limit()),
                input.limit(),
                this::json,
                owned -> owned.session().id()));
  }

  private AdminApi.Answer endSession(Input input) {
    return sessions.end(input.name())
        ? Call.ok(new JsonObject().put("id", input.name()).put("live", false))
        : Call.notFound("There is no session of that id");
  }

  private JsonObject json(SessionStore.Owned owned) {
    StoredSession session = owned.session();
    return new JsonObject()
        .put("id", session.id())
        .put("owner", session.account())
        .put("ownerName", owned.owner().name())
        .put("live", sessions.isLive(owned))
        .put("createdAt", session.createdAt().toString())
        .put("lastSeenAt", session.lastSeenAt().toString())
        .put("expiresAt", session.expiresAt().toString())
        .put("agent", session.agent())
        .put("address", session.address());
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
