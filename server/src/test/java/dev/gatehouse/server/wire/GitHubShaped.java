package dev.gatehouse.server.wire;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A provider in the shape of a GitHub Enterprise Server, as its documentation has it: OAuth 2.0
/// without an ID token, errors with status 200, and an API that says who it is.
///
/// On a free port of 127.0.0.1; its API is below `/api/v3`.
public final class GitHubShaped implements AutoCloseable {

  /// An account there.
  ///
  /// @param verified whether the address is
  /// @param organisations to which it belongs, in the order in which they are listed
  public record Person(
      int id, String login, String email, boolean verified, List<String> organisations) {

    public Person {
      organisations = List.copyOf(organisations);
    }
  }

  private record Code(Person person, String redirectUri, String scope, String challenge) {}

  private record Token(Person person, String scope) {}

  private static final int MOST_PER_PAGE = 100;
  private static final int USUAL_PER_PAGE = 30;

  private final HttpsServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<Person> people;
  private final Map<String, Code> codes = new ConcurrentHashMap<>();
  private final Map<String, Token> tokens = new ConcurrentHashMap<>();

  private volatile String client = "";
  private volatile String secret = "";
  private volatile String redirectUri = "";

  /// Starts it.
  public GitHubShaped(TestCertificates certificates, Person... people) throws IOException {
    this.people = List.of(people);
    server = HttpsServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(certificates.serve()));
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  /// Where people sign in.
  public URI issuer() {
    return URI.create("https://127.0.0.1:" + server.getAddress().getPort());
  }

  /// Where its API begins.
  public URI api() {
    return issuer().resolve("/api/v3");
  }

  /// Tells it who its client is.
  public void register(String aClient, String itsSecret, String itsRedirectUri) {
    client = aClient;
    secret = itsSecret;
    redirectUri = itsRedirectUri;
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String what = exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath();
      switch (what) {
        case "GET /login/oauth/authorize" -> ask(exchange);
        case "POST /login/oauth/authorize" -> authorized(exchange);
        case "POST /login/oauth/access_token" -> exchanged(exchange);
        case "GET /api/v3/user", "GET /api/v3/user/emails", "GET /api/v3/user/orgs" ->
            api(exchange, what.substring("GET /api/v3".length()));
        default -> answer(exchange, 404, "text/plain", "Not Found");
      }
    }
  }

  private void ask(HttpExchange exchange) throws IOException {
    Map<String, String> asked = fields(exchange.getRequestURI().getRawQuery());
    // A redirect_uri may be left out there; a wrong one leads to the registered one, with an error.
    if (!client.equals(asked.get("client_id"))
        || !redirectUri.equals(asked.get("redirect_uri"))
        || !"S256".equals(asked.get("code_challenge_method"))) {
      answer(exchange, 404, "text/html; charset=utf-8", "<h1>Not Found</h1>");
      return;
    }
    String buttons =
        people.stream()
            .map(
                person ->
                    "<p><button name=login value="
                        + person.login
                        + ">Authorize as "
                        + person.login
                        + "</button></p>")
            .collect(Collectors.joining());
    answer(
        exchange,
        200,
        "text/html; charset=utf-8",
        "<!doctype html><title>Authorize</title><h1>Authorize gate</h1><form method=post>"
            + buttons
            + "<p><button name=login value=''>Cancel</button></p></form>");
  }

  private void authorized(HttpExchange exchange) throws IOException {
    Map<String, String> asked = fields(exchange.getRequestURI().getRawQuery());
    String login = fields(body(exchange)).getOrDefault("login", "");
    String state = "&state=" + encoded(asked.getOrDefault("state", ""));
    String query =
        people.stream()
            .filter(person -> person.login.equals(login))
            .findFirst()
            .map(
                person -> {
                  String code = UUID.randomUUID().toString().replace("-", "").substring(12);
                  codes.put(
                      code,
                      new Code(
                          person,
                          asked.getOrDefault("redirect_uri", ""),
                          asked.getOrDefault("scope", ""),
                          asked.getOrDefault("code_challenge", "")));
                  return "?code=" + code + state;
                })
            .orElse(
                "?error=access_denied&error_description=The+user+has+denied+your+application"
                    + "+access.&error_uri="
                    + encoded("https://docs.github.com/apps/troubleshooting")
                    + state);
    exchange.getResponseHeaders().set("Location", redirectUri + query);
    answer(exchange, 302, "text/html; charset=utf-8", "");
  }

  private void exchanged(HttpExchange exchange) throws IOException {
    Map<String, String> asked = fields(body(exchange));
    Code code = codes.remove(asked.getOrDefault("code", ""));
    Map<String, String> answer = new HashMap<>();
    if (!client.equals(asked.get("client_id")) || !secret.equals(asked.get("client_secret"))) {
      answer.put("error", "incorrect_client_credentials");
      answer.put("error_description", "The client_id and/or client_secret passed are incorrect.");
    } else if (code == null || !code.challenge.equals(challenge(asked.get("code_verifier")))) {
      answer.put("error", "bad_verification_code");
      answer.put("error_description", "The code passed is incorrect or expired.");
    } else if (!code.redirectUri.equals(asked.getOrDefault("redirect_uri", code.redirectUri))) {
      answer.put("error", "redirect_uri_mismatch");
      answer.put(
          "error_description",
          "The redirect_uri MUST match the registered callback URL for this application.");
    } else {
      String token = "gho_" + UUID.randomUUID().toString().replace("-", "");
      tokens.put(token, new Token(code.person, code.scope));
      answer.put("access_token", token);
      answer.put("scope", code.scope.replace(' ', ',')); // with commas, unlike RFC 6749 §3.3
      answer.put("token_type", "bearer");
    }
    if (answer.containsKey("error")) {
      answer.put("error_uri", "https://docs.github.com/apps/troubleshooting");
    }
    // 200, also for errors, and a form unless JSON is asked for
    String accept = exchange.getRequestHeaders().getFirst("Accept");
    if (accept != null && accept.contains("application/json")) {
      answer(
          exchange,
          200,
          "application/json; charset=utf-8",
          new JsonObject(new HashMap<String, Object>(answer)).encode());
    } else {
      answer(
          exchange,
          200,
          "application/x-www-form-urlencoded; charset=utf-8",
          answer.entrySet().stream()
              .map(field -> field.getKey() + "=" + encoded(field.getValue()))
              .collect(Collectors.joining("&")));
    }
  }

  private void api(HttpExchange exchange, String path) throws IOException {
    if (exchange.getRequestHeaders().getFirst("User-Agent") == null) {
      answer(exchange, 403, "text/html", "Request forbidden by administrative rules.");
      return;
    }
    String authorization = exchange.getRequestHeaders().getFirst("Authorization");
    Token token =
        authorization == null ? null : tokens.get(authorization.replaceFirst("^[Bb]earer ", ""));
    if (token == null) {
      json(exchange, 401, new JsonObject().put("message", "Bad credentials").put("status", "401"));
      return;
    }
    List<String> scopes = List.of(token.scope.split("[ ,]", -1));
    switch (path) {
      case "/user" -> json(exchange, 200, user(token.person));
      case "/user/emails" -> {
        if (scopes.contains("user:email") || scopes.contains("user")) {
          json(exchange, 200, emails(token.person));
        } else {
          json(exchange, 404, new JsonObject().put("message", "Not Found").put("status", "404"));
        }
      }
      default -> {
        if (scopes.contains("read:org") || scopes.contains("user")) {
          organisations(exchange, token.person);
        } else {
          json(
              exchange,
              403,
              new JsonObject()
                  .put(
                      "message", "You need at least read:org scope or user scope to list your orgs")
                  .put("status", "403"));
        }
      }
    }
  }

  private static JsonObject user(Person person) {
    return new JsonObject()
        .put("login", person.login)
        .put("id", person.id)
        .put("node_id", "U_" + person.id)
        .put("type", "User")
        .put("site_admin", false)
        .put("name", null)
        // What the owner shows to everybody: nobody verified that it is theirs.
        .put("email", "ceo@example.com")
        .put("two_factor_authentication", true);
  }

  private static JsonArray emails(Person person) {
    return new JsonArray()
        .add(
            new JsonObject()
                .put("email", person.id + "+" + person.login + "@users.noreply.example")
                .put("verified", true)
                .put("primary", false)
                .put("visibility", null))
        .add(
            new JsonObject()
                .put("email", person.email)
                .put("verified", person.verified)
                .put("primary", true)
                .put("visibility", "private"));
  }

  private void organisations(HttpExchange exchange, Person person) throws IOException {
    Map<String, String> asked = fields(exchange.getRequestURI().getRawQuery());
    int size =
        Math.min(
            MOST_PER_PAGE, Integer.parseInt(asked.getOrDefault("per_page", USUAL_PER_PAGE + "")));
    int page = Integer.parseInt(asked.getOrDefault("page", "1"));
    List<String> all = person.organisations;
    int from = Math.min(all.size(), size * (page - 1));
    int to = Math.min(all.size(), from + size);
    JsonArray listed = new JsonArray();
    for (String login : all.subList(from, to)) {
      listed.add(
          new JsonObject()
              .put("login", login)
              .put("id", 1_000 + all.indexOf(login))
              .put("description", null));
    }
    if (to < all.size()) {
      exchange
          .getResponseHeaders()
          .set("Link", "<" + api() + "/user/orgs?page=" + (page + 1) + ">; rel=\"next\"");
    }
    json(exchange, 200, listed);
  }

  private static void json(HttpExchange exchange, int status, Object document) throws IOException {
    answer(exchange, status, "application/json; charset=utf-8", document.toString());
  }

  private static void answer(HttpExchange exchange, int status, String type, String body)
      throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private static String body(HttpExchange exchange) throws IOException {
    return new String(exchange.getRequestBody().readNBytes(16_384), StandardCharsets.UTF_8);
  }

  private static Map<String, String> fields(@Nullable String form) {
    return Arrays.stream(form == null ? new String[0] : form.split("&", -1))
        .map(field -> field.split("=", 2))
        .filter(pair -> pair.length == 2)
        .collect(
            Collectors.toMap(
                pair -> pair[0], pair -> URLDecoder.decode(pair[1], StandardCharsets.UTF_8)));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static String challenge(@Nullable String verifier) {
    try {
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString(
              MessageDigest.getInstance("SHA-256")
                  .digest(String.valueOf(verifier).getBytes(StandardCharsets.US_ASCII)));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.close();
  }
}
