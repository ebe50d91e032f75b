package dev.gatehouse.server.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.hmac.GatehouseProfile;
import dev.gatehouse.hmac.SignatureAlgorithm;
import dev.gatehouse.secret.Digest;
import dev.gatehouse.secret.RandomIds;
import dev.gatehouse.server.wire.RawClient;
import dev.gatehouse.server.wire.RawMessage;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Requests that are signed in the gate's own way, over TLS to a running gate.
@Timeout(180)
@Tag("end-to-end")
class SignedRequestsTest {

  // More than all tests together use of one key, but for the one that uses them up.
  private static final int USES_PER_KEY = 200;

  @TempDir private static Path temp;
  private static EchoApi api;
  private static Path config;
  private static GateProcess gate;
  private static JsonObject key;

  @BeforeAll
  static void start() throws Exception {
    api = new EchoApi();
    config =
        Files.writeString(
            temp.resolve("gatehouse.yaml"),
            """
            listen: { port: 0 }
            data: data
            throttle: { failedAttemptsPerMinute: 1000 }
            limits: { bodyTimeout: 2s }
            methods: { hmac: { usesPerKey: %d } }
            routes:
              - { path: /signed, upstream: "%s", accept: [hmac] }
              - { path: /either, upstream: "%s", accept: [apikey, hmac] }
              - { path: /keys-only, upstream: "%s", accept: [apikey] }
              - { path: /with-password, upstream: "%s", accept: [[basic, hmac]] }
            """
                .formatted(
                    USES_PER_KEY, api.address(), api.address(), api.address(), api.address()));
    gate = serve();
    gate.manage(
        "POST",
        "/accounts",
        new JsonObject()
            .put("kind", "service")
            .put("name", "shop")
            .put("scopes", new JsonArray(List.of("orders:read"))));
    key = issued();
  }

  @AfterAll
  static void stop() {
    gate.close();
    api.close();
  }

  private static GateProcess serve() throws Exception {
    Path data = config.resolveSibling("data");
    return GateProcess.serve(config, data, data.resolve("ca.crt"));
  }

  private static JsonObject issued() throws Exception {
    return gate.manage(
        "POST", "/signature-keys", new JsonObject().put("owner", "shop").put("name", "test"));
  }

  /// The fields that sign a request.
  private static List<String> fields(
      JsonObject by, String method, String target, byte[] body, @Nullable String nonce) {
    String time = Long.toString(Instant.now().getEpochSecond());
    String hash = body.length == 0 ? "" : HexFormat.of().formatHex(Digest.sha256(body).bytes());
    String signature =
        HexFormat.of()
            .formatHex(
                SignatureAlgorithm.hmacSha256(
                    by.getString("secret").getBytes(StandardCharsets.UTF_8),
                    GatehouseProfile.stringToSign(method, target, time, hash, nonce)
                        .getBytes(StandardCharsets.UTF_8)));
    List<String> fields =
        new ArrayList<>(
            List.of("X-Key-Id", by.getString("id"), "X-Timestamp", time, "X-Signature", signature));
    if (nonce != null) {
      fields.addAll(List.of("X-Nonce", nonce));
    }
    return fields;
  }

  private static HttpRequest.Builder signed(
      JsonObject by, String method, String target, byte[] body) {
    HttpRequest.Builder request = gate.request(target, null);
    fields(by, method, target, body, RandomIds.text(22)).forEach(new PairWise(request::header));
    return request.method(
        method,
        body.length == 0
            ? HttpRequest.BodyPublishers.noBody()
            : HttpRequest.BodyPublishers.ofByteArray(body));
  }

  /// Takes names and values in turn.
  private static final class PairWise implements java.util.function.Consumer<String> {

    private final java.util.function.BiConsumer<String, String> pairs;
    private @Nullable String name;

    PairWise(java.util.function.BiConsumer<String, String> pairs) {
      this.pairs = pairs;
    }

    @Override
    public void accept(String word) {
      if (name == null) {
        name = word;
      } else {
        pairs.accept(name, word);
        name = null;
      }
    }
  }

  private static HttpResponse<String> send(HttpRequest request) throws Exception {
    return gate.client().send(request, HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void nodeSignsAsTheDocumentsSay() throws Exception {
    NodeScript.run(
        "sign.mjs",
        gate.data().resolve("ca.crt"),
        new JsonObject()
            .put("base", gate.address().toString())
            .put("keyId", key.getString("id"))
            .put("secret", key.getString("secret"))
            .encode());
  }

  // What the gate itself prints.

  @Test
  void signPrintsALineThatTheShellCanSend() throws Exception {
    Path secret = Files.writeString(temp.resolve("secret"), key.getString("secret") + "\n");
    Path file = Files.write(temp.resolve("it's a body"), new byte[] {0, 1, 2, (byte) 0xff, 10});
    for (List<String> more :
        List.of(
            List.of("/signed?q=it's%20$HOME&x[]=1"),
            List.of("/signed", "-d", "{\"item\": \"it's tea\"}"),
            List.of("/signed", "-X", "PUT", "-d", "@" + file),
            List.of("/signed/a/../b", "-X", "DELETE"))) {
      List<String> arguments =
          new ArrayList<>(
              List.of(
                  "sign",
                  "--key-id",
                  key.getString("id"),
                  "--secret-file",
                  secret.toString(),
                  "--cacert",
                  gate.data().resolve("ca.crt").toString(),
                  gate.address() + more.getFirst()));
      arguments.addAll(more.subList(1, more.size()));
      CommandLineRun run = CommandLineRun.of(arguments.toArray(String[]::new));
      assertThat(run.exitCode()).as(run.err()).isZero();
      String answer = shell(run.out());
      assertThat(answer.lines().findFirst().orElse("")).startsWith("HTTP/2 200");
      assertThat(shell(run.out())).as("sent again").contains("REPLAYED");
    }
  }

  private static String shell(String command) throws Exception {
    Process process =
        new ProcessBuilder("bash", "-c", command)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (var out = process.getInputStream()) {
      String answer = new String(out.readAllBytes(), StandardCharsets.ISO_8859_1);
      assertThat(process.waitFor()).as(command).isZero();
      return answer;
    }
  }

  @Test
  void anAdministratorIsToldWhyASignatureDoesNotMatchAndTheClientIsNot() throws Exception {
    HttpRequest.Builder request = gate.request("/signed?token=s3cret", null);
    fields(key, "GET", "/signed", new byte[0], null).forEach(new PairWise(request::header));
    HttpResponse<String> refused = send(request.build());
    assertThat(refused.statusCode()).isEqualTo(401);
    assertThat(refused.body()).doesNotContain("query");
    String id = new JsonObject(refused.body()).getString("id");

    CommandLineRun told = CommandLineRun.of("explain", id, "--data", gate.data().toString());
    assertThat(told.exitCode()).as(told.err()).isZero();
    assertThat(told.out())
        .contains("401 INVALID_SIGNATURE", "request  GET /signed\n")
        .contains("  | /signed?token=***\n")
        .contains("The query was left out")
        .doesNotContain("s3cret");
    CommandLineRun unknown =
        CommandLineRun.of("explain", "r_none", "--data", gate.data().toString());
    assertThat(unknown.exitCode()).isEqualTo(1);
    assertThat(unknown.err()).contains("audit log");
    // Any refusal, not only those of signatures.
    String bare = new JsonObject(gate.get("/signed", null).body()).getString("id");
    assertThat(CommandLineRun.of("explain", bare, "--data", gate.data().toString()).out())
        .contains("NO_CREDENTIALS", "no credentials");
  }

  @Test
  void signedRequestOpensNoWebSocket() throws Exception {
    WebSocket.Builder socket = gate.client().newWebSocketBuilder();
    fields(key, "GET", "/signed", new byte[0], RandomIds.text(22))
        .forEach(new PairWise(socket::header));
    URI address = URI.create(gate.address().toString().replace("https:", "wss:") + "/signed");
    assertThatThrownBy(() -> socket.buildAsync(address, new WebSocket.Listener() {}).join())
        .cause()
        .isInstanceOfSatisfying(
            WebSocketHandshakeException.class,
            failed -> assertThat(failed.getResponse().statusCode()).isEqualTo(400));
  }

  @Test
  void signedFieldThatWasSplitReachesTheUpstreamInOneLine() throws Exception {
    HttpRequest request =
        signed(key, "GET", "/signed", new byte[0])
            .header("If-Unmodified-Since", "Sat")
            .header("If-Unmodified-Since", "29 Oct 1994 19:43:31 GMT")
            .build();
    JsonObject reached = new JsonObject(send(request).body()).getJsonObject("fields");
    assertThat(reached.getString("if-unmodified-since")).isEqualTo("Sat, 29 Oct 1994 19:43:31 GMT");
  }

  @Test
  void signedRequestHasNoFieldWhoseNameIsAnotherSpellingOfAnothers() throws Exception {
    HttpRequest.Builder plain = signed(key, "GET", "/signed", new byte[0]).header("X-Amount", "5");
    assertThat(send(plain.build()).statusCode()).isEqualTo(200);

    HttpRequest.Builder other = signed(key, "GET", "/signed", new byte[0]).header("X-Amount", "5");
    HttpResponse<String> answer = send(other.header("X_Amount", "500").build());
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(PeopleGate.code(answer)).isEqualTo("MALFORMED_REQUEST");
  }

  // Bodies.

  @Test
  void signatureCoversTheBodyAlsoWhereAPasswordIsVerifiedFirst() throws Exception {
    gate.manage("POST", "/accounts", new JsonObject().put("kind", "person").put("name", "ann"));
    gate.admin(
        "PUT",
        "/accounts/ann/password",
        new JsonObject().put("password", "correct horse battery").encode());
    JsonObject hers =
        gate.manage(
            "POST", "/signature-keys", new JsonObject().put("owner", "ann").put("name", "test"));
    String pair =
        "Basic "
            + Base64.getEncoder()
                .encodeToString("ann:correct horse battery".getBytes(StandardCharsets.UTF_8));
    byte[] body = "tea".getBytes(StandardCharsets.UTF_8);
    HttpResponse<String> whole =
        send(signed(hers, "POST", "/with-password", body).header("Authorization", pair).build());
    assertThat(whole.statusCode()).as(whole.body()).isEqualTo(200);
    assertThat(whole.body()).contains("tea");

    HttpRequest.Builder added = gate.request("/with-password", null).header("Authorization", pair);
    fields(hers, "POST", "/with-password", new byte[0], RandomIds.text(22))
        .forEach(new PairWise(added::header));
    HttpResponse<String> refused =
        send(added.POST(HttpRequest.BodyPublishers.ofByteArray(body)).build());
    assertThat(refused.statusCode())
        .as("nobody signed that body: %s", refused.body())
        .isEqualTo(401);
  }

  @Test
  void aBodyIsForwardedWholeOverEachVersionWhetherItsLengthIsKnownOrNot() throws Exception {
    byte[] body = RandomIds.bytes(300_000);
    for (HttpClient.Version version : HttpClient.Version.values()) {
      if (version.name().equals("HTTP_3")) {
        continue;
      }
      HttpClient client = GateProcess.client(gate.data().resolve("ca.crt"), version, null);
      for (boolean known : List.of(true, false)) {
        HttpRequest.Builder request = signed(key, "POST", "/signed", body);
        request.POST(
            known
                ? HttpRequest.BodyPublishers.ofByteArray(body)
                : HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)));
        HttpResponse<String> answer =
            client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(version + " " + answer.body()).isEqualTo(200);
        assertThat(new JsonObject(answer.body()).getInteger("length")).isEqualTo(body.length);
      }
      client.shutdownNow();
    }
  }

  @Test
  void aBodyOfAMebibyteIsTakenAndALongerOneIsRefused() throws Exception {
    byte[] longest = new byte[1 << 20];
    assertThat(send(signed(key, "POST", "/signed", longest).build()).statusCode()).isEqualTo(200);
    HttpResponse<String> refused =
        send(signed(key, "POST", "/signed", new byte[(1 << 20) + 1]).build());
    assertThat(refused.statusCode()).isEqualTo(413);
    assertThat(PeopleGate.code(refused)).isEqualTo("BODY_TOO_LARGE");
  }

  @Test
  void anEmptyBodyIsNoneHoweverItIsAnnounced() throws Exception {
    for (String framing :
        List.of("Content-Length: 0\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n")) {
      try (RawClient client = raw()) {
        RawMessage answer = client.ask(head("POST", new byte[0]) + framing);
        assertThat(answer.status()).as(framing).isEqualTo(200);
      }
    }
  }

  @Test
  void aClientIsAskedForItsBodyOnlyWhenItsKeyIsGood() throws Exception {
    byte[] body = "tea".getBytes(StandardCharsets.US_ASCII);
    String framing = "Content-Length: 3\r\nExpect: 100-continue\r\n\r\n";
    try (RawClient client = raw()) {
      client.send(head("POST", body) + framing);
      assertThat(client.read().status()).isEqualTo(100);
      assertThat(client.ask("tea").status()).isEqualTo(200);
    }
    JsonObject unknown = key.copy().put("id", "h_unknown");
    try (RawClient client = raw()) {
      client.send(head(unknown, "POST", body) + framing);
      assertThat(client.read().status()).isEqualTo(401);
    }
  }

  @Test
  void slowSignedBodyIsCutAndOthersGoOn() throws Exception {
    byte[] body = new byte[100];
    List<RawClient> slow = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      slow.add(raw().send(head("POST", body) + "Content-Length: 100\r\n\r\nx"));
    }
    assertThat(send(signed(key, "POST", "/signed", body).build()).statusCode()).isEqualTo(200);
    for (RawClient client : slow) {
      try (client) {
        assertThat(client.read().status()).isEqualTo(408);
      }
    }
  }

  @Test
  void aBodyThatBreaksOffHarmsNobody() throws Exception {
    for (int i = 0; i < 20; i++) {
      raw().send(head("POST", new byte[100]) + "Content-Length: 100\r\n\r\nx").close();
    }
    assertThat(send(signed(key, "POST", "/signed", new byte[100]).build()).statusCode())
        .isEqualTo(200);
  }

  private static RawClient raw() throws Exception {
    SSLContext trusting = GateProcess.trusting(gate.data().resolve("ca.crt"));
    return new RawClient(gate.address().getPort(), trusting, "http/1.1");
  }

  private static String head(String method, byte[] body) {
    return head(key, method, body);
  }

  private static String head(JsonObject by, String method, byte[] body) {
    StringBuilder head = new StringBuilder(method + " /signed HTTP/1.1\r\nHost: localhost\r\n");
    fields(by, method, "/signed", body, RandomIds.text(22))
        .forEach(
            new PairWise(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n")));
    return head.toString();
  }

  // Replays.

  @Test
  void keyThatTookItsShareOfTheRecordMustWaitAndAnotherNeedNot() throws Exception {
    JsonObject busy = issued();
    HttpClient client = gate.client();
    for (int i = 0; i < USES_PER_KEY; i++) {
      assertThat(status(client, signed(busy, "GET", "/signed", new byte[0]))).isEqualTo(200);
    }

    HttpResponse<String> refused =
        client.send(
            signed(busy, "GET", "/signed", new byte[0]).build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(refused.statusCode()).isEqualTo(429);
    assertThat(refused.headers().firstValue("Retry-After")).isPresent();
    assertThat(status(client, signed(issued(), "GET", "/signed", new byte[0]))).isEqualTo(200);
  }

  private static int status(HttpClient client, HttpRequest.Builder request) throws Exception {
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString()).statusCode();
  }

  @Test
  void onlyOneOfManyConcurrentCopiesOverManyConnectionsPasses() throws Exception {
    HttpRequest request = signed(key, "POST", "/signed", new byte[] {1}).build();
    List<HttpClient> clients = new ArrayList<>();
    List<CompletableFuture<Integer>> answers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      HttpClient client =
          GateProcess.client(gate.data().resolve("ca.crt"), HttpClient.Version.HTTP_1_1, null);
      clients.add(client);
      for (int j = 0; j < 4; j++) {
        answers.add(
            client
                .sendAsync(request, HttpResponse.BodyHandlers.ofString())
                .thenApply(HttpResponse::statusCode));
      }
    }
    List<Integer> statuses = answers.stream().map(CompletableFuture::join).toList();
    clients.forEach(HttpClient::shutdownNow);
    assertThat(statuses).containsOnlyOnce(200).containsOnly(200, 401);
  }

  @Test
  void useIsRememberedWhenTheGateIsKilled() throws Exception {
    HttpRequest request = signed(key, "GET", "/signed", new byte[0]).build();
    assertThat(send(request).statusCode()).isEqualTo(200);
    int port = gate.address().getPort();
    gate.end("KILL");
    gate.close();
    gate = serve();
    HttpRequest again =
        HttpRequest.newBuilder(request, (name, value) -> true)
            .uri(gate.address().resolve("/signed"))
            .build();
    assertThat(port).isNotZero();
    HttpResponse<String> answer = send(again);
    assertThat(PeopleGate.code(answer)).isEqualTo("REPLAYED");
  }

  // Keys.

  @Test
  void aRotatedKeyWorksOnForItsOverlapAndARevokedOneDoesNot() throws Exception {
    JsonObject old = issued();
    String path = "/signature-keys/" + old.getString("id");
    JsonObject next =
        gate.manage("POST", path + "/rotate", new JsonObject().put("overlapSeconds", 3600));
    assertThat(send(signed(old, "GET", "/signed", new byte[0]).build()).statusCode())
        .isEqualTo(200);
    assertThat(send(signed(next, "GET", "/signed", new byte[0]).build()).statusCode())
        .isEqualTo(200);
    gate.manage("POST", path + "/revoke", null);
    assertThat(send(signed(old, "GET", "/signed", new byte[0]).build()).statusCode())
        .isEqualTo(401);
    assertThat(send(signed(next, "GET", "/signed", new byte[0]).build()).statusCode())
        .isEqualTo(200);
  }

  @Test
  void aSignatureIsNotAcceptedWhereTheRouteTakesNone() throws Exception {
    assertThat(PeopleGate.code(send(signed(key, "GET", "/keys-only", new byte[0]).build())))
        .isEqualTo("METHOD_NOT_ACCEPTED");
    assertThat(send(signed(key, "GET", "/either", new byte[0]).build()).statusCode())
        .isEqualTo(200);
    assertThat(send(signed(key, "GET", "/whoami", new byte[0]).build()).statusCode())
        .isEqualTo(200);
    assertThat(send(signed(key, "GET", "/whoami", new byte[] {1, 2}).build()).statusCode())
        .isEqualTo(200);
  }

  @Test
  void keysAreIssuedListedShownRotatedAndRevokedOnTheCommandLine() {
    String added = done("hmac", "add", "till", "--owner", "shop", "--host", "localhost");
    assertThat(added).contains("Keep the secret now").containsPattern("secret {5}hmac_\\w{43}\n");
    String id = added.lines().findFirst().orElseThrow().replaceFirst("id +", "");
    assertThat(done("hmac", "show", id)).contains("localhost").doesNotContain("secret");
    assertThat(done("hmac", "list")).contains(id, "shop", "hmac-sha256", "active");
    assertThat(done("hmac", "rotate", id, "--overlap", "1h"))
        .contains("The old key, " + id + ", ends at");
    assertThat(done("hmac", "revoke", id)).contains("revoked");
    CommandLineRun wrong = run("hmac", "add", "till", "--owner", "nobody");
    assertThat(wrong.exitCode()).isEqualTo(1);
    assertThat(wrong.err()).contains("there is no account 'nobody'");
  }

  private static String done(String... arguments) {
    CommandLineRun run = run(arguments);
    assertThat(run.exitCode()).as(run.err()).isZero();
    return run.out();
  }

  private static CommandLineRun run(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--data", gate.data().toString()));
    return CommandLineRun.of(all.toArray(String[]::new));
  }

  @Test
  void noSecretEverStoodInTheDatabaseOrALogLine() throws Exception {
    JsonObject fresh = issued();
    send(signed(fresh, "GET", "/signed", new byte[0]).build());
    String secret = fresh.getString("secret");
    assertThat(gate.out() + gate.err()).doesNotContain(secret);
    try (var files = Files.list(gate.data())) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
            .as(file.toString())
            .doesNotContain(secret);
      }
    }
  }
}
