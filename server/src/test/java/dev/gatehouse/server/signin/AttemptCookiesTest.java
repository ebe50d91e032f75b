package dev.gatehouse.server.signin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.HeaderFields;
import dev.gatehouse.secret.RandomIds;
import dev.gatehouse.secret.Seal;
import dev.gatehouse.server.provider.AttemptSecrets;
import dev.gatehouse.testkit.FixedClock;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class AttemptCookiesTest {

  private static final int HEADER_BYTES = 16 << 10;

  private final FixedClock clock = FixedClock.at("2026-11-25T12:00:00Z");
  private final Seal seal = new Seal(RandomIds.bytes(32));
  private final AttemptCookies cookies = new AttemptCookies(seal, HEADER_BYTES, clock);

  private Attempt attempt() {
    return new Attempt(
        new Attempt.Asked("acme", "d".repeat(22), true),
        AttemptSecrets.random(),
        "/orders?\"quoted\"",
        clock.instant().plus(AttemptCookies.ATTEMPT_LIFETIME),
        new Attempt.Linking("u_1", "ses_1"),
        "inv_1",
        new Attempt.PageClient("c".repeat(43), null));
  }

  @Test
  void anAttemptThatNamesNoIssuerIsNone() {
    String text = attempt().text();
    assertThat(Attempt.read(text)).isPresent();
    assertThat(Attempt.read(text.replace("\"o\"", "\"x\""))).isEmpty();
  }

  private static AuthRequest with(String cookie) {
    return new AuthRequest(
        "GET",
        "/auth/acme/callback",
        HeaderFields.of(Map.of("Cookie", List.of(cookie))),
        InetAddress.getLoopbackAddress());
  }

  private String kept(Attempt attempt) {
    return cookies.keep(attempt, "/login", with("a=b")).orElseThrow().getLast().split(";", 2)[0];
  }

  @Test
  void anAttemptComesBackWhole() {
    Attempt attempt = attempt();
    assertThat(cookies.find(with(kept(attempt)), attempt.secrets().state()))
        .get()
        .usingRecursiveComparison()
        .isEqualTo(attempt);
  }

  @Test
  void attemptExpiresExactlyAfterTenMinutes() {
    Attempt attempt = attempt();
    String cookie = kept(attempt);
    clock.advance(AttemptCookies.ATTEMPT_LIFETIME.minusMillis(1));
    assertThat(cookies.find(with(cookie), attempt.secrets().state())).isPresent();
    clock.advance(java.time.Duration.ofMillis(1));
    assertThat(cookies.find(with(cookie), attempt.secrets().state())).isEmpty();
  }

  @Test
  void ignoresCookieThatIsRenamedChangedOrOfAnotherGate() {
    Attempt attempt = attempt();
    Attempt other = attempt();
    String name = kept(attempt).split("=", 2)[0];
    String state = attempt.secrets().state();
    assertThat(cookies.find(with(name + "=" + kept(other).split("=", 2)[1]), state)).isEmpty();
    AttemptCookies foreign = new AttemptCookies(new Seal(RandomIds.bytes(32)), HEADER_BYTES, clock);
    assertThat(foreign.find(with(kept(attempt)), state)).isEmpty();
    assertThat(cookies.find(with(kept(attempt).replaceFirst("..$", "AA")), state)).isEmpty();
    assertThat(cookies.find(with(name + "="), state)).isEmpty();
    assertThat(cookies.find(with(name + "=" + "A".repeat(9_000)), state)).isEmpty();
  }

  @Test
  void attemptThatWasSealedForAnotherPurposeIsNone() {
    Attempt attempt = attempt();
    String name = kept(attempt).split("=", 2)[0];
    String state = attempt.secrets().state();
    for (String place : List.of("one-time code", "", name.substring(0, name.length() - 1))) {
      String cookie = name + "=" + seal.seal(attempt.text(), place);
      assertThat(cookies.find(with(cookie), state)).as(place).isEmpty();
    }
    assertThat(cookies.find(with(name + "=" + seal.seal(attempt.text(), name)), state)).isPresent();
  }

  @Test
  void whatIsInTheBrowserShowsNothing() {
    Attempt attempt = attempt();
    String cookie = kept(attempt);
    assertThat(cookie)
        .doesNotContain(attempt.secrets().state())
        .doesNotContain("orders")
        .doesNotContain("u_1");
    assertThat(attempt.toString())
        .doesNotContain(attempt.secrets().state())
        .doesNotContain(attempt.secrets().codeVerifier());
  }

  private static Attempt leadingTo(Attempt attempt, String target) {
    return new Attempt(
        attempt.asked(), attempt.secrets(), target, attempt.expiresAt(), null, null, null);
  }

  // What a browser with those attempts sends after one more.
  private String after(String browser, Attempt attempt) {
    List<String> set = cookies.keep(attempt, "/login", with(browser)).orElseThrow();
    assertThat(set).as("none is let go of").hasSize(1);
    return browser + "; " + set.getLast().split(";", 2)[0];
  }

  @Test
  void twelveTabsThatSignInAtOnceAllComeBack() {
    String browser = "a=b";
    List<Attempt> begun = new ArrayList<>();
    for (int tab = 0; tab < 12; tab++) {
      begun.add(leadingTo(attempt(), "/orders/" + tab));
      browser = after(browser, begun.getLast());
    }
    for (Attempt attempt : begun) {
      assertThat(cookies.find(with(browser), attempt.secrets().state()))
          .map(Attempt::returnTarget)
          .contains(attempt.returnTarget());
    }
  }

  @Test
  void twelvePagesWithTheLongestStateAllComeBackInHalfOfTheFields() {
    String browser = "a=b";
    List<Attempt> begun = new ArrayList<>();
    for (int tab = 0; tab < 12; tab++) {
      Attempt one = attempt();
      Attempt ofPage =
          new Attempt(
              one.asked(),
              one.secrets(),
              "/app/callback",
              one.expiresAt(),
              null,
              null,
              new Attempt.PageClient("c".repeat(43), "s".repeat(256)));
      begun.add(ofPage);
      browser = after(browser, ofPage);
    }
    assertThat(browser.length()).isLessThan(HEADER_BYTES / 2);
    for (Attempt attempt : begun) {
      assertThat(cookies.find(with(browser), attempt.secrets().state())).isPresent();
    }
  }

  @Test
  void attemptsTakeNoMoreThanHalfOfTheFieldsHoweverFewMayCome() {
    AttemptCookies few = new AttemptCookies(seal, 4 << 10, clock);
    Map<String, String> browser = new LinkedHashMap<>();
    Attempt last = attempt();
    for (int tab = 0; tab < 12; tab++) {
      clock.advance(java.time.Duration.ofSeconds(1));
      last = leadingTo(attempt(), "/" + "x".repeat(1_000));
      for (String set : few.keep(last, "/login", with(text(browser))).orElseThrow()) {
        String[] cookie = set.split(";", 2)[0].split("=", 2);
        if (cookie[1].isEmpty()) {
          browser.remove(cookie[0]);
        } else {
          browser.put(cookie[0], cookie[1]);
        }
      }
      assertThat(text(browser).length()).isLessThanOrEqualTo(2 << 10);
      assertThat(few.find(with(text(browser)), last.secrets().state())).isPresent();
    }
  }

  private static String text(Map<String, String> browser) {
    return browser.entrySet().stream()
        .map(cookie -> cookie.getKey() + "=" + cookie.getValue())
        .collect(Collectors.joining("; "));
  }

  @Test
  void returnPathsForWhichThereIsNoRoomAreLeftOutAndTheAttemptsAreKept() {
    String tooLong = "/" + "x".repeat(8_000);
    Attempt alone = leadingTo(attempt(), tooLong);
    assertThat(cookies.find(with(after("a=b", alone)), alone.secrets().state()))
        .map(Attempt::returnTarget)
        .contains("/login");

    String browser = "a=b";
    List<Attempt> begun = new ArrayList<>();
    for (int tab = 0; tab < 12; tab++) {
      begun.add(leadingTo(attempt(), "/" + "x".repeat(1_500)));
      browser = after(browser, begun.getLast());
    }
    assertThat(browser.length()).isLessThan(9 * 1_024);
    String all = browser;
    assertThat(begun)
        .extracting(
            attempt ->
                cookies.find(with(all), attempt.secrets().state()).orElseThrow().returnTarget())
        .startsWith(begun.getFirst().returnTarget())
        .contains("/login");
  }

  @Test
  void ofMoreThanTwelveTheOldestGoAndWhatIsNotOursBeforeThem() {
    StringBuilder browser = new StringBuilder("__Host-gatehouse-signin-AAAAAAAA=junk");
    Attempt oldest = attempt();
    browser.append("; ").append(kept(oldest));
    for (int i = 0; i < 11; i++) {
      clock.advance(java.time.Duration.ofSeconds(1));
      browser.append("; ").append(kept(attempt()));
    }
    List<String> set = cookies.keep(attempt(), "/login", with(browser.toString())).orElseThrow();
    assertThat(set).hasSize(3);
    assertThat(set.getFirst()).startsWith("__Host-gatehouse-signin-AAAAAAAA=;");
    assertThat(set.get(1)).startsWith(kept(oldest).split("=", 2)[0] + "=;").endsWith("Max-Age=0");
  }
}
