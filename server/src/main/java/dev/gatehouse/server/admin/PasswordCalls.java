package dev.gatehouse.server.admin;

import dev.gatehouse.FailureText;
import dev.gatehouse.Reason;
import dev.gatehouse.password.Passwords;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/// The passwords of people: an administrator sets one, or makes a link by which its owner does.
public final class PasswordCalls implements CallGroup {

  private static final Duration DEFAULT_RESET_LIFE = Duration.ofHours(24);

  private final Passwords passwords;
  private final Supplier<String> resetPage;
  private final AccountCalls accounts;

  /// @param resetPage the address of the page where a one-time link leads; asked for with each link
  public PasswordCalls(Passwords passwords, Supplier<String> resetPage, AccountCalls accounts) {
    this.passwords = passwords;
    this.resetPage = resetPage;
    this.accounts = accounts;
  }

  @Override
  public List<Call> all() {
    return List.of(
        Call.of("PUT", "/accounts/([^/]+)/password", this::setPassword),
        Call.of("POST", "/accounts/([^/]+)/password-reset", this::startReset));
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
            .orElse(DEFAULT_RESET_LIFE);
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
}
