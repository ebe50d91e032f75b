package dev.gatehouse.server.cli;

import static dev.gatehouse.server.cli.PeopleGate.PASSWORD;
import static dev.gatehouse.server.cli.PeopleGate.bearer;
import static dev.gatehouse.server.cli.PeopleGate.code;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import dev.gatehouse.testkit.Race;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Tokens of a running gate: asked for, used, refreshed, stolen, revoked, over HTTPS.
@Timeout(120)
@Tag("end-to-end")
class TokensOverTheWireTest {

  @TempDir private static Path temp;
  @AutoClose private static PeopleGate gate;

  @BeforeAll
  static void start() throws Exception {
    gate =
        PeopleGate.in(
            temp,
            "",
            """
              - path: /key-and-token
                upstream: UPSTREAM
                accept: [[apikey, jwt]]
            """);
    gate.person("alice");
  }

  private static int status(JsonObject tokens) throws Exception {
    return gate.get("/orders", "Authorization", bearer(tokens)).statusCode();
  }

  private static HttpResponse<String> refresh(JsonObject tokens) throws Exception {
    return gate.post(
        "/api/auth/refresh",
        new JsonObject().put("refreshToken", tokens.getString("refreshToken")));
  }

  @Test
  void loginRefreshAndLogoutAreWhatTheContractSays() throws Exception {
    HttpResponse<String> in = gate.post("/api/auth/login", PeopleGate.login("alice", PASSWORD));
    JsonObject first = new JsonObject(in.body());
    assertThat(first.fieldNames())
        .containsExactlyInAnyOrder("accessToken", "refreshToken", "tokenType", "expiresIn");
    assertThat(first.getString("tokenType")).isEqualTo("Bearer");
    assertThat(first.getInteger("expiresIn")).isEqualTo(900);
    assertThat(in.headers().firstValue("Cache-Control")).contains("no-store");

    HttpResponse<String> refreshed = refresh(first);
    JsonObject second = new JsonObject(refreshed.body());
    assertThat(second.fieldNames()).isEqualTo(first.fieldNames());
    assertThat(refreshed.headers().firstValue("Cache-Control")).contains("no-store");
    assertThat(second.getString("refreshToken")).isNotEqualTo(first.getString("refreshToken"));
    assertThat(status(second)).isEqualTo(200);

    HttpResponse<String> out =
        gate.post(
            "/api/auth/logout",
            new JsonObject().put("refreshToken", second.getString("refreshToken")));
    assertThat(out.statusCode()).isEqualTo(204);
    assertThat(out.body()).isEmpty();
    HttpResponse<String> after = gate.get("/orders", "Authorization", bearer(second));
    assertThat(after.statusCode()).isEqualTo(401);
    assertThat(code(after)).isEqualTo("INVALID_TOKEN");
    assertThat(after.headers().allValues("WWW-Authenticate"))
        .contains("Bearer realm=\"gatehouse\", error=\"invalid_token\"");
    assertThat(code(refresh(second))).isEqualTo("INVALID_REFRESH_TOKEN");
  }

  // What the documents show for Spring, whose decoder refuses access tokens by default. What they
  // show for the tokens that upstreams get is tested by ExampleUpstreamsTest.
  @Test
  void springTakesTheAccessTokensOfTheGateAsDocumented() throws Throwable {
    String access = gate.tokens("alice", PASSWORD).getString("accessToken");
    JsonObject fields =
        new JsonObject(gate.get("/orders", "Authorization", "Bearer " + access).body())
            .getJsonObject("fields");
    String identity = fields.getString("gatehouse-identity");
    String subject = fields.getString("x-auth-subject");
    byte[] keySet = gate.get("/.well-known/jwks.json").body().getBytes(StandardCharsets.UTF_8);
    HttpServer keys =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    keys.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, keySet.length);
          exchange.getResponseBody().write(keySet);
          exchange.close();
        });
    keys.start();
    URI address = URI.create("http://127.0.0.1:" + keys.getAddress().getPort() + "/");
    try (DocumentedSpring tokens =
        new DocumentedSpring(
            temp.resolve("tokens"),
            Path.of("../docs/methods/jwt.md"),
            address,
            "https://api.example.com",
            "https://localhost")) {
      assertThatThrownBy(() -> tokens.decodeByDefault(access)).hasMessageContaining("typ");
      assertThat(tokens.decode(access)).isEqualTo(subject);
      assertThatThrownBy(() -> tokens.decode(identity)).hasMessageContaining("typ");
    } finally {
      keys.stop(0);
    }
  }

  @Test
  void thiefWhoComesAfterTheSuccessorWasUsedEndsTheFamilyAndItsAccessTokens() throws Exception {
    JsonObject stolen = gate.tokens("alice", PASSWORD);
    JsonObject newest = new JsonObject(refresh(new JsonObject(refresh(stolen).body())).body());
    JsonObject others = gate.tokens("alice", PASSWORD);
    assertThat(status(newest)).isEqualTo(200);

    HttpResponse<String> thiefs = refresh(stolen);
    assertThat(thiefs.statusCode()).isEqualTo(401);
    assertThat(thiefs.headers().firstValue("WWW-Authenticate")).isPresent();
    assertThat(status(stolen)).isEqualTo(401);
    assertThat(status(newest)).isEqualTo(401);
    assertThat(refresh(newest).statusCode()).isEqualTo(401);
    assertThat(status(others)).as("another sign-in").isEqualTo(200);
    assertThat(gate.process().err()).doesNotContain(stolen.getString("refreshToken"));
  }

  @Test
  void tabsThatRefreshAtOnceAndOneThatLostTheResponseGetTheSameSuccessor() throws Exception {
    JsonObject tokens = gate.tokens("alice", PASSWORD);
    List<JsonObject> answers = Race.of(8, number -> new JsonObject(refreshed(tokens)));

    assertThat(answers)
        .extracting(answer -> answer.getString("refreshToken"))
        .containsOnly(answers.getFirst().getString("refreshToken"))
        .doesNotContainNull();
    for (JsonObject answer : answers) {
      assertThat(status(answer)).isEqualTo(200);
    }
    assertThat(refresh(answers.getFirst()).statusCode()).isEqualTo(200);
  }

  private static String refreshed(JsonObject tokens) {
    try {
      return refresh(tokens).body();
    } catch (Exception failed) {
      throw new AssertionError(failed);
    }
  }

  @Test
  void refusesEverythingElseThatTheGateSignsOrIssuesAsAccessToken() throws Exception {
    JsonObject tokens = gate.tokens("alice", PASSWORD);
    String identity =
        new JsonObject(gate.get("/orders", "Authorization", bearer(tokens)).body())
            .getJsonObject("fields")
            .getString("gatehouse-identity");
    for (String wrong : List.of(identity, tokens.getString("refreshToken"))) {
      HttpResponse<String> refused = gate.get("/orders", "Authorization", "Bearer " + wrong);
      assertThat(refused.statusCode()).isEqualTo(401);
      assertThat(code(refused)).isEqualTo("INVALID_TOKEN");
    }
    assertThat(gate.get("/public?access_token=" + tokens.getString("accessToken")).statusCode())
        .as("a token in a URL")
        .isEqualTo(400);
  }

  @Test
  void theGraceAndTheLivesOfTheSettingsAreTheOnesOfTheGate(@TempDir Path folder) throws Exception {
    String jwt =
        "{ accessTokenLife: 10m, refreshTokenLife: 2h, familyLife: 3h, reuseGrace: 60s,"
            + " clockSkew: 0s }";
    try (PeopleGate kind = PeopleGate.in(folder, "methods: { jwt: " + jwt + " }")) {
      kind.person("bob");
      JsonObject first = kind.tokens("bob", PASSWORD);
      assertThat(first.getInteger("expiresIn")).isEqualTo(600);
      JsonObject refresh = new JsonObject().put("refreshToken", first.getString("refreshToken"));
      JsonObject lost = new JsonObject(kind.post("/api/auth/refresh", refresh).body());

      JsonObject again = new JsonObject(kind.post("/api/auth/refresh", refresh).body());

      assertThat(again.getString("refreshToken")).isEqualTo(lost.getString("refreshToken"));
      assertThat(kind.get("/orders", "Authorization", bearer(again)).statusCode()).isEqualTo(200);
      JsonObject family =
          kind.process().manage("GET", "/tokens", null).getJsonArray("items").getJsonObject(0);
      assertThat(Instant.parse(family.getString("expiresAt")))
          .isEqualTo(Instant.parse(family.getString("createdAt")).plus(Duration.ofHours(3)));
      JsonObject next = new JsonObject();
      next.put("refreshToken", lost.getString("refreshToken"));
      assertThat(kind.post("/api/auth/refresh", next).statusCode()).isEqualTo(200);
      assertThat(kind.post("/api/auth/refresh", refresh).statusCode())
          .as("its successor was used")
          .isEqualTo(401);
    }
  }

  // Services

  private static JsonObject key(String owner) throws Exception {
    return gate.process()
        .manage("POST", "/keys", new JsonObject().put("owner", owner).put("name", "test"));
  }

  private static void service(String name) throws Exception {
    gate.process()
        .manage(
            "POST",
            "/accounts",
            new JsonObject()
                .put("kind", "service")
                .put("name", name)
                .put("scopes", new JsonArray(List.of("orders:read", "orders:write"))));
  }

  private static HttpResponse<String> token(String form, String... fields) throws Exception {
    String[] all = java.util.Arrays.copyOf(fields, fields.length + 2);
    all[fields.length] = "Content-Type";
    all[fields.length + 1] = "application/x-www-form-urlencoded";
    return gate.send(gate.process().client(), "POST", "/auth/token", form, all);
  }

  @Test
  void aServiceGetsATokenForItsKeyInEachWayAndLosesItWithTheKey() throws Exception {
    service("shop");
    JsonObject key = key("shop");
    String secret = key.getString("key");
    String grant = "grant_type=client_credentials&scope=orders%3Aread";
    String pair =
        "Basic "
            + Base64.getEncoder()
                .encodeToString(("shop:" + secret).getBytes(StandardCharsets.UTF_8));
    JsonObject last = new JsonObject();
    for (HttpResponse<String> answer :
        List.of(
            token(grant, "Authorization", pair),
            token(grant + "&client_id=shop&client_secret=" + secret),
            token(grant, "X-API-Key", secret))) {
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      assertThat(answer.headers().firstValue("Cache-Control")).contains("no-store");
      last = new JsonObject(answer.body());
      assertThat(last.fieldNames())
          .containsExactlyInAnyOrder("access_token", "token_type", "expires_in", "scope");
      assertThat(last.getString("scope")).isEqualTo("orders:read");
    }
    String authorization = "Bearer " + last.getString("access_token");
    assertThat(gate.get("/orders", "Authorization", authorization).statusCode()).isEqualTo(200);
    assertThat(gate.post("/orders", new JsonObject(), "Authorization", authorization).statusCode())
        .isEqualTo(403);

    gate.process().manage("POST", "/keys/" + key.getString("id") + "/revoke", null);
    assertThat(gate.get("/orders", "Authorization", authorization).statusCode()).isEqualTo(401);
    assertThat(error(token(grant, "Authorization", pair))).isEqualTo("401 invalid_client");
  }

  @Test
  void rejectsAKeyWithATokenThatWasObtainedWithIt() throws Exception {
    service("double");
    String key = key("double").getString("key");
    String grant = "grant_type=client_credentials";
    String token =
        "Bearer " + new JsonObject(token(grant, "X-API-Key", key).body()).getString("access_token");

    HttpResponse<String> both =
        gate.get("/key-and-token", "X-API-Key", key, "Authorization", token);
    assertThat(both.statusCode()).isEqualTo(401);
    assertThat(code(both)).isEqualTo("METHOD_NOT_ACCEPTED");
    assertThat(both.body()).contains("rest on the same one");

    String other = key("double").getString("key");
    assertThat(gate.get("/key-and-token", "X-API-Key", other, "Authorization", token).statusCode())
        .isEqualTo(200);
  }

  @Test
  void theTokenEndpointSaysWhatIsWrongInItsOwnTerms() throws Exception {
    service("billing");
    String secret = key("billing").getString("key");
    String personal = key("alice").getString("key");
    String grant = "grant_type=client_credentials";
    assertThat(error(token(""))).isEqualTo("400 invalid_request");
    assertThat(error(token("grant_type=password&username=a&password=b")))
        .isEqualTo("400 unsupported_grant_type");
    assertThat(error(token(grant))).isEqualTo("401 invalid_client");
    assertThat(error(token(grant + "&client_id=shop-x&client_secret=" + secret)))
        .isEqualTo("401 invalid_client");
    assertThat(error(token(grant + "&client_id=billing&client_secret=" + secret + "x")))
        .isEqualTo("401 invalid_client");
    assertThat(error(token(grant, "X-API-Key", personal))).isEqualTo("401 invalid_client");
    assertThat(error(token(grant + "&scope=orders:admin", "X-API-Key", secret)))
        .isEqualTo("400 invalid_scope");
    assertThat(error(token(grant + "&scope=%22", "X-API-Key", secret)))
        .isEqualTo("400 invalid_scope");
    assertThat(error(token("grant_type=refresh_token&refresh_token=rt_x")))
        .isEqualTo("400 invalid_grant");
    assertThat(token(grant).headers().allValues("WWW-Authenticate"))
        .containsExactly("ApiKey realm=\"gatehouse\"", "Basic realm=\"client\"");
    // RFC 6749 §5.2: what is repeated, or shown in two ways, or can't be read.
    assertThat(error(token(grant + "&scope=a&scope=b", "X-API-Key", secret)))
        .isEqualTo("400 invalid_request");
    assertThat(error(token(grant + "&client_secret=" + secret, "X-API-Key", secret)))
        .isEqualTo("400 invalid_request");
    assertThat(error(token(grant + "&scope=%zz", "X-API-Key", secret)))
        .isEqualTo("400 invalid_request");
  }

  @Test
  void everyRefusalOfTheTokenEndpointIsOnRecordUnderTheIdThatItSays() throws Exception {
    service("ledger");
    String secret = key("ledger").getString("key");
    String grant = "grant_type=client_credentials";
    for (HttpResponse<String> refused :
        List.of(
            token("grant_type=password"),
            token(grant),
            token(grant + "&scope=%zz"),
            token(grant + "&client_id=shop-x&client_secret=" + secret),
            token(grant + "&client_id=ledger&client_secret=" + secret + "x"),
            token(grant + "&scope=orders:admin", "X-API-Key", secret),
            token(grant + "&scope=%22%5C%C3%A9%0A", "X-API-Key", secret),
            token("grant_type=refresh_token"),
            token("grant_type=refresh_token&refresh_token=rt_x"))) {
      JsonObject document = new JsonObject(refused.body());
      assertThat(document.getString("error_description"))
          .matches("[\\x20\\x21\\x23-\\x5b\\x5d-\\x7e]+");
      String id = "id=" + document.getString("id") + " ";
      GateProcess.until(() -> gate.process().err().contains(id)); // lines go out on another thread
      assertThat(gate.process().err().lines())
          .filteredOn(line -> line.contains(id))
          .as(refused.body())
          .singleElement()
          .satisfies(
              line ->
                  assertThat(line).contains("request=\"POST /auth/token\"").doesNotContain(secret));
    }
  }

  @Test
  void aParameterWithoutAValueIsAsGoodAsNone() throws Exception {
    service("desk");
    String secret = key("desk").getString("key");
    String empty = "&scope=&client_id=&client_secret=&refresh_token=";
    HttpResponse<String> answer =
        token("grant_type=client_credentials" + empty, "X-API-Key", secret);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(new JsonObject(answer.body()).getString("scope"))
        .isEqualTo("orders:read orders:write");
    assertThat(error(token("grant_type=&scope="))).isEqualTo("400 invalid_request");
    assertThat(error(token("grant_type=client_credentials" + empty)))
        .isEqualTo("401 invalid_client");
    assertThat(error(token("grant_type=refresh_token" + empty))).isEqualTo("400 invalid_request");
  }

  @Test
  void clientThatIsNamedTwiceIsNamedEqually() throws Exception {
    service("twice");
    service("another");
    String pair =
        "Basic "
            + Base64.getEncoder()
                .encodeToString(
                    ("twice:" + key("twice").getString("key")).getBytes(StandardCharsets.UTF_8));
    String grant = "grant_type=client_credentials";
    assertThat(token(grant + "&client_id=twice", "Authorization", pair).statusCode())
        .isEqualTo(200);
    for (String other : List.of("another", "nobody", "TWICE")) {
      assertThat(error(token(grant + "&client_id=" + other, "Authorization", pair)))
          .isEqualTo("400 invalid_request");
    }
    String refresh =
        "grant_type=refresh_token&refresh_token="
            + gate.tokens("alice", PASSWORD).getString("refreshToken");
    assertThat(error(token(refresh + "&client_id=another", "Authorization", pair)))
        .isEqualTo("400 invalid_request");
  }

  @Test
  void tokenWithoutAScopeSaysNoScope() throws Exception {
    gate.process()
        .manage(
            "POST", "/accounts", new JsonObject().put("kind", "service").put("name", "scopeless"));
    HttpResponse<String> answer =
        token("grant_type=client_credentials", "X-API-Key", key("scopeless").getString("key"));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    JsonObject issued = new JsonObject(answer.body());
    assertThat(issued.fieldNames())
        .containsExactlyInAnyOrder("access_token", "token_type", "expires_in");
    assertThat(
            gate.get("/orders", "Authorization", "Bearer " + issued.getString("access_token"))
                .statusCode())
        .isEqualTo(403);
  }

  @Test
  void emptyPairOfAFormIsNone() throws Exception {
    assertThat(error(token("&&grant_type=refresh_token&&refresh_token=rt_x&&")))
        .isEqualTo("400 invalid_grant");
    assertThat(gate.process().admin("GET", "/accounts?limit=1&&", null).statusCode())
        .isEqualTo(200);
  }

  // RFC 6749 §3.3: a scope has at least one token.
  @Test
  void callerWithoutScopesHasNoScopeInItsTokensAndAnswers() throws Exception {
    gate.process()
        .manage(
            "POST",
            "/accounts",
            new JsonObject()
                .put("kind", "person")
                .put("name", "bare")
                .put("email", "bare@example.com"));
    gate.process()
        .manage("PUT", "/accounts/bare/password", new JsonObject().put("password", PASSWORD));
    String refresh = gate.tokens("bare", PASSWORD).getString("refreshToken");

    JsonObject answer =
        new JsonObject(token("grant_type=refresh_token&refresh_token=" + refresh).body());

    assertThat(answer.fieldNames()).contains("access_token").doesNotContain("scope");
    String access = answer.getString("access_token");
    assertThat(SignedJWT.parse(access).getJWTClaimsSet().getClaims()).doesNotContainKey("scope");
    assertThat(gate.get("/orders", "Authorization", "Bearer " + access).statusCode())
        .isEqualTo(403);
  }

  @Test
  void aRefreshAtTheTokenEndpointSaysWhatItGivesAndGivesNoMore() throws Exception {
    String grant =
        "grant_type=refresh_token&refresh_token="
            + gate.tokens("alice", PASSWORD).getString("refreshToken");
    assertThat(error(token(grant + "&scope=orders:admin"))).isEqualTo("400 invalid_scope");

    HttpResponse<String> answer = token(grant + "&scope=orders:read");

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Cache-Control")).contains("no-store");
    JsonObject narrow = new JsonObject(answer.body());
    assertThat(narrow.fieldNames())
        .containsExactlyInAnyOrder(
            "access_token", "token_type", "expires_in", "refresh_token", "scope");
    assertThat(narrow.getString("token_type")).isEqualTo("Bearer");
    assertThat(narrow.getInteger("expires_in")).isEqualTo(900);
    assertThat(narrow.getString("scope")).isEqualTo("orders:read");
    String bearer = "Bearer " + narrow.getString("access_token");
    assertThat(gate.get("/orders", "Authorization", bearer).statusCode()).isEqualTo(200);
    assertThat(gate.post("/orders", new JsonObject(), "Authorization", bearer).statusCode())
        .isEqualTo(403);
    assertThat(
            new JsonObject(
                    token(
                            "grant_type=refresh_token&scope=&refresh_token="
                                + narrow.getString("refresh_token"))
                        .body())
                .getString("scope"))
        .isEqualTo("orders:read orders:write");
    assertThat(error(token(grant))).as("a second use").isEqualTo("400 invalid_grant");
    assertThat(gate.get("/orders", "Authorization", bearer).statusCode()).isEqualTo(401);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"refreshToken\":{\"$ne\":null}}",
        "{\"refreshToken\":[\"rt_x\"]}",
        "{\"refreshToken\":7}",
        "{\"refreshToken\":null}",
        "{}",
        "[]",
        "\"rt_x\"",
        "{"
      })
  void refreshTokenOfWrongJsonTypeIs400(String body) throws Exception {
    for (String path : List.of("/api/auth/refresh", "/api/auth/logout")) {
      HttpResponse<String> answer =
          gate.send(
              gate.process().client(), "POST", path, body, "Content-Type", "application/json");
      assertThat(answer.statusCode()).as("%s %s", path, body).isEqualTo(400);
      assertThat(code(answer)).isEqualTo("MALFORMED_REQUEST");
    }
  }

  private static String error(HttpResponse<String> answer) {
    return answer.statusCode() + " " + new JsonObject(answer.body()).getString("error");
  }

  // Keys

  @Test
  void tokensOfRotatedKeyStayValidAcrossRestart(@TempDir Path folder) throws Exception {
    try (PeopleGate other = PeopleGate.in(folder, "")) {
      other.person("bob");
      JsonObject before = other.tokens("bob", PASSWORD);
      CommandLineRun rotated =
          CommandLineRun.of("token", "rotate-key", "--data", other.process().data().toString());
      assertThat(rotated.exitCode()).as(rotated.err()).isZero();
      JWKSet published = JWKSet.parse(other.get("/.well-known/jwks.json").body());
      assertThat(published.toString()).doesNotContain("\"d\"");
      assertThat(kid(other.tokens("bob", PASSWORD)))
          .as("the new one is made known before it signs")
          .isEqualTo(kid(before));

      // As if ten minutes had passed.
      other.restartAfter(
          "UPDATE signing_key SET created_at = created_at - 600000,"
              + " retired_at = retired_at - 600000");

      JsonObject after = other.tokens("bob", PASSWORD);
      assertThat(kid(after)).isNotEqualTo(kid(before));
      for (JsonObject tokens : List.of(before, after)) {
        SignedJWT token = SignedJWT.parse(tokens.getString("accessToken"));
        JWK key = published.getKeyByKeyId(token.getHeader().getKeyID());
        assertThat(token.verify(new ECDSAVerifier(key.toECKey()))).isTrue();
        assertThat(other.get("/orders", "Authorization", bearer(tokens)).statusCode())
            .isEqualTo(200);
      }
    }
  }

  @Test
  void revokingLeakedKeyRevokesAllThatItSigned() throws Exception {
    JsonObject before = gate.tokens("alice", PASSWORD);
    assertThat(status(before)).as("remembered").isEqualTo(200);

    CommandLineRun revoked =
        CommandLineRun.of(
            "token", "rotate-key", "--revoke-old", "--data", gate.process().data().toString());

    assertThat(revoked.exitCode()).as(revoked.err()).isZero();
    assertThat(status(before)).isEqualTo(401);
    JsonObject after = new JsonObject(refresh(before).body());
    assertThat(status(after)).isEqualTo(200);
    JWKSet published = JWKSet.parse(gate.get("/.well-known/jwks.json").body());
    assertThat(published.getKeyByKeyId(kid(before))).isNull();
    assertThat(published.getKeyByKeyId(kid(after))).isNotNull();
  }

  @Test
  void identityTokenOfARevokedKeyReachesNoUpstreamAnyMore() throws Exception {
    JsonObject tokens = gate.tokens("alice", PASSWORD);
    String before = identityKey(tokens);
    String accessKey = kid(tokens);

    CommandLineRun revoked =
        CommandLineRun.of(
            "token",
            "rotate-key",
            "--for",
            "identity",
            "--revoke-old",
            "--data",
            gate.process().data().toString());

    assertThat(revoked.exitCode()).as(revoked.err()).isZero();
    assertThat(revoked.out()).contains("fetch the key set again");
    String after = identityKey(tokens);
    assertThat(after).isNotEqualTo(before);
    JWKSet published = JWKSet.parse(gate.get("/.well-known/jwks.json").body());
    assertThat(published.getKeyByKeyId(before)).isNull();
    assertThat(published.getKeyByKeyId(after)).isNotNull();
    assertThat(published.getKeyByKeyId(accessKey)).as("of access tokens").isNotNull();
    assertThat(status(tokens)).isEqualTo(200);

    CommandLineRun wrong =
        CommandLineRun.of(
            "token", "rotate-key", "--for", "both", "--data", gate.process().data().toString());
    assertThat(wrong.exitCode()).isNotZero();
    assertThat(wrong.err()).contains("'for' must be 'access' or 'identity'");
  }

  private static String identityKey(JsonObject tokens) throws Exception {
    return SignedJWT.parse(
            new JsonObject(gate.get("/orders", "Authorization", bearer(tokens)).body())
                .getJsonObject("fields")
                .getString("gatehouse-identity"))
        .getHeader()
        .getKeyID();
  }

  private static String kid(JsonObject tokens) throws Exception {
    return SignedJWT.parse(tokens.getString("accessToken")).getHeader().getKeyID();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ES256", "EdDSA", "RS256", "HS256", "HS256 given"})
  void eachAlgorithmSignsAndSurvivesARestart(String algorithm, @TempDir Path folder)
      throws Exception {
    String secret = "Zm9yIHRlc3RzIG9ubHkgYnV0IGxvbmcgZW5vdWdo-9f27c1b0";
    Files.writeString(folder.resolve("jwt.secret"), secret + "\n");
    String jwt =
        algorithm.equals("HS256 given")
            ? "{ algorithm: HS256, secretFiles: [jwt.secret] }"
            : "{ algorithm: " + algorithm + " }";
    try (PeopleGate other = PeopleGate.in(folder, "methods: { jwt: " + jwt + " }")) {
      other.person("bob");
      JsonObject tokens = other.tokens("bob", PASSWORD);
      SignedJWT token = SignedJWT.parse(tokens.getString("accessToken"));
      assertThat(token.getHeader().getAlgorithm().getName()).isEqualTo(algorithm.split(" ", 2)[0]);
      assertThat(token.getHeader().getType().toString()).isEqualTo("at+jwt");
      JWTClaimsSet claims = token.getJWTClaimsSet();
      assertThat(claims.getClaims().keySet())
          .containsExactlyInAnyOrder(
              "iss", "sub", "aud", "exp", "iat", "nbf", "jti", "sid", "client_id", "scope");
      JWKSet published = JWKSet.parse(other.get("/.well-known/jwks.json").body());
      JWK key = published.getKeyByKeyId(token.getHeader().getKeyID());
      String base = other.process().address().toString();
      Path trusted = folder.resolve("data").resolve("ca.crt");
      String access = tokens.getString("accessToken");
      // By Node's own cryptography, from what is published alone.
      switch (algorithm) {
        case "HS256" -> assertThat(key).as("a secret is published to nobody").isNull();
        case "HS256 given" -> {
          assertThat(key).isNull();
          String file = folder.resolve("jwt.secret").toString();
          NodeScript.run("verify-token.mjs", trusted, access, base, file);
        }
        default -> {
          assertThat(key.isPrivate()).isFalse();
          NodeScript.run("verify-token.mjs", trusted, access, base);
        }
      }
      assertThat(other.get("/orders", "Authorization", bearer(tokens)).statusCode()).isEqualTo(200);
      // It listens on another port then, and its tokens name the address.
      other.restart();
      assertThat(other.get("/orders", "Authorization", bearer(tokens)).statusCode()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"secret", "0123456789abcdef0123456789abcdef", ""})
  void refusesWeakSecretBeforeTheStart(String secret, @TempDir Path folder) throws Exception {
    Files.writeString(folder.resolve("jwt.secret"), secret);
    Path config =
        Files.writeString(
            folder.resolve("gatehouse.yaml"),
            """
            methods: { jwt: { algorithm: HS256, secretFiles: [jwt.secret] } }
            routes: [{ path: /, upstream: "http://127.0.0.1:1", accept: [jwt] }]
            """);
    CommandLineRun checked = CommandLineRun.of("check", config.toString());
    assertThat(checked.exitCode()).isEqualTo(1);
    assertThat(checked.err()).contains("HS256 secret");
    if (!secret.isEmpty()) {
      assertThat(checked.err()).doesNotContain("0123456789abcdef");
    }
  }
}
