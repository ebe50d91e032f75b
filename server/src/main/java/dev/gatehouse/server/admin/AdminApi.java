package dev.gatehouse.server.admin;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.Decision;
import dev.gatehouse.Gate;
import dev.gatehouse.Method;
import dev.gatehouse.Policy;
import dev.gatehouse.Reason;
import dev.gatehouse.Refusal;
import dev.gatehouse.Scopes;
import dev.gatehouse.StoreUnavailableException;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.Accounts;
import dev.gatehouse.apikey.ApiKeys;
import dev.gatehouse.apikey.StoredApiKey;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Answers calls of the admin API. Speaks no HTTP itself: a request in, an answer out, so that any
/// listener can carry it. Thread-safe; every call may block.
public final class AdminApi {

  /// Where the API begins.
  public static final String BASE = "/admin/api/v1";

  /// The scope that every call needs. Only a local grant can hold it.
  public static final String SCOPE = "gatehouse:admin";

  /// The longest body that a call takes.
  public static final int MAX_BODY_BYTES = 65_536;

  /// An answer: a status and a JSON document, or a refusal.
  public sealed interface Answer {

    /// What was asked for.
    record Json(int status, JsonObject document) implements Answer {}

    /// Why there is no more.
    record Problem(Refusal refusal) implements Answer {}

    /// The path takes other methods only (RFC 9110 §15.5.6 wants them named).
    record WrongMethod(Refusal refusal, List<String> allowed) implements Answer {}
  }

  private static final Policy POLICY =
      Policy.accepting(Method.API_KEY).requiring(Map.of(Policy.ANY_OTHER, Scopes.of(SCOPE)));

  // A page that a browser was led to by a name of its own (DNS rebinding) sends that name here.
  private static final Pattern LOOPBACK_HOST =
      Pattern.compile("(localhost|127\\.0\\.0\\.1|\\[::1])(:\\d{1,5})?", Pattern.CASE_INSENSITIVE);

  private static final Set<String> ACCOUNT_QUERY = Set.of("kind", "after", "limit");
  private static final Set<String> KEY_QUERY = Set.of("owner", "after", "limit");

  private static final int DEFAULT_LIMIT = 100;
  private static final int MAX_LIMIT = 1_000;

  private record Call(String httpMethod, Pattern path, Set<String> parameters, Action action) {}

  @FunctionalInterface
  private interface Action {
    Answer answer(Matcher path, Map<String, String> query, String body);
  }

  private final Gate gate;
  private final Accounts accounts;
  private final ApiKeys keys;
  private final List<Call> calls;

  /// Manages these accounts and keys for callers whom the gate admits.
  public AdminApi(Gate gate, Accounts accounts, ApiKeys keys) {
    this.gate = gate;
    this.accounts = accounts;
    this.keys = keys;
    this.calls =
        List.of(
            call("GET", "/openapi\\.json", (path, query, body) -> OpenApi.answer()),
            call("GET", "/accounts", ACCOUNT_QUERY, (path, query, body) -> listAccounts(query)),
            call("POST", "/accounts", (path, query, body) -> addAccount(body)),
            call("GET", "/accounts/([^/]+)", (path, query, body) -> showAccount(name(path))),
            call("PATCH", "/accounts/([^/]+)", (path, query, body) -> change(name(path), body)),
            call("GET", "/keys", KEY_QUERY, (path, query, body) -> listKeys(query)),
            call("POST", "/keys", (path, query, body) -> issueKey(body)),
            call("GET", "/keys/([^/]+)", (path, query, body) -> showKey(name(path))),
            call("POST", "/keys/([^/]+)/rotate", (path, query, body) -> rotate(name(path), body)),
            call("POST", "/keys/([^/]+)/revoke", (path, query, body) -> revoke(name(path))));
  }

  /// Answers a request.
  ///
  /// @param body as UTF-8 text, at most [#MAX_BODY_BYTES]
  public Answer answer(AuthRequest request, String body) {
    List<String> hosts = request.fields().values("Host");
    if (hosts.size() != 1 || !LOOPBACK_HOST.matcher(hosts.getFirst()).matches()) {
      return problem(
          Reason.MALFORMED_REQUEST, "The admin API answers to localhost only", "a foreign Host");
    }
    if (gate.recall(request, POLICY).orElseGet(() -> gate.admit(request, POLICY))
        instanceof Decision.Refused refused) {
      return new Answer.Problem(refused.refusal());
    }
    String target = request.target();
    int mark = target.indexOf('?');
    String path = mark < 0 ? target : target.substring(0, mark);
    try {
      List<String> allowed = new ArrayList<>();
      for (Call call : calls) {
        Matcher matcher = call.path.matcher(path);
        if (matcher.matches()) {
          if (call.httpMethod.equals(request.method())) {
            return call.action.answer(matcher, query(request.query(), call.parameters), body);
          }
          allowed.add(call.httpMethod);
        }
      }
      if (!allowed.isEmpty()) {
        return new Answer.WrongMethod(
            Refusal.of(
                Reason.METHOD_NOT_ALLOWED,
                "This call takes " + String.join(", ", allowed),
                "another method of an admin call"),
            allowed);
      }
      return problem(
          Reason.NOT_FOUND,
          "There is no such call; " + BASE + "/openapi.json lists them",
          "no admin call of that method and path");
    } catch (JsonInput.BadInputException bad) {
      return refused(String.valueOf(bad.getMessage()));
    } catch (StoreUnavailableException unavailable) {
      return problem(
          Reason.UNAVAILABLE,
          "The store did not answer; whether the change was made is not known",
          unavailable.toString());
    }
  }

  private Answer addAccount(String body) {
    JsonInput input = JsonInput.read(body, Set.of("kind", "name", "email", "roles", "scopes"));
    Scopes scopes = input.optionalScopes("scopes");
    return changed(
        201,
        accounts.add(
            kind(input.text("kind")),
            input.text("name"),
            input.optionalText("email").orElse(null),
            input.texts("roles"),
            scopes == null ? Scopes.NONE : scopes));
  }

  private Answer change(String name, String body) {
    JsonInput input = JsonInput.read(body, Set.of("roles", "scopes", "disabled"));
    Optional<Account> account = accounts.find(name);
    if (account.isEmpty()) {
      return noAccount(name);
    }
    Accounts.Change change = new Accounts.Change.Done(account.get());
    if (input.has("roles") || input.has("scopes")) {
      Scopes scopes = input.optionalScopes("scopes");
      change =
          accounts.grant(
              account.get().id(),
              input.has("roles") ? input.texts("roles") : account.get().roles(),
              scopes == null ? account.get().scopes() : scopes);
    }
    if (input.has("disabled") && change instanceof Accounts.Change.Done) {
      change = accounts.setDisabled(account.get().id(), input.flag("disabled"));
    }
    return changed(200, change);
  }

  private Answer showAccount(String name) {
    return accounts
        .find(name)
        .<Answer>map(account -> new Answer.Json(200, json(account)))
        .orElseGet(() -> noAccount(name));
  }

  private Answer listAccounts(Map<String, String> query) {
    int limit = limit(query);
    List<Account> page =
        accounts.list(kind(query.getOrDefault("kind", "person")), query.get("after"), limit);
    JsonArray items = new JsonArray();
    page.forEach(account -> items.add(json(account)));
    return page(items, page.size() == limit ? page.getLast().id() : null);
  }

  private Answer issueKey(String body) {
    JsonInput input =
        JsonInput.read(
            body, Set.of("owner", "name", "scopes", "expiresAt", "networks", "requestsPerMinute"));
    return issued(
        keys.issue(
            new ApiKeys.Request(
                input.text("owner"),
                input.text("name"),
                input.optionalScopes("scopes"),
                input.optionalInstant("expiresAt").orElse(null),
                input.networks("networks"),
                input.optionalNumber("requestsPerMinute").orElse(null))));
  }

  private Answer rotate(String id, String body) {
    JsonInput input = JsonInput.read(body, Set.of("overlapSeconds", "expiresAt"));
    Duration overlap =
        input
            .optionalNumber("overlapSeconds")
            .map(Duration::ofSeconds)
            .orElse(ApiKeys.DEFAULT_OVERLAP);
    return issued(keys.rotate(id, overlap, input.optionalInstant("expiresAt").orElse(null)));
  }

  private Answer revoke(String id) {
    keys.revoke(id); // revoking twice is no error: it is revoked
    return showKey(id);
  }

  private Answer showKey(String id) {
    return keys.find(id)
        .<Answer>map(key -> new Answer.Json(200, json(key)))
        .orElseGet(AdminApi::noKey);
  }

  private Answer listKeys(Map<String, String> query) {
    int limit = limit(query);
    String owner = query.get("owner");
    String ownerId = null;
    if (owner != null) {
      Optional<Account> account = accounts.find(owner);
      if (account.isEmpty()) {
        return noAccount(owner);
      }
      ownerId = account.get().id();
    }
    List<StoredApiKey> page = keys.list(ownerId, query.get("after"), limit);
    JsonArray items = new JsonArray();
    page.forEach(key -> items.add(json(key)));
    return page(items, page.size() == limit ? page.getLast().id() : null);
  }

  private Answer changed(int status, Accounts.Change change) {
    return switch (change) {
      case Accounts.Change.Done(Account account) -> new Answer.Json(status, json(account));
      case Accounts.Change.Refused(String why) -> refused(why);
      case Accounts.Change.NotFound() -> problem(Reason.NOT_FOUND, "No such account", "gone");
    };
  }

  private Answer issued(ApiKeys.Issuance issuance) {
    return switch (issuance) {
      case ApiKeys.Issuance.Issued(StoredApiKey key, String secret) ->
          new Answer.Json(201, json(key).put("key", secret));
      case ApiKeys.Issuance.Refused(String why) -> refused(why);
      case ApiKeys.Issuance.NotFound() -> noKey();
    };
  }

  private JsonObject json(Account account) {
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

  private static JsonObject json(StoredApiKey key) {
    JsonArray networks = new JsonArray();
    key.networks().forEach(network -> networks.add(network.toString()));
    return new JsonObject()
        .put("id", key.id())
        .put("name", key.name())
        .put("hint", key.hint())
        .put("owner", key.owner())
        .put("scopes", array(key.scopes()))
        .put("networks", networks)
        .put("requestsPerMinute", key.requestsPerMinute())
        .put("createdAt", key.createdAt().toString())
        .put("expiresAt", text(key.expiresAt()))
        .put("lastUsedAt", text(key.lastUsedAt()))
        .put("revokedAt", text(key.revokedAt()))
        .put("successor", key.successor());
  }

  private static @Nullable String text(@Nullable Instant instant) {
    return instant == null ? null : instant.toString();
  }

  private static JsonArray array(Scopes scopes) {
    return new JsonArray(List.copyOf(scopes.tokens()));
  }

  private static Answer page(JsonArray items, @Nullable String next) {
    return new Answer.Json(200, new JsonObject().put("items", items).put("next", next));
  }

  private static Account.Kind kind(String text) {
    return switch (text) {
      case "person" -> Account.Kind.PERSON;
      case "service" -> Account.Kind.SERVICE;
      default -> throw new JsonInput.BadInputException("'kind' must be person or service");
    };
  }

  private static int limit(Map<String, String> query) {
    String text = query.getOrDefault("limit", Integer.toString(DEFAULT_LIMIT));
    if (!text.matches("[1-9]\\d{0,3}") || Integer.parseInt(text) > MAX_LIMIT) {
      throw new JsonInput.BadInputException("'limit' must be 1 to " + MAX_LIMIT);
    }
    return Integer.parseInt(text);
  }

  // A mistyped filter would answer with everything, so it is refused.
  private static Map<String, String> query(String query, Set<String> known) {
    Map<String, String> parameters = new HashMap<>();
    for (String pair : query.isEmpty() ? new String[0] : query.split("&", -1)) {
      int equals = pair.indexOf('=');
      String name = decoded(equals < 0 ? pair : pair.substring(0, equals));
      if (!known.contains(name)) {
        throw new JsonInput.BadInputException(
            "Unknown parameter '" + name + "'; this call takes " + new TreeSet<>(known));
      }
      if (parameters.put(name, equals < 0 ? "" : decoded(pair.substring(equals + 1))) != null) {
        throw new JsonInput.BadInputException("The parameter '" + name + "' is there twice");
      }
    }
    return parameters;
  }

  private static String name(Matcher path) {
    return decoded(path.group(1).replace("+", "%2B")); // a plus sign in a path is a plus sign
  }

  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException broken) {
      throw new JsonInput.BadInputException("The URL holds a broken percent-encoding");
    }
  }

  private static Call call(String httpMethod, String path, Action action) {
    return call(httpMethod, path, Set.of(), action);
  }

  private static Call call(String httpMethod, String path, Set<String> parameters, Action action) {
    return new Call(httpMethod, Pattern.compile(Pattern.quote(BASE) + path), parameters, action);
  }

  private static Answer refused(String why) {
    return problem(Reason.MALFORMED_REQUEST, why, why);
  }

  private static Answer noAccount(String name) {
    return problem(Reason.NOT_FOUND, "There is no account '" + name + "'", "no such account");
  }

  private static Answer noKey() {
    return problem(Reason.NOT_FOUND, "There is no key of that id", "no such key");
  }

  private static Answer problem(Reason reason, String detail, String cause) {
    return new Answer.Problem(Refusal.of(reason, detail, cause));
  }
}
