package dev.gatehouse.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.List;
import org.assertj.core.api.ThrowingConsumer;

/// A gate that people sign in to, in front of an API that echoes, and the calls that tests of it
/// share.
final class PeopleGate implements AutoCloseable {

  static final String PASSWORD = "correct horse battery";

  private final EchoApi api;
  private final Path config;
  private GateProcess gate;

  private PeopleGate(EchoApi api, Path config, GateProcess gate) {
    this.api = api;
    this.config = config;
    this.gate = gate;
  }

  /// Starts one in that folder: routes for each way in, hashes that are cheap.
  ///
  /// @param settings more lines of the configuration
  static PeopleGate in(Path folder, String settings) throws Exception {
    return in(folder, settings, "");
  }

  /// The same with more routes, in which `UPSTREAM` stands for that API.
  static PeopleGate in(Path folder, String settings, String routes) throws Exception {
    EchoApi api = new EchoApi();
    Path config =
        Files.writeString(
            folder.resolve("gatehouse.yaml"),
            """
            listen: { port: 0 }
            data: data
            passwords: { bcryptCost: 10 }
            %s
            roles: { clerk: [orders:write] }
            %s
            routes:
              - path: /orders
                upstream: %s
                accept: [apikey, basic, jwt, session]
                require: { GET: orders:read, POST: orders:write, "*": orders:admin }
              - path: /sessions-only
                upstream: %s
                accept: [session]
              - path: /signed
                upstream: %s
                accept: [hmac]
              - path: /public
                upstream: %s
                accept: [public]
            %s
            """
                .formatted(
                    settings.contains("throttle:")
                        ? ""
                        : "throttle: { failedAttemptsPerMinute: 1000 }",
                    settings,
                    api.address(),
                    api.address(),
                    api.address(),
                    api.address(),
                    routes.replace("UPSTREAM", api.address().toString())));
    return new PeopleGate(api, config, start(config));
  }

  private static GateProcess start(Path config) throws Exception {
    Path data = config.resolveSibling("data");
    return GateProcess.serveHere(config, data);
  }

  /// Ends the gate and starts it again on the same folder.
  void restart() throws Exception {
    restart(data -> {});
  }

  /// The same, and does that to its data folder meanwhile.
  void restart(ThrowingConsumer<Path> meanwhile) throws Exception {
    gate.stop();
    gate.close();
    meanwhile.accept(gate.data());
    gate = start(config);
  }

  /// The same, and gives its database that statement meanwhile.
  void restartAfter(String sql) throws Exception {
    restart(
        data -> {
          try (Connection connection =
                  DriverManager.getConnection("jdbc:sqlite:" + data.resolve("gatehouse.db"));
              Statement statement = connection.createStatement()) {
            statement.execute(sql);
          }
        });
  }

  GateProcess process() {
    return gate;
  }

  /// The API that it guards, for gates beside it.
  URI upstream() {
    return api.address();
  }

  /// Adds a person with that name, the usual password and scopes; `NAME@example.com`.
  void person(String name) throws Exception {
    gate.manage(
        "POST",
        "/accounts",
        new JsonObject()
            .put("kind", "person")
            .put("name", name)
            .put("email", name + "@example.com")
            .put("scopes", new JsonArray(List.of("orders:read", "orders:write"))));
    gate.manage(
        "PUT", "/accounts/" + name + "/password", new JsonObject().put("password", PASSWORD));
  }

  /// A request with these fields: name, value, name, value.
  HttpResponse<String> send(HttpClient by, String method, String path, String body, String... more)
      throws Exception {
    HttpRequest.Builder request = gate.request(path, null);
    for (int i = 0; i < more.length; i += 2) {
      request.header(more[i], more[i + 1]);
    }
    request.method(
        method,
        body.isEmpty()
            ? HttpRequest.BodyPublishers.noBody()
            : HttpRequest.BodyPublishers.ofString(body));
    return by.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  HttpResponse<String> get(String path, String... fields) throws Exception {
    return send(gate.client(), "GET", path, "", fields);
  }

  /// A POST of JSON.
  HttpResponse<String> post(String path, JsonObject body, String... fields) throws Exception {
    String[] all = java.util.Arrays.copyOf(fields, fields.length + 2);
    all[fields.length] = "Content-Type";
    all[fields.length + 1] = "application/json";
    return send(gate.client(), "POST", path, body.encode(), all);
  }

  /// A POST of a form, as a browser's page would send it.
  HttpResponse<String> form(String path, String form, String... fields) throws Exception {
    String[] all = java.util.Arrays.copyOf(fields, fields.length + 4);
    all[fields.length] = "Content-Type";
    all[fields.length + 1] = "application/x-www-form-urlencoded";
    all[fields.length + 2] = "Accept";
    all[fields.length + 3] = "text/html";
    return send(gate.client(), "POST", path, form, all);
  }

  static JsonObject login(String name, String password) {
    return new JsonObject().put("email", name + "@example.com").put("password", password);
  }

  /// Signs in; the cookie as a client sends it back.
  String session(String name, String password) throws Exception {
    HttpResponse<String> answer = post("/login", login(name, password));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return cookie(answer);
  }

  /// The token with which a program says that it means what it sends with that cookie.
  String csrfToken(String cookie) throws Exception {
    return new JsonObject(get("/csrf", "Cookie", cookie).body()).getString("csrfToken");
  }

  static String cookie(HttpResponse<String> answer) {
    return answer.headers().firstValue("Set-Cookie").orElseThrow().split(";", 2)[0];
  }

  /// Signs in; the pair of tokens.
  JsonObject tokens(String name, String password) throws Exception {
    HttpResponse<String> answer = post("/api/auth/login", login(name, password));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return new JsonObject(answer.body());
  }

  static String bearer(JsonObject tokens) {
    return "Bearer " + tokens.getString("accessToken");
  }

  static String basic(String name, String password) {
    return "Basic "
        + java.util.Base64.getEncoder()
            .encodeToString(
                (name + ":" + password).getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  static String code(HttpResponse<String> refusal) {
    return new JsonObject(refusal.body()).getString("code");
  }

  @Override
  public void close() {
    gate.close();
    api.close();
  }
}
