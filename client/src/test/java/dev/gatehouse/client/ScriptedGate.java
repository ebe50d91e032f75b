package dev.gatehouse.client;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// The other side of a client, on a real socket: it does with tokens what a gate does, one sign-in
/// after the other, remembers what came, and misbehaves when it is told to.
///
/// `/api/auth/…` and `/auth/token` are the gate's; any other path wants a token that is good, or a
/// field `X-API-Key`, and answers with the request's body.
final class ScriptedGate implements AutoCloseable {

  static final String PASSWORD = "correct \"horse\" bättery \uD83D\uDC0E";

  /// A request as it came.
  record Seen(String method, String target, Map<String, List<String>> fields, String body) {
    @Nullable String field(String name) {
      for (Map.Entry<String, List<String>> field : fields.entrySet()) {
        if (field.getKey().equalsIgnoreCase(name)) {
          return String.join("|", field.getValue());
        }
      }
      return null;
    }
  }

  /// Does something else than usual with a request.
  interface Script {
    /// Whether it answered, or ended the connection.
    boolean run(HttpExchange exchange, Seen seen) throws IOException, InterruptedException;
  }

  final List<Seen> seen = new CopyOnWriteArrayList<>();
  final List<String> burned = new CopyOnWriteArrayList<>();
  private final Set<String> good = ConcurrentHashMap.newKeySet();
  private final Set<String> spent = ConcurrentHashMap.newKeySet();
  private final AtomicInteger number = new AtomicInteger();
  private final Map<String, Script> scripts = new ConcurrentHashMap<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpServer server;

  ScriptedGate() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.setExecutor(threads);
    server.start();
  }

  URI address() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /// Whatever comes to that path is done this with, until [#obey].
  void script(String path, Script script) {
    scripts.put(path, script);
  }

  void obey(String path) {
    scripts.remove(path);
  }

  /// Every access token that was given is refused from now on, as when the signing key is replaced.
  void revokeAccessTokens() {
    good.clear();
  }

  long count(String path) {
    return seen.stream().filter(request -> request.target().equals(path)).count();
  }

  Seen last(String path) {
    return seen.stream()
        .filter(request -> request.target().equals(path))
        .reduce((first, second) -> second)
        .orElseThrow();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      Seen request =
          new Seen(
              exchange.getRequestMethod(),
              exchange.getRequestURI().toString(),
              Map.copyOf(exchange.getRequestHeaders()),
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
      seen.add(request);
      String path = exchange.getRequestURI().getPath();
      Script script = scripts.get(path);
      if (script != null && script.run(exchange, request)) {
        return;
      }
      switch (path) {
        case "/api/auth/login", "/gate/api/auth/login" -> login(exchange, request);
        case "/api/auth/refresh" -> refresh(exchange, request);
        case "/api/auth/logout" -> logout(exchange, request);
        case "/auth/token" -> service(exchange, request);
        default -> api(exchange, request);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void login(HttpExchange exchange, Seen request) throws IOException {
    if (PASSWORD.equals(member(request, "password"))
        && "alice@example.com".equals(member(request, "email"))) {
      reply(exchange, 200, pair(false));
    } else {
      refuse(exchange, 401, "INVALID_CREDENTIALS");
    }
  }

  private void refresh(HttpExchange exchange, Seen request) throws IOException {
    String token = String.valueOf(member(request, "refreshToken"));
    if (!spent.add(token)) {
      burned.add(token);
      good.clear();
    }
    if (burned.isEmpty() && token.startsWith("rt_")) {
      reply(exchange, 200, pair(false));
    } else {
      refuse(exchange, 401, "INVALID_REFRESH_TOKEN");
    }
  }

  /// Takes a refresh token without an answer that arrives.
  static boolean loseTheAnswer(ScriptedGate gate, HttpExchange exchange, Seen request)
      throws IOException {
    gate.spent.add(String.valueOf(member(request, "refreshToken")));
    exchange.sendResponseHeaders(200, 1000);
    exchange.getResponseBody().write('{');
    exchange.getResponseBody().flush();
    throw new IOException("the connection ends here");
  }

  private void logout(HttpExchange exchange, Seen request) throws IOException {
    spent.add(String.valueOf(member(request, "refreshToken")));
    good.clear();
    exchange.sendResponseHeaders(204, -1);
  }

  private void service(HttpExchange exchange, Seen request) throws IOException {
    if ("sk_live_good".equals(request.field("X-API-Key"))
        && request.body().startsWith("grant_type=client_credentials")) {
      reply(exchange, 200, pair(true));
    } else {
      refuse(exchange, 401, "INVALID_API_KEY");
    }
  }

  private void api(HttpExchange exchange, Seen request) throws IOException {
    String authorization = request.field("Authorization");
    if (authorization != null && authorization.startsWith("Bearer ")) {
      if (!good.contains(authorization.substring("Bearer ".length()))) {
        exchange
            .getResponseHeaders()
            .add(
                "WWW-Authenticate",
                "ApiKey realm=\"gate\", Bearer realm=\"gate\", error=\"invalid_token\"");
        refuse(exchange, 401, "INVALID_TOKEN");
        return;
      }
    }
    reply(exchange, 200, request.body());
  }

  private String pair(boolean service) {
    int of = number.incrementAndGet();
    good.add("at_" + of);
    return service
        ? "{\"access_token\":\"at_%d\",\"token_type\":\"Bearer\",\"expires_in\":900,\"scope\":\"a\"}"
            .formatted(of)
        : "{\"accessToken\":\"at_%d\",\"refreshToken\":\"rt_%d\",\"tokenType\":\"Bearer\",\"expiresIn\":900}"
            .formatted(of, of);
  }

  static void refuse(HttpExchange exchange, int status, String code) throws IOException {
    reply(exchange, status, "{\"code\":\"" + code + "\"}");
  }

  static void reply(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    boolean head = exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(status, head || bytes.length == 0 ? -1 : bytes.length);
    if (!head) {
      exchange.getResponseBody().write(bytes);
    }
  }

  static @Nullable Object member(Seen request, String name) {
    try {
      return Json.object(request.body().getBytes(StandardCharsets.UTF_8)).get(name);
    } catch (ParseException noJson) {
      return null;
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
