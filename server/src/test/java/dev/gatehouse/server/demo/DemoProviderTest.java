package dev.gatehouse.server.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.id.Issuer;
import com.nimbusds.oauth2.sdk.pkce.CodeChallenge;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import com.nimbusds.oauth2.sdk.pkce.CodeVerifier;
import com.nimbusds.oauth2.sdk.token.BearerAccessToken;
import com.nimbusds.openid.connect.sdk.claims.AccessTokenHash;
import com.nimbusds.openid.connect.sdk.op.OIDCProviderMetadata;
import dev.gatehouse.server.cli.GateProcess;
import dev.gatehouse.server.folder.DataFolder;
import dev.gatehouse.server.tls.DevelopmentCa;
import dev.gatehouse.testkit.FixedClock;
import io.vertx.core.json.JsonObject;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The demo's provider, asked as a gate and as a browser would; and as neither should.
@Tag("end-to-end")
class DemoProviderTest {

  private static final String CALLBACK = "https://localhost:8443/auth/demo/callback";
  private static final String AUDIENCE = "https://localhost:8443";
  private static final CodeVerifier VERIFIER = new CodeVerifier("v".repeat(43));
  private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");

  private static final FixedClock clock = FixedClock.at(NOW);

  @TempDir private static Path temp;
  @AutoClose private static DataFolder folder;
  @AutoClose private static DemoProvider provider;

  private static HttpClient client;

  @BeforeAll
  static void start() throws Exception {
    folder = DataFolder.open(temp.resolve("data"));
    provider = started(folder);
    client = GateProcess.client(folder.file("ca.crt"), HttpClient.Version.HTTP_1_1, null);
  }

  private static DemoProvider started(DataFolder folder) throws Exception {
    DevelopmentCa ca = DevelopmentCa.in(folder.path(), Clock.systemUTC());
    DemoProvider started = DemoProvider.in(folder, ca.server(), clock);
    started.serve(URI.create(CALLBACK), AUDIENCE);
    return started;
  }

  @AfterAll
  static void stop() {
    client.shutdownNow();
  }

  @BeforeEach
  void noon() {
    clock.set(NOW);
  }

  private static Map<String, String> request() {
    Map<String, String> request = new LinkedHashMap<>();
    request.put("response_type", "code");
    request.put("client_id", DemoProvider.GATE);
    request.put("redirect_uri", CALLBACK);
    request.put("scope", "openid email profile");
    request.put("state", "state-1");
    request.put("nonce", "nonce-1");
    request.put(
        "code_challenge", CodeChallenge.compute(CodeChallengeMethod.S256, VERIFIER).getValue());
    request.put("code_challenge_method", "S256");
    return request;
  }

  private static String form(Map<String, String> fields) {
    return fields.entrySet().stream()
        .map(field -> field.getKey() + "=" + encoded(field.getValue()))
        .collect(Collectors.joining("&"));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static HttpRequest.Builder at(String path) {
    return HttpRequest.newBuilder(provider.issuer().resolve(path)).timeout(Duration.ofSeconds(20));
  }

  private static HttpResponse<String> ask(Map<String, String> request) throws Exception {
    return send(at("/authorize?" + form(request)));
  }

  private static HttpResponse<String> choose(String person, Map<String, String> request)
      throws Exception {
    return send(
        at("/authorize")
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header("Origin", provider.issuer().toString())
            .POST(
                HttpRequest.BodyPublishers.ofString(
                    "person=" + person + "&request=" + encoded(form(request)))));
  }

  private static Map<String, String> location(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(303);
    String location = answer.headers().firstValue("Location").orElseThrow();
    assertThat(location).startsWith(CALLBACK + "?");
    Map<String, String> query = new HashMap<>();
    for (String field : location.substring(location.indexOf('?') + 1).split("&", -1)) {
      String[] pair = field.split("=", 2);
      query.put(pair[0], URLDecoder.decode(pair[1], StandardCharsets.UTF_8));
    }
    return query;
  }

  private static String codeFor(String person) throws Exception {
    return Objects.requireNonNull(location(choose(person, request())).get("code"));
  }

  private static HttpResponse<String> token(
      String client, String secret, Map<String, String> fields) throws Exception {
    return send(
        at("/token")
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header(
                "Authorization",
                "Basic "
                    + Base64.getEncoder()
                        .encodeToString((client + ":" + secret).getBytes(StandardCharsets.UTF_8)))
            .POST(HttpRequest.BodyPublishers.ofString(form(fields))));
  }

  private static HttpResponse<String> exchange(String code, Map<String, String> change)
      throws Exception {
    Map<String, String> fields = new HashMap<>();
    fields.put("grant_type", "authorization_code");
    fields.put("code", code);
    fields.put("redirect_uri", CALLBACK);
    fields.put("code_verifier", VERIFIER.getValue());
    fields.putAll(change);
    fields.values().removeIf(String::isEmpty);
    return token(DemoProvider.GATE, provider.gateSecret(), fields);
  }

  private static String error(HttpResponse<String> answer) {
    return new JsonObject(answer.body()).getString("error");
  }

  private static JWTClaimsSet verified(String token) throws Exception {
    SignedJWT jwt = SignedJWT.parse(token);
    JWKSet keys = JWKSet.parse(send(at("/jwks")).body());
    assertThat(keys.getKeys()).noneMatch(key -> key.isPrivate());
    assertThat(
            jwt.verify(new ECDSAVerifier(keys.getKeyByKeyId(jwt.getHeader().getKeyID()).toECKey())))
        .isTrue();
    return jwt.getJWTClaimsSet();
  }

  @Test
  void aPersonWhoIsChosenComesBackWithACodeAndTheCodeGivesAnIdToken() throws Exception {
    HttpResponse<String> page = ask(request());
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.body()).contains("Continue as Alice").contains("Continue as Bob");
    Map<String, String> back = location(choose("demo-alice", request()));
    assertThat(back)
        .containsEntry("state", "state-1")
        .containsEntry("iss", provider.issuer().toString())
        .containsOnlyKeys("code", "state", "iss");
    HttpResponse<String> answer = exchange(back.getOrDefault("code", ""), Map.of());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Cache-Control")).contains("no-store");
    JsonObject tokens = new JsonObject(answer.body());
    JWTClaimsSet claims = verified(tokens.getString("id_token"));
    assertThat(claims.getIssuer()).isEqualTo(provider.issuer().toString());
    assertThat(claims.getSubject()).isEqualTo("demo-alice");
    assertThat(claims.getAudience()).containsExactly(DemoProvider.GATE);
    assertThat(claims.getIssueTime()).isEqualTo(NOW);
    assertThat(claims.getExpirationTime()).isEqualTo(NOW.plus(Duration.ofMinutes(5)));
    assertThat(claims.getClaims())
        .containsEntry("nonce", "nonce-1")
        .containsEntry("email", "alice@example.com")
        .containsEntry("email_verified", true)
        .containsEntry("name", "Alice")
        .containsEntry(
            "at_hash",
            AccessTokenHash.compute(
                    new BearerAccessToken(tokens.getString("access_token")),
                    JWSAlgorithm.ES256,
                    Curve.P_256)
                .getValue());

    HttpResponse<String> userInfo =
        send(at("/userinfo").header("Authorization", "Bearer " + tokens.getString("access_token")));
    assertThat(new JsonObject(userInfo.body()).getString("sub")).isEqualTo("demo-alice");
    assertThat(new JsonObject(userInfo.body()).getString("email")).isEqualTo("alice@example.com");
    assertThat(verified(tokens.getString("access_token")).getAudience())
        .as("it is no token for the gate's API")
        .containsExactly(provider.issuer().toString());
    clock.advance(Duration.ofMinutes(15));
    assertThat(
            send(at("/userinfo")
                    .header("Authorization", "Bearer " + tokens.getString("access_token")))
                .statusCode())
        .as("when it is over")
        .isEqualTo(401);
  }

  @Test
  void tokenOfPersonWithoutEmailAddressHasNone() throws Exception {
    JsonObject tokens = new JsonObject(exchange(codeFor("demo-carol"), Map.of()).body());
    assertThat(verified(tokens.getString("id_token")).getClaims())
        .doesNotContainKeys("email", "email_verified");
  }

  @Test
  void codeIsExchangedOnce() throws Exception {
    String code = codeFor("demo-alice");
    assertThat(exchange(code, Map.of()).statusCode()).isEqualTo(200);
    assertThat(error(exchange(code, Map.of()))).isEqualTo("invalid_grant");
  }

  @Test
  void aCodeIsGoodForAMinute() throws Exception {
    String code = codeFor("demo-alice");
    String late = codeFor("demo-alice");
    clock.advance(Duration.ofSeconds(59));
    assertThat(exchange(code, Map.of()).statusCode()).isEqualTo(200);
    clock.advance(Duration.ofSeconds(1));
    assertThat(error(exchange(late, Map.of()))).isEqualTo("invalid_grant");
  }

  @ParameterizedTest
  @CsvSource({
    "code_verifier, ''",
    "code_verifier, wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww",
    "redirect_uri, ''",
    "redirect_uri, https://localhost:8443/auth/demo/callback/",
  })
  void codeIsExchangedOnlyWithItsVerifier(String field, String value) throws Exception {
    HttpResponse<String> answer = exchange(codeFor("demo-alice"), Map.of(field, value));
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(error(answer)).isEqualTo("invalid_grant");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://evil.example/auth/demo/callback",
        "https://localhost:8443/auth/demo/callback/",
        "https://localhost:8443/auth/demo/callback?x=1",
        "https://localhost:8443/auth/demo/%63allback",
        "https://LOCALHOST:8443/auth/demo/callback",
        "http://localhost:8443/auth/demo/callback",
        "javascript:alert(1)",
        "",
      })
  void itLeadsNowhereButToTheGate(String redirectUri) throws Exception {
    Map<String, String> request = request();
    request.put("redirect_uri", redirectUri);
    for (HttpResponse<String> answer : List.of(ask(request), choose("demo-alice", request))) {
      assertThat(answer.statusCode()).as(redirectUri).isEqualTo(400);
      assertThat(answer.headers().firstValue("Location")).isEmpty();
    }
  }

  @Test
  void anotherClientIsLedNowhere() throws Exception {
    Map<String, String> request = request();
    request.put("client_id", DemoProvider.SERVICE);
    assertThat(ask(request).statusCode()).isEqualTo(400);
  }

  @ParameterizedTest
  @CsvSource({
    "code_challenge, '', invalid_request",
    "code_challenge_method, plain, invalid_request",
    "code_challenge_method, '', invalid_request",
    "nonce, '', invalid_request",
    "state, '', invalid_request",
    "response_type, token, unsupported_response_type",
    "response_type, code id_token, unsupported_response_type",
    "response_mode, form_post, invalid_request",
    "prompt, none, login_required",
    "request_uri, https://127.0.0.1/x, request_not_supported",
  })
  void whatItDoesNotTakeIsSentBackAsAnError(String field, String value, String error)
      throws Exception {
    Map<String, String> request = request();
    request.put(field, value);
    request.values().removeIf(String::isEmpty);
    assertThat(location(ask(request)))
        .containsEntry("error", error)
        .containsEntry("iss", provider.issuer().toString())
        .doesNotContainKey("code");
  }

  @Test
  void whoCancelsIsLedBackWithoutACode() throws Exception {
    assertThat(location(choose("", request())))
        .containsEntry("error", "access_denied")
        .containsEntry("state", "state-1");
  }

  @Test
  void anotherSitesFormChoosesForNobody() throws Exception {
    for (String origin : new String[] {"https://localhost:8443", "null", ""}) {
      HttpRequest.Builder request =
          at("/authorize")
              .header("Content-Type", "application/x-www-form-urlencoded")
              .POST(
                  HttpRequest.BodyPublishers.ofString(
                      "person=demo-bob&request=" + encoded(form(request()))));
      if (!origin.isEmpty()) {
        request.header("Origin", origin);
      }
      assertThat(send(request).statusCode()).as(origin).isEqualTo(403);
    }
  }

  @Test
  void whatAPersonCarriesInTheRequestStaysTextOnThePage() throws Exception {
    Map<String, String> request = request();
    request.put("state", "\"><script>alert(1)</script>");
    HttpResponse<String> page = ask(request);
    assertThat(page.body()).doesNotContain("<script");
    assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
        .contains("default-src 'none'")
        .contains("form-action 'self' https://localhost:8443;");
  }

  // RFC 6749 §3.1.
  @Test
  void emptyScopeOfATokenRequestCountsAsLeftOut() throws Exception {
    Map<String, String> request = Map.of("grant_type", "client_credentials", "scope", "");
    HttpResponse<String> answer = token(DemoProvider.SERVICE, provider.serviceSecret(), request);
    JsonObject token = new JsonObject(answer.body());
    assertThat(token.getString("scope")).isNotEmpty();
    assertThat(verified(token.getString("access_token")).getClaim("scope"))
        .isEqualTo(token.getString("scope"));
  }

  @Test
  void aServiceGetsATokenForTheApiInItsOwnName() throws Exception {
    HttpResponse<String> answer =
        token(
            DemoProvider.SERVICE,
            provider.serviceSecret(),
            Map.of("grant_type", "client_credentials", "scope", "orders.read"));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    JsonObject token = new JsonObject(answer.body());
    assertThat(token.getString("scope")).isEqualTo("orders.read");
    JWTClaimsSet claims = verified(token.getString("access_token"));
    assertThat(SignedJWT.parse(token.getString("access_token")).getHeader().getType())
        .hasToString("at+jwt");
    assertThat(claims.getAudience()).containsExactly(AUDIENCE);
    assertThat(claims.getSubject()).isEqualTo(DemoProvider.SERVICE);
    assertThat(claims.getClaims())
        .containsEntry("client_id", DemoProvider.SERVICE)
        .containsEntry("scope", "orders.read")
        .containsKeys("iss", "exp", "iat", "jti");
    assertThat(
            send(at("/userinfo")
                    .header("Authorization", "Bearer " + token.getString("access_token")))
                .statusCode())
        .as("it is for the gate's API alone")
        .isEqualTo(401);
  }

  @Test
  void aTokenForAnotherTellsNothingOfThePersonHere() throws Exception {
    Issuer issuer = new Issuer("https://127.0.0.1:1");
    DemoTokens tokens =
        new DemoTokens(issuer, new ECKeyGenerator(Curve.P_256).keyID("1").generate(), clock);
    ClientID client = new ClientID(DemoProvider.GATE);
    Scope scope = new Scope("openid", "email");
    for (String audience : List.of(issuer.getValue(), AUDIENCE)) {
      assertThat(
              tokens.userInfo(tokens.accessToken("demo-alice", client, audience, scope).getValue()))
          .as(audience)
          .matches(found -> found.isPresent() == audience.equals(issuer.getValue()));
    }
  }

  @Test
  void noClientGetsWhatIsNotIts() throws Exception {
    Map<String, String> own = Map.of("grant_type", "client_credentials");
    assertThat(error(token(DemoProvider.SERVICE, provider.gateSecret(), own)))
        .isEqualTo("invalid_client");
    assertThat(error(token("nobody", provider.serviceSecret(), own))).isEqualTo("invalid_client");
    HttpResponse<String> wrong = token(DemoProvider.SERVICE, "wrong", own);
    assertThat(wrong.statusCode()).isEqualTo(401);
    assertThat(wrong.headers().firstValue("WWW-Authenticate").orElseThrow()).startsWith("Basic");
    assertThat(error(token(DemoProvider.GATE, provider.gateSecret(), own)))
        .isEqualTo("unauthorized_client");
    assertThat(
            error(
                token(
                    DemoProvider.SERVICE,
                    provider.serviceSecret(),
                    Map.of("grant_type", "client_credentials", "scope", "orders.admin"))))
        .isEqualTo("invalid_scope");
    assertThat(
            error(
                token(
                    DemoProvider.SERVICE,
                    provider.serviceSecret(),
                    Map.of("grant_type", "client_credentials", "resource", "https://x.example"))))
        .isEqualTo("invalid_target");
    assertThat(
            error(
                token(
                    DemoProvider.SERVICE,
                    provider.serviceSecret(),
                    Map.of("grant_type", "password", "username", "alice", "password", "x"))))
        .isEqualTo("unsupported_grant_type");
    assertThat(
            error(
                token(
                    DemoProvider.SERVICE,
                    provider.serviceSecret(),
                    Map.of(
                        "grant_type",
                        "authorization_code",
                        "code",
                        codeFor("demo-alice"),
                        "redirect_uri",
                        CALLBACK,
                        "code_verifier",
                        VERIFIER.getValue()))))
        .isEqualTo("unauthorized_client");
  }

  @Test
  void itSaysOfItselfWhatIsTrue() throws Exception {
    OIDCProviderMetadata metadata =
        OIDCProviderMetadata.parse(send(at("/.well-known/openid-configuration")).body());
    assertThat(metadata.getIssuer().getValue()).isEqualTo(provider.issuer().toString());
    assertThat(metadata.supportsAuthorizationResponseIssuerParam()).isTrue();
    assertThat(metadata.getCodeChallengeMethods()).containsExactly(CodeChallengeMethod.S256);
    assertThat(metadata.getTokenEndpointURI()).isEqualTo(provider.tokenEndpoint());
    assertThat(metadata.supportsRequestURIParam()).isFalse();
    for (String path : new String[] {"/jwks", "/style.css", "/"}) {
      assertThat(send(at(path)).statusCode()).as(path).isEqualTo(200);
    }
    assertThat(send(at("/elsewhere")).statusCode()).isEqualTo(404);
    assertThat(send(at("/token")).statusCode()).isEqualTo(405);
  }

  @Test
  void whatIsTooLongIsNotRead() throws Exception {
    assertThat(
            send(at("/token").POST(HttpRequest.BodyPublishers.ofString("x".repeat(20_000))))
                .statusCode())
        .isEqualTo(413);
    assertThat(send(at("/authorize?state=" + "x".repeat(9_000))).statusCode()).isEqualTo(414);
  }

  @Test
  void aRestartKeepsThePortTheKeyAndTheSecrets() throws Exception {
    try (DataFolder own = DataFolder.open(temp.resolve("restarted"))) {
      DemoProvider first = started(own);
      first.close();
      assertThat(
              PosixFilePermissions.toString(
                  Files.getPosixFilePermissions(own.file("provider.json"))))
          .isEqualTo("rw-------");
      String kept = Files.readString(own.file("provider.json"));
      try (DemoProvider second = started(own)) {
        assertThat(second.issuer()).isEqualTo(first.issuer());
        assertThat(second.serviceSecret()).isEqualTo(first.serviceSecret());
        assertThat(Files.readString(own.file("provider.json"))).isEqualTo(kept);
      }
    }
  }

  @Test
  void aPortThatSomebodyElseTookIsNotInTheWayNorIsADamagedFile() throws Exception {
    try (DataFolder own = DataFolder.open(temp.resolve("taken"))) {
      DemoProvider first = started(own);
      int port = first.issuer().getPort();
      first.close();
      try (ServerSocket other = new ServerSocket(port, 1, InetAddress.ofLiteral("127.0.0.1"));
          DemoProvider second = started(own)) {
        assertThat(other.isBound()).isTrue();
        assertThat(second.issuer().getPort()).isNotEqualTo(port);
      }
      for (String damaged : new String[] {"", "{", "[]", "{\"port\":\"x\"}", "{\"key\":7}"}) {
        own.writePrivate("provider.json", damaged);
        try (DemoProvider another = started(own)) {
          assertThat(another.serviceSecret()).as(damaged).hasSize(43);
        }
      }
    }
  }
}
