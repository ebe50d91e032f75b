package dev.gatehouse.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.apikey.ApiKeySettings;
import dev.gatehouse.secret.SecretForm;
import dev.gatehouse.server.wire.Http2Frames;
import dev.gatehouse.server.wire.RawClient;
import dev.gatehouse.server.wire.RawMessage;
import dev.gatehouse.server.wire.RawUpstream;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `gatehouse serve` in front of an API of the user's own, and `gatehouse check`.
@Timeout(120)
@Tag("end-to-end")
class ServeTest {

  @TempDir Path temp;

  @Test
  void upstreamIsServedToWhoeverGetsAKeyByThePrintedCommands() throws Exception {
    Path data = temp.resolve("data");
    try (EchoApi api = new EchoApi();
        GateProcess gate = GateProcess.serve(data, api.address())) {
      assertThat(gate.out()).contains("/ → " + api.address()).contains(data + "/ca.crt");
      assertThat(gate.get("/anything", null).statusCode()).isEqualTo(401);

      List<String> printed =
          gate.out().lines().map(String::strip).filter(l -> l.startsWith("./gatehouse ")).toList();
      assertThat(printed).hasSize(2);
      assertThat(typed(printed.get(0)).exitCode()).isZero();
      CommandLineRun issued = typed(printed.get(1));
      assertThat(issued.exitCode()).isZero();
      String key = issued.out().lines().filter(l -> l.startsWith("key ")).findFirst().orElseThrow();

      HttpResponse<String> answer = gate.get("/anything?q=1", key.substring(4).strip());
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(new JsonObject(answer.body()).getString("target")).isEqualTo("/anything?q=1");
    }
  }

  @Test
  void aLinkForANewPasswordLeadsToThePortOnWhichTheGateListens() throws Exception {
    try (GateProcess gate = onAnyPort("")) {
      gate.manage("POST", "/accounts", new JsonObject().put("kind", "person").put("name", "ann"));
      CommandLineRun reset =
          CommandLineRun.of("user", "reset", "ann", "--data", gate.data().toString());
      assertThat(reset.exitCode()).isZero();
      assertThat(reset.out()).contains(gate.address() + "/password/reset?token=");
    }
  }

  @Test
  void whoeverFailsAtTheGateFromThisMachineLocksTheAdministratorOutOfNothing() throws Exception {
    try (GateProcess gate = onAnyPort("throttle: { failedAttemptsPerMinute: 1 }")) {
      String wrong = "sk_live_wrong";
      GateProcess.until(() -> status(gate, wrong) == 429);
      assertThat(gate.admin("GET", "/keys", null).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void passwordsAndStreamsAreBoundedAsTheConfigurationSays() throws Exception {
    String settings =
        """
        limits: { http2Streams: 7 }
        passwords: { bcryptCost: 10, failedPerName: 3, failedPerNameAndAddress: 2, hashingThreads: 1 }
        """;
    try (GateProcess gate = onAnyPort(settings)) {
      for (int expected : new int[] {401, 401, 429}) {
        assertThat(
                gate.client()
                    .send(
                        gate.request("/", null)
                            .header("Authorization", PeopleGate.basic("nobody", "wrong password"))
                            .build(),
                        HttpResponse.BodyHandlers.ofString())
                    .statusCode())
            .isEqualTo(expected);
      }
      SSLContext trust = GateProcess.trusting(gate.data().resolve("ca.crt"));
      try (RawClient client =
          Http2Frames.begin(new RawClient(gate.address().getPort(), trust, "h2"))) {
        Buffer sent = Http2Frames.readUntil(client.in(), Http2Frames.SETTINGS).payload();
        assertThat(sent.length() % 6).isZero();
        Map<Integer, Long> values = new HashMap<>(); // RFC 9113 §6.5.1
        for (int at = 0; at < sent.length(); at += 6) {
          values.put(sent.getUnsignedShort(at), sent.getUnsignedInt(at + 2));
        }
        assertThat(values).containsEntry(3, 7L); // SETTINGS_MAX_CONCURRENT_STREAMS
      }
    }
  }

  @Test
  void upstreamsAnswersAndBodiesAreBoundedAsTheConfigurationSays() throws Exception {
    try (RawUpstream upstream = new RawUpstream(null)) {
      upstream.serve(
          (head, in, out) -> {
            RawUpstream.write(out, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nsome");
            return in.read() >= 0;
          });
      Path config =
          Files.writeString(
              temp.resolve("gatehouse.yaml"),
              """
              listen: { port: 0 }
              data: data
              limits: { bodyMemory: 128KiB }
              upstreams: { "BASE": { requests: 1, queue: 0, queueTimeout: 1h } }
              routes:
                - { path: /open, upstream: "BASE", accept: [public] }
                - { path: /still, upstream: "BASE", accept: [public], idleTimeout: 100ms }
                - { path: /, upstream: "BASE", accept: [session] }
              """
                  .replace("BASE", upstream.base().toString()));
      Path data = temp.resolve("data");
      try (GateProcess gate = GateProcess.serveHere(config, data)) {
        SSLContext trust = GateProcess.trusting(data.resolve("ca.crt"));
        try (RawClient open = client(gate, trust)) {
          open.send(get("/open"));
          upstream.next();
          try (RawClient another = client(gate, trust)) {
            assertThat(another.ask(get("/open")).status()).as("none waits").isEqualTo(503);
          }
        }
        GateProcess.until(() -> isCut(gate, trust, get("/still")));

        List<RawClient> slow = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
          slow.add(client(gate, trust).send(login("x".repeat(16 * 1024 - 1))));
        }
        GateProcess.until(
            () -> toEnd(gate, trust, login("x".repeat(16 * 1024))).contains("Too many bodies"));
        for (RawClient client : slow) {
          client.close();
        }
      }
    }
  }

  private static RawClient client(GateProcess gate, SSLContext trust) {
    return new RawClient(gate.address().getPort(), trust, "http/1.1");
  }

  private static String toEnd(GateProcess gate, SSLContext trust, String request) {
    try (RawClient client = client(gate, trust)) {
      return client.send(request).readToEnd();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  // Once the place is free again.
  private static boolean isCut(GateProcess gate, SSLContext trust, String request) {
    try (RawClient client = client(gate, trust).send(request)) {
      RawMessage head = new RawMessage(RawMessage.readHead(client.in()), "");
      return head.status() == 200
          && client.in().readNBytes("some".length()).length == "some".length()
          && client.isClosedByPeer();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private static String get(String path) {
    return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  }

  private static String login(String body) {
    return """
        POST /login HTTP/1.1\r
        Host: localhost\r
        Connection: close\r
        Content-Length: 16384\r
        \r
        """
        + body;
  }

  private GateProcess onAnyPort(String settings) throws Exception {
    Path config =
        Files.writeString(
            temp.resolve("gatehouse.yaml"),
            """
            listen: { port: 0 }
            data: data
            %s
            routes: [{ path: /, upstream: "http://127.0.0.1:9", accept: [apikey, basic] }]
            """
                .formatted(settings));
    Path data = temp.resolve("data");
    return GateProcess.serve(config, data, data.resolve("ca.crt"));
  }

  private static int status(GateProcess gate, String key) {
    try {
      return gate.get("/", key).statusCode();
    } catch (Exception failed) {
      throw new AssertionError(failed);
    }
  }

  private static CommandLineRun typed(String line) {
    return CommandLineRun.of(
        line.substring("./gatehouse ".length()).replace("'", "").split(" ", -1));
  }

  @Test
  void configurationIsServedWithItsOwnCertificateRoutesRolesAndCors() throws Exception {
    Path config = temp.resolve("gatehouse.yaml");
    certificate(temp);
    try (EchoApi orders = new EchoApi();
        EchoApi pages = new EchoApi()) {
      Files.writeString(
          config,
          """
          listen: { port: 0, tls: { certificate: own.crt, key: own.key } }
          data: data
          roles:
            reader: [orders:read]
          routes:
            - path: /orders
              upstream: %s
              accept: [apikey]
              require: { GET: orders:read, POST: orders:write }
              cors: { origins: ["https://app.example.com"], headers: [X-API-Key] }
            - path: /
              upstream: %s
              accept: [public]
          """
              .formatted(orders.address(), pages.address()));
      CommandLineRun check = CommandLineRun.of("check", config.toString());
      assertThat(check.exitCode()).isZero();
      assertThat(check.out())
          .isEqualTo(
              config
                  + """
                     is good: 2 routes
                    HOST  PATH     ACCEPTS  REQUIRES
                    any   /orders  apikey   GET: orders:read; POST: orders:write
                    any   /        public
                    """);
      assertThat(check.err()).contains("'orders:write', which no role gives").hasLineCount(2);

      Path data = temp.resolve("data");
      try (GateProcess gate = GateProcess.serve(config, data, temp.resolve("own.crt"))) {
        assertThat(data.resolve("ca.crt")).as("no development CA is made").doesNotExist();
        HttpResponse<String> page = gate.get("/page", null);
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.headers().allValues("Strict-Transport-Security")).isEmpty();
        assertThat(gate.get("/orders", null).headers().allValues("Strict-Transport-Security"))
            .containsExactly("max-age=31536000");
        String in = data.toString();
        assertThat(CommandLineRun.of("user", "add", "ann", "--role", "reader", "--data", in))
            .extracting(CommandLineRun::exitCode)
            .isEqualTo(0);
        assertThat(CommandLineRun.of("user", "add", "bob", "--role", "writer", "--data", in).err())
            .isEqualTo(
                "gatehouse: there is no role 'writer'; the configuration defines [reader]\n");
        CommandLineRun issued =
            CommandLineRun.of("key", "add", "one", "--owner", "ann", "--json", "--data", in);
        String key = new JsonObject(issued.out()).getString("key");

        HttpResponse<String> admitted = gate.get("/orders/7", key);
        assertThat(admitted.statusCode()).isEqualTo(200);
        JsonObject fields = new JsonObject(admitted.body()).getJsonObject("fields");
        assertThat(fields.getString("x-auth-scopes")).isEqualTo("orders:read");
        assertThat(fields.fieldNames()).doesNotContain("x-api-key");
        assertThat(gate.post("/orders", key, "{}").statusCode()).isEqualTo(403);

        HttpResponse<String> preflight =
            gate.client()
                .send(
                    gate.request("/orders", null)
                        .method("OPTIONS", java.net.http.HttpRequest.BodyPublishers.noBody())
                        .header("Origin", "https://app.example.com")
                        .header("Access-Control-Request-Method", "GET")
                        .header("Access-Control-Request-Headers", "x-api-key")
                        .build(),
                    HttpResponse.BodyHandlers.ofString());
        assertThat(preflight.statusCode()).isEqualTo(204);
        assertThat(preflight.headers().firstValue("Access-Control-Allow-Origin"))
            .contains("https://app.example.com");
      }
    }
  }

  private static void certificate(Path folder) throws Exception {
    Process openssl =
        new ProcessBuilder(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=own",
                "-addext",
                "subjectAltName=DNS:localhost",
                "-keyout",
                "own.key",
                "-out",
                "own.crt")
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("openssl.log").toFile())
            .start();
    assertThat(openssl.waitFor()).isZero();
  }

  @Test
  void checkNamesEveryProblemWithItsLineAndColumn() throws Exception {
    Path config =
        Files.writeString(
            temp.resolve("gatehouse.yaml"),
            """
            listen: { prt: 8443 }
            routes:
              - path: /orders
                upstream: ftp://127.0.0.1
                acept: [apikey]
            """);
    CommandLineRun check = CommandLineRun.of("check", config.toString());
    assertThat(check.exitCode()).isEqualTo(1);
    assertThat(check.out()).isEmpty();
    assertThat(check.err().lines())
        .anyMatch(line -> line.startsWith("  " + config + ":1:11: ") && line.contains("'port'"))
        .anyMatch(line -> line.startsWith("  " + config + ":3:5: ") && line.contains("'accept'"))
        .anyMatch(line -> line.startsWith("  " + config + ":4:15: ") && line.contains("http"))
        .anyMatch(line -> line.startsWith("  " + config + ":5:5: ") && line.contains("'accept'"));
    assertThat(check.err()).startsWith("gatehouse: the configuration has 4 problems\n");

    CommandLineRun serve = CommandLineRun.of("serve", "--config", config.toString());
    assertThat(serve).as("serve says the same").isEqualTo(check);
    CommandLineRun gone = CommandLineRun.of("check", temp.resolve("gone.yaml").toString());
    assertThat(gone.exitCode()).isEqualTo(1);
    assertThat(gone.err()).contains("gone.yaml:1:1: the file cannot be read (it does not exist)");
  }

  @Test
  void checkTellsWhichRouteTakesARequestAndWhatItAsks() throws Exception {
    Path config =
        Files.writeString(
            temp.resolve("gatehouse.yaml"),
            """
            prefix: /_gate
            routes:
              - path: /orders
                upstream: http://127.0.0.1:3000
                accept: [apikey, [mtls, jwt]]
                require: { GET: "orders:read", "*": "orders:admin" }
              - { path: /, host: www.example.com, upstream: "http://127.0.0.1:1", accept: [public] }
              - path: /hooks
                upstream: http://127.0.0.1:3000
                accept: [hmac]
                webhook: { vendor: github, name: code }
                require: { POST: "hooks" }
            """);
    assertThat(as(config, "HEAD", "/a/../orders/7?x=1"))
        .isEqualTo(
            """
            route     /orders
            upstream  http://127.0.0.1:3000/orders/7
            accepts   apikey, mtls and jwt
            requires  orders:read
            """);
    assertThat(as(config, "DELETE", "/orders")).contains("requires  orders:admin\n");
    assertThat(as(config, "GET", "/orders", "--host", "WWW.example.com"))
        .isEqualTo(
            """
            route     www.example.com/
            upstream  http://127.0.0.1:1/orders
            accepts   public
            requires  no scope
            """);
    assertThat(as(config, "GET", "/hooks"))
        .contains("accepts   hmac (webhook code of github)\n")
        .contains("requires  what no caller has: 'require' does not list GET (403)\n");
    assertThat(as(config, "GET", "/ORDERS")).isEqualTo("404: no route takes /ORDERS.\n");
    assertThat(as(config, "GET", "/_gate/whoami"))
        .isEqualTo("The gate itself answers /_gate/whoami.\n");
    assertThat(as(config, "GET", "/a%2fb")).startsWith("400: The path holds an encoded");
    assertThat(CommandLineRun.of("check", config.toString(), "--host", "a").err())
        .startsWith("gatehouse: --host goes with --as METHOD PATH\n");
  }

  // A request with a key in its address gets 400 from 'serve'; so does what is no request.
  @Test
  void checkSaysWhatServeAnswersToARequestThatItRefusesForItsForm() throws Exception {
    Path config =
        Files.writeString(
            temp.resolve("gatehouse.yaml"),
            """
            listen: { port: 0, plainHttp: true }
            data: data
            routes:
              - { path: /, host: www.example.com, upstream: "http://127.0.0.1:1", accept: [apikey] }
              - { path: /orders, upstream: "http://127.0.0.1:1", accept: [apikey] }
              - { path: /signed, upstream: "http://127.0.0.1:1", accept: [hmac] }
            """);
    String key = SecretForm.base62(ApiKeySettings.DEFAULT_PREFIX).random();
    GateThread gate = new GateThread("serve", "--config", config.toString());
    try {
      GateProcess.until(() -> !gate.isAlive() || gate.out().contains("key add first --owner"));
      Matcher address = Pattern.compile("http://localhost:(\\d+)").matcher(gate.out());
      assertThat(address.find()).as(gate.err()).isTrue();
      int port = Integer.parseInt(address.group(1));
      for (String[] request :
          new String[][] {
            {"GET", "/x", "www.example.com:8443"},
            {"GET", "/x", "WWW.example.com."},
            {"GET", "/x", "other.example.com"},
            {"GET", "/orders", "[::1]:80"},
            {"G%T", "/orders", "a"},
            {"GET", "/orders", "a:99999"},
            {"GET", "/orders", "a..b"},
            {"GET", "/orders", "[1]"},
            {"GET", "/orders", "u@a"},
            {"GET", "/orders", "a/b"},
            {"GET", "/orders", key},
            {"TRACE", "/orders", "a"},
            {"TRACK", "/orders", "a"},
            {"TRACE", "/nowhere", "a"},
            {"G(T", "/orders", "a"},
            {"M".repeat(33), "/orders", "a"},
            {"get", "/orders", "a"},
            {"OPTIONS", "*", "a"},
            {"GET", "orders", "a"},
            {"GET", "http://a/orders", "a"},
            {"GET", "http://b/orders", "a"},
            {"GET", "/orders?api_key=x", "a"},
            {"GET", "/signed?api_key=x", "a"},
            {"GET", "/orders?x=" + key, "a"},
            {"GET", "/signed?x=" + key, "a"},
            {"GET", "/orders/" + key, "a"},
            {"GET", "/healthz", "a"},
            {"TRACE", "/healthz", "a"},
          }) {
        String said = as(config, request[0], request[1], "--host", request[2]);
        String answer;
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
          client
              .getOutputStream()
              .write(
                  "%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n"
                      .formatted(request[0], request[1], request[2])
                      .getBytes(StandardCharsets.US_ASCII));
          answer = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
        String status = answer.substring("HTTP/1.1 ".length(), "HTTP/1.1 200".length());
        assertThat(said)
            .as(String.join(" ", request))
            .startsWith(
                switch (status) {
                  case "400" -> "400: ";
                  case "404" -> "404: ";
                  case "401" -> "route ";
                  default -> "The gate itself answers ";
                });
        if (status.equals("400")) {
          assertThat(answer)
              .containsAnyOf(
                  said.substring("400: ".length()).strip(),
                  "The request can't be read"); // Netty's own refusal of the request line
        }
        assertThat(said).doesNotContain(key);
      }
    } finally {
      gate.stop();
    }
  }

  private static String as(Path config, String method, String path, String... more) {
    List<String> arguments = new ArrayList<>(List.of("check", "--as", method, path));
    arguments.addAll(List.of(more));
    arguments.add(config.toString());
    CommandLineRun run = CommandLineRun.of(arguments.toArray(String[]::new));
    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    return run.out();
  }

  @Test
  void warningsFailTheCheckOnlyWhereItIsStrict() throws Exception {
    Path config =
        Files.writeString(
            temp.resolve("gatehouse.yaml"),
            """
            roles: { clerk: ["orders:*"] }
            routes: [{ path: /, upstream: "http://127.0.0.1:3000", accept: [apikey] }]
            """);
    CommandLineRun check = CommandLineRun.of("check", config.toString());
    assertThat(check.exitCode()).isZero();
    assertThat(check.out()).contains(" is good: 1 route\n");
    assertThat(check.err())
        .startsWith("the configuration has a warning\n  " + config + ":1:17: the role 'clerk'");
    assertThat(CommandLineRun.of("check", config.toString(), "--strict").exitCode()).isEqualTo(1);
  }

  @Test
  void serveTakesTheConfigurationOfTheWorkingDirectoryAsCheckDoes() throws Exception {
    Files.writeString(temp.resolve("gatehouse.yaml"), "routes: []\n");
    for (String command : List.of("serve", "check")) {
      GateProcess.Ended run = GateProcess.runIn(temp, command);
      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.err()).contains("  gatehouse.yaml:1:1: 'routes' is empty");
    }
  }

  @Test
  void serveWantsExactlyOneThingToServe() {
    CommandLineRun two =
        CommandLineRun.of("serve", "--upstream", "http://127.0.0.1:1", "--config", "x.yaml");
    assertThat(two.exitCode()).isEqualTo(2);
    assertThat(two.err())
        .isEqualTo(
            """
            gatehouse: say what to serve: --upstream URL, or --config FILE
            Try 'gatehouse serve --help'.
            """);
    CommandLineRun none = CommandLineRun.of("serve");
    assertThat(none.exitCode()).isEqualTo(2);
    assertThat(none.err())
        .startsWith("gatehouse: say what to serve: --upstream URL, or --config FILE (there is no");
    CommandLineRun mixed = CommandLineRun.of("serve", "--config", "x.yaml", "--port", "1");
    assertThat(mixed.exitCode()).isEqualTo(2);
    assertThat(mixed.err()).contains("stand in the file");
    CommandLineRun ftp = CommandLineRun.of("serve", "--upstream", "ftp://127.0.0.1");
    assertThat(ftp.exitCode()).isEqualTo(2);
    assertThat(ftp.err()).startsWith("gatehouse: --upstream does not begin with ");
    for (String command : List.of("serve --upstream http://127.0.0.1:1", "demo")) {
      CommandLineRun port = CommandLineRun.of((command + " --port 70000").split(" ", -1));
      assertThat(port.exitCode()).isEqualTo(2);
      assertThat(port.err()).contains("'70000' is no number from 0 to 65535\n");
    }
    CommandLineRun bare = CommandLineRun.of("serve", "--upstream", "127.0.0.1:31000");
    assertThat(bare.exitCode()).isEqualTo(2);
    assertThat(bare.err())
        .isEqualTo(
            """
            gatehouse: --upstream is no URL: write http://host:port or https://host:port
            Try 'gatehouse serve --help'.
            """);
  }

  @Test
  void dataFolderBelowAFileIsRefusedInWords() throws Exception {
    Path file = Files.createFile(temp.resolve("file"));
    for (Path folder : List.of(file.resolve("x"), file.resolve("x/y"))) {
      CommandLineRun run =
          CommandLineRun.of(
              "serve",
              "--upstream",
              "http://127.0.0.1:1",
              "--port",
              "0",
              "--data",
              folder.toString());
      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.err())
          .isEqualTo("gatehouse: cannot make data folder " + folder + ": " + file + " is a file\n");
    }
  }
}
