package dev.gatehouse.server.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.gatehouse.Network;
import dev.gatehouse.server.provider.Discovery.Need;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Documents in which issuers describe themselves: missing, broken, worse than before, slow.
@Timeout(30)
class DiscoveryTest {

  private static final Vertx VERTX = Vertx.vertx();
  private static final String OPENID = "/realm/.well-known/openid-configuration";
  private static final String OAUTH = "/.well-known/oauth-authorization-server/realm";

  @AfterAll
  static void closeVertx() {
    VERTX.close().await();
  }

  private record Answer(int status, String body) {}

  private final AtomicLong nanos = new AtomicLong(1);
  private final Map<String, Answer> answers = new ConcurrentHashMap<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final CountDownLatch hanging = new CountDownLatch(1);
  private final CountDownLatch released = new CountDownLatch(1);
  private volatile boolean hangs;
  private HttpServer server;
  private ExecutorService serving;
  private URI issuer;
  private OutboundHttp http;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
    serving = Executors.newVirtualThreadPerTaskExecutor();
    server.setExecutor(serving);
    issuer = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/realm");
    server.createContext("/", this::handle);
    server.start();
    http =
        OutboundHttp.to(
            new OutboundHttp.Peer(
                issuer, new AllowedAddresses(List.of(Network.parse("127.0.0.0/8"))), null),
            VERTX);
    publish(document("openid"));
  }

  @AfterEach
  void stop() {
    released.countDown();
    http.close();
    server.stop(0);
    serving.shutdownNow();
  }

  private void handle(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    asked.add(path);
    if (hangs) {
      hanging.countDown();
      try {
        released.await();
      } catch (InterruptedException end) {
        Thread.currentThread().interrupt();
      }
    }
    Answer answer = answers.getOrDefault(path, new Answer(404, "{}"));
    byte[] body = answer.body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(answer.status, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  // Endpoints that say of which document they are.
  private JsonObject document(String name) {
    return new JsonObject()
        .put("issuer", issuer.toString())
        .put("authorization_endpoint", issuer + "/" + name + "/authorize")
        .put("token_endpoint", issuer + "/" + name + "/token")
        .put("introspection_endpoint", issuer + "/" + name + "/introspect")
        .put("jwks_uri", issuer + "/" + name + "/keys");
  }

  private void publish(JsonObject document) {
    answers.put(OPENID, new Answer(200, document.encode()));
  }

  private Discovery discovery(Need need) {
    return new Discovery(issuer, need, http, nanos::get);
  }

  private static String keys(Discovery discovery) throws IOException {
    return String.valueOf(discovery.metadata().keys());
  }

  private void passAnHour() {
    nanos.addAndGet(Discovery.MAX_AGE.toNanos());
  }

  @ParameterizedTest
  @EnumSource(Need.class)
  void openIdProviderIsAskedOnceForItsOwnDocumentAlone(Need need) throws IOException {
    answers.put(OAUTH, new Answer(200, document("oauth").encode()));
    Discovery discovery = discovery(need);
    for (int i = 0; i < 3; i++) {
      assertThat(keys(discovery)).isEqualTo(issuer + "/openid/keys");
    }
    assertThat(asked).containsExactly(OPENID);
  }

  @ParameterizedTest
  @ValueSource(ints = {404, 500, 503, 302, 401, 200})
  void signInNeverFallsBackToTheDocumentOfAnAuthorizationServer(int status) {
    answers.put(OPENID, new Answer(status, "<p>Maintenance"));
    answers.put(OAUTH, new Answer(200, document("oauth").encode()));
    assertThatThrownBy(() -> keys(discovery(Need.SIGN_IN))).isInstanceOf(IOException.class);
    assertThat(asked).containsExactly(OPENID);
  }

  @Test
  void documentThatNamesAnotherIssuerIsNoReasonToAskElsewhere() {
    publish(document("openid").put("issuer", "https://id.evil.example"));
    answers.put(OAUTH, new Answer(200, document("oauth").encode()));
    for (Need need : Need.values()) {
      assertThatThrownBy(() -> keys(discovery(need)))
          .hasMessageContaining("names another issuer, https://id.evil.example");
    }
    assertThat(asked).containsOnly(OPENID);
  }

  @Test
  void accessTokensFallBackOn404ToTheWellKnownPathBeforeThatOfTheIssuer() throws IOException {
    answers.remove(OPENID);
    answers.put(OAUTH, new Answer(200, document("oauth").encode()));
    assertThat(keys(discovery(Need.KEYS))).isEqualTo(issuer + "/oauth/keys");
    assertThat(discovery(Need.INTROSPECTION).metadata().introspectionEndpoint())
        .hasToString(issuer + "/oauth/introspect");
    assertThat(asked).containsExactly(OPENID, OAUTH, OPENID, OAUTH);
  }

  @ParameterizedTest
  @ValueSource(ints = {500, 503, 302, 401, 403, 410, 200})
  void accessTokensDoNotFallBackOnAnyOtherFailure(int status) {
    answers.put(OPENID, new Answer(status, "<p>Maintenance"));
    answers.put(OAUTH, new Answer(200, document("oauth").encode()));
    assertThatThrownBy(() -> keys(discovery(Need.KEYS))).isInstanceOf(IOException.class);
    assertThat(asked).containsExactly(OPENID);
  }

  @Test
  void slashAtTheEndOfAnIssuerIsNotDoubled() throws IOException {
    issuer = URI.create(issuer + "/");
    publish(document("openid"));
    assertThat(keys(discovery(Need.SIGN_IN))).isEqualTo(issuer + "/openid/keys");
    answers.remove(OPENID);
    answers.put(OAUTH, new Answer(200, document("oauth").encode()));
    assertThat(keys(discovery(Need.KEYS))).isEqualTo(issuer + "/oauth/keys");
    assertThat(asked).containsExactly(OPENID, OPENID, OAUTH);
  }

  @ParameterizedTest
  @EnumSource(Need.class)
  void goodMetadataIsNeverReplacedWithWorse(Need need) throws IOException {
    answers.put(OAUTH, new Answer(200, document("oauth").encode()));
    Discovery discovery = discovery(need);
    assertThat(keys(discovery)).isEqualTo(issuer + "/openid/keys");
    JsonObject lacking = document("worse");
    lacking.remove(
        switch (need) {
          case SIGN_IN -> "token_endpoint";
          case KEYS -> "jwks_uri";
          case INTROSPECTION -> "introspection_endpoint";
        });
    JsonObject inClear =
        document("worse")
            .put("token_endpoint", "ftp://127.0.0.1/token")
            .put("jwks_uri", "ftp://127.0.0.1/keys")
            .put("introspection_endpoint", 7);
    for (Answer worse :
        List.of(
            new Answer(404, "{}"),
            new Answer(500, "{}"),
            new Answer(200, "<p>Maintenance"),
            new Answer(200, "{}"),
            new Answer(200, document("worse").put("issuer", "https://id.evil.example").encode()),
            new Answer(200, lacking.encode()),
            new Answer(200, inClear.encode()))) {
      answers.put(OPENID, worse);
      passAnHour();
      assertThat(keys(discovery)).as(worse.toString()).isEqualTo(issuer + "/openid/keys");
    }
    assertThat(asked).hasSize(8).containsOnly(OPENID);
    publish(document("better"));
    passAnHour();
    assertThat(keys(discovery)).isEqualTo(issuer + "/better/keys");
  }

  @Test
  void documentForSignInThatLacksWhatTheOneOfBeforeHadReplacesNothing() throws IOException {
    JsonObject good =
        document("good")
            .put("userinfo_endpoint", issuer + "/good/userinfo")
            .put("token_endpoint_auth_methods_supported", new JsonArray().add("client_secret_post"))
            .put("id_token_signing_alg_values_supported", new JsonArray().add("RS256"))
            .put("authorization_response_iss_parameter_supported", true);
    publish(good);
    Discovery discovery = discovery(Need.SIGN_IN);
    IssuerMetadata before = discovery.metadata();
    for (JsonObject worse :
        List.of(
            without(good, "userinfo_endpoint"),
            good.copy().put("userinfo_endpoint", 5),
            good.copy().put("userinfo_endpoint", "http://h/u x"),
            good.copy().put("token_endpoint_auth_methods_supported", new JsonArray().add("none")),
            good.copy()
                .put(
                    "token_endpoint_auth_methods_supported",
                    new JsonArray().add("private_key_jwt")),
            good.copy().put("id_token_signing_alg_values_supported", new JsonArray()),
            good.copy().put("id_token_signing_alg_values_supported", new JsonArray().add(5)),
            without(good, "id_token_signing_alg_values_supported"),
            without(good, "authorization_response_iss_parameter_supported"),
            good.copy().put("authorization_response_iss_parameter_supported", "true"))) {
      publish(worse.put("jwks_uri", issuer + "/worse/keys"));
      passAnHour();
      assertThat(discovery.metadata()).as(worse.encode()).isEqualTo(before);
    }
    // It says in so many words that it has changed.
    publish(good.copy().put("authorization_response_iss_parameter_supported", false));
    passAnHour();
    assertThat(discovery.metadata().namesItself()).isFalse();
  }

  private static JsonObject without(JsonObject document, String member) {
    JsonObject rest = document.copy();
    rest.remove(member);
    return rest;
  }

  @Test
  void listWithoutAnItemThatCanBeReadSaysNothing() throws IOException {
    for (JsonArray nothing : List.of(new JsonArray(), new JsonArray().add(5).addNull())) {
      publish(
          document("openid")
              .put("token_endpoint_auth_methods_supported", nothing)
              .put("id_token_signing_alg_values_supported", nothing));
      IssuerMetadata metadata = discovery(Need.SIGN_IN).metadata();
      assertThat(metadata.clientAuthentication()).containsExactly("client_secret_basic");
      assertThat(metadata.idTokenAlgorithms()).isNull();
    }
  }

  @Test
  void userInfoEndpointThatCanNotBeReadMakesTheDocumentBad() {
    for (Object unreadable : List.of("not a URL", 5, new JsonArray())) {
      publish(document("openid").put("userinfo_endpoint", unreadable));
      assertThatThrownBy(() -> discovery(Need.SIGN_IN).metadata())
          .hasMessageContaining("no userinfo_endpoint that can be trusted");
    }
  }

  @Test
  void authorizationServerThatBecomesAnOpenIdProviderIsReadAnew() throws IOException {
    answers.remove(OPENID);
    answers.put(OAUTH, new Answer(200, document("oauth").encode()));
    Discovery discovery = discovery(Need.KEYS);
    assertThat(keys(discovery)).isEqualTo(issuer + "/oauth/keys");
    answers.put(OAUTH, new Answer(200, document("newer").encode()));
    passAnHour();
    assertThat(keys(discovery)).isEqualTo(issuer + "/newer/keys");
    publish(document("openid"));
    passAnHour();
    assertThat(keys(discovery)).isEqualTo(issuer + "/openid/keys");
    answers.remove(OPENID);
    passAnHour();
    assertThat(keys(discovery)).isEqualTo(issuer + "/openid/keys");
  }

  @Test
  void failedReadIsRepeatedAfterSeconds() throws IOException {
    answers.put(OPENID, new Answer(500, "{}"));
    Discovery discovery = discovery(Need.SIGN_IN);
    for (int i = 0; i < 10; i++) {
      assertThatThrownBy(() -> keys(discovery)).hasMessageContaining("answered 500");
    }
    assertThat(asked).hasSize(1);
    publish(document("openid"));
    nanos.addAndGet(Discovery.RETRY_INTERVAL.toNanos());
    assertThat(keys(discovery)).isEqualTo(issuer + "/openid/keys");
  }

  @Test
  void slowReadHoldsUpNobodyWhileSomethingIsKnown() throws Exception {
    Discovery discovery = discovery(Need.SIGN_IN);
    assertThat(keys(discovery)).isEqualTo(issuer + "/openid/keys");
    hangs = true;
    passAnHour();
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<String> first = callers.submit(() -> keys(discovery));
      hanging.await();
      for (int i = 0; i < 100; i++) {
        assertThat(keys(discovery)).isEqualTo(issuer + "/openid/keys");
      }
      assertThat(first.isDone()).isFalse();
      released.countDown();
      assertThat(first.get()).isEqualTo(issuer + "/openid/keys");
    }
  }

  @Test
  void whatCanNotBeReadInADocumentVoidsNothingElse() throws IOException {
    publish(
        document("openid")
            .put(
                "token_endpoint_auth_methods_supported",
                new JsonArray().add(7).add("client_secret_post"))
            .put(
                "id_token_signing_alg_values_supported",
                new JsonArray().addNull().add("RS256").add("none"))
            .put("response_types_supported", new JsonArray().add("").add(7))
            .put("grant_types_supported", new JsonArray().add(""))
            .put("code_challenge_methods_supported", "S256")
            .put("service_documentation", "not a URL")
            .putNull("userinfo_endpoint"));
    IssuerMetadata metadata = discovery(Need.SIGN_IN).metadata();
    assertThat(metadata.clientAuthentication()).containsExactly("client_secret_post");
    assertThat(metadata.idTokenAlgorithms()).containsExactly("RS256", "none");
    assertThat(metadata.userInfoEndpoint()).isNull();
  }

  @Test
  void documentThatSaysNothingHasTheDefaults() throws IOException {
    IssuerMetadata metadata = discovery(Need.SIGN_IN).metadata();
    assertThat(metadata.clientAuthentication()).containsExactly("client_secret_basic");
    assertThat(metadata.idTokenAlgorithms()).isNull();
    assertThat(metadata.namesItself()).isFalse();
  }
}
