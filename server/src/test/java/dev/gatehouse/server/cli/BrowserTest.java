package dev.gatehouse.server.cli;

import static dev.gatehouse.server.cli.PeopleGate.PASSWORD;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.gatehouse.server.wire.Chromium;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A person in front of a real browser.
@Timeout(180)
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
  void pitfall63AnotherSitesPageCannotSignAnybodyInOrOutNorUseTheSession() throws Exception {
    try (Chromium browser = Chromium.trusting(certificate())) {
      browser.go(url("/login"));
      fillIn(browser, PASSWORD);
      for (String path : new String[] {"/logout", "/orders", "/login"}) {
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

  @Test
  void everyPageIsFitForPeopleWhoUseItOtherwise() throws Exception {
    try (Chromium browser = Chromium.trusting(certificate())) {
      for (boolean dark : new boolean[] {false, true}) {
        for (int width : new int[] {390, 1280}) {
          browser.resize(width, 844, dark);
          browser.go(url("/login?return=/orders"));
          fit(browser);
          fillIn(browser, "a guess that is wrong");
          fit(browser);
          browser.type("password", PASSWORD);
          browser.enter("password");
          for (String path : new String[] {"/login", "/password"}) {
            browser.go(url(path));
            fit(browser);
          }
          browser.go(url("/login"));
          browser.click("Sign out");
          fit(browser);
        }
      }
    }
  }

  private static void fit(Chromium browser) throws Exception {
    assertThat(browser.accessibilityViolations()).as(browser.url()).isEmpty();
    assertThat(browser.script("return document.documentElement.scrollWidth <= window.innerWidth"))
        .as("nothing is cut off at %s", browser.url())
        .isEqualTo(true);
  }
}
