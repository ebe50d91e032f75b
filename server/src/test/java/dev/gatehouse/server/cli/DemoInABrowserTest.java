package dev.gatehouse.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.server.wire.Chromium;
import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A newcomer clicks through the demo, without an account anywhere.
@Timeout(180)
@Tag("end-to-end")
class DemoInABrowserTest {

  @TempDir private static Path temp;
  @AutoClose private static GateProcess demo;
  @AutoClose private static Chromium browser;

  @BeforeAll
  static void start() throws Exception {
    demo = GateProcess.demoHere(temp.resolve("data"));
    browser = Chromium.trusting(demo.data().resolve("server.crt"));
  }

  @BeforeEach
  void forget() {
    browser.forgetCookies();
  }

  private static String orders() {
    return demo.address() + "/orders";
  }

  @Test
  void aliceOfTheProviderIsTheDemosAliceAndMayReadTheOrders() {
    browser.go(orders());
    browser.follow("Sign in with the demo provider");
    assertThat(URI.create(browser.url()).getHost()).as("another host").isEqualTo("127.0.0.1");
    browser.click("Continue as Alice has an account at the gate");
    assertThat(browser.url()).isEqualTo(orders());
    assertThat(browser.text()).contains("two coffees").contains("\"method\":\"session\"");
    browser.go(demo.address() + "/login");
    assertThat(browser.text()).contains("You are signed in as alice");
  }

  @Test
  void whoIsNewGetsAnAccountThatMayDoNothingYet() {
    for (String person :
        new String[] {"Bob the gate does not know him yet", "Carol has no e-mail address"}) {
      browser.forgetCookies();
      browser.go(orders());
      browser.follow("Sign in with the demo provider");
      browser.click("Continue as " + person);
      assertThat(browser.url()).isEqualTo(orders());
      assertThat(browser.text()).contains("INSUFFICIENT_SCOPE");
      browser.go(demo.address() + "/login");
      assertThat(browser.text()).contains("You are signed in as");
    }
  }

  @Test
  void whoCancelsIsNotSignedIn() {
    browser.go(orders());
    browser.follow("Sign in with the demo provider");
    browser.click("Cancel");
    assertThat(browser.url()).startsWith(demo.address().toString());
    browser.go(orders());
    assertThat(browser.heading()).isEqualTo("Sign in");
  }

  @Test
  void theProvidersPagesAreFitForPeopleWhoUseThemOtherwise() throws Exception {
    String provider = demo.file("demo.json").getJsonObject("oauth").getString("issuer");
    for (Chromium.Screen screen : Chromium.Screen.values()) {
      browser.show(screen);
      browser.go(demo.address() + "/auth/demo");
      fit();
      for (String path : new String[] {"/", "/authorize"}) {
        browser.go(provider + path);
        fit();
      }
    }
  }

  private static void fit() throws Exception {
    assertThat(browser.accessibilityViolations()).as(browser.url()).isEmpty();
    assertThat(browser.script("return document.documentElement.scrollWidth <= window.innerWidth"))
        .as("nothing is cut off at %s", browser.url())
        .isEqualTo(true);
  }
}
