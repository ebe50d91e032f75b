package dev.gatehouse.server.admin;

import dev.gatehouse.Scopes;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.Accounts;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Accounts.
public final class AccountCalls implements CallGroup {

  private final Accounts accounts;

  public AccountCalls(Accounts accounts) {
    this.accounts = accounts;
  }

  @Override
  public List<Call> all() {
    return List.of(
        Call.list("/accounts", "kind", this::list),
        Call.of("POST", "/accounts", this::add),
        Call.of("GET", "/accounts/([^/]+)", this::show),
        Call.of("PATCH", "/accounts/([^/]+)", this::change),
        Call.of("POST", "/accounts/([^/]+)/sign-out", this::signOut));
  }

  private AdminApi.Answer add(Input input) {
    JsonInput body = input.json("kind", "name", "email", "roles", "scopes");
    Scopes scopes = body.optionalScopes("scopes");
    return changed(
        201,
        accounts.add(
            kind(body.text("kind")),
            body.text("name"),
            body.optionalText("email").orElse(null),
            body.texts("roles"),
            scopes == null ? Scopes.NONE : scopes));
  }

  private AdminApi.Answer change(Input input) {
    JsonInput body = input.json("roles", "scopes", "disabled");
    Accounts.Change change =
        accounts.change(
            input.name(),
            body.has("roles") ? body.texts("roles") : null,
            body.optionalScopes("scopes"),
            body.has("disabled") ? body.flag("disabled") : null);
    return change instanceof Accounts.Change.NotFound ? none(input.name()) : changed(200, change);
  }

  private AdminApi.Answer signOut(Input input) {
    return changed(200, accounts.endSignIns(input.name()));
  }

  private AdminApi.Answer show(Input input) {
    return accounts
        .find(input.name())
        .map(account -> Call.ok(json(account)))
        .orElseGet(() -> none(input.name()));
  }

  private AdminApi.Answer list(Input input) {
    String kind = input.parameter("kind");
    return Call.page(
        accounts.list(
            kind(kind == null ? "person" : kind), input.parameter("after"), input.limit()),
        input.limit(),
        this::json,
        Account::id);
  }

  /// Answers with a list of what belongs to the account that the query's `owner` names, or to all.
  AdminApi.Answer ofOwner(Input input, Function<@Nullable String, AdminApi.Answer> list) {
    String owner = input.parameter("owner");
    if (owner == null) {
      return list.apply(null);
    }
    Optional<Account> account = accounts.find(owner);
    return account.isEmpty() ? none(owner) : list.apply(account.get().id());
  }

  /// The account of that name or id.
  Optional<Account> find(String nameOrId) {
    return accounts.find(nameOrId);
  }

  AdminApi.Answer changed(int status, Accounts.Change change) {
    return switch (change) {
      case Accounts.Change.Done(Account account) -> new AdminApi.Answer.Json(status, json(account));
      case Accounts.Change.Refused(String why) -> Call.refused(why);
      case Accounts.Change.NotFound() -> Call.notFound("There is no such account");
    };
  }

  JsonObject json(Account account) {
    return new JsonObject()
        .put("id", account.id())
        .put("kind", account.kind() == Account.Kind.PERSON ? "person" : "service")
        .put("name", account.name())
        .put("email", account.email())
        .put("roles", new JsonArray(List.copyOf(account.roles())))
        .put("scopes", array(account.scopes()))
        .put("effectiveScopes", array(accounts.scopesOf(account)))
        .put("disabled", account.disabled())
        .put("createdAt", account.createdAt().toString());
  }

  static JsonArray array(Scopes scopes) {
    return new JsonArray(List.copyOf(scopes.tokens()));
  }

  static AdminApi.Answer none(String name) {
    return Call.notFound("There is no account '" + name + "'");
  }

  private static Account.Kind kind(String text) {
    return switch (text) {
      case "person" -> Account.Kind.PERSON;
      case "service" -> Account.Kind.SERVICE;
      default -> throw new JsonInput.BadInputException("'kind' must be person or service");
    };
  }
}
