package dev.gatehouse.server.cli;

import static dev.gatehouse.server.cli.PeopleGate.PASSWORD;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.gatehouse.server.wire.Chromium;
import dev.gatehouse.server.wire.GitHubShaped;
import dev.gatehouse.server.wire.ProviderProcess;
import dev.gatehouse.server.wire.TestCertificates;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// People sign in with three providers at once, in a real browser: npm's `oidc-provider`, Spring
/// Authorization Server, and one in GitHub's shape.
@Timeout(300)
@Tag("end-to-end")
class ProvidersInABrowserTest {

  private static final String SECRET = "a-secret-of-the-gate-and-its-providers";

  @TempDir private static Path temp;
  @AutoClose private static ProviderProcess node;
  @AutoClose private static ProviderProcess spring;
  @AutoClose private static GitHubShaped github;
  @AutoClose private static PeopleGate gate;
  @AutoClose private static Chromium browser;

  private static HttpServer workers;
  private static URI nodeIssuer;
  private static URI springIssuer;

  @BeforeAll
  static void start() throws Exception {
    TestCertificates certificates = new TestCertificates("localhost", "127.0.0.1");
    Path certificate =
        Files.write(temp.resolve("provider.pem"), certificates.certificatePem().getBytes());
    Path key = Files.write(temp.resolve("provider.key"), certificates.keyPem().getBytes());
    Files.writeString(temp.resolve("client.secret"), SECRET);
    spring = ProviderProcess.ofSpring(certificate, key);
    node = ProviderProcess.ofNode(certificate, key);
    List<String> many =
        Stream.concat(
                IntStream.range(0, 120).mapToObj(number -> "club-" + number), Stream.of("acme"))
            .toList();
    github =
        new GitHubShaped(
            certificates,
            new GitHubShaped.Person(1, "octo", "octo@github.example", true, List.of("acme")),
            new GitHubShaped.Person(2, "joiner", "joiner@github.example", true, many),
            new GitHubShaped.Person(3, "stranger", "s@github.example", true, List.of("other")));
    workers = servingAWorker();
    nodeIssuer = node.issuer();
    springIssuer = spring.issuer();
    gate =
        PeopleGate.in(
            temp,
            """
            methods:
              oauth:
                codeReturnPaths: [/public/callback]
                providers:
                  node:
                    issuer: %s
                    label: Node
                    clientId: gate
                    clientSecretFile: client.secret
                    scopes: [openid, email, profile]
                    internalNetworks: [127.0.0.0/8, '::1']
                    caFile: provider.pem
                    allow: { anyone: true }
                  spring:
                    issuer: %s
                    clientId: gate
                    clientSecretFile: client.secret
                    scopes: [openid, email, profile]
                    internalNetworks: [127.0.0.0/8, '::1']
                    caFile: provider.pem
                    allow: { emails: [alice@spring.example] }
                  github:
                    type: github
                    issuer: %s
                    apiUrl: %s
                    clientId: gate
                    clientSecretFile: client.secret
                    internalNetworks: [127.0.0.0/8, '::1']
                    caFile: provider.pem
                    allow: { organisations: [acme] }
                issuers:
                  - issuer: %s
                    audience: https://api.example
                    scopes: { map: { orders.read: [orders:read] } }
                    internalNetworks: [127.0.0.0/8, '::1']
                    caFile: provider.pem
                  - issuer: %s
                    audience: https://api.example
                    scopes: { map: { orders.read: [orders:read] } }
                    introspection: { clientId: gate, clientSecretFile: client.secret }
                    internalNetworks: [127.0.0.0/8, '::1']
                    caFile: provider.pem
            """
                .formatted(
                    nodeIssuer,
                    springIssuer,
                    github.issuer(),
                    github.api(),
                    nodeIssuer,
                    springIssuer),
            """
              - path: /programs
                upstream: UPSTREAM
                accept: [oauth]
                require: { GET: orders:read }
              - path: /worker.js
                upstream: WORKERS
                accept: [public]
            """
                .replace("WORKERS", "http://127.0.0.1:" + workers.getAddress().getPort()));
    String callback = gate.process().address() + "/auth/%s/callback";
    node.register("gate", SECRET, callback.formatted("node"), "https://api.example");
    spring.register("gate", SECRET, callback.formatted("spring"), "https://api.example");
    github.register("gate", SECRET, callback.formatted("github"));
    browser = Chromium.trusting(gate.process().data().resolve("server.crt"), certificate);
  }

  // It passes every request on, as those of many pages do.
  private static HttpServer servingAWorker() throws IOException {
    byte[] script =
        "addEventListener('fetch', event => event.respondWith(fetch(event.request)));"
            .getBytes(StandardCharsets.UTF_8);
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            exchange.getResponseHeaders().set("Content-Type", "text/javascript");
            exchange.sendResponseHeaders(200, script.length);
            exchange.getResponseBody().write(script);
          }
        });
    server.start();
    return server;
  }

  @AfterAll
  static void stopServingAWorker() {
    workers.stop(0);
  }

  @BeforeEach
  void forget() {
    browser.forgetCookies();
  }

  private static String url(String path) {
    return gate.process().address() + path;
  }

  /// Who the API was told is calling.
  private static String subject() {
    return new JsonObject(browser.text())
        .getJsonObject("fields")
        .getString("x-auth-subject", "nobody");
  }

  private static void atNode(String login) {
    assertThat(browser.text()).contains("Sign-in");
    browser.type("login", login);
    browser.type("password", "any");
    browser.click("Sign-in");
    browser.click("Continue"); // what the gate may know
  }

  private static void atSpring(String name) {
    browser.type("username", name);
    browser.type("password", "password");
    browser.click("Sign in");
  }

  private static void agreeAtSpring() {
    browser.tick("email");
    browser.tick("profile");
    browser.click("Submit Consent");
  }

  @Test
  void eachProviderHasAButtonAndLeadsBackToWhereThePersonWasGoing() {
    browser.go(url("/sessions-only?page=1"));
    assertThat(browser.heading()).isEqualTo("Sign in");
    browser.follow("Sign in with Node");
    atNode("alice");
    assertThat(browser.url()).isEqualTo(url("/sessions-only?page=1"));
    String ofNode = subject();

    browser.forgetCookies();
    browser.go(url("/sessions-only?page=2"));
    browser.follow("Sign in with Spring");
    atSpring("alice");
    agreeAtSpring();
    assertThat(browser.url()).isEqualTo(url("/sessions-only?page=2"));
    String ofSpring = subject();

    browser.forgetCookies();
    browser.go(url("/sessions-only?page=3"));
    browser.follow("Sign in with GitHub");
    browser.click("Authorize as octo");
    assertThat(browser.url()).isEqualTo(url("/sessions-only?page=3"));
    // Alice there and Alice elsewhere need not be one person.
    assertThat(List.of(ofNode, ofSpring, subject())).doesNotHaveDuplicates();
    assertThat(browser.cookiesOfScripts()).as("no script sees it").isEmpty();
  }

  @Test
  void whoSignsOutAndInAgainIsTheSamePersonAndAnotherIsAnother() {
    browser.go(url("/sessions-only"));
    browser.follow("Sign in with Node");
    atNode("carol");
    String carol = subject();
    browser.go(url("/login"));
    assertThat(browser.text()).contains("You are signed in");
    browser.click("Sign out");
    browser.go(url("/sessions-only"));
    assertThat(browser.heading()).as("signed out").isEqualTo("Sign in");
    browser.follow("Sign in with Node"); // who knows her still
    assertThat(browser.url()).isEqualTo(url("/sessions-only"));
    assertThat(subject()).isEqualTo(carol);

    browser.forgetCookies();
    browser.go(url("/sessions-only"));
    browser.follow("Sign in with Node");
    atNode("dave");
    assertThat(subject()).isNotEqualTo(carol);
  }

  @Test
  void whoIsNotLetInSeesAPageThatSaysSoAndMayTryAnotherWay() {
    browser.go(url("/sessions-only"));
    browser.follow("Sign in with Spring");
    atSpring("mallory");
    agreeAtSpring();
    assertThat(browser.heading()).isEqualTo("This account may not sign in here");
    assertThat(browser.text()).doesNotContain("mallory@spring.example");
    browser.go(url("/sessions-only"));
    assertThat(browser.heading()).as("no session came of it").isEqualTo("Sign in");
    browser.follow("Sign in with GitHub");
    browser.click("Authorize as stranger");
    assertThat(browser.heading()).isEqualTo("This account may not sign in here");
    browser.follow("Sign in another way");
    browser.follow("Sign in with GitHub");
    browser.click("Authorize as joiner"); // in an organisation of the second page
    assertThat(browser.text()).contains("You are signed in");
  }

  @Test
  void whoCancelsAtTheProviderIsNotSignedIn() {
    browser.go(url("/sessions-only"));
    browser.follow("Sign in with GitHub");
    browser.click("Cancel");
    assertThat(browser.url()).startsWith(url("/"));
    browser.go(url("/sessions-only"));
    assertThat(browser.heading()).isEqualTo("Sign in");
  }

  @Test
  void personSignsInThroughTheServiceWorkerOfAPageOfTheUpstream() {
    browser.go(url("/public"));
    browser.script(
        "return navigator.serviceWorker.register('/worker.js')"
            + ".then(() => navigator.serviceWorker.ready).then(() => '')");
    try {
      browser.go(url("/sessions-only?worker"));
      browser.follow("Sign in with GitHub");
      browser.click("Authorize as octo");
      assertThat(browser.url()).isEqualTo(url("/sessions-only?worker"));
    } finally {
      browser.go(url("/public"));
      browser.script(
          "return navigator.serviceWorker.ready.then(worker => worker.unregister()).then(() => '')");
    }
  }

  @Test
  void twoTabsSignInAtOnceAndEachEndsWhereItBegan() {
    browser.go(url("/sessions-only?tab=1"));
    browser.follow("Sign in with Node");
    String first = browser.openTab();
    browser.go(url("/sessions-only?tab=2"));
    browser.follow("Sign in with GitHub");
    String second = browser.turnTo(first);
    atNode("erin");
    assertThat(browser.url()).isEqualTo(url("/sessions-only?tab=1"));
    String erin = subject();
    browser.turnTo(second);
    browser.click("Authorize as octo");
    assertThat(browser.url()).isEqualTo(url("/sessions-only?tab=2"));
    assertThat(subject()).as("the last one counts").isNotEqualTo(erin);
  }

  @Test
  void refusesAnswerThatWasTakenToAnotherBrowser() throws Exception {
    browser.go(url("/auth/github?return=/sessions-only"));
    String authorize = browser.url();
    try (Chromium victim =
        Chromium.trusting(
            gate.process().data().resolve("server.crt"), temp.resolve("provider.pem"))) {
      victim.go(authorize);
      victim.click("Authorize as octo");
      assertThat(victim.heading()).isEqualTo("This sign-in is over");
      victim.go(url("/sessions-only"));
      assertThat(victim.heading()).isEqualTo("Sign in");
    }
    browser.go(url("/sessions-only"));
    assertThat(browser.heading()).as("nor was its own browser signed in").isEqualTo("Sign in");
  }

  @Test
  void onlyAPageOfThisOriginBeginsASignInThatEndsWithACode() {
    String begin =
        url("/auth/github?return=/public/callback&state=of-the-page&code_challenge_method=S256")
            + "&code_challenge="
            + "c".repeat(43);
    browser.go(begin); // an address that was typed
    assertThat(browser.heading()).isEqualTo("This sign-in did not begin here");

    browser.go(nodeIssuer + "/"); // another origin
    browser.script("location.href = '" + begin + "'; return ''");
    browser.arrive(url("/auth/github?"));
    assertThat(browser.heading()).isEqualTo("This sign-in did not begin here");

    browser.go(url("/public"));
    browser.script("location.href = '" + begin + "'; return ''");
    browser.arrive(github.issuer().toString());
    browser.click("Authorize as octo");
    assertThat(browser.url())
        .startsWith(url("/public/callback?code=ac_"))
        .endsWith("&state=of-the-page");
  }

  @Test
  void aPersonLinksAProviderOnTheAccountPageAndSignsInWithItFromThenOn() throws Exception {
    gate.person("frank");
    browser.go(url("/sessions-only"));
    browser.type("email", "frank@example.com");
    browser.type("password", PASSWORD);
    browser.enter("password");
    String frank = subject();
    browser.go(url("/account"));
    browser.click("Link Node");
    browser.arrive(node());
    atNode("franks-other-name");
    browser.arrive(url("/account"));
    assertThat(browser.text()).contains("Node");

    browser.forgetCookies();
    browser.go(url("/sessions-only"));
    browser.follow("Sign in with Node");
    atNode("franks-other-name");
    assertThat(subject()).isEqualTo(frank);
  }

  @Test
  void accessTokensOfBothOpenTheApiByTheKeysOfOneAndByAskingTheOther() throws Exception {
    String ofNode = accessToken("token", nodeIssuer);
    String ofSpring = accessToken("oauth2/token", springIssuer);
    for (String token : List.of(ofNode, ofSpring)) {
      assertThat(gate.get("/programs", "Authorization", "Bearer " + token).statusCode())
          .isEqualTo(200);
      String changed = token.substring(0, token.length() - 6) + "AAAAAA";
      assertThat(gate.get("/programs", "Authorization", "Bearer " + changed).statusCode())
          .isEqualTo(401);
    }
    JsonObject who =
        new JsonObject(gate.get("/whoami", "Authorization", "Bearer " + ofSpring).body());
    assertThat(who.getString("subject")).isEqualTo(springIssuer + "|gate");
  }

  private static String accessToken(String path, URI issuer) throws Exception {
    HttpResponse<String> answer =
        GateProcess.client(temp.resolve("provider.pem"), HttpClient.Version.HTTP_1_1, null)
            .send(
                HttpRequest.newBuilder(URI.create(issuer + "/" + path))
                    .header("Authorization", PeopleGate.basic("gate", SECRET))
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(
                        HttpRequest.BodyPublishers.ofString(
                            "grant_type=client_credentials&scope=orders.read"))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return new JsonObject(answer.body()).getString("access_token");
  }

  private static String node() {
    return "https://127.0.0.1:";
  }
}
