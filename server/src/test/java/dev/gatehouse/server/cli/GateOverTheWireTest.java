package dev.gatehouse.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jwt.SignedJWT;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The life of API keys in front of a running gate, over HTTPS.
@Timeout(120)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Tag("end-to-end")
class GateOverTheWireTest {

  private static final int GUESSES_PER_MINUTE = 200;

  @TempDir private static Path temp;
  private static EchoApi api;
  private static GateProcess gate;
  private static final Queue<String> SECRETS = new ConcurrentLinkedQueue<>();

  @BeforeAll
  static void start() throws Exception {
    api = new EchoApi();
    Path config =
        Files.writeString(
            temp.resolve("gatehouse.yaml"),
            """
            listen: { port: 0 }
            data: data
            throttle: { failedAttemptsPerMinute: %d }
            routes:
              - path: /orders
                upstream: %s
                accept: [apikey]
                require: { GET: orders:read, POST: orders:write }
              - path: /public
                upstream: %s
                accept: [public]
            """
                .formatted(GUESSES_PER_MINUTE, api.address(), api.address()));
    Path data = temp.resolve("data");
    gate = GateProcess.serve(config, data, data.resolve("ca.crt"));
  }

  @AfterAll
  static void stop() {
    gate.close();
    api.close();
  }

  private record Key(String id, String secret) {}

  private static void account(String name, String... scopes) throws Exception {
    gate.manage(
        "POST",
        "/accounts",
        new JsonObject()
            .put("kind", "service")
            .put("name", name)
            .put("scopes", new JsonArray(List.of(scopes))));
  }

  private static Key key(JsonObject wanted) throws Exception {
    return issued(gate.manage("POST", "/keys", wanted.put("name", "test")));
  }

  private static Key issued(JsonObject answer) {
    SECRETS.add(answer.getString("key"));
    return new Key(answer.getString("id"), answer.getString("key"));
  }

  private static Key keyOf(String owner) throws Exception {
    return key(new JsonObject().put("owner", owner));
  }

  private static int status(Key key) throws Exception {
    return gate.get("/orders", key.secret).statusCode();
  }

  private static String code(HttpResponse<String> refusal) {
    return new JsonObject(refusal.body()).getString("code");
  }

  @Test
  void newKeyIsAdmittedAtOnceAndARevokedOneRefusedOnTheVeryNextRequest() throws Exception {
    account("at-once", "orders:read");
    for (HttpClient.Version version :
        List.of(HttpClient.Version.HTTP_1_1, HttpClient.Version.HTTP_2)) {
      Key key = keyOf("at-once");
      try (HttpClient client = GateProcess.client(gate.data().resolve("ca.crt"), version, null)) {
        HttpResponse<String> first = gate.send(client, "GET", "/orders", key.secret, null);
        HttpResponse<String> recalled = gate.send(client, "GET", "/orders", key.secret, null);
        assertThat(List.of(first.statusCode(), recalled.statusCode())).containsOnly(200);
        assertThat(first.version()).isEqualTo(version);

        gate.manage("POST", "/keys/" + key.id + "/revoke", null);

        HttpResponse<String> refused = gate.send(client, "GET", "/orders", key.secret, null);
        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(code(refused)).isEqualTo("INVALID_API_KEY");
        assertThat(refused.headers().firstValue("WWW-Authenticate"))
            .contains("ApiKey realm=\"gatehouse\"");
        assertThat(refused.connectionLabel())
            .as("on the connection that was open all the time")
            .isEqualTo(first.connectionLabel());
        client.shutdownNow();
      }
    }
  }

  @Test
  void lookUpUnderWayWhileTheKeyIsRevokedIsNotRemembered() throws Exception {
    account("hammered", "orders:read");
    record Seen(long begun, int status) {}
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (int round = 0; round < 5; round++) {
        Key key = keyOf("hammered");
        Queue<Seen> seen = new ConcurrentLinkedQueue<>();
        AtomicBoolean over = new AtomicBoolean();
        List<Future<?>> callers =
            List.of(1, 2, 3, 4).stream()
                .<Future<?>>map(
                    number ->
                        threads.submit(
                            () -> {
                              // A refusal counts against the address: a few are enough.
                              for (int refused = 0; refused < 2 && !over.get(); ) {
                                long begun = System.nanoTime();
                                int status = status(key);
                                seen.add(new Seen(begun, status));
                                refused += status == 200 ? 0 : 1;
                              }
                              return null;
                            }))
                .toList();
        GateProcess.until(() -> seen.size() >= 12);
        gate.manage("POST", "/keys/" + key.id + "/revoke", null);
        long acknowledged = System.nanoTime();
        assertThat(status(key)).isEqualTo(401);
        for (Future<?> caller : callers) {
          caller.get();
        }
        over.set(true);
        assertThat(seen).anyMatch(one -> one.status == 200);
        assertThat(seen.stream().filter(one -> one.begun - acknowledged > 0))
            .allMatch(one -> one.status == 401);
      }
    }
  }

  @Test
  void disabledOwnersKeysAreRefusedAndAdmittedAgainOnceItIsEnabled() throws Exception {
    account("owner", "orders:read");
    Key key = keyOf("owner");
    assertThat(status(key)).isEqualTo(200);
    gate.manage("PATCH", "/accounts/owner", new JsonObject().put("disabled", true));
    assertThat(status(key)).isEqualTo(401);
    gate.manage("PATCH", "/accounts/owner", new JsonObject().put("disabled", false));
    assertThat(status(key)).isEqualTo(200);
  }

  @Test
  void scopeThatTheOwnerLosesIsLostByItsKeysAtOnce() throws Exception {
    account("narrowed", "orders:read", "orders:write");
    Key key = keyOf("narrowed");
    assertThat(gate.post("/orders", key.secret, "{}").statusCode()).isEqualTo(200);
    gate.manage(
        "PATCH",
        "/accounts/narrowed",
        new JsonObject().put("scopes", new JsonArray(List.of("orders:read"))));
    HttpResponse<String> refused = gate.post("/orders", key.secret, "{}");
    assertThat(refused.statusCode()).isEqualTo(403);
    assertThat(code(refused)).isEqualTo("INSUFFICIENT_SCOPE");
    assertThat(
            new JsonObject(gate.get("/orders", key.secret).body())
                .getJsonObject("fields")
                .getString("x-auth-scopes"))
        .isEqualTo("orders:read");
    // And a key never gets more than it was issued with.
    gate.manage(
        "PATCH",
        "/accounts/narrowed",
        new JsonObject()
            .put("scopes", new JsonArray(List.of("orders:read", "orders:write", "more"))));
    JsonObject who = new JsonObject(gate.get("/whoami", key.secret).body());
    assertThat(who.getJsonArray("scopes")).containsExactlyInAnyOrder("orders:read", "orders:write");
  }

  @Test
  void rotatedKeyWorksBesideItsSuccessorForTheOverlapAndThenEnds() throws Exception {
    account("rotating", "orders:read");
    Key first = keyOf("rotating");
    assertThat(status(first)).isEqualTo(200);
    Key second =
        issued(
            gate.manage(
                "POST",
                "/keys/" + first.id + "/rotate",
                new JsonObject().put("overlapSeconds", 3600)));
    assertThat(List.of(status(first), status(second))).containsOnly(200);
    assertThat(gate.admin("POST", "/keys/" + first.id + "/rotate", null).statusCode())
        .as("it has a successor already")
        .isEqualTo(400);
    Key third =
        issued(
            gate.manage(
                "POST",
                "/keys/" + second.id + "/rotate",
                new JsonObject().put("overlapSeconds", 0)));
    assertThat(status(second)).isEqualTo(401);
    assertThat(List.of(status(first), status(third))).containsOnly(200);
  }

  @Test
  void recalledKeyIsRefusedOnceItExpires() throws Exception {
    account("expiring", "orders:read");
    Instant end = Instant.now().plus(Duration.ofSeconds(3)).truncatedTo(ChronoUnit.MILLIS);
    Key key = key(new JsonObject().put("owner", "expiring").put("expiresAt", end.toString()));
    int status;
    do {
      Instant begun = Instant.now();
      status = status(key);
      if (status == 200) {
        assertThat(begun).as("the start of a request that was admitted").isBefore(end);
      } else {
        assertThat(status).isEqualTo(401);
        assertThat(Instant.now()).as("the end of one that was refused").isAfterOrEqualTo(end);
      }
    } while (status == 200);
    assertThat(gate.admin("POST", "/keys/" + key.id + "/rotate", null).body())
        .contains("the key expired at " + end);
  }

  @Test
  void keyIsGoodFromItsNetworksOnly() throws Exception {
    account("networked", "orders:read");
    Key key =
        key(
            new JsonObject()
                .put("owner", "networked")
                .put("networks", new JsonArray(List.of("127.0.0.2/32"))));
    try (HttpClient there = from("127.0.0.2")) {
      assertThat(gate.send(there, "GET", "/orders", key.secret, null).statusCode()).isEqualTo(200);
      assertThat(status(key)).as("from elsewhere, though recalled").isEqualTo(401);
      assertThat(gate.send(there, "GET", "/orders", key.secret, null).statusCode()).isEqualTo(200);
      there.shutdownNow();
    }
  }

  private static HttpClient from(String address) throws Exception {
    return GateProcess.client(
        gate.data().resolve("ca.crt"), HttpClient.Version.HTTP_1_1, InetAddress.getByName(address));
  }

  @Test
  void keyOverItsRateIsToldWhenToComeBackAndOthersGoOn() throws Exception {
    account("busy", "orders:read");
    Key slow = key(new JsonObject().put("owner", "busy").put("requestsPerMinute", 2));
    Key other = keyOf("busy");
    assertThat(List.of(status(slow), status(slow))).containsOnly(200);
    HttpResponse<String> refused = gate.get("/orders", slow.secret);
    assertThat(refused.statusCode()).isEqualTo(429);
    assertThat(code(refused)).isEqualTo("THROTTLED");
    assertThat(Integer.parseInt(refused.headers().firstValue("Retry-After").orElseThrow()))
        .isBetween(1, 60);
    assertThat(status(other)).isEqualTo(200);
  }

  @Test
  void addressThatGuessesIsStoppedWhileGoodKeysGoOnThere() throws Exception {
    account("recalled", "orders:read");
    Key key = keyOf("recalled");
    Key unused = keyOf("recalled");
    try (HttpClient there = from("127.0.0.3")) {
      assertThat(gate.send(there, "GET", "/orders", key.secret, null).statusCode()).isEqualTo(200);
      HttpResponse<String> last = guessUntilStopped(there);
      assertThat(last.statusCode()).isEqualTo(429);
      assertThat(last.headers().firstValue("Retry-After")).isPresent();
      assertThat(gate.send(there, "GET", "/orders", key.secret, null).statusCode()).isEqualTo(200);
      assertThat(gate.send(there, "GET", "/orders", unused.secret, null).statusCode())
          .as("good, though never seen")
          .isEqualTo(200);
      assertThat(guessUntilStopped(there).statusCode()).isEqualTo(429);
      assertThat(status(unused)).as("another address is not stopped").isEqualTo(200);
      there.shutdownNow();
    }
  }

  // On a slow machine an attempt may have come back meanwhile.
  private static HttpResponse<String> guessUntilStopped(HttpClient there) throws Exception {
    HttpResponse<String> last = guess(there);
    for (int guess = 0; guess < 3 * GUESSES_PER_MINUTE && last.statusCode() == 401; guess++) {
      last = guess(there);
    }
    return last;
  }

  private static HttpResponse<String> guess(HttpClient there) throws Exception {
    return gate.send(there, "GET", "/orders", "sk_live_guess", null);
  }

  @Test
  void callerIsToldWhoItIs() throws Exception {
    account("somebody", "orders:read");
    Key key = keyOf("somebody");
    HttpResponse<String> who = gate.get("/whoami", key.secret);
    assertThat(who.headers().firstValue("Cache-Control")).contains("no-store");
    assertThat(new JsonObject(who.body()))
        .isEqualTo(
            new JsonObject()
                .put("subject", gate.manage("GET", "/accounts/somebody", null).getString("id"))
                .put("method", "apikey")
                .put("scopes", new JsonArray(List.of("orders:read")))
                .put("credential", key.id));
    assertThat(gate.get("/whoami", null).statusCode()).isEqualTo(401);
    assertThat(authorized("ApiKey " + key.secret)).isEqualTo(200);
    assertThat(authorized("apikey " + key.secret)).as("RFC 9110 §11.1").isEqualTo(200);
    assertThat(gate.get("/orders?api_key=" + key.secret, null).statusCode()).isEqualTo(400);
    for (String path : List.of("/healthz", "/readyz", "/.well-known/jwks.json")) {
      assertThat(gate.get(path, null).statusCode()).as(path).isEqualTo(200);
      HttpResponse<String> posted = gate.post(path, null, "");
      assertThat(posted.statusCode()).as(path).isEqualTo(405);
      assertThat(posted.headers().firstValue("Allow")).contains("GET, HEAD");
    }
  }

  private static int authorized(@Nullable String authorization) throws Exception {
    return gate.client()
        .send(
            gate.request("/orders", null).header("Authorization", authorization).build(),
            HttpResponse.BodyHandlers.ofString())
        .statusCode();
  }

  @Test
  void upstreamCanProveByThePublishedKeysWhoCallsAndNobodyCanCallWithThatProof() throws Exception {
    account("proved", "orders:read");
    Key key = keyOf("proved");
    JsonObject fields =
        new JsonObject(gate.get("/orders", key.secret).body()).getJsonObject("fields");
    String identity = fields.getString("gatehouse-identity");
    String published = gate.get("/.well-known/jwks.json", null).body();
    assertThat(published).doesNotContain("\"d\"");
    SignedJWT token = SignedJWT.parse(identity);
    JWK signer = JWKSet.parse(published).getKeyByKeyId(token.getHeader().getKeyID());
    assertThat(token.getHeader().getAlgorithm()).isEqualTo(JWSAlgorithm.ES256);
    assertThat(token.verify(new ECDSAVerifier(signer.toECKey()))).isTrue();
    assertThat(token.getHeader().getType().getType()).isEqualTo("gatehouse-identity+jwt");
    var claims = token.getJWTClaimsSet();
    assertThat(claims.getAudience()).containsExactly(api.address().toString());
    assertThat(claims.getSubject()).isEqualTo(fields.getString("x-auth-subject"));
    assertThat(
            Duration.between(
                claims.getIssueTime().toInstant(), claims.getExpirationTime().toInstant()))
        .isEqualTo(Duration.ofSeconds(60));

    assertThat(authorized("Bearer " + identity)).isEqualTo(401);
    assertThat(authorized("ApiKey " + identity)).isEqualTo(401);
    assertThat(gate.get("/orders", identity).statusCode()).isEqualTo(401);
  }

  @Test
  void developmentCertificateHoldsForLocalhostOverTls12AndUpOnly() throws Exception {
    assertThat(openssl("-tls1_3", "-verify_hostname", "localhost"))
        .contains("Protocol version: TLSv1.3", "Verification: OK");
    assertThat(openssl("-tls1_2", "-verify_hostname", "localhost"))
        .contains("Protocol version: TLSv1.2", "Verification: OK");
    assertThat(openssl("-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA"))
        .doesNotContain("CONNECTION ESTABLISHED");
    assertThat(openssl("-tls1_1", "-cipher", "ALL:@SECLEVEL=0"))
        .doesNotContain("CONNECTION ESTABLISHED");
    assertThat(openssl("-tls1_3", "-verify_hostname", "example.com"))
        .doesNotContain("Verification: OK");
  }

  private static String openssl(String... options) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                "openssl",
                "s_client",
                "-brief",
                "-verify_return_error",
                "-CAfile",
                gate.data().resolve("ca.crt").toString(),
                "-connect",
                "127.0.0.1:" + gate.address().getPort(),
                "-servername",
                "localhost"));
    command.addAll(List.of(options));
    Process process =
        new ProcessBuilder(command)
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectErrorStream(true)
            .start();
    try (InputStream said = process.getInputStream()) {
      return new String(said.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  @Order(Integer.MAX_VALUE)
  void noKeyEverStoodInALogLine() throws Exception {
    SECRETS.add(gate.file("admin.json").getString("apiKey"));
    assertThat(SECRETS).hasSizeGreaterThan(10);
    assertThat(gate.err()).as("there are lines to look at").contains("code=INVALID_API_KEY");
    for (String secret : SECRETS) {
      String random = secret.substring("sk_live_".length());
      assertThat(gate.err() + gate.out())
          .doesNotContain(random)
          .doesNotContain(random.substring(0, 16));
    }
    assertThat(gate.err()).doesNotContain("Exception", "\tat ", "WARN");
  }
}
