package dev.gatehouse.server.cli;

import static dev.gatehouse.server.cli.PeopleGate.PASSWORD;
import static dev.gatehouse.server.cli.PeopleGate.basic;
import static dev.gatehouse.server.cli.PeopleGate.bearer;
import static dev.gatehouse.server.cli.PeopleGate.code;
import static dev.gatehouse.server.cli.PeopleGate.cookie;
import static dev.gatehouse.server.cli.PeopleGate.login;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.Authenticator;
import java.net.InetAddress;
import java.net.PasswordAuthentication;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.HttpsURLConnection;
import org.bouncycastle.crypto.generators.OpenBSDBCrypt;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// People who sign in to a running gate, and those who try to do it for them, over HTTPS.
@Timeout(120)
@Tag("end-to-end")
class SignInOverTheWireTest {

  private static final String NEW_PASSWORD = "a quite different sentence";

  @TempDir private static Path temp;
  @AutoClose private static PeopleGate gate;

  @BeforeAll
  static void start() throws Exception {
    gate = PeopleGate.in(temp, "");
    gate.person("alice");
  }

  // Signing in

  @Test
  void whatIsNoTextOrThereTwiceSignsNobodyIn() throws Exception {
    for (String body :
        List.of(
            "{\"email\":\"a\",\"email\":\"alice@example.com\",\"password\":\"x\"}",
            "{\"email\":\"a\\ud800@example.com\",\"password\":\"x\"}",
            "{\"email\":\"alice@example.com\",\"password\":\"x\\ud800\"}")) {
      HttpResponse<String> answer =
          gate.send(
              gate.process().client(), "POST", "/login", body, "Content-Type", "application/json");
      assertThat(answer.statusCode()).as(body).isEqualTo(400);
    }
    assertThat(gate.form("/login", "email=a%FF%40example.com&password=x").statusCode())
        .isEqualTo(400);
    java.net.http.HttpRequest octets =
        gate.process()
            .request("/login", null)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(
                java.net.http.HttpRequest.BodyPublishers.ofByteArray(
                    "email=a\u00ff&password=x"
                        .getBytes(java.nio.charset.StandardCharsets.ISO_8859_1)))
            .build();
    assertThat(
            gate.process().client().send(octets, HttpResponse.BodyHandlers.ofString()).statusCode())
        .isEqualTo(400);
  }

  @Test
  void cookieIsForThisHostAndHttpsAndNoScriptAndIsClearedAsItWasSet() throws Exception {
    HttpResponse<String> in = gate.post("/login", login("alice", PASSWORD));
    assertThat(in.body()).isEqualTo("{\"message\":\"Logged in\"}");
    assertThat(in.headers().firstValue("Cache-Control")).contains("no-store");
    assertThat(in.headers().firstValue("Set-Cookie").orElseThrow())
        .matches(
            "__Host-gatehouse=session_[0-9A-Za-z]{43}; Path=/; Secure; HttpOnly; SameSite=Lax");

    HttpResponse<String> out = gate.post("/logout", new JsonObject(), "Cookie", cookie(in));
    assertThat(out.body()).isEqualTo("{\"message\":\"Logged out\"}");
    assertThat(out.headers().firstValue("Set-Cookie"))
        .contains("__Host-gatehouse=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0");
  }

  @Test
  void signInChangesTheSessionIdAndEndsTheOldSession() throws Exception {
    String planted = "__Host-gatehouse=session_" + "a".repeat(43);
    HttpResponse<String> first = gate.post("/login", login("alice", PASSWORD), "Cookie", planted);
    assertThat(cookie(first)).isNotEqualTo(planted);
    assertThat(gate.get("/orders", "Cookie", planted).statusCode()).isEqualTo(401);

    HttpResponse<String> second =
        gate.post("/login", login("alice", PASSWORD), "Cookie", cookie(first));
    assertThat(cookie(second)).isNotEqualTo(cookie(first));
    assertThat(gate.get("/orders", "Cookie", cookie(first)).statusCode()).isEqualTo(401);
    assertThat(gate.get("/orders", "Cookie", cookie(second)).statusCode()).isEqualTo(200);
  }

  @Test
  void theUserNameDoesAsWellAsTheAddressInWhateverCase() throws Exception {
    for (JsonObject body :
        List.of(
            new JsonObject().put("email", "ALICE@Example.com").put("password", PASSWORD),
            new JsonObject().put("username", "Alice").put("password", PASSWORD))) {
      assertThat(gate.post("/login", body).statusCode()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"email\": {\"$gt\": \"\"}, \"password\": {\"$gt\": \"\"}}",
        "{\"email\": [\"alice@example.com\"], \"password\": \"x\"}",
        "{\"email\": \"alice@example.com\"}",
        "{\"email\": \"alice@example.com\", \"password\": 1}",
        "{\"email\": null, \"password\": null}",
        "[]",
        "\"alice\"",
        "{",
        ""
      })
  void wrongJsonTypeIs400(String body) throws Exception {
    for (String path : List.of("/login", "/api/auth/login")) {
      HttpResponse<String> answer =
          gate.send(
              gate.process().client(), "POST", path, body, "Content-Type", "application/json");
      assertThat(answer.statusCode()).as("%s %s", path, body).isEqualTo(400);
      assertThat(code(answer)).isEqualTo("MALFORMED_REQUEST");
    }
  }

  @Test
  void aBodyOfAnotherTypeOrWithoutEndIsRefused() throws Exception {
    HttpClient client = gate.process().client();
    assertThat(gate.send(client, "POST", "/login", "x", "Content-Type", "text/xml").statusCode())
        .isEqualTo(400);
    assertThat(gate.send(client, "POST", "/login", "{}").statusCode()).isEqualTo(400);
    HttpResponse<String> large = gate.post("/login", login("alice", "x".repeat(17 * 1024)));
    assertThat(large.statusCode()).isEqualTo(413);
    assertThat(gate.get("/logout").statusCode()).isEqualTo(405);
    assertThat(gate.get("/logout").headers().firstValue("Allow")).contains("POST");
  }

  @Test
  void unknownUserAndWrongPasswordGetTheSameDocument() throws Exception {
    for (String path : List.of("/login", "/api/auth/login")) {
      HttpResponse<String> wrong = gate.post(path, login("alice", "not her password"));
      HttpResponse<String> unknown = gate.post(path, login("nobody", "not her password"));
      assertThat(wrong.statusCode()).isEqualTo(401);
      assertThat(wrong.headers().firstValue("WWW-Authenticate")).isPresent();
      assertThat(wrong.headers().firstValue("Cache-Control")).contains("no-store");
      assertThat(withoutId(wrong)).isEqualTo(withoutId(unknown));
      assertThat(wrong.headers().map().keySet()).isEqualTo(unknown.headers().map().keySet());
    }
  }

  @Test
  void importedHashTakesThePasswordAsItIsTypedAndThatOfAnEmptyOneIsRefused() throws Exception {
    gate.person("ivy");
    String typed = "pa\u0308ssword\u00a0of ivy";
    assertThat(importHash(typed)).isEqualTo(200);
    assertThat(gate.post("/login", login("ivy", typed)).statusCode()).isEqualTo(200);
    assertThat(gate.post("/login", login("ivy", "p\u00e4ssword of ivy")).statusCode())
        .as("hashed anew, in the normal form")
        .isEqualTo(200);

    assertThat(importHash("")).isEqualTo(400);
    assertThat(gate.post("/login", login("ivy", typed)).statusCode()).isEqualTo(200);

    String longer = "x".repeat(80);
    assertThat(importHash(longer)).isEqualTo(200);
    assertThat(gate.post("/login", login("ivy", longer + "typo")).statusCode()).isEqualTo(200);
    assertThat(gate.post("/login", login("ivy", longer)).statusCode())
        .as("the typing error is no part of the password")
        .isEqualTo(200);
  }

  private static int importHash(String password) throws Exception {
    String hash =
        OpenBSDBCrypt.generate(
            "2b", password.getBytes(StandardCharsets.UTF_8), new byte[16], /* cost= */ 4);
    return gate.process()
        .admin("PUT", "/accounts/ivy/password", new JsonObject().put("hash", hash).encode())
        .statusCode();
  }

  private static JsonObject withoutId(HttpResponse<String> refusal) {
    JsonObject document = new JsonObject(refusal.body());
    assertThat(document.getString("error")).isEqualTo("Invalid credentials");
    document.remove("id");
    return document;
  }

  @Test
  void guessesAreThrottledOnEveryPathAndTheOwnerElsewhereIsNot() throws Exception {
    gate.person("grace");
    Path ca = gate.process().data().resolve("ca.crt");
    try (HttpClient elsewhere =
        GateProcess.client(ca, HttpClient.Version.HTTP_1_1, InetAddress.getByName("127.0.0.2"))) {
      String home = login("grace", PASSWORD).encode();
      String[] json = {"Content-Type", "application/json"};
      assertThat(gate.send(elsewhere, "POST", "/login", home, json).statusCode()).isEqualTo(200);
      HttpResponse<String> last = gate.post("/login", login("grace", "guess"));
      for (int i = 0; i < 30 && last.statusCode() == 401; i++) {
        last = gate.post("/api/auth/login", login("GRACE", "guess " + i));
      }
      assertThat(last.statusCode()).isEqualTo(429);
      assertThat(Integer.parseInt(last.headers().firstValue("Retry-After").orElseThrow()))
          .isBetween(1, 60);
      assertThat(gate.post("/login", login("grace", PASSWORD)).statusCode()).isEqualTo(429);
      String pair = basic("grace@example.com", PASSWORD);
      assertThat(gate.get("/orders", "Authorization", pair).statusCode()).isEqualTo(429);

      assertThat(gate.send(elsewhere, "POST", "/login", home, json).statusCode()).isEqualTo(200);
      assertThat(gate.post("/login", login("alice", PASSWORD)).statusCode()).isEqualTo(200);
      elsewhere.shutdownNow();
    }
  }

  @Test
  void strangersWhoExhaustAttemptsOfOneNameDoNotLockItsOwnerOut() throws Exception {
    gate.person("judy");
    assertThat(signIn("127.0.0.2", PASSWORD)).as("home").isEqualTo(200);
    int guesses = 0;
    for (int stranger = 11; stranger <= 16; stranger++) {
      while (signIn("127.0.0." + stranger, "a wrong guess") == 401) {
        guesses++;
      }
    }
    assertThat(guesses)
        .as("fewer than the 10 of each address: the name's are spent")
        .isLessThan(60);

    assertThat(signIn("127.0.0.2", PASSWORD)).as("home").isEqualTo(200);
    assertThat(signIn("127.0.0.3", PASSWORD)).as("a new place").isEqualTo(200);
  }

  private static int signIn(String from, String password) throws Exception {
    Path ca = gate.process().data().resolve("ca.crt");
    try (HttpClient client =
        GateProcess.client(ca, HttpClient.Version.HTTP_1_1, InetAddress.getByName(from))) {
      HttpResponse<String> answer =
          gate.send(
              client,
              "POST",
              "/login",
              login("judy", password).encode(),
              "Content-Type",
              "application/json");
      client.shutdownNow();
      return answer.statusCode();
    }
  }

  // Browsers

  @Test
  void aBrowserIsSentToSignInAndAScriptIsTold() throws Exception {
    HttpResponse<String> person =
        gate.get("/orders?page=2", "Sec-Fetch-Mode", "navigate", "Accept", "text/html");
    assertThat(person.statusCode()).isEqualTo(303);
    assertThat(person.headers().firstValue("Location"))
        .contains("/login?return=" + URLEncoder.encode("/orders?page=2", StandardCharsets.UTF_8));

    HttpResponse<String> script = gate.get("/orders", "Sec-Fetch-Mode", "cors");
    assertThat(script.statusCode()).isEqualTo(401);
    assertThat(script.headers().allValues("WWW-Authenticate"))
        .contains("Session realm=\"gatehouse\"")
        .noneMatch(challenge -> challenge.startsWith("Basic"));
    HttpResponse<String> program = gate.get("/orders");
    assertThat(program.headers().allValues("WWW-Authenticate"))
        .containsExactly(
            "ApiKey realm=\"gatehouse\"",
            "Basic realm=\"gatehouse\", charset=\"UTF-8\"",
            "Bearer realm=\"gatehouse\"",
            "Session realm=\"gatehouse\"");
    HttpResponse<String> alone = gate.get("/sessions-only");
    assertThat(new JsonObject(alone.body()).getString("error")).isEqualTo("Not authenticated");
  }

  // The JDK's HttpClient reads the first challenge of each line.
  @ParameterizedTest
  @EnumSource(HttpClient.Version.class)
  void clientThatReadsOneChallengePerLineSendsItsPassword(HttpClient.Version version)
      throws Exception {
    Authenticator password =
        new Authenticator() {
          @Override
          protected PasswordAuthentication getPasswordAuthentication() {
            return new PasswordAuthentication("alice", PASSWORD.toCharArray());
          }
        };
    try (HttpClient client =
        HttpClient.newBuilder()
            .version(version)
            .sslContext(GateProcess.trusting(gate.process().data().resolve("ca.crt")))
            .authenticator(password)
            .build()) {
      assertThat(gate.send(client, "GET", "/orders", "").statusCode()).isEqualTo(200);
    }
  }

  // RFC 9110 §8.3: readers take the first or the last.
  @Test
  void bodyOfTwoTypesIsRefused() throws Exception {
    for (String second : List.of("application/json", "application/x-www-form-urlencoded")) {
      HttpResponse<String> answer =
          gate.post("/login", PeopleGate.login("alice", PASSWORD), "Content-Type", second);
      assertThat(answer.statusCode()).as(second).isEqualTo(400);
      assertThat(code(answer)).isEqualTo("MALFORMED_REQUEST");
    }
  }

  // It follows a 303 and would take the page for the answer.
  @Test
  void programThatAsksForHtmlUnlessToldOtherwiseIsRefused() throws Exception {
    HttpsURLConnection connection =
        (HttpsURLConnection)
            gate.process().request("/sessions-only", null).build().uri().toURL().openConnection();
    connection.setSSLSocketFactory(
        GateProcess.trusting(gate.process().data().resolve("ca.crt")).getSocketFactory());

    assertThat(connection.getResponseCode()).isEqualTo(401);
    assertThat(gate.get("/orders", "Accept", "application/json, text/html;q=0.9").statusCode())
        .isEqualTo(401);
    HttpResponse<String> out =
        gate.post("/logout", new JsonObject(), "Accept", "application/json, text/html;q=0.9");
    assertThat(out.body()).isEqualTo("{\"message\":\"Logged out\"}");
  }

  @Test
  void anUpstreamsOwnParameterIsNobodysBusinessWhereNoKeyIsAccepted() throws Exception {
    String map = "/sessions-only?api_key=theirs";
    assertThat(gate.get(map, "Cookie", gate.session("alice", PASSWORD)).statusCode())
        .isEqualTo(200);
    HttpResponse<String> stranger = gate.get(map);
    assertThat(code(stranger)).isEqualTo("NO_CREDENTIALS");
    assertThat(gate.get(map, "Sec-Fetch-Mode", "navigate").statusCode()).isEqualTo(303);
    HttpResponse<String> where = gate.get("/orders?api_key=theirs");
    assertThat(where.statusCode()).as("where one would be accepted").isEqualTo(400);
    HttpResponse<String> ours =
        gate.get("/sessions-only?key=sk_live_x", "Cookie", gate.session("alice", PASSWORD));
    assertThat(ours.statusCode()).as("a key of ours").isEqualTo(400);
  }

  @Test
  void aFormLeadsWhereThePersonWasGoing() throws Exception {
    String origin = gate.process().address().toString();
    String form = "email=alice%40example.com&password=correct+horse+battery&return=";
    HttpResponse<String> in = gate.form("/login", form + "%2Forders%3Fpage%3D2", "Origin", origin);
    assertThat(in.statusCode()).isEqualTo(303);
    assertThat(in.headers().firstValue("Location")).contains("/orders?page=2");
    assertThat(gate.get("/orders", "Cookie", cookie(in)).statusCode()).isEqualTo(200);

    HttpResponse<String> wrong =
        gate.form("/login", "email=alice&password=no&return=%2Forders", "Origin", origin);
    assertThat(wrong.statusCode()).isEqualTo(401);
    assertThat(wrong.body())
        .contains("The e-mail address or the password is wrong")
        .contains("value=\"alice\"")
        .contains("value=\"/orders\"");
    assertThat(wrong.headers().firstValue("Content-Security-Policy").orElseThrow())
        .startsWith("default-src 'none'");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "//evil.example",
        "/\\evil.example",
        "https:evil.example",
        "https://evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "/a\r\nSet-Cookie: a=b",
        "evil",
        "/auth/acme?return=/app/callback&code_challenge=x", // begins another sign-in
        "/%61uth/acme"
      })
  void returnTargetNeverLeavesTheOrigin(String target) throws Exception {
    HttpResponse<String> in =
        gate.form(
            "/login",
            "email=alice&password=correct+horse+battery&return="
                + URLEncoder.encode(target, StandardCharsets.UTF_8),
            "Origin",
            gate.process().address().toString());
    assertThat(in.statusCode()).isEqualTo(303);
    assertThat(in.headers().firstValue("Location")).contains("/login");
    assertThat(in.headers().allValues("Set-Cookie")).hasSize(1);
  }

  // CSRF

  @ParameterizedTest
  @CsvSource({
    "Origin, https://evil.example",
    "Origin, null",
    "Origin, https://localhost",
    "Origin, http://localhost:8443",
    "Sec-Fetch-Site, cross-site",
    "Sec-Fetch-Site, same-site",
    "Sec-Fetch-Site, none"
  })
  void pageOfAnotherSiteCannotSignInOrOutOrChangeAnything(String field, String value)
      throws Exception {
    String cookie = gate.session("alice", PASSWORD);
    JsonObject change =
        new JsonObject().put("currentPassword", PASSWORD).put("newPassword", NEW_PASSWORD);
    for (HttpResponse<String> forged :
        List.of(
            gate.post("/login", login("alice", PASSWORD), field, value),
            gate.post("/logout", new JsonObject(), "Cookie", cookie, field, value),
            gate.post("/password", change, "Cookie", cookie, field, value),
            gate.post("/orders", new JsonObject(), "Cookie", cookie, field, value),
            gate.post(
                "/orders",
                new JsonObject(),
                "Authorization",
                basic("alice", PASSWORD),
                field,
                value))) {
      assertThat(forged.statusCode()).isEqualTo(403);
      assertThat(code(forged)).isEqualTo("CSRF");
      assertThat(forged.headers().firstValue("Set-Cookie")).isEmpty();
    }
    assertThat(gate.get("/orders", "Cookie", cookie, field, value).statusCode()).isEqualTo(200);
  }

  @Test
  void aPageOfThisOriginAndAProgramWithTheTokenMayChangeThings() throws Exception {
    String cookie = gate.session("alice", PASSWORD);
    assertThat(gate.post("/orders", new JsonObject(), "Cookie", cookie).statusCode())
        .isEqualTo(403);
    HttpResponse<String> asked = gate.get("/csrf", "Cookie", cookie);
    assertThat(asked.headers().firstValue("Cache-Control")).contains("no-store");
    String token = new JsonObject(asked.body()).getString("csrfToken");
    String origin = gate.process().address().toString();
    for (String[] meant :
        new String[][] {
          {"X-CSRF-Token", token}, {"Origin", origin}, {"Sec-Fetch-Site", "same-origin"}
        }) {
      assertThat(
              gate.post("/orders", new JsonObject(), "Cookie", cookie, meant[0], meant[1])
                  .statusCode())
          .as(meant[0])
          .isEqualTo(200);
    }
    String other = gate.csrfToken(gate.session("alice", PASSWORD));
    assertThat(
            gate.post("/orders", new JsonObject(), "Cookie", cookie, "X-CSRF-Token", other)
                .statusCode())
        .isEqualTo(403);
    for (String[] contradiction :
        new String[][] {
          {"X-CSRF-Token", token, "Origin", "https://evil.example"},
          {"X-CSRF-Token", token, "Sec-Fetch-Site", "cross-site"},
          {"X-CSRF-Token", other, "Origin", origin},
          {"Origin", origin, "Sec-Fetch-Site", "cross-site"}
        }) {
      String[] fields =
          Stream.concat(Stream.of("Cookie", cookie), Stream.of(contradiction))
              .toArray(String[]::new);
      for (String path : List.of("/orders", "/logout")) {
        HttpResponse<String> answer = gate.post(path, new JsonObject(), fields);
        assertThat(answer.statusCode()).as(path + List.of(contradiction)).isEqualTo(403);
        assertThat(code(answer)).isEqualTo("CSRF");
      }
    }
    assertThat(gate.get("/csrf").statusCode()).isEqualTo(401);
  }

  @Test
  void wrongTokenBesideTheSessionsCookieIsRefusedWhateverTheRequestIsFor() throws Exception {
    String origin = gate.process().address().toString();
    String cookie = gate.session("alice", PASSWORD);
    String[] contradiction = {"Cookie", cookie, "Origin", origin, "X-CSRF-Token", "wrong"};
    String[] withBasic =
        Stream.concat(
                Stream.of("Authorization", basic("alice", PASSWORD)), Stream.of(contradiction))
            .toArray(String[]::new);

    for (HttpResponse<String> refused :
        List.of(
            gate.post("/orders", new JsonObject(), withBasic),
            gate.post("/login", login("alice", PASSWORD), contradiction),
            gate.post("/password/reset", new JsonObject().put("token", "x"), contradiction))) {
      assertThat(refused.statusCode()).as(refused.body()).isEqualTo(403);
      assertThat(code(refused)).isEqualTo("CSRF");
      assertThat(refused.headers().firstValue("Set-Cookie")).isEmpty();
    }
    withBasic[withBasic.length - 1] = gate.csrfToken(cookie);
    assertThat(gate.post("/orders", new JsonObject(), withBasic).statusCode()).isEqualTo(200);
  }

  @Test
  void theTokenOfTheSessionSignsOutAndChangesThePasswordUnlessTheOriginIsAnother()
      throws Exception {
    gate.person("ivan");
    String cookie = gate.session("ivan", PASSWORD);
    String token = gate.csrfToken(cookie);
    JsonObject change =
        new JsonObject().put("currentPassword", PASSWORD).put("newPassword", NEW_PASSWORD);
    String[] foreign = {"Cookie", cookie, "Origin", "https://app.example"};
    String[] meant = {"Cookie", cookie, "X-CSRF-Token", token};
    String[] both = {"Cookie", cookie, "Origin", "https://app.example", "X-CSRF-Token", token};
    String[] other = {"Cookie", cookie, "Origin", "https://app.example", "X-CSRF-Token", "other"};

    for (String path : List.of("/password", "/logout")) {
      assertThat(gate.post(path, change, foreign).statusCode()).as(path).isEqualTo(403);
      assertThat(gate.post(path, change, other).statusCode()).as(path).isEqualTo(403);
      assertThat(gate.post(path, change, both).statusCode()).as(path).isEqualTo(403);
    }
    assertThat(gate.post("/password", change, "Cookie", cookie).statusCode()).isEqualTo(403);
    HttpResponse<String> changed = gate.post("/password", change, meant);
    assertThat(changed.statusCode()).as(changed.body()).isEqualTo(200);

    String next = cookie(changed);
    String nextToken = gate.csrfToken(next);
    assertThat(
            gate.post("/logout", new JsonObject(), "Cookie", next, "X-CSRF-Token", nextToken)
                .statusCode())
        .isEqualTo(200);
    assertThat(gate.get("/orders", "Cookie", next).statusCode()).isEqualTo(401);
  }

  @Test
  void aProgramThatShowsNothingButItsCookieMaySignOut() throws Exception {
    String cookie = gate.session("alice", PASSWORD);
    assertThat(gate.post("/logout", new JsonObject(), "Cookie", cookie).statusCode())
        .isEqualTo(200);
    assertThat(gate.get("/orders", "Cookie", cookie).statusCode()).isEqualTo(401);
  }

  // What ends

  @Test
  void aLogoutHoldsAtOnceOnEveryConnection() throws Exception {
    Path ca = gate.process().data().resolve("ca.crt");
    String cookie = gate.session("alice", PASSWORD);
    try (HttpClient other = GateProcess.client(ca, HttpClient.Version.HTTP_1_1, null)) {
      assertThat(gate.send(other, "GET", "/orders", "", "Cookie", cookie).statusCode())
          .isEqualTo(200);
      assertThat(gate.post("/logout", new JsonObject(), "Cookie", cookie).statusCode())
          .isEqualTo(200);
      HttpResponse<String> after = gate.send(other, "GET", "/orders", "", "Cookie", cookie);
      assertThat(after.statusCode()).isEqualTo(401);
      assertThat(code(after)).isEqualTo("NOT_AUTHENTICATED");
      assertThat(gate.post("/logout", new JsonObject(), "Cookie", cookie).statusCode())
          .as("a second time")
          .isEqualTo(200);
      other.shutdownNow();
    }
  }

  @Test
  void passwordChangeEndsSessionsTokensAndTheRecalledPairAndThisBrowserStaysSignedIn()
      throws Exception {
    gate.person("carol");
    String here = gate.session("carol", PASSWORD);
    String there = gate.session("carol", PASSWORD);
    JsonObject tokens = gate.tokens("carol", PASSWORD);
    String pair = basic("carol", PASSWORD);
    for (String[] credential : credentials(there, tokens, pair)) {
      assertThat(gate.get("/orders", credential).statusCode()).isEqualTo(200);
    }

    String[] own = {"Cookie", here, "Origin", gate.process().address().toString()};
    JsonObject change =
        new JsonObject().put("currentPassword", PASSWORD).put("newPassword", NEW_PASSWORD);
    assertThat(
            gate.post("/password", change.copy().put("currentPassword", "wrong"), own).statusCode())
        .isEqualTo(401);
    for (String unfit : List.of("short", "carol@example.com", "x".repeat(300))) {
      assertThat(gate.post("/password", change.copy().put("newPassword", unfit), own).statusCode())
          .as(unfit)
          .isEqualTo(400);
    }
    assertThat(gate.get("/orders", "Cookie", there).statusCode()).isEqualTo(200);

    HttpResponse<String> changed = gate.post("/password", change, own);
    assertThat(changed.statusCode()).as(changed.body()).isEqualTo(200);
    for (String[] credential : credentials(there, tokens, pair)) {
      assertThat(gate.get("/orders", credential).statusCode()).isEqualTo(401);
    }
    assertThat(gate.get("/orders", "Cookie", here).statusCode()).isEqualTo(401);
    assertThat(gate.get("/orders", "Cookie", cookie(changed)).statusCode()).isEqualTo(200);
    assertThat(
            gate.post(
                    "/api/auth/refresh",
                    new JsonObject().put("refreshToken", tokens.getString("refreshToken")))
                .statusCode())
        .isEqualTo(401);
    assertThat(gate.get("/orders", "Authorization", basic("carol", NEW_PASSWORD)).statusCode())
        .isEqualTo(200);
  }

  private static List<String[]> credentials(String cookie, JsonObject tokens, String pair) {
    return List.of(
        new String[] {"Cookie", cookie},
        new String[] {"Authorization", bearer(tokens)},
        new String[] {"Authorization", pair});
  }

  @Test
  void disablingEndsEverythingAtOnceAndEnablingBringsNoSignInBack() throws Exception {
    gate.person("dave");
    String cookie = gate.session("dave", PASSWORD);
    JsonObject tokens = gate.tokens("dave", PASSWORD);
    List<String[]> all = credentials(cookie, tokens, basic("dave", PASSWORD));
    for (String[] credential : all) {
      assertThat(gate.get("/orders", credential).statusCode()).isEqualTo(200);
    }
    gate.process().manage("PATCH", "/accounts/dave", new JsonObject().put("disabled", true));
    for (String[] credential : all) {
      assertThat(gate.get("/orders", credential).statusCode()).isEqualTo(401);
    }
    assertThat(gate.post("/login", login("dave", PASSWORD)).statusCode()).isEqualTo(401);
    gate.process().manage("PATCH", "/accounts/dave", new JsonObject().put("disabled", false));
    assertThat(gate.get("/orders", all.get(0)).statusCode()).isEqualTo(401);
    assertThat(gate.get("/orders", all.get(1)).statusCode()).isEqualTo(401);
    assertThat(gate.get("/orders", all.get(2)).statusCode()).isEqualTo(200);
  }

  @Test
  void removedScopeIsGoneFromSessionsTokensAndBasicAtOnce() throws Exception {
    gate.person("erin");
    String cookie = gate.session("erin", PASSWORD);
    String token = gate.csrfToken(cookie);
    JsonObject tokens = gate.tokens("erin", PASSWORD);
    List<String[]> all =
        List.of(
            new String[] {"Cookie", cookie, "X-CSRF-Token", token},
            new String[] {"Authorization", bearer(tokens)},
            new String[] {"Authorization", basic("erin", PASSWORD)});
    for (String[] credential : all) {
      assertThat(gate.post("/orders", new JsonObject(), credential).statusCode()).isEqualTo(200);
    }
    gate.process()
        .manage(
            "PATCH",
            "/accounts/erin",
            new JsonObject().put("scopes", new JsonArray(List.of("orders:read"))));
    for (String[] credential : all) {
      assertThat(gate.post("/orders", new JsonObject(), credential).statusCode()).isEqualTo(403);
      assertThat(gate.get("/orders", credential).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void aResetLinkIsLookedAtOftenAndUsedOnce() throws Exception {
    gate.person("frank");
    String cookie = gate.session("frank", PASSWORD);
    CommandLineRun reset =
        CommandLineRun.of("user", "reset", "frank", "--data", gate.process().data().toString());
    assertThat(reset.exitCode()).as(reset.err()).isZero();
    String token = reset.out().lines().findFirst().orElseThrow().split("token=", 2)[1];
    String page = "/password/reset?token=" + token;
    for (int i = 0; i < 2; i++) {
      HttpResponse<String> looked = gate.get(page, "Accept", "text/html");
      assertThat(looked.statusCode()).isEqualTo(200);
      assertThat(looked.headers().firstValue("Referrer-Policy")).contains("strict-origin");
    }
    JsonObject body = new JsonObject().put("token", token).put("newPassword", "short");
    assertThat(gate.post("/password/reset", body).statusCode()).isEqualTo(400);
    body.put("newPassword", NEW_PASSWORD);
    assertThat(gate.post("/password/reset", body, "Origin", "https://evil.example").statusCode())
        .isEqualTo(403);
    assertThat(gate.post("/password/reset", body).statusCode()).isEqualTo(200);
    assertThat(gate.post("/password/reset", body).statusCode()).isEqualTo(404);
    assertThat(gate.get(page, "Accept", "text/html").statusCode()).isEqualTo(404);
    assertThat(gate.get("/orders", "Cookie", cookie).statusCode()).isEqualTo(401);
    assertThat(gate.post("/login", login("frank", NEW_PASSWORD)).statusCode()).isEqualTo(200);
  }

  @Test
  void sessionsAndTokensAreListedAndEndedByCommand() throws Exception {
    gate.person("heidi");
    String cookie = gate.session("heidi", PASSWORD);
    JsonObject tokens = gate.tokens("heidi", PASSWORD);
    for (String[] noun : new String[][] {{"session", "end"}, {"token", "revoke"}}) {
      JsonObject listed = new JsonObject(command(noun[0], "list", "--owner", "heidi", "--json"));
      assertThat(listed.getJsonArray("items")).hasSize(1);
      String id = listed.getJsonArray("items").getJsonObject(0).getString("id");
      assertThat(command(noun[0], "list")).contains(id).contains("heidi").contains("live");
      command(noun[0], noun[1], id);
    }
    assertThat(gate.get("/orders", "Cookie", cookie).statusCode()).isEqualTo(401);
    assertThat(gate.get("/orders", "Authorization", bearer(tokens)).statusCode()).isEqualTo(401);

    String again = gate.session("heidi", PASSWORD);
    command("user", "sign-out", "heidi");
    assertThat(gate.get("/orders", "Cookie", again).statusCode()).isEqualTo(401);
  }

  private static String command(String... words) {
    String[] all =
        Stream.concat(Stream.of(words), Stream.of("--data", gate.process().data().toString()))
            .toArray(String[]::new);
    CommandLineRun run = CommandLineRun.of(all);
    assertThat(run.exitCode()).as(run.err()).isZero();
    return run.out();
  }

  // Behind the gate

  @Test
  void theUpstreamLearnsWhoItIsAndGetsNeitherCookieNorToken() throws Exception {
    String cookie = gate.session("alice", PASSWORD);
    JsonObject fields =
        new JsonObject(gate.get("/orders", "Cookie", "theirs=1; " + cookie).body())
            .getJsonObject("fields");
    assertThat(fields.getString("x-auth-method")).isEqualTo("session");
    assertThat(fields.getString("x-auth-credential")).startsWith("ses_");
    assertThat(fields.getString("cookie")).isEqualTo("theirs=1");
    for (String authorization :
        List.of(basic("alice", PASSWORD), bearer(gate.tokens("alice", PASSWORD)))) {
      fields =
          new JsonObject(gate.get("/orders", "Authorization", authorization).body())
              .getJsonObject("fields");
      assertThat(fields.fieldNames()).doesNotContain("authorization", "cookie");
      assertThat(fields.getString("x-auth-subject")).startsWith("u_");
    }
  }

  @Test
  void logAndDatabaseHoldNoSecretAndNoPassword() throws Exception {
    String cookie = gate.session("alice", PASSWORD).split("=", 2)[1];
    JsonObject tokens = gate.tokens("alice", PASSWORD);
    gate.post("/login", login("alice", "a guess that is wrong"));
    gate.get("/orders", "Authorization", basic("alice", "another wrong guess"));
    gate.get("/orders", "Cookie", "__Host-gatehouse=" + cookie);
    // Each token taken once, and refused once: spoiled, spent, and of a family that is over.
    String access = tokens.getString("accessToken");
    String refresh = tokens.getString("refreshToken");
    String spoiled = access.substring(0, access.length() - 8) + "AAAAAAAA";
    for (String token : List.of(access, spoiled, refresh)) {
      gate.get("/orders", "Authorization", "Bearer " + token);
    }
    JsonObject next =
        new JsonObject(
            gate.post("/api/auth/refresh", new JsonObject().put("refreshToken", refresh)).body());
    gate.post(
        "/api/auth/refresh", new JsonObject().put("refreshToken", next.getString("refreshToken")));
    for (String path : List.of("/api/auth/refresh", "/api/auth/logout")) {
      gate.post(path, new JsonObject().put("refreshToken", refresh));
      gate.post(path, new JsonObject().put("refreshToken", refresh + "x"));
    }
    HttpResponse<String> last = gate.get("/orders", "Authorization", "Bearer " + access);
    assertThat(last.statusCode()).isEqualTo(401);
    String lastLine = new JsonObject(last.body()).getString("id");
    GateProcess.until(() -> gate.process().err().contains(lastLine)); // on another thread
    String log = gate.process().out() + gate.process().err();
    StringBuilder database = new StringBuilder();
    try (Stream<Path> files = Files.list(gate.process().data())) {
      for (Path file : files.filter(f -> f.toString().contains("gatehouse.db")).toList()) {
        database.append(Files.readString(file, StandardCharsets.ISO_8859_1));
      }
    }
    assertThat(database).as("the right files").contains("alice@example.com");
    for (String secret :
        List.of(
            cookie,
            access,
            spoiled,
            refresh,
            next.getString("accessToken"),
            next.getString("refreshToken"),
            PASSWORD,
            "a guess that is wrong",
            "another wrong guess")) {
      assertThat(log).doesNotContain(secret);
      assertThat(database).doesNotContain(secret);
    }
  }
}
