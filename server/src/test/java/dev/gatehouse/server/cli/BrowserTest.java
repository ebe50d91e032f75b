package dev.gatehouse.server.cli;

import static dev.gatehouse.server.cli.PeopleGate.PASSWORD;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.gatehouse.server.wire.Chromium;
import io.vertx.core.json.JsonObject;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A person in front of a real browser.
@Timeout(180)
@Tag("end-to-end")
class BrowserTest {

  @TempDir private static Path temp;
  @AutoClose private static PeopleGate gate;

  @BeforeAll
  static void start() throws Exception {
    gate = PeopleGate.in(temp, "");
    gate.person("alice");
  }

  private static Path certificate() {
    return gate.process().data().resolve("server.crt");
  }

  private static String url(String path) {
    return gate.process().address() + path;
  }

  private static void fillIn(Chromium browser, String password) {
    browser.type("email", "alice@example.com");
    browser.type("password", password);
    browser.enter("password");
  }

  @Test
  void personIsLedToThePageSignsInAndIsBackWhereTheyWereGoing() throws Exception {
    try (Chromium browser = Chromium.trusting(certificate())) {
      signInFromAPageThatNeedsIt(browser);
      assertThat(browser.cookiesOfScripts()).as("no script sees it").isEmpty();
      browser.go(url("/login"));
      browser.click("Sign out");
      browser.go(url("/orders"));
      assertThat(browser.heading()).isEqualTo("Sign in");
    }
  }

  @Test
  void thePageNeedsNoScripts() throws Exception {
    try (Chromium browser = Chromium.withoutScripts(certificate())) {
      signInFromAPageThatNeedsIt(browser);
    }
  }

  private static void signInFromAPageThatNeedsIt(Chromium browser) {
    browser.go(url("/orders?page=2"));
    assertThat(browser.heading()).isEqualTo("Sign in");
    fillIn(browser, "a guess that is wrong");
    assertThat(browser.text()).contains("wrong");
    browser.type("password", PASSWORD); // the name stayed
    browser.enter("password");
    assertThat(browser.text()).contains("/orders?page=2");
    assertThat(browser.url()).isEqualTo(url("/orders?page=2"));
  }

  @Test
  void aPersonEndsWhatIsTheirsOnTheAccountPageWithoutScripts() throws Exception {
    gate.person("zoe");
    String key = apiKey("zoe");
    String elsewhere = gate.session("zoe", PASSWORD);
    try (Chromium browser = Chromium.withoutScripts(certificate())) {
      browser.go(url("/account"));
      browser.type("email", "zoe@example.com");
      browser.type("password", PASSWORD);
      browser.enter("password");
      assertThat(browser.heading()).isEqualTo("Your account");
      assertThat(browser.text())
          .contains("zoe@example.com", "Chrome on Linux", "This one", "Java-http-client", "CI");

      browser.click("End Java-http-client/" + System.getProperty("java.version"));
      assertThat(browser.text()).contains("That is over.").doesNotContain("Java-http-client");
      assertThat(gate.get("/orders", "Cookie", elsewhere).statusCode()).isEqualTo(401);

      browser.follow("Revoke");
      assertThat(browser.heading()).isEqualTo("Revoke this API key?");
      browser.follow("Cancel");
      assertThat(browser.text()).contains("CI");
      browser.follow("Revoke");
      browser.click("Revoke");
      assertThat(browser.text()).contains("That is revoked.").doesNotContain("CI");
      assertThat(gate.process().manage("GET", "/keys/" + key, null).getString("revokedAt"))
          .isNotNull();

      browser.click("Sign out everywhere");
      assertThat(browser.heading()).isEqualTo("You are signed out everywhere");
      browser.go(url("/account"));
      assertThat(browser.heading()).isEqualTo("Sign in");
    }
  }

  /// The id of a new one.
  private static String apiKey(String owner) throws Exception {
    return gate.process()
        .manage("POST", "/keys", new JsonObject().put("owner", owner).put("name", "CI"))
        .getString("id");
  }

  @Test
  void pageOfAnotherSiteCannotSignAnybodyInOrOutOrUseTheSession() throws Exception {
    try (Chromium browser = Chromium.trusting(certificate())) {
      browser.go(url("/login"));
      fillIn(browser, PASSWORD);
      for (String path : new String[] {"/logout", "/orders", "/login", "/account/sign-out"}) {
        // Another site: an address, not the name localhost.
        HttpServer evil =
            HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        evil.createContext(
            "/",
            exchange -> {
              byte[] page =
                  ("<form method=post action='"
                          + url(path)
                          + "'><input name=email value=alice@example.com><input name=password"
                          + " value='"
                          + PASSWORD
                          + "'><button>Win</button></form>")
                      .getBytes(StandardCharsets.UTF_8);
              exchange.getResponseHeaders().set("Content-Type", "text/html");
              exchange.sendResponseHeaders(200, page.length);
              exchange.getResponseBody().write(page);
              exchange.close();
            });
        evil.start();
        try {
          browser.go("http://127.0.0.1:" + evil.getAddress().getPort() + "/");
          browser.click("Win");
          assertThat(browser.text())
              .as("what the other site's form got of %s", path)
              // The cookie stayed behind, and only the way to the sign-in took it along.
              .contains(path.equals("/orders") ? "You are signed in as alice" : "CSRF")
              .doesNotContain("\"target\"");
        } finally {
          evil.stop(0);
        }
        browser.go(url("/orders"));
        assertThat(browser.text()).as("still signed in").contains("\"target\":\"/orders\"");
      }
    }
  }
}
