package dev.gatehouse.server.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `gatehouse demo` as a newcomer meets it: a process, a terminal and curl.
@Timeout(120)
@Tag("end-to-end")
class DemoTest {

  private static final Pattern PROMISE = Pattern.compile("\\((\\d{3})\\)\\R((?: {2}\\S.*\\R)+)");
  private static final Pattern STATUS = Pattern.compile("^HTTP/\\S+ (\\d{3})", Pattern.MULTILINE);

  @TempDir Path temp;

  @Test
  @Tag("demo")
  void everyPrintedCurlLineGivesTheStatusThatItPromises() throws Exception {
    // A folder whose name a shell would take apart
    Path data = temp.resolve("it's a $HOME");
    try (GateProcess gate = GateProcess.demo(data)) {
      List<String> promised = new ArrayList<>();
      List<String> kept = new ArrayList<>();
      Matcher promise = PROMISE.matcher(gate.out());
      while (promise.find()) {
        promised.add(promise.group(1));
        kept.add(status(shell(promise.group(2))));
      }
      assertThat(kept)
          .containsExactly(
              "200", "200", "200", "200", "200", "200", "200", "201", "401", "403", "200");
      assertThat(kept).isEqualTo(promised);

      JsonObject file = gate.file("demo.json");
      assertThat(file.fieldNames())
          .containsExactlyInAnyOrder(
              "baseUrl",
              "caFile",
              "protectedPath",
              "apiKey",
              "basic",
              "login",
              "hmac",
              "mtls",
              "oauth",
              "admin");
      assertThat(file.getString("baseUrl")).isEqualTo(gate.address().toString());
      assertThat(Path.of(file.getString("caFile"))).isRegularFile();
      assertThat(file.getJsonObject("admin")).isEqualTo(gate.file("admin.json"));
      JsonObject oauth = file.getJsonObject("oauth");
      assertThat(oauth.fieldNames())
          .containsExactlyInAnyOrder(
              "provider", "issuer", "clientId", "clientSecret", "tokenEndpoint", "signIn");
      // Another host than the gate's, as cookies take no notice of ports
      assertThat(URI.create(oauth.getString("issuer")).getHost()).isEqualTo("127.0.0.1");
      assertThat(oauth.getString("signIn")).isEqualTo(gate.address() + "/auth/demo");
      for (String secret :
          List.of(
              "demo.json", "admin.json", "master.key", "ca.key", "client.key", "provider.json")) {
        assertThat(
                PosixFilePermissions.toString(Files.getPosixFilePermissions(data.resolve(secret))))
            .as(secret)
            .isEqualTo("rw-------");
      }
      assertThat(gate.get(file.getString("protectedPath"), file.getString("apiKey")).statusCode())
          .isEqualTo(200);
      assertNoPageGetsACode(gate);

      String manage = line(gate.out(), "./gatehouse session list");
      assertThat(shell("set -- " + manage + "; printf %s \"$5\"")).isEqualTo(data.toString());
      // The audit's lines, and nothing of the JVM's own.
      assertThat(gate.err().lines()).allMatch(line -> line.contains(" INFO  audit refused "));
    }
  }

  // Its configuration lists no paths for codes.
  private static void assertNoPageGetsACode(GateProcess gate) throws Exception {
    HttpResponse<String> begun =
        gate.client()
            .send(
                gate.request(
                        "/auth/demo?return=/orders&code_challenge_method=S256&code_challenge="
                            + "c".repeat(43),
                        null)
                    .header("Sec-Fetch-Site", "same-origin")
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    assertThat(begun.statusCode()).as(begun.body()).isEqualTo(400);
    assertThat(begun.body()).contains("No page gets a code here");
    HttpResponse<String> exchanged =
        gate.client()
            .send(
                gate.request("/auth/token", null)
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(
                        HttpRequest.BodyPublishers.ofString(
                            "grant_type=authorization_code&code=ac_x&code_verifier=x"))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    assertThat(exchanged.body()).contains("unsupported_grant_type");
  }

  @Test
  void secondStartOnTheSameFolderKeepsEveryCredentialAndItsLastUseWhateverThePort()
      throws Exception {
    Path data = temp.resolve("data");
    JsonObject first;
    try (GateProcess gate = GateProcess.demo(data)) {
      first = gate.file("demo.json");
      assertThat(gate.get("/orders", first.getString("apiKey")).statusCode()).isEqualTo(200);
      assertThat(gate.end("TERM").exitCode()).isEqualTo(128 + 15);
    }
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    try (GateProcess gate = GateProcess.demoHere(data, port)) {
      JsonObject second = gate.file("demo.json");
      assertThat(second.getString("baseUrl")).isEqualTo("https://localhost:" + port);
      assertThat(second.getString("apiKey")).isEqualTo(first.getString("apiKey"));
      assertThat(second.getJsonObject("admin").getString("apiKey"))
          .isEqualTo(first.getJsonObject("admin").getString("apiKey"));
      for (String kept : List.of("issuer", "clientSecret")) {
        assertThat(second.getJsonObject("oauth").getString(kept))
            .isEqualTo(first.getJsonObject("oauth").getString(kept));
      }
      assertThat(gate.manage("GET", "/accounts/alice/links", null).getJsonArray("items"))
          .as("linked once")
          .hasSize(1);
      JsonObject key =
          gate.manage("GET", "/keys?owner=demo-app", null).getJsonArray("items").getJsonObject(0);
      assertThat(key.getString("lastUsedAt")).as("written before the gate ended").isNotNull();
      assertThat(gate.get("/orders", second.getString("apiKey")).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void credentialsThatWereTakenAwayStaySoAndTheNextStartMakesOthers() throws Exception {
    Path data = temp.resolve("data");
    JsonObject first;
    try (GateProcess gate = GateProcess.demoHere(data)) {
      first = gate.file("demo.json");
      String id =
          gate.manage("GET", "/keys?owner=demo-app", null)
              .getJsonArray("items")
              .getJsonObject(0)
              .getString("id");
      gate.manage("POST", "/keys/" + id + "/revoke", null);
      gate.manage("PATCH", "/accounts/administrator", new JsonObject().put("disabled", true));
      assertThat(gate.admin("GET", "/keys", null).statusCode()).isEqualTo(401);
      gate.stop();
    }
    JsonObject second;
    try (GateProcess gate = GateProcess.demoHere(data)) {
      second = gate.file("demo.json");
      assertThat(second.getString("apiKey")).isNotEqualTo(first.getString("apiKey"));
      assertThat(gate.get("/orders", first.getString("apiKey")).statusCode()).isEqualTo(401);
      assertThat(gate.get("/orders", second.getString("apiKey")).statusCode()).isEqualTo(200);
      assertThat(gate.manage("GET", "/accounts/administrator", null).getBoolean("disabled"))
          .as("whoever was disabled is not enabled by a restart")
          .isTrue();
      gate.manage("PATCH", "/accounts/demo-app", new JsonObject().put("disabled", true));
      gate.stop();
    }
    try (GateProcess gate = GateProcess.demoHere(data)) {
      assertThat(gate.get("/orders", second.getString("apiKey")).statusCode()).isEqualTo(401);
      assertThat(gate.get("/orders", gate.file("demo.json").getString("apiKey")).statusCode())
          .isEqualTo(200);
    }
  }

  @Test
  void aPersonWhoWasDisabledOrLostAScopeStaysSoAndTheNextStartMakesAnotherWhoseNameItPrints()
      throws Exception {
    Path data = temp.resolve("data");
    JsonObject first;
    try (GateProcess gate = GateProcess.demoHere(data)) {
      first = gate.file("demo.json");
      gate.manage("PATCH", "/accounts/alice", new JsonObject().put("disabled", true));
      gate.stop();
    }
    try (GateProcess gate = GateProcess.demoHere(data)) {
      assertThat(ordersBy(gate, first.getJsonObject("basic"))).isEqualTo(401);
      JsonObject file = gate.file("demo.json");
      assertThat(ordersBy(gate, file.getJsonObject("basic"))).isEqualTo(200);
      HttpResponse<String> login =
          gate.client()
              .send(
                  gate.request("/api/auth/login", null)
                      .header("Content-Type", "application/json")
                      .POST(
                          HttpRequest.BodyPublishers.ofString(file.getJsonObject("login").encode()))
                      .build(),
                  HttpResponse.BodyHandlers.ofString());
      assertThat(login.statusCode()).as(login.body()).isEqualTo(200);
      assertThat(gate.out()).contains("-u 'alice-2:").contains("alice-2@example.com");
      for (String person : List.of("alice", "alice-2")) {
        assertThat(gate.manage("GET", "/accounts/" + person + "/links", null).getJsonArray("items"))
            .as("Alice of the provider is whoever is printed")
            .hasSize(person.equals("alice") ? 0 : 1);
      }
      gate.manage(
          "PATCH",
          "/accounts/alice-2",
          new JsonObject().put("scopes", new JsonArray().add("orders:read")));
      gate.stop();
    }
    try (GateProcess gate = GateProcess.demoHere(data)) {
      JsonObject basic = gate.file("demo.json").getJsonObject("basic");
      assertThat(basic.getString("username")).isEqualTo("alice-3");
      assertThat(ordersBy(gate, basic)).isEqualTo(200);
    }
  }

  private static int ordersBy(GateProcess gate, JsonObject basic) throws Exception {
    String pair = basic.getString("username") + ":" + basic.getString("password");
    return gate.client()
        .send(
            gate.request("/orders", null)
                .header(
                    "Authorization",
                    "Basic "
                        + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)))
                .build(),
            HttpResponse.BodyHandlers.ofString())
        .statusCode();
  }

  @Test
  void interruptEndsTheGateAndTheSampleApi() throws Exception {
    try (GateProcess gate = GateProcess.demo(temp.resolve("data"))) {
      List<Integer> ports = listening(gate.pid());
      assertThat(ports).as("the gate, its admin API, the sample API and the provider").hasSize(4);
      GateProcess.Ended ended = gate.end("INT");
      assertThat(ended.exitCode()).isEqualTo(128 + 2);
      assertThat(ended.err()).isEmpty();
      for (int port : ports) {
        assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port).close())
            .isInstanceOf(ConnectException.class);
      }
    }
  }

  @Test
  void startThatCannotBeSaysWhyInOneLineAndLeavesNothingRunning() throws Exception {
    Path data = temp.resolve("data");
    try (GateProcess gate = GateProcess.demo(data)) {
      URI address = gate.address();
      refused(
          CommandLineRun.of(
              "demo",
              "--data",
              temp.resolve("other").toString(),
              "--port",
              Integer.toString(address.getPort())),
          "127.0.0.1:" + address.getPort() + " can't be listened on");
      refused(
          GateProcess.run("demo", "--port", "0", "--data", data.toString()),
          "in use by another gate (pid " + gate.pid() + ")");
      assertThat(gate.get("/hello", null).statusCode()).isEqualTo(200);
    }
    Path file = Files.writeString(temp.resolve("file"), "");
    refused(CommandLineRun.of("demo", "--port", "0", "--data", file.toString()), "is a file");
    refused(
        CommandLineRun.of("demo", "--port", "0", "--data", file.resolve("below").toString()),
        "cannot make data folder");
    // Root may write everywhere but where the kernel lets nobody.
    refused(
        CommandLineRun.of("demo", "--port", "0", "--data", "/proc/gatehouse"),
        "cannot make data folder /proc/gatehouse");
  }

  private static void refused(GateProcess.Ended ended, String why) {
    refused(new CommandLineRun(ended.exitCode(), ended.out(), ended.err()), why);
  }

  private static void refused(CommandLineRun run, String why) {
    assertThat(run.err()).startsWith("gatehouse: ").contains(why).endsWith("\n").hasLineCount(1);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
  }

  private static String line(String text, String beginning) {
    return text.lines()
        .map(String::strip)
        .filter(line -> line.startsWith(beginning))
        .findFirst()
        .orElseThrow();
  }

  // Of the last request, where several lead to it.
  private static String status(String answer) {
    List<String> statuses = STATUS.matcher(answer).results().map(one -> one.group(1)).toList();
    assertThat(statuses).as(answer).isNotEmpty();
    return statuses.getLast();
  }

  private static String shell(String command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder("bash", "-c", command)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (var out = process.getInputStream()) {
      String answer = new String(out.readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as(command).isZero();
      return answer;
    }
  }

  /// The TCP ports on which that process listens.
  private static List<Integer> listening(long pid) throws IOException, InterruptedException {
    List<Integer> ports = new ArrayList<>();
    String inodes =
        shell("ls -l /proc/" + pid + "/fd 2>/dev/null | grep -o 'socket:\\[[0-9]*' || true");
    for (String table : List.of("tcp", "tcp6")) {
      for (String row : Files.readAllLines(Path.of("/proc/" + pid + "/net/" + table))) {
        String[] cells = row.strip().split("\\s+", -1);
        if (cells.length > 9 && cells[3].equals("0A") && inodes.contains("[" + cells[9] + "\n")) {
          ports.add(Integer.parseInt(cells[1].substring(cells[1].indexOf(':') + 1), 16));
        }
      }
    }
    return ports.stream().distinct().toList();
  }
}
