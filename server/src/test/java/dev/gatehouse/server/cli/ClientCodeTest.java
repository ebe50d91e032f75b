package dev.gatehouse.server.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.gatehouse.Method;
import dev.gatehouse.server.choose.ClientCode;
import dev.gatehouse.server.choose.Language;
import dev.gatehouse.server.demo.DemoProvider;
import dev.gatehouse.server.folder.DataFolder;
import dev.gatehouse.server.tls.DevelopmentCa;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Every program of `gatehouse choose`, run in its own language against a gate, as whoever copies
/// it would.
///
/// Java and Go are compiled once, for all of their programs.
@Timeout(180)
@Tag("end-to-end")
class ClientCodeTest {

  private static final String PASSWORD = "correct \"horse\" & bättery: 100%";
  private static final String AUDIENCE = "https://api.example.com";
  private static final String MAIN_CLASS = "\\bclass (\\w+) \\{";

  @TempDir private static Path temp;
  @AutoClose private static GateProcess gate;
  @AutoClose private static DemoProvider issuer;
  @AutoClose private static DataFolder issuersFolder;

  private static HttpServer api;
  private static final List<JsonObject> CALLS = new CopyOnWriteArrayList<>();
  private static final AtomicReference<Function<JsonObject, Integer>> STATUS =
      new AtomicReference<>(call -> 200);
  private static final Map<String, String> ENVIRONMENT = new HashMap<>();

  /// How a program ended.
  private record Run(int exitCode, String out, String err) {}

  @BeforeAll
  static void start() throws Exception {
    api = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    api.createContext("/", ClientCodeTest::answer);
    api.start();
    Path data =
        Files.createDirectory(
            temp.resolve("data"),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    // The gate and the issuer show certificates of one CA.
    DevelopmentCa ca = DevelopmentCa.in(data, InstantSource.system());
    issuersFolder = DataFolder.open(temp.resolve("issuer"));
    issuer = DemoProvider.in(issuersFolder, ca.server(), InstantSource.system());
    issuer.serve(URI.create("https://localhost/auth/demo/callback"), AUDIENCE);
    Path config =
        Files.writeString(
            temp.resolve("gatehouse.yaml"),
            """
            listen: { port: 0 }
            data: data
            methods:
              oauth:
                issuers:
                  - issuer: %s
                    audience: %s
                    internalNetworks: [127.0.0.0/8, '::1']
                    caFile: data/ca.crt
                    scopes: { map: { orders.read: ["orders:read"] } }
            passwords: { bcryptCost: 10 }
            throttle: { failedAttemptsPerMinute: 1000 }
            routes:
              - path: /hooks/github
                upstream: http://127.0.0.1:%d
                accept: [hmac]
                webhook: { vendor: github, name: code }
              - path: /
                upstream: http://127.0.0.1:%d
                accept: [apikey, basic, jwt, oauth, hmac, session, mtls]
                require: { GET: orders:read, POST: orders:write }
            """
                .formatted(
                    issuer.issuer(),
                    AUDIENCE,
                    api.getAddress().getPort(),
                    api.getAddress().getPort()));
    gate = GateProcess.serveHere(config, data);
    account("person", "alice");
    gate.manage("PUT", "/accounts/alice/password", new JsonObject().put("password", PASSWORD));
    account("service", "shop");

    JsonObject signer = command("hmac", "add", "till", "--owner", "shop");
    command("cert", "issue", "till", "--owner", "shop", "--out", temp.toString());
    ENVIRONMENT.putAll(
        Map.of(
            "API_URL", gate.address().toString(),
            "API_KEY", command("key", "add", "first", "--owner", "shop").getString("key"),
            "API_USER", "alice",
            "API_PASSWORD", PASSWORD,
            "TOKEN_URL", issuer.tokenEndpoint().toString(),
            "CLIENT_ID", DemoProvider.SERVICE,
            "CLIENT_SECRET", issuer.serviceSecret()));
    ENVIRONMENT.put(
        "WEBHOOK_SECRET", command("webhook", "add", "code", "--owner", "shop").getString("secret"));
    ENVIRONMENT.putAll(
        Map.of(
            "HMAC_KEY_ID", signer.getString("id"),
            "HMAC_SECRET", signer.getString("secret"),
            "CLIENT_CERT", temp.resolve("till.crt").toString(),
            "CLIENT_KEY", temp.resolve("till.key").toString(),
            "CLIENT_P12", temp.resolve("client.p12").toString(),
            "CLIENT_P12_PASSWORD", "a secret of the file"));
    // As the program's own comment says
    tool(
        "openssl",
        "pkcs12",
        "-export",
        "-in",
        "till.crt",
        "-inkey",
        "till.key",
        "-out",
        "client.p12",
        "-passout",
        "env:CLIENT_P12_PASSWORD");
    trustAsTheDocumentsSay(data.resolve("ca.crt"));
    writePrograms();
  }

  @AfterAll
  static void stop() {
    api.stop(0);
  }

  @BeforeEach
  void forget() {
    CALLS.clear();
    STATUS.set(call -> 200);
  }

  private static void account(String kind, String name) throws Exception {
    gate.manage(
        "POST",
        "/accounts",
        new JsonObject()
            .put("kind", kind)
            .put("name", name)
            .put("scopes", new JsonArray(List.of("orders:read", "orders:write"))));
  }

  private static JsonObject command(String... words) {
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--json", "--data", gate.data().toString()));
    CommandLineRun run = CommandLineRun.of(all.toArray(String[]::new));
    assertThat(run.exitCode()).as(run.err()).isZero();
    return new JsonObject(run.out());
  }

  // ClientCode.TRUST, word by word.
  private static void trustAsTheDocumentsSay(Path ca) throws Exception {
    Files.copy(ca, temp.resolve("ca.crt"));
    Matcher keytool = Pattern.compile("keytool [^,]+").matcher(ClientCode.TRUST);
    assertThat(keytool.find()).isTrue();
    tool(keytool.group().split(" "));
    Matcher variable = Pattern.compile("([A-Z_]+)=(\\w+\\.crt|'[^']+')").matcher(ClientCode.TRUST);
    Map<String, String> trust = new HashMap<>();
    while (variable.find()) {
      trust.put(variable.group(1), variable.group(2).replace("'", ""));
    }
    assertThat(trust)
        .containsOnlyKeys(
            "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "JDK_JAVA_OPTIONS");
    ENVIRONMENT.putAll(trust);
  }

  private static void writePrograms() throws Exception {
    List<String> java = new ArrayList<>(List.of("--release", "21", "-d", temp.toString()));
    List<String> go = new ArrayList<>(List.of("go", "build", "-o", temp.resolve("go") + "/"));
    Files.writeString(temp.resolve("go.mod"), "module example.com/calls\n\ngo 1.19\n");
    for (ClientCode code : allPrograms().toList()) {
      Path folder =
          code.language() == Language.GO
              ? Files.createDirectories(temp.resolve("src").resolve(name(code)))
              : temp;
      Path file = Files.writeString(folder.resolve(code.file()), code.text());
      if (code.language() == Language.JAVA) {
        java.add(file.toString());
      } else if (code.language() == Language.GO) {
        go.add("./src/" + name(code));
      }
    }
    assertThat(
            ToolProvider.getSystemJavaCompiler().run(null, null, null, java.toArray(String[]::new)))
        .isZero();
    Files.createDirectory(temp.resolve("go"));
    tool(go.toArray(String[]::new));
  }

  private static Stream<ClientCode> allPrograms() {
    return Stream.of(Language.values())
        .flatMap(
            language ->
                Stream.concat(
                    Stream.of(Method.values()).map(method -> ClientCode.of(method, language)),
                    Stream.of(ClientCode.ofWebhook(language))));
  }

  private static String name(ClientCode code) {
    return code.file().replaceFirst("-client\\..*", "");
  }

  static Stream<Arguments> programs() {
    return Stream.of(Method.values())
        .flatMap(
            method -> Stream.of(Language.values()).map(language -> Arguments.of(method, language)));
  }

  static Stream<Arguments> programsOfJavaScriptAndGo() {
    return programs().filter(of -> List.of(Language.JAVASCRIPT, Language.GO).contains(of.get()[1]));
  }

  // The API behind the gate: it tells what it got.
  private static void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      JsonObject call =
          new JsonObject()
              .put("method", exchange.getRequestMethod())
              .put("target", exchange.getRequestURI().toString())
              .put("body", new String(exchange.getRequestBody().readAllBytes(), UTF_8))
              .put("by", exchange.getRequestHeaders().getFirst("X-Auth-Method"));
      CALLS.add(call);
      byte[] body = call.encode().getBytes(UTF_8);
      exchange.getResponseHeaders().set("Location", "/elsewhere");
      exchange.sendResponseHeaders(STATUS.get().apply(call), body.length);
      exchange.getResponseBody().write(body);
    }
  }

  @ParameterizedTest(name = "{0} in {1}")
  @MethodSource("programs")
  void theProgramCallsTheApi(Method method, Language language) throws Exception {
    long before = live("sessions") + live("tokens");
    Run run = run(method, language, Map.of());
    assertThat(run.exitCode()).as("%s%s", run.out(), run.err()).isZero();
    assertThat(calls())
        .containsExactlyElementsOf(
            switch (method) {
              case HMAC -> List.of("POST /orders?source=till by hmac");
              case JWT -> List.of("GET /orders by jwt", "GET /orders?page=2 by jwt");
              case SESSION -> List.of("GET /orders by session", "POST /orders by session");
              default -> List.of("GET /orders by " + method);
            });
    for (JsonObject call : CALLS) {
      assertThat(run.out()).as("what the API answered").contains(call.encode());
      boolean post = call.getString("method").equals("POST");
      assertThat(call.getString("body").replace(" ", ""))
          .isEqualTo(post ? "{\"item\":\"tea\"}" : "");
    }
    saidNoSecret(run);
    assertThat(live("sessions") + live("tokens")).as("it signed out").isEqualTo(before);
  }

  @ParameterizedTest
  @EnumSource
  void theProgramOfAWebhookSendsAnEventThatIsTakenOnce(Language language) throws Exception {
    ClientCode code = ClientCode.ofWebhook(language);
    for (int event = 0; event < 2; event++) {
      Run run = run(code, Map.of());
      assertThat(run.exitCode()).as("%s%s", run.out(), run.err()).isZero();
      saidNoSecret(run);
    }
    assertThat(calls()).containsExactly("POST /hooks/github by hmac", "POST /hooks/github by hmac");
    Run refused = run(code, Map.of("WEBHOOK_SECRET", "not the secret of GitHub"));
    assertThat(refused.exitCode()).isNotZero();
    assertThat(refused.out() + refused.err()).contains("401");
    assertThat(CALLS).hasSize(2);
  }

  @ParameterizedTest(name = "{0} in {1}")
  @MethodSource("programs")
  void theProgramSendsNothingToWhomItDoesNotTrust(Method method, Language language)
      throws Exception {
    Map<String, String> nobody =
        Map.of(
            "CURL_CA_BUNDLE", "",
            "NODE_EXTRA_CA_CERTS", "",
            "SSL_CERT_FILE", "/etc/ssl/certs/ca-certificates.crt",
            "JDK_JAVA_OPTIONS", "");
    Run run = run(method, language, nobody);
    assertThat(run.exitCode()).isNotZero();
    assertThat(run.err().toLowerCase(java.util.Locale.ROOT)).contains("certificat");
    assertThat(CALLS).isEmpty();
    saidNoSecret(run);
  }

  @ParameterizedTest(name = "{0} in {1}")
  @MethodSource("programs")
  void theProgramEndsWithAnErrorWhenItIsRefused(Method method, Language language) throws Exception {
    Run run =
        run(
            method,
            language,
            Map.of(
                "API_KEY",
                "sk_live_nobody",
                "API_USER",
                "nobody-" + method + "-" + language, // each name has attempts of its own
                "API_PASSWORD",
                "a guess that is wrong",
                "HMAC_SECRET",
                "not the secret",
                "CLIENT_SECRET",
                "not the secret either",
                "CLIENT_CERT",
                gate.data().resolve("server.crt").toString(),
                "CLIENT_KEY",
                gate.data().resolve("server.key").toString(),
                "CLIENT_P12",
                strangersStore().toString()));
    assertThat(run.exitCode()).isNotZero();
    assertThat(run.out() + run.err()).contains("401");
    assertThat(CALLS).isEmpty();
    saidNoSecret(run);
  }

  // What these two use follows redirects unless it is told not to; X-API-Key would go along to
  // wherever they lead.
  @ParameterizedTest(name = "{0} in {1}")
  @MethodSource("programsOfJavaScriptAndGo")
  void theProgramFollowsNoRedirect(Method method, Language language) throws Exception {
    STATUS.set(call -> 307);
    assertThat(run(method, language, Map.of()).exitCode()).isNotZero();
    assertThat(CALLS).hasSize(1);
  }

  private static Path strangersStore() throws Exception {
    Path store = temp.resolve("stranger.p12");
    if (!Files.exists(store)) {
      tool(
          "openssl",
          "pkcs12",
          "-export",
          "-in",
          "data/server.crt",
          "-inkey",
          "data/server.key",
          "-out",
          "stranger.p12",
          "-passout",
          "env:CLIENT_P12_PASSWORD");
    }
    return store;
  }

  @ParameterizedTest
  @EnumSource
  void anAccessTokenThatIsRefusedIsRenewedOnce(Language language) throws Exception {
    long before = spentRefreshTokens();
    AtomicLong after = new AtomicLong();
    refuseTheSecondCallOnce(() -> {}, () -> after.set(spentRefreshTokens()));
    Run run = run(Method.JWT, language, Map.of());
    assertThat(run.exitCode()).as("%s%s", run.out(), run.err()).isZero();
    assertThat(calls())
        .containsExactly(
            "GET /orders by jwt", "GET /orders?page=2 by jwt", "GET /orders?page=2 by jwt");
    assertThat(after).hasValue(before + 1);
  }

  @ParameterizedTest
  @EnumSource
  void whoseSignInIsOverSignsInAgain(Language language) throws Exception {
    refuseTheSecondCallOnce(
        () -> change("UPDATE refresh_token SET expires_at = 1 WHERE spent_at IS NULL"), () -> {});
    Run run = run(Method.JWT, language, Map.of());
    assertThat(run.exitCode()).as("%s%s", run.out(), run.err()).isZero();
    assertThat(calls()).hasSize(3);
    saidNoSecret(run);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "CURL")
  void whoseForeignTokenIsRefusedTriesOnceMoreAndNoMore(Language language) throws Exception {
    AtomicBoolean refused = new AtomicBoolean();
    STATUS.set(call -> refused.getAndSet(true) ? 200 : 401);
    Run run = run(Method.OAUTH, language, Map.of());
    assertThat(run.exitCode()).as("%s%s", run.out(), run.err()).isZero();
    assertThat(calls()).containsExactly("GET /orders by oauth", "GET /orders by oauth");
    CALLS.clear();
    STATUS.set(call -> 401);
    assertThat(run(Method.OAUTH, language, Map.of()).exitCode()).isNotZero();
    assertThat(calls()).as("it gives up").hasSize(2);
  }

  // The API itself says 401, as the gate would of a token that ended: then a gate would have to be
  // waited for.
  private static void refuseTheSecondCallOnce(Runnable first, Runnable again) {
    AtomicBoolean refused = new AtomicBoolean();
    STATUS.set(
        call -> {
          if (!call.getString("target").contains("page=2")) {
            return 200;
          }
          boolean before = refused.getAndSet(true);
          (before ? again : first).run();
          return before ? 200 : 401;
        });
  }

  @Test
  void noProgramTurnsOffWhatProtectsIt() {
    allPrograms()
        .forEach(
            code ->
                assertThat(code.text())
                    .doesNotContain("--insecure", "rejectUnauthorized", "InsecureSkipVerify")
                    .doesNotContain(
                        "_create_unverified", "CERT_NONE", "verify=False", "TrustManager")
                    .doesNotContainPattern("curl[^\\n]* -[a-zA-Z]*[kL]\\b")
                    .doesNotContainPattern("(?i)followRedirects|http://"));
  }

  private static List<String> calls() {
    return CALLS.stream()
        .map(
            call ->
                call.getString("method")
                    + " "
                    + call.getString("target")
                    + " by "
                    + call.getString("by"))
        .toList();
  }

  private static void saidNoSecret(Run run) {
    for (String secret :
        List.of(
            "API_KEY",
            "API_PASSWORD",
            "HMAC_SECRET",
            "CLIENT_SECRET",
            "WEBHOOK_SECRET",
            "CLIENT_P12_PASSWORD")) {
      assertThat(run.out() + run.err()).doesNotContain(ENVIRONMENT.get(secret));
    }
    assertThat(run.out() + run.err()).doesNotContain("Bearer ", "rt_");
  }

  private static long live(String what) throws Exception {
    return gate.manage("GET", "/" + what + "?owner=alice", null).getJsonArray("items").stream()
        .filter(item -> ((JsonObject) item).getBoolean("live"))
        .count();
  }

  private static long spentRefreshTokens() {
    try (Connection connection = database();
        Statement statement = connection.createStatement();
        ResultSet count =
            statement.executeQuery(
                "SELECT count(*) FROM refresh_token WHERE spent_at IS NOT NULL")) {
      assertThat(count.next()).isTrue();
      return count.getLong(1);
    } catch (SQLException failed) {
      throw new IllegalStateException(failed);
    }
  }

  private static void change(String sql) {
    try (Connection connection = database();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException failed) {
      throw new IllegalStateException(failed);
    }
  }

  private static Connection database() throws SQLException {
    return DriverManager.getConnection("jdbc:sqlite:" + gate.data().resolve("gatehouse.db"));
  }

  private static Run run(Method method, Language language, Map<String, String> other)
      throws Exception {
    return run(ClientCode.of(method, language), other);
  }

  private static Run run(ClientCode code, Map<String, String> other) throws Exception {
    String file = code.file();
    List<String> command =
        switch (code.language()) {
          case CURL -> List.of("sh", file);
          case JAVASCRIPT -> List.of("node", file);
          case PYTHON -> List.of("python3", file);
          case JAVA ->
              List.of(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-XX:TieredStopAtLevel=1",
                  "-XX:+UseSerialGC",
                  "-cp",
                  temp.toString(),
                  mainClass(code));
          case GO -> List.of(temp.resolve("go").resolve(name(code)).toString());
        };
    Map<String, String> environment = new HashMap<>(ENVIRONMENT);
    environment.putAll(other);
    environment.values().removeIf(String::isEmpty);
    return run(command, environment);
  }

  private static String mainClass(ClientCode code) {
    Matcher name = Pattern.compile(MAIN_CLASS).matcher(code.text());
    assertThat(name.find()).isTrue();
    return name.group(1);
  }

  private static void tool(String... command) throws Exception {
    Run run = run(List.of(command), ENVIRONMENT);
    assertThat(run.exitCode()).as("%s%s", run.out(), run.err()).isZero();
  }

  private static Run run(List<String> command, Map<String, String> environment) throws Exception {
    Path out = Files.createTempFile(temp, "run", ".out");
    Path err = Files.createTempFile(temp, "run", ".err");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(temp.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    process.getOutputStream().close();
    assertThat(process.waitFor(2, TimeUnit.MINUTES)).as("%s ends", command).isTrue();
    return new Run(process.exitValue(), Files.readString(out), Files.readString(err));
  }
}
