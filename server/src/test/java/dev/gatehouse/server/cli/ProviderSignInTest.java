package dev.gatehouse.server.cli;

import static dev.gatehouse.server.cli.PeopleGate.PASSWORD;
import static dev.gatehouse.server.cli.PeopleGate.code;
import static dev.gatehouse.server.wire.HostileProvider.parameter;
import static dev.gatehouse.server.wire.HostileProvider.query;
import static dev.gatehouse.server.wire.HostileProvider.with;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.oauth2.sdk.pkce.CodeChallenge;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import com.nimbusds.oauth2.sdk.pkce.CodeVerifier;
import dev.gatehouse.oauth.Invitations;
import dev.gatehouse.password.Passwords;
import dev.gatehouse.replay.ReplayStore;
import dev.gatehouse.server.signin.OneTimeCodes;
import dev.gatehouse.server.wire.HostileProvider;
import dev.gatehouse.session.Sessions;
import dev.gatehouse.store.SqlReplayStore;
import dev.gatehouse.store.SqlSettings;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Signing in with providers that are good, broken or hostile, at a running gate, over HTTPS.
@Timeout(120)
@Tag("end-to-end")
class ProviderSignInTest {

  private static final CodeVerifier VERIFIER = new CodeVerifier("v".repeat(43));
  private static final String CHALLENGE =
      CodeChallenge.compute(CodeChallengeMethod.S256, VERIFIER).getValue();
  private static final String CODE_FLOW = "&code_challenge_method=S256&code_challenge=" + CHALLENGE;
  private static final String[] FROM_THIS_ORIGIN = {"Sec-Fetch-Site", "same-origin"};

  @TempDir private static Path temp;
  @AutoClose private static HostileProvider provider;
  @AutoClose private static PeopleGate gate;

  @BeforeAll
  static void start() throws Exception {
    provider = new HostileProvider();
    Path ca = provider.certificateIn(temp);
    Files.writeString(temp.resolve("provider.secret"), HostileProvider.SECRET + "\n");
    String settings =
        "methods:\n  oauth:\n    codeReturnPaths: [/app/callback, '/caf%C3%A9']\n    providers:\n"
            + oidc("acme", "allow: { anyone: true }", ca)
            + oidc("other", "allow: { anyone: true }", ca)
            + oidc("closed", "label: Closed House", ca)
            + oidc("keeper", "allow: { anyone: true }, keepTokens: true", ca)
            + oidc("mover", "allow: { anyone: true }, keepTokens: true", ca)
            + oidc("byemail", "linkByEmail: true, allow: { emailDomains: [corp.example] }", ca)
            + oidc("domain", "allow: { emailDomains: [domain.there.example] }", ca)
            + oidc("elsewhere", "allow: { anyone: true }", ca)
            + oidc("inward", "allow: { anyone: true }", ca)
            + oidc("plain", "allow: { anyone: true }", ca)
            + oidc(
                "asking",
                "allow: { anyone: true }, authorizationParameters: { access_type: offline, prompt: consent }",
                ca)
            + oidc("secretless", "allow: { anyone: true }", ca)
                .replace("clientSecretFile: provider.secret, ", "")
            + oidc("post", "allow: { anyone: true }", ca)
            + "      down: { issuer: 'https://localhost:1', clientId: gate, internalNetworks: [127.0.0.0/8, '::1'] }\n"
            + ("      github: { type: github, issuer: '%s', apiUrl: '%s/api', clientId: gate,"
                    + " clientSecretFile: provider.secret, internalNetworks: [127.0.0.0/8, '::1'], caFile: '%s',"
                    + " allow: { organisations: [acme] } }\n")
                .formatted(provider.issuer("github"), provider.issuer("github"), ca);
    provider.metadata("elsewhere", said -> said.put("issuer", "https://elsewhere.example"));
    provider.metadata(
        "inward", said -> said.put("token_endpoint", "https://169.254.169.254/latest/meta-data"));
    provider.metadata("plain", said -> said.put("token_endpoint", "http://127.0.0.1/token"));
    provider.metadata(
        "other", said -> said.remove("authorization_response_iss_parameter_supported"));
    provider.metadata(
        "post",
        said ->
            said.put(
                "token_endpoint_auth_methods_supported",
                new io.vertx.core.json.JsonArray().add("client_secret_post")));
    gate =
        PeopleGate.in(
            temp,
            settings,
            """
              - path: /repos
                upstream: UPSTREAM
                accept: [session, jwt]
                providerToken: { provider: keeper, scopes: [openid] }
              - path: /moved
                upstream: UPSTREAM
                accept: [session]
                providerToken: { provider: mover, scopes: [openid] }
              - path: /admin-repos
                upstream: UPSTREAM
                accept: [session, jwt]
                providerToken: { provider: keeper, scopes: [admin] }
              - path: /password
                upstream: UPSTREAM
                accept: [public]
              - path: /app
                upstream: UPSTREAM
                accept: [public]
              - path: /password-and-session
                upstream: UPSTREAM
                accept: [[basic, session]]
              - path: /session-and-token
                upstream: UPSTREAM
                accept: [[session, jwt]]
            """);
    gate.person("alice");
  }

  private static String oidc(String name, String more, Path ca) {
    return ("      %s: { issuer: '%s', clientId: gate, clientSecretFile: provider.secret,"
            + " internalNetworks: [127.0.0.0/8, '::1'], caFile: '%s', %s }\n")
        .formatted(name, provider.issuer(name), ca, more);
  }

  @BeforeEach
  void behave() {
    provider.behave();
  }

  // What a browser does

  private record Begun(String location, String cookie) {}

  private static Begun begin(String name, String query, String... fields) throws Exception {
    HttpResponse<String> answer = gate.get("/auth/" + name + query, fields);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(303);
    return begun(answer);
  }

  private static Begun begun(HttpResponse<String> answer) {
    return new Begun(
        answer.headers().firstValue("Location").orElseThrow(),
        answer.headers().allValues("Set-Cookie").getLast().split(";", 2)[0]);
  }

  private static HttpResponse<String> comeBack(URI callback, String cookie) throws Exception {
    return gate.get(callback.getRawPath() + "?" + callback.getRawQuery(), "Cookie", cookie);
  }

  private static HttpResponse<String> signIn(String name) throws Exception {
    Begun begun = begin(name, "?return=/orders");
    return comeBack(provider.approve(begun.location), begun.cookie);
  }

  private static String sessionCookie(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(303);
    return answer.headers().allValues("Set-Cookie").stream()
        .filter(cookie -> cookie.startsWith("__Host-gatehouse="))
        .findFirst()
        .orElseThrow()
        .split(";", 2)[0];
  }

  private static String explained(HttpResponse<String> refusal) throws Exception {
    String id = new JsonObject(refusal.body()).getString("id");
    return gate.process().admin("GET", "/refusals/" + id, null).body();
  }

  private static void assertNotSignedIn(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isNotEqualTo(303);
    assertThat(answer.headers().allValues("Set-Cookie"))
        .noneMatch(cookie -> cookie.startsWith("__Host-gatehouse="));
    assertThat(answer.headers().firstValue("Cache-Control")).contains("no-store");
  }

  // The way through

  @Test
  void aPersonSignsInAndComesBackToWhereTheyWereWithASessionOfTheirOwn() throws Exception {
    Begun begun = begin("acme", "?return=/orders%3Fpage%3D2");
    assertThat(begun.location).startsWith(provider.issuer("acme") + "/authorize?");
    HttpResponse<String> back = comeBack(provider.approve(begun.location), begun.cookie);
    assertThat(back.statusCode()).as(back.body()).isEqualTo(303);
    assertThat(back.headers().firstValue("Location")).contains("/orders?page=2");
    assertThat(back.headers().firstValue("Cache-Control")).contains("no-store");
    assertThat(back.headers().firstValue("Referrer-Policy")).contains("no-referrer");
    assertThat(back.body()).isEmpty();
    assertThat(back.headers().allValues("Set-Cookie"))
        .anyMatch(
            c ->
                c.matches(
                    "__Host-gatehouse=session_[0-9A-Za-z]{43}; Path=/; Secure; HttpOnly; SameSite=Lax"))
        .anyMatch(
            c -> c.startsWith(begun.cookie.split("=", 2)[0] + "=;") && c.endsWith("Max-Age=0"));

    JsonObject who = new JsonObject(gate.get("/whoami", "Cookie", sessionCookie(back)).body());
    assertThat(who.getString("method")).isEqualTo("session");
    assertThat(who.getString("subject")).startsWith("u_");
    assertThat(who.encode()).doesNotContain("there.example");
  }

  @Test
  void theSameIdentityIsTheSameAccountAndANewAccountMayDoNothing() throws Exception {
    String first = gate.get("/whoami", "Cookie", sessionCookie(signIn("acme"))).body();
    provider.email = "changed@there.example";
    HttpResponse<String> again = signIn("acme");
    String second = gate.get("/whoami", "Cookie", sessionCookie(again)).body();
    assertThat(new JsonObject(second).getString("subject"))
        .isEqualTo(new JsonObject(first).getString("subject"));
    assertThat(gate.get("/orders", "Cookie", sessionCookie(again)).statusCode()).isEqualTo(403);
  }

  @Test
  void signInWithProviderEndsTheEarlierSession() throws Exception {
    String before = gate.session("alice", PASSWORD);
    Begun begun = begin("acme", "");
    HttpResponse<String> back =
        comeBack(provider.approve(begun.location), begun.cookie + "; " + before);
    assertThat(sessionCookie(back)).isNotEqualTo(before);
    assertThat(gate.get("/orders", "Cookie", before).statusCode()).isEqualTo(401);
  }

  @Test
  void twelveTabsThatSignInAtOnceAllComeBack() throws Exception {
    List<Begun> tabs = new ArrayList<>();
    List<String> browser = new ArrayList<>();
    for (int tab = 0; tab < 12; tab++) {
      tabs.add(begin("acme", "?return=/orders/" + tab, "Cookie", String.join("; ", browser)));
      browser.add(tabs.getLast().cookie);
    }
    for (int tab = 0; tab < 12; tab++) {
      HttpResponse<String> back =
          comeBack(provider.approve(tabs.get(tab).location), String.join("; ", browser));
      assertThat(back.statusCode()).as(back.body()).isEqualTo(303);
      assertThat(back.headers().firstValue("Location")).contains("/orders/" + tab);
    }
  }

  @Test
  void theSignInPageHasAButtonForEachAndKeepsWhereToGo() throws Exception {
    String page = gate.get("/login?return=/orders%3Fa%3D1", "Accept", "text/html").body();
    assertThat(page)
        .contains("href=\"/auth/acme?return=%2Forders%3Fa%3D1\"")
        .contains("Sign in with Acme")
        .contains("Sign in with Closed House")
        .contains("Sign in with GitHub");
  }

  @Test
  void linkThatTheGateWroteIsTakenHoweverLongItIs() throws Exception {
    for (int chars : List.of(1_000, 2_010, 8_000, 8_150)) {
      String target = "/sessions-only/" + "x".repeat(chars - "/sessions-only/".length());
      HttpResponse<String> sent =
          gate.get(target, "Sec-Fetch-Mode", "navigate", "Accept", "text/html");
      assertThat(sent.statusCode()).isEqualTo(303);
      String link = sent.headers().firstValue("Location").orElseThrow();
      HttpResponse<String> page = gate.get(link, "Accept", "text/html");
      assertThat(page.statusCode()).as(link).isEqualTo(200);

      Matcher button = Pattern.compile("href=\"/auth/acme([^\"]*)\"").matcher(page.body());
      assertThat(button.find()).isTrue();
      Begun begun = begin("acme", button.group(1));
      HttpResponse<String> back = comeBack(provider.approve(begun.location), begun.cookie);
      assertThat(back.headers().firstValue("Location"))
          .as("%s characters", chars)
          .contains(chars < 1_500 ? target : "/login");

      HttpResponse<String> in =
          gate.form(
              "/login",
              "email=alice&password="
                  + URLEncoder.encode(PASSWORD, StandardCharsets.UTF_8)
                  + "&"
                  + link.replaceFirst("[^?]*\\??", ""),
              "Origin",
              gate.process().address().toString());
      assertThat(in.headers().firstValue("Location"))
          .as("%s characters", chars)
          .contains(chars <= 8_000 ? target : "/login");
    }
  }

  // Pitfall 40

  @Test
  void refusesAnswerWithoutStateOrWithWrongState() throws Exception {
    Begun begun = begin("acme", "");
    String good = provider.approve(begun.location).toString();
    for (String callback :
        List.of(
            good.replaceAll("&state=[^&]*", ""),
            good.replaceAll("&state=[^&]*", "&state="),
            good.replaceAll("&state=[^&]*", "&state=" + "s".repeat(43)),
            good.replaceAll("&state=", "&state=x"),
            good + "&state=twice",
            good.replaceAll("&state=[^&]*", "&state=" + "s".repeat(5_000)))) {
      HttpResponse<String> answer = comeBack(URI.create(callback), begun.cookie);
      assertThat(answer.statusCode()).as(callback).isEqualTo(400);
      assertNotSignedIn(answer);
    }
    sessionCookie(comeBack(URI.create(good), begun.cookie)); // none of them spent it
  }

  @Test
  void refusesStateOfAnotherBrowser() throws Exception {
    Begun attackers = begin("acme", "");
    Begun victims = begin("acme", "");
    URI attackersAnswer = provider.approve(attackers.location);
    HttpResponse<String> planted = comeBack(attackersAnswer, victims.cookie);
    assertThat(planted.statusCode()).isEqualTo(400);
    assertNotSignedIn(planted);
    assertNotSignedIn(gate.get(attackersAnswer.getRawPath() + "?" + attackersAnswer.getRawQuery()));
    // Nor under the name of the attacker's cookie.
    String renamed = attackers.cookie.split("=", 2)[0] + "=" + victims.cookie.split("=", 2)[1];
    assertNotSignedIn(comeBack(attackersAnswer, renamed));
  }

  @Test
  void stateIsUsedOnce() throws Exception {
    Begun begun = begin("acme", "");
    URI callback = provider.approve(begun.location);
    sessionCookie(comeBack(callback, begun.cookie));
    int asked = provider.requests.size();
    HttpResponse<String> again = comeBack(callback, begun.cookie);
    assertThat(again.statusCode()).isEqualTo(400);
    assertNotSignedIn(again);
    assertThat(provider.requests).hasSize(asked);
  }

  @Test
  void stateThatAClockThatWasAheadMadeTheRecordForgetSignsNobodyIn() throws Exception {
    Begun begun = begin("acme", "");
    URI callback = provider.approve(begun.location);
    sessionCookie(comeBack(callback, begun.cookie));
    try (SqlReplayStore used =
        SqlReplayStore.open(
            gate.process().data().resolve("uses.db"),
            SqlSettings.DEFAULTS,
            Clock.systemUTC(),
            ReplayStore.Limits.of(1_000))) {
      used.purge(Instant.now().plus(Duration.ofHours(1)));
    }

    HttpResponse<String> again = comeBack(callback, begun.cookie);

    assertThat(again.statusCode()).isEqualTo(503);
    assertNotSignedIn(again);
    Begun anew = begin("acme", "");
    sessionCookie(comeBack(provider.approve(anew.location), anew.cookie));
  }

  @Test
  void refusesStateOfAnotherProvider() throws Exception {
    Begun begun = begin("acme", "");
    String callback = provider.approve(begun.location).toString();
    HttpResponse<String> answer =
        comeBack(URI.create(callback.replace("/auth/acme/", "/auth/other/")), begun.cookie);
    assertThat(answer.statusCode()).isEqualTo(400);
    assertNotSignedIn(answer);
  }

  @Test
  void floodOfStartedSignInsFillsNoBrowserAndNoStore() throws Exception {
    List<String> cookies = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      cookies.add(
          begin("acme", "?return=/" + "x".repeat(1_500), "Cookie", String.join("; ", cookies))
              .cookie);
    }
    HttpResponse<String> next = gate.get("/auth/acme", "Cookie", String.join("; ", cookies));
    assertThat(next.headers().allValues("Set-Cookie"))
        .hasSize(2)
        .first()
        .asString()
        .startsWith(cookies.getFirst().split("=", 2)[0] + "=;")
        .endsWith("Max-Age=0");
    assertThat(String.join("; ", cookies)).hasSizeLessThan(9_000);
  }

  // A service worker that forwards a navigation loses its destination. Chrome 76 to 79 sends none.
  @ParameterizedTest
  @CsvSource({
    "cross-site, , document, , 303",
    "cross-site, navigate, document, , 303",
    "cross-site, navigate, empty, , 303",
    "same-site, navigate, empty, , 303",
    "cross-site, navigate, , , 303",
    "none, navigate, document, , 303",
    "none, navigate, document, prefetch, 303",
    "same-origin, cors, empty, , 303",
    "same-origin, navigate, document, prefetch, 303",
    "cross-site, , iframe, , 403",
    "cross-site, , image, , 403",
    "same-site, , empty, , 403",
    "cross-site, , , , 403",
    "cross-site, navigate, iframe, , 403",
    "cross-site, navigate, frame, , 403",
    "cross-site, navigate, object, , 403",
    "cross-site, navigate, embed, , 403",
    "cross-site, nested-navigate, , , 403",
    "cross-site, no-cors, image, , 403",
    "cross-site, no-cors, empty, , 403",
    "cross-site, no-cors, document, , 403",
    "same-site, cors, empty, , 403",
    "cross-site, navigate, document, prefetch, 403",
    "cross-site, navigate, empty, 'prefetch;prerender', 403",
    "same-site, , document, 'prefetch;anonymous-client-ip', 403",
  })
  void hiddenRequestsOfOtherSitesDoNotBeginOrFinishSignIns(
      String site,
      @Nullable String mode,
      @Nullable String destination,
      @Nullable String purpose,
      int status)
      throws Exception {
    List<String> fields = new ArrayList<>(List.of("Sec-Fetch-Site", site));
    fields.addAll(mode == null ? List.of() : List.of("Sec-Fetch-Mode", mode));
    fields.addAll(destination == null ? List.of() : List.of("Sec-Fetch-Dest", destination));
    fields.addAll(purpose == null ? List.of() : List.of("Sec-Purpose", purpose));
    HttpResponse<String> start = gate.get("/auth/acme", fields.toArray(String[]::new));
    assertThat(start.statusCode()).isEqualTo(status);

    Begun begun = begin("acme", "");
    URI callback = provider.approve(begun.location);
    fields.addAll(List.of("Cookie", begun.cookie));
    HttpResponse<String> end =
        gate.get(
            callback.getRawPath() + "?" + callback.getRawQuery(), fields.toArray(String[]::new));
    assertThat(end.statusCode()).isEqualTo(status);
  }

  // Pitfall 41

  @Test
  void authorizationRequestHasS256ChallengeAndNotTheVerifier() throws Exception {
    for (String name : List.of("acme", "github", "secretless")) {
      Begun begun = begin(name, "");
      assertThat(query(begun.location).get("code_challenge_method")).containsExactly("S256");
      assertThat(parameter(begun.location, "code_challenge")).hasSize(43);
      assertThat(begun.location).doesNotContain("code_verifier");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "code_challenge=CHALLENGE",
        "code_challenge=CHALLENGE&code_challenge_method=plain",
        "code_challenge=CHALLENGE&code_challenge_method=s256",
        "code_challenge=short&code_challenge_method=S256",
        "code_challenge=&code_challenge_method=S256",
        "code_challenge=CHALLENGE%3D&code_challenge_method=S256",
        "code_challenge=CHALLENGE&code_challenge=CHALLENGE&code_challenge_method=S256",
        "code_challenge=CHALLENGE&code%5Fchallenge=CHALLENGE&code_challenge_method=S256",
        "code_challenge=CHALLENGE&code_challenge=&code_challenge_method=S256",
        "code_challenge=CHALLENGE&code_challenge_method=S256&code_challenge_method=plain",
      })
  void pageWithoutS256GetsNoCode(String query) throws Exception {
    HttpResponse<String> answer =
        gate.get(
            "/auth/acme?return=/app/callback&" + query.replace("CHALLENGE", CHALLENGE),
            FROM_THIS_ORIGIN);
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.headers().allValues("Set-Cookie")).isEmpty();
  }

  // Pages that hold tokens

  private static String pageCode(String query) throws Exception {
    Begun begun = begin("acme", "?return=/app/callback" + CODE_FLOW + query, FROM_THIS_ORIGIN);
    HttpResponse<String> back = comeBack(provider.approve(begun.location), begun.cookie);
    assertThat(back.statusCode()).as(back.body()).isEqualTo(303);
    assertThat(back.headers().allValues("Set-Cookie"))
        .noneMatch(cookie -> cookie.startsWith("__Host-gatehouse="));
    return back.headers().firstValue("Location").orElseThrow();
  }

  private static String codeIn(String location) {
    return parameter("https://page.example" + location, "code");
  }

  private static HttpResponse<String> exchange(String code, String verifier) throws Exception {
    return gate.form(
        "/auth/token",
        "grant_type=authorization_code&code="
            + URLEncoder.encode(code, StandardCharsets.UTF_8)
            + "&code_verifier="
            + URLEncoder.encode(verifier, StandardCharsets.UTF_8));
  }

  @Test
  void pageGetsCodeAndNoTokenInItsAddress() throws Exception {
    String location = pageCode("&state=of%20the%20page%26");
    assertThat(location).startsWith("/app/callback?code=ac_").endsWith("&state=of+the+page%26");
    HttpResponse<String> answer = exchange(codeIn(location), VERIFIER.getValue());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Cache-Control")).contains("no-store");
    JsonObject tokens = new JsonObject(answer.body());
    assertThat(tokens.fieldNames())
        .as("a new account has no scope")
        .containsExactlyInAnyOrder("access_token", "token_type", "expires_in", "refresh_token");
    String bearer = "Bearer " + tokens.getString("access_token");
    JsonObject who = new JsonObject(gate.get("/whoami", "Authorization", bearer).body());
    assertThat(who.getString("method")).isEqualTo("jwt");
    assertThat(location).doesNotContain(tokens.getString("access_token"));
  }

  @Test
  void codeIsExchangedOnceAndInOneSpellingOnly() throws Exception {
    String code = codeIn(pageCode(""));
    assertThat(exchange(code, VERIFIER.getValue()).statusCode()).isEqualTo(200);
    for (String again : List.of(code, code + "=", code + "==", lastCharacterChanged(code))) {
      HttpResponse<String> answer = exchange(again, VERIFIER.getValue());
      assertThat(answer.statusCode()).as(again).isEqualTo(400);
      assertThat(new JsonObject(answer.body()).getString("error")).isEqualTo("invalid_grant");
    }
  }

  // Base64's last character may hold bits that mean nothing.
  private static String lastCharacterChanged(String code) {
    char last = code.charAt(code.length() - 1);
    return code.substring(0, code.length() - 1) + (char) (last + 1);
  }

  @Test
  void codeNeedsTheVerifierOfItsPageAndWrongVerifierDoesNotSpendIt() throws Exception {
    String code = codeIn(pageCode(""));
    for (String wrong : List.of("w".repeat(43), CHALLENGE, "short", "v".repeat(200))) {
      assertThat(exchange(code, wrong).statusCode()).as(wrong).isEqualTo(400);
    }
    HttpResponse<String> none =
        gate.form("/auth/token", "grant_type=authorization_code&code=" + code);
    assertThat(new JsonObject(none.body()).getString("error")).isEqualTo("invalid_request");
    assertThat(exchange("ac_made-up", VERIFIER.getValue()).statusCode()).isEqualTo(400);
    assertThat(exchange(code, VERIFIER.getValue()).statusCode()).isEqualTo(200);
  }

  @Test
  void usedCodeOfProviderSignsNobodyIn() throws Exception {
    Begun first = begin("acme", "");
    URI callback = provider.approve(first.location);
    String used = parameter(callback.toString(), "code");
    sessionCookie(comeBack(callback, first.cookie));
    Begun second = begin("acme", "");
    HttpResponse<String> answer =
        comeBack(provider.refuse(second.location, "code=" + used), second.cookie);
    assertThat(answer.statusCode()).isEqualTo(403);
    assertThat(code(answer)).isEqualTo("SIGN_IN_REFUSED");
    assertThat(explained(answer)).contains("invalid_grant");
  }

  // RFC 9700 §2.1: exact string matching.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "/app",
        "/team-b/collect",
        "/app/callback/",
        "/app/callback/x",
        "/app/callback2",
        "/App/callback",
        "/app/Callback",
        "/app//callback",
        "//app/callback",
        "/app/./callback",
        "/x/../app/callback",
        "/app/%63allback",
        "/app%2Fcallback",
        "/app/callback%00",
        "/app/callback?",
        "/app/callback?a=1",
        "/app/callback?code=ac_of-another&state=of-another",
        "/app/callback#",
        "/app/callback#top",
        "/app/callback;a=1",
        "/app\\callback",
        " /app/callback",
        "/app/callback ",
        "/app/callback\n",
        "/caf%c3%a9",
        "/caf\u00e9",
        "app/callback",
        "https://localhost/app/callback",
        "https://evil.example/app/callback",
        "//evil.example/app/callback",
      })
  void refusesCodeForPathThatTheConfigurationDoesNotListExactly(String target) throws Exception {
    HttpResponse<String> answer =
        gate.get(
            "/auth/acme?return=" + URLEncoder.encode(target, StandardCharsets.UTF_8) + CODE_FLOW,
            FROM_THIS_ORIGIN);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
    assertThat(code(answer)).isEqualTo("MALFORMED_REQUEST");
    assertThat(answer.headers().firstValue("Location")).isEmpty();
    assertThat(answer.headers().allValues("Set-Cookie")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "?x=1",
        "?return=/app/callback&return=/team-b/collect",
        "?return=/team-b/collect&return=/app/callback",
        "?return=/app/callback&return=/app/callback",
        "?return=/app/callback&%72eturn=/team-b/collect",
        "?return[]=/app/callback",
        "?Return=/app/callback",
      })
  void refusesCodeFlowThatDoesNotNameOneReturnPath(String query) throws Exception {
    HttpResponse<String> answer = gate.get("/auth/acme" + query + CODE_FLOW, FROM_THIS_ORIGIN);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
    assertThat(answer.headers().allValues("Set-Cookie")).isEmpty();
  }

  @Test
  void sendsCodeToEachConfiguredPathAsItIsWritten() throws Exception {
    Begun begun = begin("acme", "?return=/caf%25C3%25A9" + CODE_FLOW, FROM_THIS_ORIGIN);
    HttpResponse<String> back = comeBack(provider.approve(begun.location), begun.cookie);
    assertThat(back.headers().firstValue("Location").orElseThrow())
        .startsWith("/caf%C3%A9?code=ac_");
  }

  // A navigation by GET has no Origin. `none` is an address that was typed, or that another program
  // opened.
  @ParameterizedTest
  @CsvSource({
    "Sec-Fetch-Site, cross-site",
    "Sec-Fetch-Site, same-site",
    "Sec-Fetch-Site, none",
    "Referer, https://evil.example/",
    "Referer, OWN.evil.example/",
    "Origin, https://evil.example",
    "Origin, null",
    "Accept, */*", // no sign at all
  })
  void refusesCodeFlowThatDidNotBeginOnThisOrigin(String field, String value) throws Exception {
    HttpResponse<String> answer =
        gate.get(
            "/auth/acme?return=/app/callback" + CODE_FLOW,
            "Sec-Fetch-Dest",
            "document",
            field,
            value.replace("OWN", gate.process().address().toString()));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(403);
    assertThat(code(answer)).isEqualTo("CSRF");
    assertThat(answer.headers().allValues("Set-Cookie")).isEmpty();
  }

  @Test
  void beginsCodeFlowByRefererForBrowsersWithoutFetchMetadata() throws Exception {
    begin(
        "acme",
        "?return=/app/callback" + CODE_FLOW,
        "Referer",
        gate.process().address() + "/app/start");
  }

  @Test
  void sendsNoCodeToTheReturnPathOfASignInWithoutChallenge() throws Exception {
    Begun begun = begin("acme", "?return=/app/callback&state=x&code_challenge_method=S256");
    HttpResponse<String> back = comeBack(provider.approve(begun.location), begun.cookie);
    assertThat(back.headers().firstValue("Location")).contains("/app/callback");
  }

  // Pitfall 43, 44

  @Test
  void verifiedEmailAddressLinksOnlyWhereTheSettingAllowsIt() throws Exception {
    provider.email = "alice@example.com";
    provider.subject = "alice-by-mail";
    HttpResponse<String> refused = signIn("closed");
    assertThat(refused.statusCode()).isEqualTo(403);
    assertNotSignedIn(refused);

    provider.claims = with("email_verified", false);
    assertNotSignedIn(signIn("byemail"));
    provider.claims = with("email_verified", "true");
    assertNotSignedIn(signIn("byemail"));

    provider.claims = UnaryOperator.identity();
    String linked = sessionCookie(signIn("byemail"));
    assertThat(gate.get("/orders", "Cookie", linked).statusCode()).isEqualTo(200);
  }

  @Test
  void addressThatOnlyAnotherProviderVouchedForSignsNobodyInToItsAccount() throws Exception {
    provider.email = "victim@corp.example";
    provider.subject = "666";
    String planted = subject(sessionCookie(signIn("acme")));
    provider.subject = "4711";
    String owner = subject(sessionCookie(signIn("byemail")));
    assertThat(owner).isNotEqualTo(planted);
    JsonObject account =
        new JsonObject(gate.process().admin("GET", "/accounts/" + planted, null).body());
    assertThat(account.getString("email")).isNull();
  }

  private static String subject(String session) throws Exception {
    return new JsonObject(gate.get("/whoami", "Cookie", session).body()).getString("subject");
  }

  @Test
  void allowedDomainNeedsVerifiedEmailAddress() throws Exception {
    provider.subject = "by-domain";
    provider.claims = with("email_verified", false);
    assertThat(signIn("domain").statusCode()).isEqualTo(403);
    provider.claims = with("email", "alice@not-there.example");
    assertThat(signIn("domain").statusCode()).isEqualTo(403);
    provider.claims = UnaryOperator.identity();
    sessionCookie(signIn("domain"));
  }

  @Test
  void personWithoutEmailAddressCanSignIn() throws Exception {
    provider.email = "";
    provider.subject = "no-address";
    provider.userInfo = new JsonObject().put("sub", "no-address");
    sessionCookie(signIn("acme"));
  }

  @Test
  void theAddressMayStandInTheUserInfoButNotInSomebodyElses() throws Exception {
    provider.email = "";
    provider.subject = "by-user-info";
    provider.userInfo =
        new JsonObject()
            .put("sub", "somebody-else")
            .put("email", "x@domain.there.example")
            .put("email_verified", true);
    HttpResponse<String> answer = signIn("domain");
    assertThat(answer.statusCode()).isEqualTo(403);
    assertThat(explained(answer)).contains("another subject");
    provider.userInfo = provider.userInfo.copy().put("sub", "by-user-info");
    sessionCookie(signIn("domain"));
  }

  @Test
  void explainSaysThatAnAddressIsNotVerifiedWhereThatIsTheReason() throws Exception {
    provider.subject = "unverified";
    provider.email = "unverified@domain.there.example";
    provider.claims = with("email_verified", null); // as of Entra
    HttpResponse<String> refused = signIn("domain");
    assertThat(refused.statusCode()).isEqualTo(403);
    assertThat(refused.body()).doesNotContain("verified");
    assertThat(explained(refused))
        .contains("their e-mail address is not verified", "email_verified")
        .doesNotContain("unverified@");
    provider.email = "unverified@elsewhere.example";
    assertThat(explained(signIn("domain"))).doesNotContain("not verified");
  }

  @Test
  void userInfoThatIsRefusedMakesNoAccountWithoutAnAddress() throws Exception {
    provider.email = "";
    provider.subject = "refused-by-user-info";
    for (int status : new int[] {401, 403}) {
      provider.instead.put(
          "/acme/userinfo", exchange -> HostileProvider.json(exchange, status, "{}"));
      HttpResponse<String> answer = signIn("acme");
      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(answer.headers().firstValue("Retry-After")).isPresent();
      assertThat(explained(answer)).contains("userinfo endpoint answered " + status);
    }
    assertThat(gate.process().manage("GET", "/accounts?kind=person&limit=200", null).encode())
        .contains("alice")
        .doesNotContain("refused-by-user-info");
  }

  @Test
  void parametersOfTheConfigurationReachTheProvider() throws Exception {
    Begun begun = begin("asking", "");
    assertThat(HostileProvider.parameter(begun.location, "access_type")).isEqualTo("offline");
    assertThat(HostileProvider.parameter(begun.location, "prompt")).isEqualTo("consent");
    sessionCookie(comeBack(provider.approve(begun.location), begun.cookie));
    assertThat(begin("acme", "").location).doesNotContain("access_type");
  }

  @Test
  void longAccessTokenAndLongCodeSignPeopleIn() throws Exception {
    provider.claims = with("at_hash", null);
    provider.tokens = answer -> answer.put("access_token", "x".repeat(20_000));
    sessionCookie(signIn("acme"));
    provider.tokens = UnaryOperator.identity();
    Begun begun = begin("acme", "");
    String callback =
        provider
            .approve(begun.location)
            .toString()
            .replaceFirst("code=", "code=" + "c".repeat(5_000));
    HttpResponse<String> answer = comeBack(URI.create(callback), begun.cookie);
    assertThat(explained(answer)).as("the provider was asked").contains("invalid_grant");
  }

  // Pitfall 45

  static Stream<UnaryOperator<JWTClaimsSet>> wrongClaims() {
    long now = Instant.now().getEpochSecond();
    return Stream.of(
        with("iss", "https://evil.example"),
        with("iss", null),
        with("aud", "another-client"),
        with("aud", List.of()),
        with("aud", List.of("gate", "another-client")), // and no azp
        with("azp", "another-client"),
        with("nonce", "another"),
        with("nonce", null),
        with("at_hash", "AAAAAAAAAAAAAAAAAAAAAA"),
        with("exp", now - 120),
        with("exp", null),
        with("iat", now + 600),
        with("iat", null),
        with("sub", null),
        with("sub", ""),
        with("sub", "s".repeat(256)));
  }

  @ParameterizedTest
  @MethodSource("wrongClaims")
  void idTokenWithWrongClaimSignsNobodyIn(UnaryOperator<JWTClaimsSet> wrong) throws Exception {
    provider.claims = wrong;
    HttpResponse<String> answer = signIn("acme");
    assertNotSignedIn(answer);
    assertThat(code(answer)).as(explained(answer)).isIn("SIGN_IN_REFUSED", "UNAVAILABLE");
  }

  @Test
  void severalAudiencesDoWhereThePartyIsTheGate() throws Exception {
    provider.claims =
        set -> with("azp", "gate").apply(with("aud", List.of("gate", "another-client")).apply(set));
    sessionCookie(signIn("acme"));
  }

  @Test
  void idTokenThatTheProviderDidNotSignSignsNobodyIn() throws Exception {
    List<java.util.function.Function<JWTClaimsSet, String>> forgeries =
        List.of(
            set -> new PlainJWT(set).serialize(),
            ProviderSignInTest::signedWithThePublicKey,
            ProviderSignInTest::signedWithTheClientSecret,
            set -> HostileProvider.signedBy(HostileProvider.newKey("k1"), set),
            set -> HostileProvider.signedBy(provider.key, set).replaceAll("\\.[^.]*$", "."),
            set -> "no token");
    for (java.util.function.Function<JWTClaimsSet, String> forged : forgeries) {
      provider.sign = forged;
      HttpResponse<String> answer = signIn("acme");
      assertNotSignedIn(answer);
    }
    provider.tokens =
        answer -> {
          answer.remove("id_token");
          return answer;
        };
    assertNotSignedIn(signIn("acme"));
  }

  private static String signedWithThePublicKey(JWTClaimsSet set) {
    try {
      return hmac(set, provider.key.toRSAPublicKey().getEncoded());
    } catch (JOSEException failed) {
      throw new IllegalStateException(failed);
    }
  }

  private static String signedWithTheClientSecret(JWTClaimsSet set) {
    return hmac(set, HostileProvider.SECRET.repeat(2).getBytes(StandardCharsets.UTF_8));
  }

  private static String hmac(JWTClaimsSet set, byte[] secret) {
    try {
      SignedJWT token =
          new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("k1").build(), set);
      token.sign(new MACSigner(secret));
      return token.serialize();
    } catch (JOSEException failed) {
      throw new IllegalStateException(failed);
    }
  }

  @Test
  void refusesAnswerOfAnotherIssuerAndAnswerWithoutIssuerWhereItIsRequired() throws Exception {
    for (String issuer : List.of("", "&iss=https%3A%2F%2Fevil.example", "&iss=")) {
      Begun begun = begin("acme", "");
      String callback =
          provider.approve(begun.location).toString().replaceAll("&iss=[^&]*", "") + issuer;
      int asked = provider.requests.size();
      HttpResponse<String> answer = comeBack(URI.create(callback), begun.cookie);
      assertNotSignedIn(answer);
      assertThat(provider.requests).as("no code goes to the wrong one").hasSize(asked);
    }
    // Who does not say that it names itself need not; but where it does, it must be right.
    Begun other = begin("other", "");
    sessionCookie(
        comeBack(
            URI.create(provider.approve(other.location).toString().replaceAll("&iss=[^&]*", "")),
            other.cookie));
    Begun wrong = begin("other", "");
    assertNotSignedIn(
        comeBack(
            URI.create(provider.approve(wrong.location).toString().replace("%2Fother", "%2Facme")),
            wrong.cookie));
  }

  @Test
  void ignoresDiscoveryDocumentOfAnotherIssuerOrWithInternalEndpoints() throws Exception {
    for (String name : List.of("elsewhere", "plain")) {
      HttpResponse<String> answer = gate.get("/auth/" + name);
      assertThat(answer.statusCode()).as(name).isEqualTo(503);
      assertThat(answer.headers().firstValue("Retry-After")).isPresent();
    }
    HttpResponse<String> inward = signIn("inward");
    assertThat(inward.statusCode()).isEqualTo(503);
    assertThat(explained(inward)).contains("169.254.169.254");
  }

  // Pitfall 46

  @ParameterizedTest
  @ValueSource(
      strings = {
        "//evil.example",
        "/\\evil.example",
        "https:evil.example",
        "https://evil.example",
        "https:/evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/%0a/evil.example\n",
        "javascript:alert(1)",
        "evil.example",
        "",
        " /orders",
        "///evil.example",
      })
  void browserIsNeverSentToAnotherOrigin(String target) throws Exception {
    Begun begun = begin("acme", "?return=" + URLEncoder.encode(target, StandardCharsets.UTF_8));
    HttpResponse<String> back = comeBack(provider.approve(begun.location), begun.cookie);
    sessionCookie(back);
    assertThat(back.headers().firstValue("Location")).contains("/login");
  }

  // Pitfall 48

  @Test
  void providerOutageIs503ForPeopleAndPrograms() throws Exception {
    HttpResponse<String> program = gate.get("/auth/down");
    assertThat(program.statusCode()).isEqualTo(503);
    assertThat(code(program)).isEqualTo("UNAVAILABLE");
    assertThat(program.headers().firstValue("Retry-After")).isPresent();
    assertThat(explained(program)).contains("down");
    HttpResponse<String> person = gate.get("/auth/down?return=/orders", "Accept", "text/html");
    assertThat(person.statusCode()).isEqualTo(503);
    assertThat(person.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/html");
    assertThat(person.body()).contains("Try again").contains("r_").doesNotContain("Exception");
    assertThat(person.headers().firstValue("Cache-Control")).contains("no-store");
  }

  @Test
  void malformedAnswerOfTokenEndpointIs503() throws Exception {
    String path = "/acme/token";
    List<com.sun.net.httpserver.HttpHandler> answers =
        List.of(
            http -> HostileProvider.answer(http, 200, "text/html", "<h1>Welcome</h1>"),
            http -> HostileProvider.answer(http, 500, "text/html", "<pre>at java.lang</pre>"),
            http -> HostileProvider.json(http, 200, "[]"),
            http -> HostileProvider.json(http, 200, "{}"),
            http -> HostileProvider.json(http, 200, "{\"access_token\":".repeat(10_000)),
            http -> HostileProvider.json(http, 400, "{\"error\":\"invalid_client\"}"),
            http -> HostileProvider.json(http, 429, "{}"),
            HostileProvider::endless,
            http -> {
              http.getResponseHeaders().set("Location", "http://169.254.169.254/latest/meta-data");
              http.sendResponseHeaders(302, -1);
            },
            http -> {
              http.getResponseHeaders().set("Location", "https://127.0.0.1/inside");
              http.sendResponseHeaders(307, -1);
            });
    for (com.sun.net.httpserver.HttpHandler answer : answers) {
      provider.instead.put(path, answer);
      HttpResponse<String> back = signIn("acme");
      assertThat(back.statusCode()).as(back.body()).isEqualTo(503);
      assertNotSignedIn(back);
      assertThat(back.body()).doesNotContain("Welcome").doesNotContain("java");
    }
  }

  @Test
  void givesUpEndlessAnswerOfProviderAndPasswordsWorkMeanwhile() throws Exception {
    provider.instead.put(
        "/acme/token",
        http -> {
          http.sendResponseHeaders(200, 0);
          try {
            for (int i = 0; i < 600; i++) {
              http.getResponseBody().write(' ');
              http.getResponseBody().flush();
              Thread.sleep(100); // the pace of the attack: nothing here waits for it
            }
          } catch (InterruptedException over) {
            Thread.currentThread().interrupt();
          }
        });
    Begun begun = begin("acme", "");
    URI callback = provider.approve(begun.location);
    long start = System.nanoTime();
    var slow =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return comeBack(callback, begun.cookie);
              } catch (Exception failed) {
                throw new IllegalStateException(failed);
              }
            });
    gate.session("alice", PASSWORD);
    HttpResponse<String> answer = slow.join();
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
  }

  @Test
  void whatAProviderWritesIsNeitherShownAsItIsNorWithoutEnd() throws Exception {
    Begun begun = begin("acme", "");
    URI refused =
        provider.refuse(
            begun.location,
            "error=access_denied&error_description="
                + "%3Cscript%3Ealert(1)%3C%2Fscript%3E"
                + "x".repeat(2_000));
    HttpResponse<String> page =
        gate.get(
            refused.getRawPath() + "?" + refused.getRawQuery(),
            "Cookie",
            begun.cookie,
            "Accept",
            "text/html");
    assertThat(page.statusCode()).isEqualTo(403);
    assertThat(page.body())
        .contains("You are not signed in")
        .doesNotContain("script>")
        .doesNotContain("xxxx");
    assertThat(page.headers().firstValue("Referrer-Policy")).contains("no-referrer");
  }

  @Test
  void anErrorOfTheProviderIsAProblemDocumentThatIsExplained() throws Exception {
    Begun begun = begin("acme", "");
    HttpResponse<String> answer =
        comeBack(provider.refuse(begun.location, "error=access_denied"), begun.cookie);
    assertThat(answer.statusCode()).isEqualTo(403);
    assertThat(code(answer)).isEqualTo("SIGN_IN_REFUSED");
    assertThat(explained(answer)).contains("access_denied");
    Begun later = begin("acme", "");
    assertThat(
            comeBack(provider.refuse(later.location, "error=temporarily_unavailable"), later.cookie)
                .statusCode())
        .isEqualTo(503);
  }

  @Test
  void whoMayNotComeInIsToldTheSameWhetherOrNotThereIsAnAccount() throws Exception {
    provider.email = "alice@example.com";
    provider.subject = "stranger-1";
    HttpResponse<String> known = signIn("closed");
    provider.email = "nobody@example.com";
    provider.subject = "stranger-2";
    HttpResponse<String> unknown = signIn("closed");
    for (HttpResponse<String> answer : List.of(known, unknown)) {
      assertThat(answer.statusCode()).isEqualTo(403);
      assertThat(code(answer)).isEqualTo("SIGN_IN_REFUSED");
    }
    assertThat(new JsonObject(known.body()).getString("detail"))
        .isEqualTo(new JsonObject(unknown.body()).getString("detail"));
  }

  // Pitfall 49

  @Test
  void newKeyIsFetchedAtOnceAndUnreachableKeySetIs503() throws Exception {
    sessionCookie(signIn("post"));
    provider.key = HostileProvider.newKey("k2-" + System.nanoTime());
    sessionCookie(signIn("post"));

    provider.key = HostileProvider.newKey("k3-" + System.nanoTime());
    provider.instead.put(
        "/post/jwks", http -> HostileProvider.answer(http, 500, "text/plain", "down"));
    HttpResponse<String> down = signIn("post");
    assertThat(down.statusCode()).as(down.body()).isEqualTo(503);
    assertNotSignedIn(down);
  }

  // Pitfall 50

  @Test
  void requestsOnlyTheScopesThatAreUsed() throws Exception {
    assertThat(query(begin("acme", "").location).get("scope"))
        .containsExactly("openid email profile");
    assertThat(query(begin("github", "").location).get("scope"))
        .containsExactly("user:email read:org");
  }

  @Test
  void providerTokenIsKeptOnlyWhereConfiguredAndReachesOnlyTheRouteThatNamesIt() throws Exception {
    String cookie = sessionCookie(signIn("keeper"));
    JsonObject fields =
        fields(gate.get("/repos", "Cookie", cookie, "X-Auth-Provider-Token", "forged"));
    assertThat(fields.getString("x-auth-provider-token")).startsWith("token-of-keeper-");
    assertThat(fields.getString("x-auth-method")).isEqualTo("session");
    String token = fields.getString("x-auth-provider-token");

    assertThat(fields(gate.get("/admin-repos", "Cookie", cookie)).fieldNames())
        .as("a scope that was not granted")
        .doesNotContain("x-auth-provider-token");
    assertThat(
            fields(gate.get("/sessions-only", "Cookie", cookie, "x_auth_provider_token", "forged"))
                .fieldNames())
        .as("another route")
        .noneMatch(name -> name.contains("provider"));
    String others = sessionCookie(signIn("acme"));
    assertThat(fields(gate.get("/repos", "Cookie", others)).fieldNames())
        .as("another provider's")
        .doesNotContain("x-auth-provider-token");

    assertThat(gate.process().err()).doesNotContain(token);
    assertThat(gate.process().out()).doesNotContain(token);
    try (Stream<Path> files = Files.list(gate.process().data())) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
            .as(file.toString())
            .doesNotContain(token);
      }
    }
  }

  private static JsonObject fields(HttpResponse<String> echo) {
    assertThat(echo.statusCode()).as(echo.body()).isEqualTo(200);
    return new JsonObject(echo.body()).getJsonObject("fields");
  }

  @Test
  void anExpiredTokenIsRefreshedOnceForAllWhoNeedItAndADownProviderIs503() throws Exception {
    provider.subject = "refresher";
    provider.tokens = answer -> answer.put("expires_in", 1).put("refresh_token", "rt-1");
    String cookie = sessionCookie(signIn("keeper"));

    provider.instead.put("/keeper/token", http -> HostileProvider.json(http, 500, "{}"));
    HttpResponse<String> down = gate.get("/repos", "Cookie", cookie);
    assertThat(down.statusCode()).isEqualTo(503);
    assertThat(explained(down)).contains("keeper");
    assertThat(gate.get("/sessions-only", "Cookie", cookie).statusCode()).isEqualTo(200);

    provider.instead.clear();
    provider.tokens = answer -> answer.put("expires_in", 300);
    provider.requests.clear();
    List<CompletableFuture<String>> all = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      all.add(
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return fields(gate.get("/repos", "Cookie", cookie))
                      .getString("x-auth-provider-token");
                } catch (Exception failed) {
                  throw new IllegalStateException(failed);
                }
              }));
    }
    assertThat(all)
        .extracting(CompletableFuture::join)
        .allMatch(token -> token.startsWith("refreshed-"))
        .containsOnly(all.getFirst().join());
    assertThat(provider.requests)
        .filteredOn(request -> request.startsWith("/keeper/token"))
        .hasSize(1);
  }

  @Test
  void tokenThatEndsAtOnceIsNotKeptForEver() throws Exception {
    provider.subject = "zero";
    for (Object zero : List.of(0, 0.5, "0")) {
      provider.tokens = answer -> answer.put("expires_in", zero);
      String cookie = sessionCookie(signIn("keeper"));

      assertThat(fields(gate.get("/repos", "Cookie", cookie)).fieldNames())
          .as("%s", zero)
          .doesNotContain("x-auth-provider-token");
    }
  }

  @Test
  void secretsOfLinksReachNoUpstreamAndCodesThatOfTheirPageAlone() throws Exception {
    String made =
        gate.process().manage("POST", "/accounts/alice/password-reset", new JsonObject()).encode();
    String link = made.replaceAll(".*token=(reset_[A-Za-z0-9]+).*", "$1");
    String invitation = Invitations.SECRET.random();
    String code = OneTimeCodes.FORM.random();

    assertThat(gate.get("/password/reset?token=" + link).statusCode()).isEqualTo(200);
    for (String address :
        List.of(
            "/password/reset/?token=" + link,
            "/public/reset?token=" + invitation,
            "/public/" + link,
            "/public/" + code,
            "/public/elsewhere?code=" + code,
            "/app/callback/?code=" + code)) {
      assertThat(gate.get(address).statusCode()).as(address).isEqualTo(400);
    }
    assertThat(gate.get("/app/callback?code=" + code).statusCode()).isEqualTo(200);
    assertThat(gate.get("/app/callback?code=" + link).statusCode()).isEqualTo(400);
  }

  @Test
  void noRecordOfARefusalHoldsASecretThatABrowserBrought() throws Exception {
    String secret = Sessions.SECRET.random();
    for (String more : List.of("iss=" + secret, "iss=https://x.example/" + secret)) {
      Begun begun = begin("acme", "");
      String callback =
          provider.approve(begun.location).toString().replaceAll("&iss=[^&]*", "") + "&" + more;
      assertThat(explained(comeBack(URI.create(callback), begun.cookie)))
          .contains("the answer is one of")
          .doesNotContain(secret);
    }
    Begun begun = begin("acme", "");
    String declined =
        provider
            .approve(begun.location)
            .toString()
            .replaceAll("code=[^&]*", "error=access_denied&error_description=" + secret);
    assertThat(explained(comeBack(URI.create(declined), begun.cookie)))
        .contains("access_denied")
        .doesNotContain(secret);

    String link = Passwords.RESET_SECRET.random();
    assertThat(
            explained(
                gate.get(
                    "/signed/" + link + "?" + link + "=1",
                    "X-Key-Id",
                    "h_x",
                    "X-Timestamp",
                    "1000",
                    "X-Signature",
                    "0".repeat(64))))
        .doesNotContain(link);
    assertThat(
            explained(
                gate.get(
                    "/signed/a",
                    "Signature-Input",
                    "s=(\"" + link + "\");created=1;keyid=\"h_x\"",
                    "Signature",
                    "s=:AAAA:")))
        .doesNotContain(link);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          400 | {"error": "invalid_grant"}
          200 | {"access_token": "of-before", "token_type": "Bearer", "expires_in": 300}
          """)
  void tokenOfASignInStaysThoughTheTokenOfBeforeIsRefreshedMeanwhile(int status, String answer)
      throws Exception {
    provider.subject = "signs-in-anew-" + status;
    provider.tokens = token -> token.put("expires_in", 1).put("refresh_token", "rt-1");
    String cookie = sessionCookie(signIn("keeper"));
    provider.tokens = token -> token.put("expires_in", 300);
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch signedIn = new CountDownLatch(1);
    provider.instead.put(
        "/keeper/token",
        http -> {
          provider.instead.clear();
          asked.countDown();
          try {
            signedIn.await(20, TimeUnit.SECONDS);
          } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
          }
          HostileProvider.json(http, status, answer);
        });
    CompletableFuture<HttpResponse<String>> meanwhile =
        gate.process()
            .client()
            .sendAsync(
                gate.process().request("/repos", null).header("Cookie", cookie).build(),
                HttpResponse.BodyHandlers.ofString());
    assertThat(asked.await(20, TimeUnit.SECONDS)).isTrue();
    String anew = sessionCookie(signIn("keeper"));
    String token = fields(gate.get("/repos", "Cookie", anew)).getString("x-auth-provider-token");
    signedIn.countDown();

    assertThat(fields(meanwhile.join()).getString("x-auth-provider-token")).isEqualTo(token);
    assertThat(fields(gate.get("/repos", "Cookie", anew)).getString("x-auth-provider-token"))
        .isEqualTo(token);
  }

  @Test
  void aTokenThatTheProviderNoLongerRefreshesIsForgotten() throws Exception {
    provider.subject = "revoked-there";
    provider.tokens = answer -> answer.put("expires_in", 1).put("refresh_token", "rt-2");
    String cookie = sessionCookie(signIn("keeper"));
    provider.instead.put(
        "/keeper/token", http -> HostileProvider.json(http, 400, "{\"error\":\"invalid_grant\"}"));
    assertThat(fields(gate.get("/repos", "Cookie", cookie)).fieldNames())
        .doesNotContain("x-auth-provider-token");
    provider.requests.clear();
    assertThat(fields(gate.get("/repos", "Cookie", cookie)).fieldNames())
        .doesNotContain("x-auth-provider-token");
    assertThat(provider.requests).as("asked no more").isEmpty();
  }

  // GitHub

  @Test
  void aPersonOfGitHubIsKnownByTheNumberAndByAVerifiedAddressOnly() throws Exception {
    HttpResponse<String> back = signIn("github");
    sessionCookie(back);
    assertThat(provider.requests)
        .anyMatch(request -> request.startsWith("/github/api/user/orgs Bearer token-of-github-"))
        .anyMatch(
            request ->
                request.startsWith("/github/login/oauth/access_token")
                    && request.contains("client_secret=" + HostileProvider.SECRET));
  }

  @Test
  void whoBelongsToNoAllowedOrganisationOfGitHubIsRefused() throws Exception {
    provider.instead.put(
        "/github/api/user",
        http -> HostileProvider.json(http, 200, "{\"id\":99,\"login\":\"mallory\"}"));
    provider.instead.put(
        "/github/api/user/orgs", http -> HostileProvider.json(http, 200, "[{\"login\":\"evil\"}]"));
    assertThat(signIn("github").statusCode()).isEqualTo(403);
    for (String user :
        List.of("{}", "[]", "{\"id\":\"7\"}", "{\"id\":1.5}", "{\"id\":-1}", "<html>")) {
      provider.instead.put("/github/api/user", http -> HostileProvider.json(http, 200, user));
      assertThat(signIn("github").statusCode()).as(user).isEqualTo(503);
    }
  }

  @Test
  void gitHubsErrorsComeWith200AndSignNobodyIn() throws Exception {
    provider.instead.put(
        "/github/login/oauth/access_token",
        http -> HostileProvider.json(http, 200, "{\"error\":\"bad_verification_code\"}"));
    HttpResponse<String> answer = signIn("github");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(403);
    assertNotSignedIn(answer);
  }

  @Test
  void theSecretIsShownAsTheProviderTakesItAndAPublicClientShowsNone() throws Exception {
    provider.requests.clear();
    sessionCookie(signIn("acme"));
    sessionCookie(signIn("secretless"));
    provider.requests.removeIf(request -> !request.contains("/token "));
    assertThat(provider.requests).hasSize(2);
    assertThat(provider.requests.getFirst()).contains(" Basic ").doesNotContain("client_secret");
    assertThat(provider.requests.getLast()).contains("client_id=gate").endsWith(" null");
  }

  // Linking

  private static Begun beginLink(String name, String session) throws Exception {
    HttpResponse<String> answer =
        gate.post(
            "/auth/" + name + "/link",
            new JsonObject(),
            "Cookie",
            session,
            "X-CSRF-Token",
            gate.csrfToken(session));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(303);
    return begun(answer);
  }

  @Test
  void aPersonLinksAProviderAndSignsInWithItAfterwards() throws Exception {
    gate.person("linker");
    provider.subject = "linker-there";
    String session = gate.session("linker", PASSWORD);
    Begun begun = beginLink("closed", session);
    HttpResponse<String> back =
        comeBack(provider.approve(begun.location), begun.cookie + "; " + session);
    assertThat(back.statusCode()).as(back.body()).isEqualTo(303);
    assertThat(back.headers().firstValue("Location")).contains("/account?done=linked");
    String by = sessionCookie(signIn("closed"));
    assertThat(new JsonObject(gate.get("/whoami", "Cookie", by).body()).getString("subject"))
        .isEqualTo(
            new JsonObject(gate.get("/whoami", "Cookie", session).body()).getString("subject"));

    // The identity is taken: nobody else gets it.
    gate.person("thief");
    String thief = gate.session("thief", PASSWORD);
    Begun stolen = beginLink("closed", thief);
    HttpResponse<String> refused =
        comeBack(provider.approve(stolen.location), stolen.cookie + "; " + thief);
    assertThat(refused.statusCode()).isEqualTo(403);
  }

  @Test
  void twoNumbersThatAreReadAsOneAreNotOnePerson() throws Exception {
    for (String number : List.of("18446744073709551615", "18446744073709551614")) {
      provider.sign =
          set ->
              HostileProvider.signedBy(
                  provider.key,
                  with("sub", "SUB").apply(set).toString().replace("\"SUB\"", number));
      assertNotSignedIn(signIn("acme"));
    }
    for (String number : List.of("18446744073709551615", "583231.0", "\"583231\"", "5e5")) {
      provider.instead.put(
          "/github/api/user",
          exchange ->
              HostileProvider.json(exchange, 200, "{\"login\":\"a\",\"id\":" + number + "}"));
      assertThat(signIn("github").statusCode()).as(number).isEqualTo(503);
    }
  }

  @Test
  void aRecentSignInIsOneThatTheProviderVouchesFor() throws Exception {
    provider.subject = "lately";
    String session = sessionCookie(signIn("acme"));
    assertThat(linking("other", session))
        .as("the provider may have known the browser for days")
        .contains("NOT_AUTHENTICATED");
    HttpResponse<String> page =
        gate.post(
            "/auth/other/link",
            new JsonObject(),
            "Cookie",
            session,
            "Accept",
            "text/html",
            "X-CSRF-Token",
            gate.csrfToken(session));
    assertThat(page.headers().firstValue("Location"))
        .hasValueSatisfying(
            location -> assertThat(location).startsWith("/login?return=%2Faccount&again=yes"));
    assertThat(gate.get("/login?return=%2Faccount&again=yes", "Accept", "text/html").body())
        .contains("href=\"/auth/acme?return=%2Faccount&amp;again=yes\"");

    Begun asked = begin("acme", "?return=/account&again=yes");
    assertThat(parameter(asked.location, "max_age")).isEqualTo("300");
    String recent = sessionCookie(comeBack(provider.approve(asked.location), asked.cookie));
    assertThat(linking("other", recent)).startsWith(provider.issuer("other").toString());

    // The browser leaves the parameter out, and is known at the provider without a question.
    Begun cut = begin("acme", "?return=/account&again=yes");
    HttpResponse<String> refused =
        comeBack(provider.approve(cut.location.replaceAll("&?max_age=300", "")), cut.cookie);
    assertNotSignedIn(refused);
    assertThat(explained(refused)).contains("auth_time");
    provider.claims = with("auth_time", Instant.now().getEpochSecond() - 600);
    Begun old = begin("acme", "?return=/account&again=yes");
    assertNotSignedIn(comeBack(provider.approve(old.location), old.cookie));
  }

  @Test
  void aProviderThatNeverSaysWhenItAskedForAPasswordCountsFromItsAnswer() throws Exception {
    Begun asked = begin("github", "?return=/account&again=yes");
    assertThat(asked.location).doesNotContain("max_age");
    String session = sessionCookie(comeBack(provider.approve(asked.location), asked.cookie));
    assertThat(linking("other", session)).startsWith(provider.issuer("other").toString());
  }

  private static String linking(String name, String session) throws Exception {
    HttpResponse<String> answer =
        gate.post(
            "/auth/" + name + "/link",
            new JsonObject(),
            "Cookie",
            session,
            "X-CSRF-Token",
            gate.csrfToken(session));
    return answer.headers().firstValue("Location").orElseGet(answer::body);
  }

  @Test
  void whatOneIssuerGaveIsNotTheNextOnesThatHasItsName() throws Exception {
    provider.tokens = answer -> answer.put("refresh_token", "rt-old");
    String session = sessionCookie(signIn("mover"));
    assertThat(fields(gate.get("/moved", "Cookie", session)).fieldNames())
        .contains("x-auth-provider-token");
    Begun begun = begin("mover", "?return=/orders");
    String old = provider.issuer("mover").toString();
    gate.restart(
        data -> {
          Path config = data.resolveSibling("gatehouse.yaml");
          Files.writeString(
              config, Files.readString(config).replace("'" + old + "'", "'" + old + "-two'"));
        });
    provider.requests.clear();

    assertThat(fields(gate.get("/moved", "Cookie", session)).fieldNames())
        .doesNotContain("x-auth-provider-token");
    assertThat(provider.requests).noneMatch(request -> request.contains("rt-old"));
    assertThat(comeBack(provider.approve(begun.location), begun.cookie).statusCode())
        .as("the attempt was one with the old issuer")
        .isEqualTo(400);
    assertThat(gate.get("/account", "Cookie", session, "Accept", "text/html").body())
        .contains(old)
        .contains("/auth/mover/link");
  }

  @Test
  void twoCredentialsOfAPersonAreAPasswordAndAnIdentityAtAProviderAndNotWhatOneOfThemGave()
      throws Exception {
    gate.person("double");
    provider.subject = "double-there";
    String byPassword = gate.session("double", PASSWORD);
    Begun begun = beginLink("acme", byPassword);
    comeBack(provider.approve(begun.location), begun.cookie + "; " + byPassword);
    String byProvider = sessionCookie(signIn("acme"));
    String basic = PeopleGate.basic("double", PASSWORD);
    String ofPassword = PeopleGate.bearer(gate.tokens("double", PASSWORD));
    String ofProvider =
        "Bearer "
            + new JsonObject(exchange(codeIn(pageCode("")), VERIFIER.getValue()).body())
                .getString("access_token");

    HttpResponse<String> one =
        gate.get("/password-and-session", "Authorization", basic, "Cookie", byPassword);
    assertThat(one.statusCode()).isEqualTo(401);
    assertThat(code(one)).isEqualTo("METHOD_NOT_ACCEPTED");
    assertThat(explained(one)).contains("basic pw_").contains("session ses_");
    assertThat(together("/password-and-session", basic, byProvider)).isEqualTo(200);
    assertThat(together("/session-and-token", ofPassword, byPassword)).isEqualTo(401);
    assertThat(together("/session-and-token", ofProvider, byProvider)).isEqualTo(401);
    assertThat(together("/session-and-token", ofPassword, byProvider)).isEqualTo(200);
    assertThat(together("/session-and-token", ofProvider, byPassword)).isEqualTo(200);
  }

  private static int together(String path, String authorization, String cookie) throws Exception {
    return gate.get(path, "Authorization", authorization, "Cookie", cookie).statusCode();
  }

  @Test
  void linkingCannotBeginFromAnotherSiteOrWithoutSession() throws Exception {
    String session = gate.session("alice", PASSWORD);
    assertThat(
            gate.form("/auth/acme/link", "", "Cookie", session, "Origin", "https://evil.example")
                .statusCode())
        .isEqualTo(403);
    assertThat(gate.form("/auth/acme/link", "", "Cookie", session).statusCode()).isEqualTo(403);
    assertThat(gate.post("/auth/acme/link", new JsonObject()).statusCode()).isEqualTo(401);
    assertThat(gate.get("/auth/acme/link", "Cookie", session).statusCode()).isEqualTo(405);
    assertThat(provider.requests).noneMatch(request -> request.contains("link"));
  }

  @Test
  void linkIsMadeOnlyInTheBrowserAndSessionThatAskedForIt() throws Exception {
    gate.person("careful");
    provider.subject = "careful-there";
    String session = gate.session("careful", PASSWORD);
    // In a browser where nobody, or somebody else, is signed in.
    Begun first = beginLink("closed", session);
    assertThat(comeBack(provider.approve(first.location), first.cookie).statusCode())
        .isEqualTo(400);
    Begun second = beginLink("closed", session);
    String others = gate.session("alice", PASSWORD);
    assertThat(
            comeBack(provider.approve(second.location), second.cookie + "; " + others).statusCode())
        .isEqualTo(400);
    // After signing out.
    Begun third = beginLink("closed", session);
    gate.post("/logout", new JsonObject(), "Cookie", session);
    assertThat(
            comeBack(provider.approve(third.location), third.cookie + "; " + session).statusCode())
        .isEqualTo(400);
    assertThat(signIn("closed").statusCode()).as("no link was made").isEqualTo(403);
  }

  @Test
  void aFormThatLinksIsAnsweredWithAPageThatLeadsOn() throws Exception {
    String session = gate.session("alice", PASSWORD);
    HttpResponse<String> page =
        gate.form(
            "/auth/acme/link", "", "Cookie", session, "X-CSRF-Token", gate.csrfToken(session));
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.body()).contains("http-equiv=\"refresh\"").contains("/acme/authorize?");
    assertThat(page.headers().firstValue("Referrer-Policy")).contains("no-referrer");
  }

  // The rest

  @Test
  void attemptsAreTheGatesOwnAndReachNoUpstream() throws Exception {
    Begun begun = begin("acme", "");
    JsonObject fields = fields(gate.get("/public", "Cookie", "a=1; " + begun.cookie + "; b=2"));
    assertThat(fields.getString("cookie")).isEqualTo("a=1; b=2");
  }

  @Test
  void logHoldsNoSecret() throws Exception {
    Begun begun = begin("keeper", "");
    URI callback = provider.approve(begun.location);
    String session = sessionCookie(comeBack(callback, begun.cookie));
    comeBack(callback, begun.cookie);
    provider.sign = set -> "no token";
    signIn("keeper");
    String log = gate.process().err() + gate.process().out();
    for (String secret :
        List.of(
            parameter(begun.location, "state"),
            parameter(begun.location, "nonce"),
            parameter(callback.toString(), "code"),
            begun.cookie.split("=", 2)[1],
            session.split("=", 2)[1],
            HostileProvider.SECRET)) {
      assertThat(log).doesNotContain(secret);
    }
    assertThat(log).contains("SIGN_IN_REFUSED");
  }

  @Test
  void onlyThePathsOfProvidersAreTheres() throws Exception {
    assertThat(gate.get("/auth/nobody").statusCode()).isEqualTo(404);
    assertThat(gate.post("/auth/acme", new JsonObject()).statusCode()).isEqualTo(405);
    assertThat(gate.get("/auth/token").statusCode()).isEqualTo(405);
    assertThat(gate.get("/invited?token=inv_none").statusCode()).isEqualTo(404);
  }
}
