package dev.gatehouse.server.cli;

import static dev.gatehouse.server.cli.PeopleGate.PASSWORD;
import static dev.gatehouse.server.cli.PeopleGate.code;
import static dev.gatehouse.server.wire.HostileProvider.query;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.Scopes;
import dev.gatehouse.account.Accounts;
import dev.gatehouse.account.Roles;
import dev.gatehouse.oauth.Invitations;
import dev.gatehouse.server.wire.HostileProvider;
import dev.gatehouse.store.SqlDatabase;
import io.vertx.core.json.JsonObject;
import java.net.InetAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Signing in with providers at a gate that is set otherwise: strict cookies, a prefix, few failed
/// attempts; with invitations, and with a provider that hangs while many wait for it.
@Timeout(120)
@Tag("end-to-end")
class ProviderSignInEdgesTest {

  @TempDir private static Path temp;
  @AutoClose private static HostileProvider provider;
  @AutoClose private static PeopleGate gate;
  private static final List<String> INVITATIONS = new ArrayList<>();

  @BeforeAll
  static void start() throws Exception {
    provider = new HostileProvider();
    Path ca = provider.certificateIn(temp);
    Files.writeString(temp.resolve("provider.secret"), HostileProvider.SECRET);
    StringBuilder settings =
        new StringBuilder(
            """
            prefix: /_gate
            throttle: { failedAttemptsPerMinute: 60 }
            methods:
              session: { sameSite: Strict }
              jwt: { cors: { origins: [https://app.example.com, 'chrome-extension://listed'] } }
              oauth:
                codeReturnPaths: [/app/callback, /old/callback]
                providers:
            """);
    for (String name : List.of("acme", "other", "keeper")) {
      boolean open = !name.equals("acme");
      settings.append(
          ("      %s: { issuer: '%s', clientId: gate, clientSecretFile: provider.secret,"
                  + " internalNetworks: [127.0.0.0/8, '::1'], caFile: '%s',"
                  + " allow: { anyone: %s }, keepTokens: %s }\n")
              .formatted(name, provider.issuer(name), ca, open, open));
    }
    gate =
        PeopleGate.in(
            temp,
            settings.toString(),
            """
              - path: /of-other
                upstream: UPSTREAM
                accept: [session]
                providerToken: { provider: other }
              - path: /of-keeper
                upstream: UPSTREAM
                accept: [session]
                providerToken: { provider: keeper }
            """);
    gate.person("alice");
    gate.restart(ProviderSignInEdgesTest::invite);
  }

  // As an administrator does.
  private static void invite(Path data) {
    try (SqlDatabase database = SqlDatabase.open(data.resolve("gatehouse.db"))) {
      Accounts accounts = new Accounts(database.accounts(), new Roles(Map.of()), Clock.systemUTC());
      Invitations invitations =
          new Invitations(database.invitations(), accounts, Clock.systemUTC());
      for (String email : new String[] {null, "invited@there.example"}) {
        INVITATIONS.add(
            ((Invitations.InvitationIssuance.Issued)
                    invitations.issue(
                        email, Set.of(), Scopes.of("orders:read"), Invitations.DEFAULT_LIFE))
                .token());
      }
    }
  }

  @BeforeEach
  void behave() {
    provider.behave();
  }

  private record Begun(String location, String cookie) {}

  private static Begun begin(String name, String query) throws Exception {
    HttpResponse<String> answer = gate.get("/_gate/auth/" + name + query);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(303);
    return new Begun(
        answer.headers().firstValue("Location").orElseThrow(),
        answer.headers().allValues("Set-Cookie").getLast().split(";", 2)[0]);
  }

  private static HttpResponse<String> comeBack(HttpClient by, URI callback, String cookie)
      throws Exception {
    return gate.send(
        by, "GET", callback.getRawPath() + "?" + callback.getRawQuery(), "", "Cookie", cookie);
  }

  private static HttpResponse<String> signIn(String name, String query) throws Exception {
    Begun begun = begin(name, query);
    return comeBack(gate.process().client(), provider.approve(begun.location), begun.cookie);
  }

  private static String sessionCookie(HttpResponse<String> answer) {
    return answer.headers().allValues("Set-Cookie").stream()
        .filter(cookie -> cookie.startsWith("__Host-gatehouse="))
        .findFirst()
        .orElseThrow(() -> new AssertionError(answer.body()))
        .split(";", 2)[0];
  }

  @Test
  void theRedirectUriIsTheGatesOwnWithThePrefixAndNothingElse() throws Exception {
    assertThat(query(begin("acme", "?return=/orders").location).get("redirect_uri"))
        .containsExactly(gate.process().address() + "/_gate/auth/acme/callback");
  }

  @Test
  void answerOfAProviderMayHaveParametersThatNoOneReadsAndNamesEachOfTheOthersOnce()
      throws Exception {
    Begun begun = begin("other", "?return=/orders");
    URI back = provider.approve(begun.location);
    for (String twice : List.of("code=x", "state=x", "iss=x", "error=x&error=y", "code=%E9")) {
      assertThat(
              comeBack(gate.process().client(), URI.create(back + "&" + twice), begun.cookie)
                  .statusCode())
          .as(twice)
          .isEqualTo(400);
    }
    URI more = URI.create(back + "&scope=a&scope=b&error_description=%E9");
    assertThat(comeBack(gate.process().client(), more, begun.cookie).statusCode()).isEqualTo(200);
  }

  @Test
  void aStrictCookieIsFollowedByAPageOfOurOwnSinceARedirectWouldLeaveItBehind() throws Exception {
    HttpResponse<String> back = signIn("other", "?return=/orders");
    assertThat(back.statusCode()).isEqualTo(200);
    assertThat(back.headers().allValues("Set-Cookie"))
        .anyMatch(c -> c.startsWith("__Host-gatehouse=") && c.endsWith("SameSite=Strict"))
        .anyMatch(c -> c.startsWith("__Host-gatehouse-signin-") && c.contains("SameSite=Lax"));
    assertThat(back.body())
        .contains("content=\"0;url=" + gate.process().address() + "/orders\"")
        .doesNotContain("code=")
        .doesNotContain("state=");
  }

  // Browsers leave these characters as they are in a query, and no URI has them.
  @Test
  void pageAfterASignInLeadsToAnAddressThatIsNoUri() throws Exception {
    for (String target : List.of("/orders?filter=a|b", "/orders?q=100%", "/orders?a={b}^`")) {
      HttpResponse<String> back =
          signIn("other", "?return=" + URLEncoder.encode(target, StandardCharsets.UTF_8));
      assertThat(back.statusCode()).as(target).isEqualTo(200);
      assertThat(back.body())
          .contains("content=\"0;url=" + gate.process().address() + target + "\"");
    }
  }

  @Test
  void pageAfterASignInLeadsToNoOtherSignIn() throws Exception {
    String inner = "/_gate/%61uth/acme?return=/app/callback&code_challenge_method=S256";
    HttpResponse<String> back =
        signIn("other", "?return=" + URLEncoder.encode(inner, StandardCharsets.UTF_8));
    assertThat(back.statusCode()).isEqualTo(200);
    assertThat(back.body())
        .contains("content=\"0;url=" + gate.process().address() + "/_gate/login\"");
  }

  @Test
  void aLinkIsMadeThoughTheStrictCookieStayedBehindButNotAfterSigningOut() throws Exception {
    provider.subject = "linked-strictly";
    String session = cookie("alice");
    for (boolean signedOut : new boolean[] {true, false}) {
      session = cookie("alice");
      HttpResponse<String> asked =
          gate.post(
              "/_gate/auth/acme/link",
              new JsonObject(),
              "Cookie",
              session,
              "X-CSRF-Token",
              token(session));
      String location = asked.headers().firstValue("Location").orElseThrow();
      String attempt = asked.headers().allValues("Set-Cookie").getLast().split(";", 2)[0];
      if (signedOut) {
        gate.post("/_gate/logout", new JsonObject(), "Cookie", session);
      }
      HttpResponse<String> back =
          comeBack(gate.process().client(), provider.approve(location), attempt);
      assertThat(back.statusCode()).as(back.body()).isEqualTo(signedOut ? 400 : 200);
    }
    assertThat(
            new JsonObject(
                    gate.get("/_gate/whoami", "Cookie", sessionCookie(signIn("acme", ""))).body())
                .getString("subject"))
        .isEqualTo(
            new JsonObject(gate.get("/_gate/whoami", "Cookie", session).body())
                .getString("subject"));
  }

  @Test
  void whoSignedInLongAgoSignsInAgainBeforeLinking() throws Exception {
    String session = cookie("alice");
    gate.restartAfter("UPDATE session SET authenticated_at = authenticated_at - 900000");
    HttpResponse<String> answer =
        gate.form("/_gate/auth/acme/link", "", "Cookie", session, "X-CSRF-Token", token(session));
    assertThat(answer.statusCode()).isEqualTo(303);
    assertThat(answer.headers().firstValue("Location").orElseThrow()).startsWith("/_gate/login?");
    assertThat(answer.headers().allValues("Set-Cookie")).isEmpty();
    HttpResponse<String> program =
        gate.post(
            "/_gate/auth/acme/link",
            new JsonObject(),
            "Cookie",
            session,
            "X-CSRF-Token",
            token(session));
    assertThat(program.statusCode()).isEqualTo(401);
    assertThat(PeopleGate.code(program)).isEqualTo("NOT_AUTHENTICATED");
  }

  private static String cookie(String name) throws Exception {
    return PeopleGate.cookie(gate.post("/_gate/login", PeopleGate.login(name, PASSWORD)));
  }

  private static String token(String session) throws Exception {
    return new JsonObject(gate.get("/_gate/csrf", "Cookie", session).body()).getString("csrfToken");
  }

  // Pages that get codes

  private static HttpResponse<String> beginCodeFlow(String path) throws Exception {
    return gate.get(
        "/_gate/auth/other?return="
            + path
            + "&code_challenge_method=S256&code_challenge="
            + "c".repeat(43),
        "Sec-Fetch-Site",
        "same-origin");
  }

  @Test
  void codeReturnPathsAreNotBelowThePrefix() throws Exception {
    HttpResponse<String> answer = beginCodeFlow("/app/callback");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(303);
    assertThat(beginCodeFlow("/_gate/app/callback").statusCode()).isEqualTo(400);
  }

  @Test
  void sendsNoCodeToPathThatTheConfigurationNoLongerLists() throws Exception {
    HttpResponse<String> answer = beginCodeFlow("/old/callback");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(303);
    String attempt = answer.headers().allValues("Set-Cookie").getLast().split(";", 2)[0];
    URI callback = provider.approve(answer.headers().firstValue("Location").orElseThrow());
    Path config = temp.resolve("gatehouse.yaml");
    gate.restart(
        data ->
            Files.writeString(config, Files.readString(config).replace(", /old/callback]", "]")));
    provider.requests.clear();
    HttpResponse<String> back = comeBack(gate.process().client(), callback, attempt);
    assertThat(back.statusCode()).as(back.body()).isEqualTo(400);
    assertThat(back.headers().firstValue("Location")).isEmpty();
    assertThat(provider.requests).as("the provider is not asked").isEmpty();
  }

  // Invitations

  @Test
  void anInvitationIsLookedAtOftenAndMakesOneAccount() throws Exception {
    String token = INVITATIONS.getFirst();
    for (int i = 0; i < 2; i++) {
      HttpResponse<String> page = gate.get("/_gate/invited?token=" + token, "Accept", "text/html");
      assertThat(page.statusCode()).as(page.body()).isEqualTo(200);
      assertThat(page.body()).contains("/_gate/auth/acme?invitation=" + token);
      assertThat(page.headers().firstValue("Cache-Control")).contains("no-store");
    }
    provider.subject = "invited-1";
    assertThat(signIn("acme", "").statusCode()).as("uninvited").isEqualTo(403);
    Begun begun = begin("acme", "?return=/orders&invitation=" + token);
    assertThat(begun.location).doesNotContain(token);
    assertThat(begun.cookie).doesNotContain(token);
    String session =
        sessionCookie(
            comeBack(gate.process().client(), provider.approve(begun.location), begun.cookie));
    assertThat(gate.get("/orders", "Cookie", session).statusCode()).isEqualTo(200);
    // The invitation is spent; the identity signs in without one.
    provider.subject = "invited-2";
    assertThat(signIn("acme", "?invitation=" + token).statusCode()).isEqualTo(403);
    provider.subject = "invited-1";
    sessionCookie(signIn("acme", ""));
  }

  @Test
  void anInvitationForAnAddressIsForWhoeverProvesIt() throws Exception {
    String token = INVITATIONS.getLast();
    provider.subject = "not-the-invited";
    HttpResponse<String> other = signIn("acme", "?invitation=" + token);
    assertThat(other.statusCode()).isEqualTo(403);
    provider.subject = "the-invited";
    provider.email = "invited@there.example";
    provider.claims = HostileProvider.with("email_verified", false);
    assertThat(signIn("acme", "?invitation=" + token).statusCode()).isEqualTo(403);
    provider.claims = java.util.function.UnaryOperator.identity();
    sessionCookie(signIn("acme", "?invitation=" + token));
  }

  @Test
  void anAdministratorInvitesAndSeesAndUnlinks() throws Exception {
    String printed =
        done(
            "invite",
            "add",
            "--email",
            "Guest@There.example",
            "--role",
            "clerk",
            "--expires",
            "2h");
    assertThat(printed)
        .startsWith(gate.process().address() + "/_gate/invited?token=")
        .contains("It works once, until ", " Give it to guest@there.example alone");
    String token = printed.lines().findFirst().orElseThrow().replaceFirst(".*=", "");
    JsonObject open = invitationOf("guest@there.example");
    assertThat(open.getBoolean("live")).isTrue();
    assertThat(open.getString("account")).isNull();
    assertThat(done("invite", "list"))
        .containsPattern("inv_\\w+ +guest@there.example +open +clerk +- ")
        .doesNotContain(token);

    provider.subject = "guest";
    provider.email = "guest@there.example";
    String session = sessionCookie(signIn("acme", "?invitation=" + token));

    JsonObject accepted = invitationOf("guest@there.example");
    String account = subjectOfSession(session);
    assertThat(accepted.getBoolean("live")).isFalse();
    assertThat(accepted.getString("account")).isEqualTo(account);
    assertThat(done("invite", "list")).contains("  accepted  ");
    assertThat(done("user", "show", account))
        .contains("email    guest@there.example\n", "roles    clerk\n", "scopes   orders:write\n");
    failed("that nobody has accepted", "invite", "withdraw", accepted.getString("id"));
    failed(
        "there is an account with that e-mail address",
        "invite",
        "add",
        "--email",
        "GUEST@there.example");

    JsonObject link =
        new JsonObject(done("user", "links", account, "--json"))
            .getJsonArray("items")
            .getJsonObject(0);
    assertThat(link.fieldNames())
        .containsExactly(
            "id", "owner", "provider", "issuer", "subject", "label", "createdAt", "lastUsedAt");
    assertThat(link.getString("subject")).isEqualTo("guest");
    assertThat(done("user", "links", account)).contains(link.getString("id") + "  acme");
    failed("the only way in", "user", "unlink", account, link.getString("id"));
    assertThat(subjectOfSession(session)).isEqualTo(account);

    assertThat(done("user", "unlink", account, link.getString("id"), "--force"))
        .contains("state    active\n");
    assertThat(gate.get("/_gate/whoami", "Cookie", session).statusCode()).isEqualTo(401);
    assertThat(signIn("acme", "").statusCode()).isEqualTo(403);
  }

  @Test
  void aWithdrawnInvitationLetsNobodyIn() throws Exception {
    assertThat(done("invite", "add")).contains(" Give it to the person alone");
    assertThat(done("invite", "list")).contains("  anybody  ");
    JsonObject invited = new JsonObject(done("invite", "add", "--json"));
    assertThat(invited.getString("link"))
        .endsWith("/_gate/invited?token=" + invited.getString("token"));
    assertThat(done("invite", "withdraw", invited.getString("id")))
        .contains("good for nobody any more");

    provider.subject = "late";
    assertThat(signIn("acme", "?invitation=" + invited.getString("token")).statusCode())
        .isEqualTo(403);
    assertThat(gate.get("/_gate/invited?token=" + invited.getString("token")).statusCode())
        .isNotEqualTo(200);
  }

  private static JsonObject invitationOf(String email) {
    return new JsonObject(done("invite", "list", "--json"))
        .getJsonArray("items").stream()
            .map(JsonObject.class::cast)
            .filter(one -> email.equals(one.getString("email")))
            .findFirst()
            .orElseThrow();
  }

  private static String done(String... words) {
    CommandLineRun run = typed(words);
    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    return run.out();
  }

  private static void failed(String why, String... words) {
    CommandLineRun run = typed(words);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains(why).hasLineCount(1);
  }

  private static CommandLineRun typed(String... words) {
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--data", gate.process().data().toString()));
    return CommandLineRun.of(all.toArray(String[]::new));
  }

  // Races, floods

  @Test
  void twoConcurrentFirstSignInsMakeOneAccount() throws Exception {
    provider.subject = "at-once";
    List<CompletableFuture<HttpResponse<String>>> all = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      Begun begun = begin("other", "");
      URI back = provider.approve(begun.location);
      all.add(CompletableFuture.supplyAsync(() -> unchecked(gate.process().client(), back, begun)));
    }
    assertThat(all)
        .extracting(CompletableFuture::join)
        .extracting(ProviderSignInEdgesTest::sessionCookie)
        .extracting(ProviderSignInEdgesTest::subjectOfSession)
        .doesNotContainNull()
        .containsOnly(subjectOf(all.getFirst().join()));
  }

  private static String subjectOf(HttpResponse<String> signedIn) {
    return subjectOfSession(sessionCookie(signedIn));
  }

  private static String subjectOfSession(String session) {
    try {
      return new JsonObject(gate.get("/_gate/whoami", "Cookie", session).body())
          .getString("subject");
    } catch (Exception failed) {
      throw new IllegalStateException(failed);
    }
  }

  private static HttpResponse<String> unchecked(HttpClient by, URI back, Begun begun) {
    try {
      return comeBack(by, back, begun.cookie);
    } catch (Exception failed) {
      throw new IllegalStateException(failed);
    }
  }

  private static void hang(String path, CountDownLatch over) {
    provider.instead.put(
        path,
        exchange -> {
          try {
            over.await(20, TimeUnit.SECONDS);
          } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
          }
          HostileProvider.json(exchange, 500, "{}");
        });
  }

  @Test
  void providerThatHangsTakesNoPlaceFromThoseWhoNeedAKeptTokenOfAnother() throws Exception {
    provider.subject = "well";
    String well = sessionCookie(signIn("other", ""));
    provider.subject = "waiting";
    provider.tokens = answer -> answer.put("expires_in", 1).put("refresh_token", "rt-1");
    String waits = sessionCookie(signIn("keeper", ""));
    CountDownLatch over = new CountDownLatch(1);
    hang("/keeper/token", over);
    List<CompletableFuture<HttpResponse<String>>> waiting = new ArrayList<>();
    for (int i = 0; i < 70; i++) {
      waiting.add(
          CompletableFuture.supplyAsync(
              () -> unchecked("/of-keeper", waits), task -> Thread.ofVirtual().start(task)));
    }
    // Those for whom there is no place are told at once.
    GateProcess.until(() -> waiting.stream().anyMatch(CompletableFuture::isDone));
    HttpResponse<String> meanwhile = gate.get("/of-other", "Cookie", well);
    assertThat(waiting).as("some wait still").anyMatch(each -> !each.isDone());
    over.countDown();
    assertThat(waiting)
        .extracting(CompletableFuture::join)
        .allMatch(answer -> answer.statusCode() == 503);
    assertThat(meanwhile.statusCode()).as(meanwhile.body()).isEqualTo(200);
    assertThat(new JsonObject(meanwhile.body()).getJsonObject("fields").fieldNames())
        .contains("x-auth-provider-token");
  }

  private static HttpResponse<String> unchecked(String path, String session) {
    try {
      return gate.get(path, "Cookie", session);
    } catch (Exception failed) {
      throw new IllegalStateException(failed);
    }
  }

  @Test
  void waitingForHangingProviderTakesNoPlaceFromOthers() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    hang("/acme/token", over);
    List<Begun> begun = new ArrayList<>();
    for (int i = 0; i < 70; i++) {
      begun.add(begin("acme", ""));
    }
    HttpClient client = gate.process().client();
    List<CompletableFuture<HttpResponse<String>>> waiting = new ArrayList<>();
    for (Begun each : begun) {
      waiting.add(
          CompletableFuture.supplyAsync(
              () -> unchecked(client, provider.approve(each.location), each),
              task -> Thread.ofVirtual().start(task)));
    }
    // There are 64 places for it: the others are told at once, while those wait.
    GateProcess.until(() -> waiting.stream().anyMatch(CompletableFuture::isDone));
    assertThat(waiting)
        .filteredOn(CompletableFuture::isDone)
        .extracting(CompletableFuture::join)
        .allMatch(answer -> answer.statusCode() == 503);
    provider.subject = "meanwhile";
    sessionCookie(signIn("other", ""));
    assertThat(cookie("alice")).isNotEmpty();
    assertThat(waiting).as("some wait still").anyMatch(each -> !each.isDone());
    over.countDown();
    for (CompletableFuture<HttpResponse<String>> each : waiting) {
      assertThat(each.join().statusCode()).isEqualTo(503);
    }
  }

  private static HttpClient clientAt(String address) throws Exception {
    return GateProcess.client(
        gate.process().data().resolve("ca.crt"),
        HttpClient.Version.HTTP_1_1,
        InetAddress.getByName(address));
  }

  private static HttpResponse<String> form(
      HttpClient by, String path, String form, String... fields) throws Exception {
    String[] all = java.util.Arrays.copyOf(fields, fields.length + 2);
    all[fields.length] = "Content-Type";
    all[fields.length + 1] = "application/x-www-form-urlencoded";
    return gate.send(by, "POST", "/_gate" + path, form, all);
  }

  @Test
  void anotherSitesPageSpendsNoAttemptsOfTheAddressNorOfAName() throws Exception {
    HttpClient elsewhere = clientAt("127.0.0.9");
    String wrong = "email=alice@example.com&password=wrong";
    String right =
        "email=alice@example.com&password=" + URLEncoder.encode(PASSWORD, StandardCharsets.UTF_8);
    for (int i = 0; i < 35; i++) {
      for (String[] from :
          new String[][] {
            {"Origin", "https://evil.example"},
            {"Sec-Fetch-Site", "cross-site"},
            {"Origin", "null"},
            {"Origin", "chrome-extension://another"}
          }) {
        for (HttpResponse<String> forged :
            List.of(
                form(elsewhere, "/api/auth/login", wrong, from),
                form(elsewhere, "/api/auth/refresh", "refreshToken=x", from),
                form(
                    elsewhere,
                    "/auth/token",
                    "grant_type=authorization_code&code=x&code_verifier=y",
                    from),
                form(
                    elsewhere,
                    "/auth/token",
                    "grant_type=client_credentials&client_secret=sk_live_x",
                    from))) {
          assertThat(forged.statusCode()).as(forged.body()).isEqualTo(403);
          assertThat(code(forged)).isEqualTo("CSRF");
        }
      }
    }
    assertThat(form(elsewhere, "/api/auth/login", right).statusCode()).isEqualTo(200);

    String[] listed = {"Origin", "https://app.example.com", "Sec-Fetch-Site", "cross-site"};
    HttpResponse<String> there = form(elsewhere, "/api/auth/login", right, listed);
    assertThat(there.statusCode()).as(there.body()).isEqualTo(200);
    assertThat(there.headers().firstValue("Access-Control-Allow-Origin")).contains(listed[1]);
    assertThat(form(elsewhere, "/api/auth/login", wrong, listed).statusCode()).isEqualTo(401);
    String[] extension = {"Origin", "chrome-extension://listed", "Sec-Fetch-Site", "cross-site"};
    assertThat(form(elsewhere, "/api/auth/login", right, extension).statusCode()).isEqualTo(200);
    String own = gate.process().address().toString();
    assertThat(form(elsewhere, "/api/auth/login", right, "Origin", own).statusCode())
        .isEqualTo(200);
  }

  @Test
  void hiddenRequestsOfAnotherSiteSpendNoSignInsOfTheAddress() throws Exception {
    HttpClient elsewhere = clientAt("127.0.0.10");
    String[] image = {"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Dest", "image"};
    String[] prefetch = {
      "Sec-Fetch-Site", "cross-site",
      "Sec-Fetch-Mode", "navigate",
      "Sec-Fetch-Dest", "document",
      "Sec-Purpose", "prefetch"
    };
    // Of the 600 a minute that the address has, few are left.
    for (int i = 0; i < 590; i++) {
      assertThat(gate.send(elsewhere, "GET", "/_gate/auth/acme", "").statusCode()).isEqualTo(303);
    }
    for (int i = 0; i < 100; i++) {
      for (HttpResponse<String> hidden :
          List.of(
              gate.send(elsewhere, "GET", "/_gate/auth/acme?n=" + i, "", image),
              gate.send(elsewhere, "GET", "/_gate/auth/acme/callback?state=x", "", image),
              form(elsewhere, "/auth/acme/link", "", "Origin", "https://evil.example"))) {
        assertThat(hidden.statusCode()).as(hidden.body()).isEqualTo(403);
        assertThat(code(hidden)).isEqualTo("CSRF");
      }
      assertThat(gate.send(elsewhere, "GET", "/_gate/auth/acme", "", prefetch).statusCode())
          .isEqualTo(403);
    }
    assertThat(gate.send(elsewhere, "GET", "/_gate/auth/acme", "").statusCode()).isEqualTo(303);
  }

  @Test
  void whoComesBackWithCodesThatAreMadeUpMustWait() throws Exception {
    HttpClient elsewhere = clientAt("127.0.0.7");
    HttpResponse<String> last = gate.send(elsewhere, "GET", "/_gate/auth/none", "");
    assertThat(last.statusCode()).isEqualTo(404);
    for (int i = 0; i < 200 && last.statusCode() != 429; i++) {
      HttpResponse<String> start = gate.send(elsewhere, "GET", "/_gate/auth/acme", "");
      if (start.statusCode() != 303) {
        last = start;
        break;
      }
      String attempt = start.headers().allValues("Set-Cookie").getLast().split(";", 2)[0];
      URI back =
          provider.refuse(start.headers().firstValue("Location").orElseThrow(), "code=made-up");
      last = comeBack(elsewhere, back, attempt);
    }
    assertThat(last.statusCode()).isEqualTo(429);
    assertThat(code(last)).isEqualTo("THROTTLED");
    assertThat(last.headers().firstValue("Retry-After")).isPresent();
    int asked = provider.requests.size();
    assertThat(gate.send(elsewhere, "GET", "/_gate/auth/acme", "").statusCode()).isEqualTo(429);
    assertThat(provider.requests).hasSize(asked);
    elsewhere.shutdownNow();
    // Nobody else waits with them.
    begin("acme", "");
  }
}
