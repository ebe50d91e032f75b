package dev.gatehouse.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.server.wire.Chromium;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The advice as a page of the demo, in a real browser.
@Timeout(180)
@Tag("end-to-end")
class ChooseBrowserTest {

  @TempDir private static Path temp;
  @AutoClose private static GateProcess gate;

  @BeforeAll
  static void start() throws Exception {
    gate = GateProcess.demoHere(temp.resolve("data"));
  }

  private static Path certificate() {
    return gate.data().resolve("server.crt");
  }

  @Test
  void thePageAsksAndAdvisesWithoutScripts() throws Exception {
    try (Chromium browser = Chromium.withoutScripts(certificate())) {
      browser.go(gate.address() + "/choose");
      assertThat(browser.heading()).isEqualTo("Which method suits you?");
      browser.click("Advise me");
      assertThat(browser.text()).contains("Say who calls: one of them at least.");
      browser.check("programs");
      browser.check("webhooks");
      browser.check("instant-revocation");
      browser.click("Advise me");
      assertThat(browser.url()).contains("caller=programs&caller=webhooks&instant-revocation=yes");
      assertThat(browser.text())
          .contains("Take these together", "API key apikey", "HMAC signature hmac")
          .contains("accept: [apikey]", "webhook:", "./gatehouse webhook add code")
          .contains("X-API-Key: %s");
    }
  }

  @Test
  void thePageIsFitForPeopleWhoUseItOtherwise() throws Exception {
    try (Chromium browser = Chromium.trusting(certificate())) {
      for (Chromium.Screen screen : Chromium.Screen.values()) {
        browser.show(screen);
        for (String query :
            new String[] {
              "",
              "?language=curl",
              "?caller=programs&caller=page&caller=app&caller=elsewhere&caller=webhooks"
                  + "&caller=services&caller=tools&person=yes&language=java"
            }) {
          browser.go(gate.address() + "/choose" + query);
          assertThat(browser.accessibilityViolations()).as(browser.url()).isEmpty();
          assertThat(
                  browser.script(
                      "return document.documentElement.scrollWidth <= window.innerWidth"))
              .as("nothing is cut off at %s", browser.url())
              .isEqualTo(true);
        }
      }
    }
  }

  @Test
  void thePageIsReadAndNothingElse() throws Exception {
    assertThat(gate.get("/choose", null).statusCode()).isEqualTo(200);
    var posted = gate.post("/choose", null, "caller=programs");
    assertThat(posted.statusCode()).isEqualTo(405);
    assertThat(posted.headers().firstValue("Allow")).contains("GET, HEAD");
    assertThat(gate.get("/choose/more", null).statusCode()).as("only in its place").isEqualTo(404);
  }
}
