package dev.gatehouse.server.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.gatehouse.server.tls.DevelopmentCa;
import dev.gatehouse.server.tls.ServerCertificate;
import dev.gatehouse.server.wire.RawClient;
import dev.gatehouse.server.wire.RawMessage;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The upstreams of `examples/`, each run in its own language behind one gate.
///
/// They fetch the gate's key set from a server that adds keys of this test to it, so that a forged
/// token can be wrong in one thing alone. The certificates of both servers are from one CA.
@Timeout(180)
@Tag("end-to-end")
class ExampleUpstreamsTest {

  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Path GO_JWT_OF_DEBIAN =
      Path.of("/usr/share/gocode/src/github.com/golang-jwt/jwt/v5");

  private static final String HAS_LIBRARIES =
      """
      from importlib.util import find_spec
      import sys
      sys.exit(not all(map(find_spec, ("cryptography", "fastapi", "jwt", "uvicorn"))))
      """;

  /// An example, and what of it docs/reference/gatehouse-identity.md shows.
  enum Example {
    SPRING_BOOT("spring-boot", "java", "src/main/java/com/example/orders/GateIdentity.java"),
    NODE("node", "js", "identity.mjs"),
    FASTAPI("fastapi", "python", "identity.py"),
    GO("go", "go", "identity.go");

    private final String host;
    private final Path folder;
    private final String language;
    private final String shown;

    Example(String name, String language, String shown) {
      this.host = name + ".example";
      this.folder = ROOT.resolve("examples").resolve(name);
      this.language = language;
      this.shown = shown;
    }
  }

  /// How an example is started, or why it can't be.
  private sealed interface Start {
    record Command(List<String> words) implements Start {}

    record Missing(String what) implements Start {}
  }

  /// An example that runs.
  private record Upstream(URI address, Process process, Path log) {}

  @TempDir private static Path temp;
  @AutoClose private static GateProcess gate;
  @AutoClose private static EchoApi otherUpstream;
  @AutoClose private static HttpClient client;

  private static HttpsServer keySet;
  private static String apiKey;
  private static IdentityForger forger;
  private static ECKey leaked;
  private static final List<JWK> ADDED_KEYS = new CopyOnWriteArrayList<>();
  private static final Map<Example, Upstream> UPSTREAMS = new EnumMap<>(Example.class);
  private static final Map<Example, String> MISSING = new EnumMap<>(Example.class);

  @BeforeAll
  static void start() throws Exception {
    forger = new IdentityForger();
    leaked = IdentityForger.ecKey("leaked");
    ADDED_KEYS.addAll(forger.keys());
    ADDED_KEYS.add(leaked);
    otherUpstream = new EchoApi();
    client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    Path data =
        Files.createDirectory(
            temp.resolve("data"),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    DevelopmentCa ca = DevelopmentCa.in(data, InstantSource.system());
    keySet = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    keySet.setHttpsConfigurator(new HttpsConfigurator(tls(ca.server())));
    keySet.createContext("/.well-known/jwks.json", ExampleUpstreamsTest::answerKeySet);
    keySet.start();

    Map<Example, Integer> ports = freePorts();
    // They take a while: the gate starts meanwhile.
    Map<String, String> trust = trust(ca.certificateFile());
    for (Map.Entry<Example, Integer> each : ports.entrySet()) {
      Example example = each.getKey();
      int port = each.getValue();
      switch (command(example, port)) {
        case Start.Command(List<String> words) ->
            UPSTREAMS.put(example, started(example, words, port, trust));
        case Start.Missing(String what) -> MISSING.put(example, what);
      }
    }
    gate = GateProcess.serveHere(configuration(ports), data);
    gate.manage(
        "POST",
        "/accounts",
        new JsonObject()
            .put("kind", "service")
            .put("name", "shop")
            .put("scopes", new JsonArray(List.of("orders:read", "orders:write"))));
    CommandLineRun issued =
        CommandLineRun.of(
            "key", "add", "first", "--owner", "shop", "--json", "--data", data.toString());
    assertThat(issued.exitCode()).as(issued.err()).isZero();
    apiKey = new JsonObject(issued.out()).getString("key");

    UPSTREAMS.forEach((example, upstream) -> awaitReady(example, upstream));
  }

  @AfterAll
  static void stop() throws Exception {
    for (Upstream upstream : UPSTREAMS.values()) {
      upstream.process.destroy();
      if (!upstream.process.waitFor(10, TimeUnit.SECONDS)) {
        upstream.process.destroyForcibly();
      }
    }
    if (keySet != null) {
      keySet.stop(0);
    }
  }

  private static SSLContext tls(ServerCertificate certificate) throws Exception {
    KeyStore keys = KeyStore.getInstance(KeyStore.getDefaultType());
    keys.load(null, null);
    keys.setKeyEntry(
        "server",
        certificate.key(),
        new char[0],
        certificate.chain().toArray(X509Certificate[]::new));
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, new char[0]);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }

  // The gate's own key set, and the keys of this test.
  private static void answerKeySet(HttpExchange exchange) throws IOException {
    try (exchange) {
      JsonObject published = new JsonObject(gate.get("/.well-known/jwks.json", null).body());
      ADDED_KEYS.forEach(
          key ->
              published.getJsonArray("keys").add(new JsonObject(key.toPublicJWK().toJSONString())));
      byte[] body = published.encode().getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "application/jwk-set+json");
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    } catch (IOException failed) {
      throw failed;
    } catch (Exception failed) {
      throw new IOException(failed);
    }
  }

  // The gate must know the ports before the upstreams start, as the upstreams know the gate's. They
  // are below those that the systems give to a program that asks for any, so that nothing takes one
  // between.
  private static Map<Example, Integer> freePorts() {
    Map<Example, Integer> ports = new EnumMap<>(Example.class);
    for (Example example : Example.values()) {
      int port;
      do {
        port = ThreadLocalRandom.current().nextInt(10_000, 32_768);
      } while (ports.containsValue(port) || !isFree(port));
      ports.put(example, port);
    }
    return ports;
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      return socket.isBound();
    } catch (IOException taken) {
      return false;
    }
  }

  // Each example's own configuration, in one: they differ by host.
  private static Path configuration(Map<Example, Integer> ports) throws IOException {
    StringBuilder configuration = new StringBuilder("listen: { port: 0 }\ndata: data\nroutes:\n");
    for (Example example : Example.values()) {
      String routes =
          Files.readString(example.folder.resolve("gatehouse.yaml")).split("routes:\n", 2)[1];
      assertThat(routes).contains("path: /orders", "upstream: http://127.0.0.1:3000");
      configuration
          .append(routes.replace(":3000", ":" + ports.get(example)))
          .append("    host: ")
          .append(example.host)
          .append('\n');
    }
    configuration
        .append("  - path: /other\n    accept: [apikey]\n    upstream: ")
        .append(otherUpstream.address())
        .append('\n');
    return Files.writeString(temp.resolve("gatehouse.yaml"), configuration);
  }

  // What the README of each says, with that CA.
  private static Map<String, String> trust(Path ca) throws Exception {
    Path store = temp.resolve("ca.p12");
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    try (InputStream in = Files.newInputStream(ca);
        OutputStream out = Files.newOutputStream(store)) {
      trusted.setCertificateEntry(
          "gate", CertificateFactory.getInstance("X.509").generateCertificate(in));
      trusted.store(out, "changeit".toCharArray());
    }
    return Map.of(
        "NODE_EXTRA_CA_CERTS",
        ca.toString(),
        "SSL_CERT_FILE",
        ca.toString(),
        "JDK_JAVA_OPTIONS",
        "-Djavax.net.ssl.trustStore=" + store + " -Djavax.net.ssl.trustStorePassword=changeit");
  }

  // Whether a program is there, and ends well.
  private static boolean succeeds(Path folder, String... words) throws InterruptedException {
    try {
      return new ProcessBuilder(words)
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException missing) {
      return false;
    }
  }

  private static Start command(Example example, int port) throws Exception {
    return switch (example) {
      case NODE -> {
        assertThat(example.folder.resolve("node_modules/jose"))
            .as("installed by: npm ci --ignore-scripts --prefix examples/node")
            .isDirectory();
        yield new Start.Command(List.of("node", "server.mjs"));
      }
      case SPRING_BOOT -> {
        Path jar = example.folder.resolve("target/orders-1.jar");
        assertThat(jar).as("made by: mvn -f examples/spring-boot package").isRegularFile();
        yield new Start.Command(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // A short life on few cores
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-jar",
                jar.toString()));
      }
      case FASTAPI -> fastApi(port);
      case GO -> go(example);
    };
  }

  // The Python on the path, or the system's own, for which Debian packages the libraries.
  private static Start fastApi(int port) throws Exception {
    for (String python : List.of("python3", "/usr/bin/python3")) {
      if (succeeds(temp, python, "-c", HAS_LIBRARIES)) {
        return new Start.Command(
            List.of(python, "-m", "uvicorn", "main:app", "--port", Integer.toString(port)));
      }
    }
    return new Start.Missing("no Python here has fastapi, uvicorn and PyJWT with cryptography");
  }

  // With the pinned library if `go mod download` fetched it, else with the one of Debian.
  private static Start go(Example example) throws Exception {
    Path program = temp.resolve("orders");
    List<String> build = new ArrayList<>(List.of("go", "build", "-o", program.toString()));
    if (!succeeds(example.folder, "env", "GOPROXY=off", "go", "mod", "download")) {
      if (!Files.isDirectory(GO_JWT_OF_DEBIAN)) {
        return new Start.Missing(
            "golang-jwt is missing: go mod download in examples/go, or the package"
                + " golang-github-golang-jwt-jwt-v5-dev");
      }
      Path module =
          Files.writeString(
              temp.resolve("go.mod"),
              Files.readString(example.folder.resolve("go.mod"))
                  + "\nreplace github.com/golang-jwt/jwt/v5 => "
                  + GO_JWT_OF_DEBIAN
                  + "\n");
      build.add("-modfile=" + module);
    }
    assertThat(succeeds(example.folder, build.toArray(String[]::new))).as("%s", build).isTrue();
    return new Start.Command(List.of(program.toString()));
  }

  private static Upstream started(
      Example example, List<String> command, int port, Map<String, String> trust)
      throws IOException {
    URI address = URI.create("http://127.0.0.1:" + port);
    Path log = temp.resolve(example + ".log");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(example.folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().putAll(trust);
    builder
        .environment()
        .putAll(
            Map.of(
                "PORT",
                Integer.toString(port),
                "AUDIENCE",
                address.toString(),
                "GATE_URL",
                "https://localhost:" + keySet.getAddress().getPort(),
                "PYTHONDONTWRITEBYTECODE",
                "1"));
    return new Upstream(address, builder.start(), log);
  }

  private static void awaitReady(Example example, Upstream upstream) {
    GateProcess.until(() -> !upstream.process.isAlive() || answers(upstream));
    try {
      assertThat(upstream.process.isAlive())
          .as("%s runs; it said: %s", example, Files.readString(upstream.log))
          .isTrue();
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  private static boolean answers(Upstream upstream) {
    try {
      send(upstream, request -> {});
      return true;
    } catch (Exception notYet) {
      return false;
    }
  }

  private static Upstream running(Example example) {
    assumeThat(MISSING.get(example)).as("why %s is not tested here", example).isNull();
    return Objects.requireNonNull(UPSTREAMS.get(example));
  }

  // Past the gate.
  private static HttpResponse<String> send(Upstream upstream, Consumer<HttpRequest.Builder> change)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(upstream.address.resolve("/orders")).timeout(Duration.ofSeconds(60));
    change.accept(request);
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static HttpResponse<String> send(Upstream upstream, String token) throws Exception {
    return send(upstream, request -> request.header("Gatehouse-Identity", token));
  }

  private static JsonObject caller(String body) {
    return new JsonObject(body).getJsonObject("caller");
  }

  @ParameterizedTest
  @EnumSource
  void tellsWhoCallsThroughTheGate(Example example) throws Exception {
    Upstream upstream = running(example);
    try (RawClient raw =
        new RawClient(
            gate.address().getPort(),
            GateProcess.trusting(gate.data().resolve("ca.crt")),
            "http/1.1")) {
      RawMessage response =
          raw.ask(
              "GET /orders HTTP/1.1\r\nHost: %s\r\nX-API-Key: %s\r\nGatehouse-Identity: %s\r\n\r\n"
                  .formatted(example.host, apiKey, forger.good(upstream.address)));
      assertThat(response.status()).as(response.body()).isEqualTo(200);
      JsonObject caller = caller(response.body());
      assertThat(caller.getString("subject")).startsWith("s_");
      assertThat(caller.getString("method")).isEqualTo("apikey");
      assertThat(caller.getJsonArray("scopes"))
          .containsExactlyInAnyOrder("orders:read", "orders:write");
      assertThat(caller.getString("credential")).startsWith("k_");
      assertThat(raw.ask("GET /orders HTTP/1.1\r\nHost: " + example.host + "\r\n\r\n").body())
          .contains("NO_CREDENTIALS");
    }
  }

  @ParameterizedTest
  @EnumSource
  void takesTheCallerFromTheTokenAlone(Example example) throws Exception {
    Upstream upstream = running(example);
    String token = forger.good(upstream.address);
    HttpResponse<String> response =
        send(
            upstream,
            request ->
                request
                    .header("Gatehouse-Identity", token)
                    .header("X-Auth-Subject", "u_mallory")
                    .header("X-Auth-Scopes", "admin"));
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(caller(response.body()))
        .isEqualTo(
            new JsonObject()
                .put("subject", "u_alice")
                .put("method", "session")
                .put("scopes", new JsonArray())
                .put("credential", "ses_1"));
  }

  @ParameterizedTest
  @EnumSource
  void refusesARequestWithoutAToken(Example example) throws Exception {
    Upstream upstream = running(example);
    String token = forger.good(upstream.address);
    assertRefused(send(upstream, request -> {}), "no token");
    assertRefused(send(upstream, ""), "an empty one");
    assertRefused(
        send(upstream, request -> request.header("X-Auth-Subject", "u_alice")), "fields alone");
    assertRefused(
        send(upstream, request -> request.header("Authorization", "Bearer " + token)),
        "the token in another field");
  }

  @ParameterizedTest
  @EnumSource
  void refusesEveryTokenThatIsNotTheGatesForThisApi(Example example) throws Exception {
    Upstream upstream = running(example);
    for (Map.Entry<String, String> wrong : forger.wrong(upstream.address).entrySet()) {
      assertRefused(send(upstream, wrong.getValue()), wrong.getKey());
    }
    String ofTheGateForAnother =
        new JsonObject(gate.get("/other", apiKey).body())
            .getJsonObject("fields")
            .getString("gatehouse-identity");
    assertRefused(send(upstream, ofTheGateForAnother), "of the gate for another upstream");
    assertThat(send(upstream, forger.good(upstream.address)).statusCode()).isEqualTo(200);
  }

  private static void assertRefused(HttpResponse<String> response, String why) {
    assertThat(response.statusCode()).as(why).isEqualTo(401);
    assertThat(response.headers().firstValue("WWW-Authenticate")).as(why).isPresent();
  }

  // For all at once: some wait a few seconds before they fetch the set again.
  @Test
  void takesTheTokensOfANewKeyAndThenNoneOfTheKeyThatIsGone() throws Exception {
    ECKey next = IdentityForger.ecKey("next");
    assertThat(UPSTREAMS).isNotEmpty();
    for (Upstream upstream : UPSTREAMS.values()) {
      assertThat(send(upstream, signed(leaked, upstream)).statusCode()).isEqualTo(200);
    }
    ADDED_KEYS.add(next);
    ADDED_KEYS.remove(leaked);
    for (Map.Entry<Example, Upstream> started : UPSTREAMS.entrySet()) {
      Upstream upstream = started.getValue();
      GateProcess.until(() -> takes(upstream, next));
      assertRefused(
          send(upstream, signed(leaked, upstream)), started.getKey() + " forgets the key");
    }
  }

  private static String signed(ECKey key, Upstream upstream) throws Exception {
    return IdentityForger.signed(key, IdentityForger.claims(upstream.address));
  }

  private static boolean takes(Upstream upstream, ECKey key) {
    try {
      return send(upstream, signed(key, upstream)).statusCode() == 200;
    } catch (Exception failed) {
      throw new IllegalStateException(failed);
    }
  }

  @ParameterizedTest
  @EnumSource
  void theDocumentsShowTheExample(Example example) throws Exception {
    String page = Files.readString(ROOT.resolve("docs/reference/gatehouse-identity.md"));
    List<String> shown =
        Pattern.compile("```%s\n(.*?)```".formatted(example.language), Pattern.DOTALL)
            .matcher(page)
            .results()
            .map(block -> block.group(1))
            .toList();
    assertThat(shown).contains(Files.readString(example.folder.resolve(example.shown)));
  }

  @Test
  void theConfigurationBesideTheExamplesIsGoodAndTheSame(@TempDir Path folder) throws Exception {
    Path config = folder.resolve("gatehouse.yaml");
    Files.copy(Example.GO.folder.resolve("gatehouse.yaml"), config);
    for (Example example : Example.values()) {
      assertThat(example.folder.resolve("gatehouse.yaml")).hasSameTextualContentAs(config);
    }
    CommandLineRun check = CommandLineRun.of("check", config.toString());
    assertThat(check.exitCode()).as(check.err()).isZero();
    assertThat(check.out()).contains("/orders");
  }

  @Test
  void theExampleInSpringBootHasTheVersionOfTheBuild() throws Exception {
    String version =
        Files.readString(ROOT.resolve("pom.xml"))
            .split("<spring-boot.version>", 2)[1]
            .split("<", 2)[0];
    assertThat(Files.readString(Example.SPRING_BOOT.folder.resolve("pom.xml")))
        .contains(
            "<artifactId>spring-boot-starter-parent</artifactId>\n    <version>"
                + version
                + "</version>");
  }
}
