package dev.gatehouse.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import dev.gatehouse.server.assembly.AdminAccess;
import dev.gatehouse.server.wire.HostileProvider;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Access tokens of issuers that are good, broken or hostile, at a running gate, over HTTPS.
@Timeout(120)
@Tag("end-to-end")
class ForeignTokensOverTheWireTest {

  private static final String AUDIENCE = "https://api.example.com";

  @TempDir private static Path temp;
  @AutoClose private static HostileProvider issuer;
  @AutoClose private static PeopleGate gate;

  @BeforeAll
  static void start() throws Exception {
    issuer = new HostileProvider();
    Path ca = issuer.certificateIn(temp);
    Files.writeString(temp.resolve("provider.secret"), HostileProvider.SECRET + "\n");
    String scopes = "scopes: { map: { shop.read: [orders:read] }, pass: true }";
    String asking =
        ("introspection: { endpoint: '%s/introspect', clientId: gate, clientSecretFile:"
                + " provider.secret, remember: false }")
            .formatted(issuer.issuer("asked"));
    StringBuilder issuers = new StringBuilder("methods:\n  oauth:\n    issuers:\n");
    for (String good :
        List.of(
            "good",
            "rotating",
            "html",
            "endless",
            "inward",
            "impostor",
            "flooded",
            "plain-oauth")) {
      issuers.append(trusted(good, scopes, ca));
    }
    issuers
        .append(trusted("linked", "subject: linked, " + scopes, ca))
        .append(trusted("asked", asking + ", " + scopes, ca))
        .append(
            "      - { issuer: 'https://localhost:1/down', audience: '%s', internalNetworks: [127.0.0.0/8, '::1'] }\n"
                .formatted(AUDIENCE))
        .append(
            ("    providers:\n      linked: { issuer: '%s', clientId: gate, clientSecretFile:"
                    + " provider.secret, internalNetworks: [127.0.0.0/8, '::1'], caFile: '%s', allow: { anyone: true } }\n")
                .formatted(issuer.issuer("linked"), ca));
    issuer.metadata("inward", said -> said.put("jwks_uri", "https://169.254.169.254/keys"));
    issuer.metadata("impostor", said -> said.put("issuer", issuer.issuer("good").toString()));
    gate =
        PeopleGate.in(
            temp,
            issuers.toString(),
            """
              - path: /foreign
                upstream: UPSTREAM
                accept: [oauth]
                require: { GET: orders:read, POST: orders:write }
              - path: /both
                upstream: UPSTREAM
                accept: [jwt, oauth]
            """);
    gate.person("alice");
  }

  private static String trusted(String tenant, String more, Path ca) {
    return "      - { issuer: '%s', audience: '%s', %s, internalNetworks: [127.0.0.0/8, '::1'], caFile: '%s' }\n"
        .formatted(issuer.issuer(tenant), AUDIENCE, more, ca);
  }

  @BeforeEach
  void behave() {
    issuer.behave();
  }

  private static JWTClaimsSet.Builder claims(String tenant) {
    Instant now = Instant.now();
    return new JWTClaimsSet.Builder()
        .issuer(issuer.issuer(tenant).toString())
        .subject("u-1")
        .audience(AUDIENCE)
        .issueTime(Date.from(now))
        .expirationTime(Date.from(now.plusSeconds(300)))
        .jwtID(UUID.randomUUID().toString())
        .claim("client_id", "app")
        .claim("scope", "shop.read gatehouse:admin");
  }

  private static String signed(JWTClaimsSet claims, RSAKey key) {
    try {
      SignedJWT token =
          new SignedJWT(
              new JWSHeader.Builder(JWSAlgorithm.RS256)
                  .keyID(key.getKeyID())
                  .type(new JOSEObjectType("at+jwt"))
                  .build(),
              claims);
      token.sign(new RSASSASigner(key));
      return token.serialize();
    } catch (JOSEException failed) {
      throw new IllegalStateException(failed);
    }
  }

  private static String token(String tenant) {
    return signed(claims(tenant).build(), issuer.key);
  }

  private static HttpResponse<String> get(String path, String token) throws Exception {
    return gate.get(path, "Authorization", "Bearer " + token);
  }

  private static void assertRefused(HttpResponse<String> answer, int status, String code) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(new JsonObject(answer.body()).getString("code")).isEqualTo(code);
    if (status == 503) {
      assertThat(answer.headers().firstValue("Retry-After")).isPresent();
    }
  }

  @Test
  void tokenOfAnIssuerOpensARouteAndNamesItsCaller() throws Exception {
    String token = token("good");
    assertThat(get("/foreign/7", token).statusCode()).isEqualTo(200);
    JsonObject who = new JsonObject(get("/whoami", token).body());
    assertThat(who.getString("subject")).isEqualTo(issuer.issuer("good") + "|u-1");
    assertThat(who.getString("method")).isEqualTo("oauth");
    assertThat(who.getString("credential")).isEqualTo("oauth:" + issuer.issuer("good") + "|app");
    assertThat(who.getJsonArray("scopes")).isEqualTo(new JsonArray().add("orders:read"));

    HttpResponse<String> post =
        gate.post("/foreign", new JsonObject(), "Authorization", "Bearer " + token);
    assertRefused(post, 403, "INSUFFICIENT_SCOPE");
    assertThat(post.headers().firstValue("WWW-Authenticate").orElseThrow())
        .contains("error=\"insufficient_scope\"", "scope=\"orders:write\"");
    assertRefused(get("/orders", token), 401, "METHOD_NOT_ACCEPTED");
  }

  @Test
  void whereOursAndTheirsAreTakenEachIsJudgedByItsOwnAndThereIsOneChallenge() throws Exception {
    String ours = gate.tokens("alice", PeopleGate.PASSWORD).getString("accessToken");
    assertThat(get("/both", ours).statusCode()).isEqualTo(200);
    assertThat(get("/both", token("good")).statusCode()).isEqualTo(200);
    assertRefused(get("/foreign", ours), 401, "METHOD_NOT_ACCEPTED");
    issuer.instead.put(
        "/asked/introspect", exchange -> HostileProvider.json(exchange, 200, "{\"active\":false}"));
    for (String none : List.of("opaque", "a.b.c", "", "x".repeat(9_000))) {
      HttpResponse<String> answer = get("/both", none);
      assertRefused(answer, 401, "INVALID_TOKEN");
      assertThat(answer.headers().allValues("WWW-Authenticate"))
          .singleElement()
          .asString()
          .containsOnlyOnce("Bearer ")
          .containsOnlyOnce("realm=")
          .contains("error=\"invalid_token\"", "resource_metadata=\"");
    }
    assertThat(gate.get("/orders").headers().allValues("WWW-Authenticate").toString())
        .doesNotContain("resource_metadata");
  }

  @Test
  void itIsPublishedWhoseTokensCount() throws Exception {
    String origin = "https://localhost";
    String root = "/.well-known/oauth-protected-resource";
    HttpResponse<String> challenged = gate.get("/foreign/7?x=y");
    assertThat(challenged.headers().firstValue("WWW-Authenticate").orElseThrow())
        .isEqualTo(
            "Bearer realm=\"gatehouse\", resource_metadata=\"" + origin + root + "/foreign/7\"");
    for (String path : List.of("", "/foreign/7", "/both")) {
      JsonObject document = new JsonObject(gate.get(root + path).body());
      assertThat(document.getString("resource")).isEqualTo(origin + path);
      assertThat(document.getJsonArray("authorization_servers"))
          .contains(issuer.issuer("good").toString());
      assertThat(document.getJsonArray("bearer_methods_supported"))
          .isEqualTo(new JsonArray().add("header"));
      assertThat(document.getJsonArray("scopes_supported"))
          .isEqualTo(new JsonArray().add("shop.read"));
    }
    assertThat(gate.get(root + "/orders").statusCode()).isEqualTo(404);
    assertThat(gate.get(root + "/nowhere").statusCode()).isEqualTo(404);
    assertThat(gate.post(root, new JsonObject()).statusCode()).isEqualTo(405);
  }

  @Test
  void refusesIdTokenOfTheSameIssuer() throws Exception {
    String idToken =
        HostileProvider.signedBy(issuer.key, claims("good").claim("nonce", "n").build());
    assertRefused(get("/foreign", idToken), 401, "INVALID_TOKEN");
    String untyped = HostileProvider.signedBy(issuer.key, claims("good").build());
    assertThat(get("/foreign", untyped).statusCode()).isEqualTo(200);
  }

  @Test
  void refusesTokenInQuery() throws Exception {
    HttpResponse<String> answer = gate.get("/public?access_token=" + token("good"));
    assertRefused(answer, 400, "MALFORMED_REQUEST");
    assertThat(gate.process().err()).doesNotContain(token("good").substring(0, 40));
  }

  @Test
  void refusesTokenOfAnotherAudienceIssuerOrKey() throws Exception {
    assertRefused(
        get("/foreign", signed(claims("good").audience("gate").build(), issuer.key)),
        401,
        "INVALID_TOKEN");
    assertRefused(get("/foreign", token("nobody")), 401, "INVALID_TOKEN");
    assertRefused(
        get("/foreign", signed(claims("good").build(), HostileProvider.newKey("k1"))),
        401,
        "INVALID_TOKEN");
    // Its document names another issuer: nothing of it is used.
    assertRefused(get("/foreign", token("impostor")), 503, "UNAVAILABLE");
  }

  @Test
  void answers503WhenIssuerIsDownOrAnswersNonsense() throws Exception {
    issuer.instead.put(
        "/html/jwks",
        exchange -> HostileProvider.answer(exchange, 200, "text/html", "<!doctype html>"));
    issuer.instead.put("/endless/jwks", HostileProvider::endless);
    for (String tenant : List.of("html", "endless", "inward")) {
      assertRefused(get("/foreign", token(tenant)), 503, "UNAVAILABLE");
    }
    assertRefused(
        get(
            "/foreign",
            signed(claims("good").issuer("https://localhost:1/down").build(), issuer.key)),
        503,
        "UNAVAILABLE");
    assertThat(get("/foreign", token("good")).statusCode()).isEqualTo(200); // others go on
  }

  @Test
  void rotatedKeyWorksAtOnceAndOutageRemovesNoKey() throws Exception {
    RSAKey first = issuer.key;
    assertThat(get("/foreign", token("rotating")).statusCode()).isEqualTo(200);
    try {
      issuer.key = HostileProvider.newKey("k2");
      assertThat(get("/foreign", token("rotating")).statusCode()).isEqualTo(200);
      issuer.instead.put("/rotating/jwks", exchange -> HostileProvider.json(exchange, 500, "{}"));
      assertThat(get("/foreign", token("rotating")).statusCode()).isEqualTo(200);
      long before = asked("/rotating/jwks");
      String unknown = signed(claims("rotating").build(), HostileProvider.newKey("k3"));
      for (int i = 0; i < 20; i++) {
        assertRefused(get("/foreign", unknown), 503, "UNAVAILABLE");
      }
      assertThat(asked("/rotating/jwks") - before).isBetween(1L, 3L);
    } finally {
      issuer.key = first;
    }
  }

  @Test
  void keyThatTheIssuerMayNotBeAskedForYetIs503AndNotAWrongToken() throws Exception {
    List<Integer> statuses = new ArrayList<>();
    List<Integer> waits = new ArrayList<>();
    RSAKey forged = HostileProvider.newKey("forged");
    for (int i = 0; i < 20; i++) {
      HttpResponse<String> answer = get("/foreign", signed(claims("flooded").build(), forged));
      statuses.add(answer.statusCode());
      if (answer.statusCode() == 503) {
        assertRefused(answer, 503, "UNAVAILABLE");
        waits.add(Integer.valueOf(answer.headers().firstValue("Retry-After").orElseThrow()));
      } else {
        assertRefused(answer, 401, "INVALID_TOKEN");
      }
    }
    assertThat(statuses).startsWith(401).contains(503);
    // It is asked once each five seconds then.
    assertThat(waits).allMatch(wait -> wait <= 5).anyMatch(wait -> wait > 1);
    assertThat(get("/foreign", token("flooded")).statusCode()).isEqualTo(200);
  }

  @Test
  void authorizationServerWithoutOpenIdConnectIsFoundByTheWellKnownPathBeforeItsOwn()
      throws Exception {
    URI name = issuer.issuer("plain-oauth");
    issuer.instead.put(
        "/plain-oauth/.well-known/openid-configuration",
        exchange -> HostileProvider.json(exchange, 404, "{}"));
    issuer.instead.put(
        "/.well-known/oauth-authorization-server/plain-oauth",
        exchange ->
            HostileProvider.json(
                exchange,
                200,
                new JsonObject()
                    .put("issuer", name.toString())
                    .put("jwks_uri", name + "/jwks")
                    .encode()));
    assertThat(get("/foreign", token("plain-oauth")).statusCode()).isEqualTo(200);
  }

  @Test
  void tokenWithFiveHundredRolesOpensARoute() throws Exception {
    List<String> roles = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      roles.add("role-number-" + i);
    }
    String token = signed(claims("good").claim("roles", roles).build(), issuer.key);
    assertThat(token).hasSizeBetween(8_193, 14_000);
    assertThat(get("/foreign", token).statusCode()).isEqualTo(200);
  }

  @Test
  void opaqueTokenIsJudgedByWhatItsIssuerCallsAnAccessToken() throws Exception {
    JsonObject active =
        new JsonObject()
            .put("active", true)
            .put("aud", new JsonArray().add(AUDIENCE))
            .put("client_id", "nightly job")
            .put("scope", "shop.read");
    issuer.instead.put(
        "/asked/introspect", exchange -> introspect(exchange, new ArrayList<>(), active));
    active.put("token_type", "Bearer").put("token_use", "access_token"); // as Ory Hydra
    JsonObject who = new JsonObject(get("/whoami", "opaque-token-1").body());
    assertThat(who.getString("subject"))
        .as("a client's own token")
        .isEqualTo(issuer.issuer("asked") + "||nightly%20job");
    assertThat(get("/foreign", "opaque-token-1").statusCode()).isEqualTo(200);

    active.put("token_use", "refresh_token");
    assertRefused(get("/foreign", "opaque-token-1"), 401, "INVALID_TOKEN");
    active.remove("token_use");
    active.put("token_type", "DPoP");
    assertRefused(get("/foreign", "opaque-token-1"), 401, "INVALID_TOKEN");
  }

  private static long asked(String path) {
    return issuer.requests.stream().filter(path::equals).count();
  }

  @Test
  void opaqueTokenIsAskedForEachTimeAndWithTheSecretNotInAUrl() throws Exception {
    List<String> seen = new CopyOnWriteArrayList<>();
    JsonObject active = new JsonObject(claims("asked").build().toJSONObject()).put("active", true);
    issuer.instead.put("/asked/introspect", exchange -> introspect(exchange, seen, active));
    assertThat(get("/foreign", "opaque-token-1").statusCode()).isEqualTo(200);
    assertThat(get("/both", "opaque-token-1").statusCode()).isEqualTo(200);
    assertThat(seen)
        .containsOnly(
            "POST /asked/introspect token_type_hint=access_token&token=opaque-token-1 Basic "
                + Base64.getEncoder()
                    .encodeToString(
                        ("gate:" + HostileProvider.SECRET).getBytes(StandardCharsets.UTF_8)))
        .hasSize(2);
    assertRefused(get("/foreign", "opaque-token-2"), 401, "INVALID_TOKEN");

    active.put("active", false); // revoked where it was issued
    assertRefused(get("/foreign", "opaque-token-1"), 401, "INVALID_TOKEN");
    active.put("active", true).put("aud", "https://other.example.com");
    assertRefused(get("/foreign", "opaque-token-1"), 401, "INVALID_TOKEN");
  }

  @Test
  void ownSecretsAreNotSentToAnIssuer() throws Exception {
    List<String> seen = new CopyOnWriteArrayList<>();
    issuer.instead.put(
        "/asked/introspect", exchange -> introspect(exchange, seen, new JsonObject()));
    String session = gate.session("alice", PeopleGate.PASSWORD);
    JsonObject adminAccess =
        new JsonObject(Files.readString(gate.process().data().resolve(AdminAccess.FILE)));
    JsonObject tokens = gate.tokens("alice", PeopleGate.PASSWORD);
    for (String secret :
        List.of(
            tokens.getString("refreshToken"),
            "bearer." + tokens.getString("refreshToken"),
            tokens.getString("accessToken") + "=",
            tokens.getString("accessToken") + ".AAAA",
            session.substring(session.indexOf('=') + 1),
            adminAccess.getString("apiKey"),
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "ac_" + "A".repeat(230))) {
      for (String path : List.of("/foreign", "/both")) {
        HttpResponse<String> answer = get(path, secret);
        assertThat(answer.statusCode()).as(secret).isEqualTo(401);
        assertThat(answer.headers().firstValue("WWW-Authenticate")).isPresent();
      }
      assertThat(gate.process().err()).doesNotContain(secret);
    }
    assertThat(seen).isEmpty();
  }

  private static void introspect(HttpExchange exchange, List<String> seen, JsonObject active)
      throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    seen.add(
        "%s %s %s %s"
            .formatted(
                exchange.getRequestMethod(),
                exchange.getRequestURI(),
                body,
                exchange.getRequestHeaders().getFirst("Authorization")));
    HostileProvider.json(
        exchange,
        200,
        List.of(body.split("&", -1)).contains("token=opaque-token-1")
            ? active.encode()
            : "{\"active\":false}");
  }

  @Test
  void floodOfOpaqueTokensFromTwoAddressesLeavesATurnToAThird() throws Exception {
    CountDownLatch answers = new CountDownLatch(1);
    CountDownLatch busy = new CountDownLatch(10);
    JsonObject active = new JsonObject(claims("asked").build().toJSONObject()).put("active", true);
    issuer.instead.put(
        "/asked/introspect",
        exchange -> {
          String body =
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          boolean flood = body.contains("token=flood-");
          if (flood) {
            busy.countDown();
            awaited(answers);
          }
          HostileProvider.json(exchange, 200, flood ? "{\"active\":false}" : active.encode());
        });
    Path ca = gate.process().data().resolve("ca.crt");
    try (HttpClient one = clientAt("127.0.0.2", ca);
        HttpClient two = clientAt("127.0.0.3", ca)) {
      List<CompletableFuture<?>> flood = new ArrayList<>();
      for (HttpClient client : List.of(one, two, gate.process().client())) {
        assertThat(gate.send(client, "GET", "/public", "").statusCode()).isEqualTo(200);
      }
      for (int i = 0; i < 24; i++) {
        flood.add(
            (i % 2 == 0 ? one : two)
                .sendAsync(
                    gate.process()
                        .request("/foreign", null)
                        .header("Authorization", "Bearer flood-" + i)
                        .build(),
                    HttpResponse.BodyHandlers.discarding()));
      }
      busy.await();
      assertThat(get("/foreign", "opaque-of-the-third").statusCode()).isEqualTo(200);
      assertThat(flood).as("all of them wait still").noneMatch(CompletableFuture::isDone);
      one.shutdownNow();
      two.shutdownNow();
    } finally {
      answers.countDown();
    }
  }

  private static void awaited(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static HttpClient clientAt(String address, Path ca) throws Exception {
    return GateProcess.client(ca, HttpClient.Version.HTTP_2, InetAddress.getByName(address));
  }

  @Test
  void failedIntrospectionIs503AndNeverAdmits() throws Exception {
    for (int status : new int[] {401, 500, 302}) {
      issuer.instead.put(
          "/asked/introspect",
          exchange -> HostileProvider.json(exchange, status, "{\"active\":true}"));
      assertRefused(get("/foreign", "opaque-token-9"), 503, "UNAVAILABLE");
    }
    issuer.instead.put(
        "/asked/introspect",
        exchange -> HostileProvider.answer(exchange, 200, "text/html", "{\"active\":true}"));
    assertRefused(get("/foreign", "opaque-token-9"), 503, "UNAVAILABLE");
    issuer.instead.put("/asked/introspect", HostileProvider::endless);
    assertRefused(get("/foreign", "opaque-token-9"), 503, "UNAVAILABLE");
    String answer = "{\"active\":true,\"aud\":\"%s\",\"sub\":%%s}".formatted(AUDIENCE);
    for (String subject : List.of("\"a\",\"sub\":\"b\"", "\"\\ud800\"")) {
      issuer.instead.put(
          "/asked/introspect",
          exchange -> HostileProvider.json(exchange, 200, answer.formatted(subject)));
      assertRefused(get("/foreign", "opaque-token-9"), 503, "UNAVAILABLE");
    }
    for (String subject : List.of("18446744073709551615", "18446744073709551614", "\"\"")) {
      issuer.instead.put(
          "/asked/introspect",
          exchange -> HostileProvider.json(exchange, 200, answer.formatted(subject)));
      assertRefused(get("/foreign", "opaque-token-9"), 401, "INVALID_TOKEN");
    }
  }

  @Test
  void deniedTokenIsRefusedAtOnceAndMayBeAllowedAgain() throws Exception {
    String data = gate.process().data().toString();
    String token = signed(claims("good").subject("mallory").jwtID("j-1").build(), issuer.key);
    String other = signed(claims("good").subject("mallory").jwtID("j-2").build(), issuer.key);
    assertThat(get("/foreign", token).statusCode()).isEqualTo(200);
    assertThat(get("/foreign", other).statusCode()).isEqualTo(200);
    String name = issuer.issuer("good").toString();

    CommandLineRun one =
        CommandLineRun.of(
            "token", "deny", "--data", data, "--issuer", name, "--token-id", "j-1", "--json");
    assertThat(one.exitCode()).as(one.err()).isZero();
    assertRefused(get("/foreign", token), 401, "INVALID_TOKEN");
    assertThat(get("/foreign", other).statusCode()).isEqualTo(200);

    CommandLineRun all =
        CommandLineRun.of(
            "token",
            "deny",
            "--data",
            data,
            "--issuer",
            name,
            "--subject",
            "mallory",
            "--note",
            "left the company");
    assertThat(all.out()).contains("gatehouse token allow dny_");
    assertRefused(get("/foreign", other), 401, "INVALID_TOKEN");
    assertThat(get("/foreign", token("good")).statusCode()).isEqualTo(200);

    assertThat(CommandLineRun.of("token", "denied", "--data", data).out())
        .contains("mallory", "j-1", "left the company");
    gate.restart();
    assertRefused(get("/foreign", other), 401, "INVALID_TOKEN");
    assertThat(
            CommandLineRun.of(
                    "token", "allow", "--data", data, new JsonObject(one.out()).getString("id"))
                .exitCode())
        .isZero();
    assertRefused(get("/foreign", token), 401, "INVALID_TOKEN"); // its subject is denied still
    assertThat(CommandLineRun.of("token", "deny", "--data", data, "--issuer", name).exitCode())
        .isNotZero();
  }

  @Test
  void tokenOfALinkedPersonActsForTheirAccount() throws Exception {
    String token = signed(claims("linked").subject("alice-there").build(), issuer.key);
    assertRefused(get("/both", token), 401, "INVALID_TOKEN"); // nobody is linked yet

    HttpResponse<String> begun = gate.get("/auth/linked", "Accept", "text/html");
    String cookie = PeopleGate.cookie(begun);
    URI back = issuer.approve(begun.headers().firstValue("Location").orElseThrow());
    HttpResponse<String> signedIn =
        gate.get(back.getRawPath() + "?" + back.getRawQuery(), "Cookie", cookie);
    assertThat(signedIn.statusCode()).as(signedIn.body()).isEqualTo(303);

    assertThat(get("/both", token).statusCode()).isEqualTo(200);
    JsonObject who = new JsonObject(get("/whoami", token).body());
    assertThat(who.getString("subject")).doesNotContain("|");
    assertThat(who.getJsonArray("scopes")).isEmpty(); // the account has none
    gate.process()
        .manage(
            "PATCH",
            "/accounts/" + who.getString("subject"),
            new JsonObject().put("disabled", true));
    assertRefused(get("/both", token), 401, "INVALID_TOKEN");
  }
}
