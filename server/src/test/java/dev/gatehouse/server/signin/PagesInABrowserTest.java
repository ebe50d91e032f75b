package dev.gatehouse.server.signin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.Gate;
import dev.gatehouse.account.InMemoryAccountStore;
import dev.gatehouse.account.Roles;
import dev.gatehouse.revocation.InMemoryRevocationFeed;
import dev.gatehouse.route.CorsPolicy;
import dev.gatehouse.server.gateway.CorsAnswer;
import dev.gatehouse.server.gateway.OwnPath;
import dev.gatehouse.server.listen.Admissions;
import dev.gatehouse.server.wire.Chromium;
import dev.gatehouse.server.wire.TestHouse;
import dev.gatehouse.session.InMemorySessionStore;
import dev.gatehouse.session.SessionAuthenticator;
import dev.gatehouse.session.SessionSettings;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Every page in a real browser, as full and as empty as it can be, on a phone and on a desktop, by
/// day and by night. What a whole gate shows of them, `BrowserTest` sees.
@Timeout(180)
@Tag("end-to-end")
class PagesInABrowserTest {

  private static final String LONG_NAME = "Acme Corporation of North America and the Isles";
  private static final String NO_BREAK = "x".repeat(100);

  private static final Map<String, Page> PAGES = pages(new Pages("", "Orders"));

  private static Admissions admissions;
  private static TestHouse house;
  private static Chromium browser;

  @BeforeAll
  static void start() throws Exception {
    Clock clock = Clock.systemUTC();
    InMemoryRevocationFeed feed = new InMemoryRevocationFeed(clock);
    admissions =
        new Admissions(
            Gate.inProcess(
                feed,
                1_000,
                new SessionAuthenticator(
                    SessionSettings.inRealm("orders"),
                    new InMemorySessionStore(new InMemoryAccountStore(feed)),
                    new Roles(Map.of()),
                    clock)),
            10);
    Map<String, OwnPath> paths = new HashMap<>();
    PAGES.forEach(
        (name, page) ->
            paths.put(
                "/" + name,
                new Endpoint(
                    admissions,
                    new CorsAnswer(CorsPolicy.NONE, Set.of()),
                    Map.of("GET", form -> Reply.page(200, page)))));
    paths.put("/by-redirect/link", posted(form -> Reply.seeOther(elsewhere().toString())));
    paths.put(
        "/by-page/link",
        posted(
            form ->
                Reply.page(
                    200,
                    new Pages("", "Orders")
                        .leaving(new LeavingPage("Acme", elsewhere().toString())))));
    house = TestHouse.plan().plain().ownPaths(paths).build();
    browser = Chromium.trustingNone();
  }

  private static Endpoint posted(Endpoint.Action action) {
    return new Endpoint(
        admissions, new CorsAnswer(CorsPolicy.NONE, Set.of()), Map.of("POST", action));
  }

  // An address is another origin than the name localhost.
  private static URI elsewhere() {
    return URI.create("http://127.0.0.1:" + house.port() + "/message");
  }

  @AfterAll
  static void end() {
    browser.close();
    house.close();
    admissions.close();
  }

  private static Map<String, Page> pages(Pages pages) {
    List<SignInPage.Provider> providers =
        List.of(
            new SignInPage.Provider("GitHub", "/auth/github"),
            new SignInPage.Provider("Google", "/auth/google"),
            new SignInPage.Provider(LONG_NAME, "/auth/acme"));
    Map<String, Page> named = new LinkedHashMap<>();
    named.put("sign-in", pages.signIn(new SignInPage("", null, null, null, List.of())));
    named.put(
        "sign-in-full",
        pages.signIn(new SignInPage("alice", "Sign in again", "It was wrong", "/", providers)));
    named.put("signed-in", pages.signedIn(new SignedInPage(NO_BREAK)));
    named.put("change", pages.changePassword(new ChangePasswordPage("alice", 12, "It was wrong")));
    named.put("reset", pages.resetPassword(new ResetPasswordPage("t", "alice", 12, null)));
    named.put("message", pages.message(Message.SIGNED_OUT_EVERYWHERE));
    named.put(
        "invited", pages.invited(new InvitedPage("alice@example.com", Instant.EPOCH, providers)));
    named.put("refused", pages.refused(RefusedPage.notLetIn(LONG_NAME, "r_" + NO_BREAK, "/login")));
    named.put("failed", pages.refused(RefusedPage.providerFailed(NO_BREAK, "r_1", "/login")));
    named.put("account", pages.account(account()));
    named.put(
        "account-empty",
        pages.account(
            new AccountPage(
                "bob",
                null,
                false,
                null,
                List.of(
                    new AccountPage.Section("links", "Linked accounts", "None.", List.of(), false)),
                List.of())));
    named.put(
        "confirm", pages.confirm(new ConfirmPage("Revoke this?", "Gone.", entry("k_1", true))));
    return named;
  }

  private static AccountPage account() {
    List<AccountPage.Section> sections =
        List.of(
            new AccountPage.Section(
                "sessions",
                "Where you are signed in",
                null,
                List.of(entry("ses_1", false), entry("ses_2", false)),
                true),
            new AccountPage.Section(
                "links", "Linked accounts", "None.", List.of(entry("lnk_1", true)), false));
    return new AccountPage(
        NO_BREAK,
        NO_BREAK + "@example.com",
        true,
        "That is over.",
        sections,
        List.of(
            new AccountPage.Linkable(LONG_NAME, "/by-redirect/link"),
            new AccountPage.Linkable("Acme", "/by-page/link")));
  }

  private static AccountPage.Entry entry(String id, boolean confirmed) {
    return new AccountPage.Entry(
        id,
        id + NO_BREAK,
        "This one",
        List.of(
            new AccountPage.Fact("Address", "2001:db8:1234:5678:9abc:def0:1234:5678", null),
            new AccountPage.Fact("Known there as", NO_BREAK, null),
            new AccountPage.Fact("Since", TimeText.at(Instant.EPOCH), Instant.EPOCH.toString())),
        "Unlink",
        confirmed);
  }

  private static String url(String path) {
    return "http://localhost:" + house.port() + path;
  }

  @Test
  void everyPageIsFitForPeopleWhoUseItOtherwise() throws Exception {
    for (Chromium.Screen screen : Chromium.Screen.values()) {
      browser.show(screen);
      for (String name : PAGES.keySet()) {
        String where = name + " on a " + screen;
        browser.go(url("/" + name));
        assertThat(browser.accessibilityViolations()).as(where).isEmpty();
        assertThat(
                browser.script("return document.documentElement.scrollWidth <= window.innerWidth"))
            .as("nothing is cut off at %s", where)
            .isEqualTo(true);
        assertThat((List<?>) browser.script(SMALL)).as("fingers are wide: %s", where).isEmpty();
        assertThat(browser.script("return document.querySelectorAll('h1').length"))
            .as(where)
            .isEqualTo(1L);
      }
    }
  }

  // WCAG 2.2 §2.5.5, which asks for more than AA does.
  private static final String SMALL =
      """
      return [...document.querySelectorAll('a, button, input:not([type=hidden], [hidden])')]
          .filter(one => one.getBoundingClientRect().height < 44)
          .map(one => one.outerHTML);
      """;

  @Test
  void theKeyboardGoesFromTopToBottomAndOneSeesWhereItIs() {
    browser.show(Chromium.Screen.DESKTOP);
    browser.go(url("/account"));
    assertThat(List.of(browser.tab(), browser.tab(), browser.tab(), browser.tab(), browser.tab()))
        .as("also to who does not see what a button stands beside")
        .containsExactly(
            "Change the password",
            "Sign out",
            "Sign out everywhere",
            "Unlink ses_1" + NO_BREAK,
            "Unlink ses_2" + NO_BREAK);
    assertThat(browser.script("return getComputedStyle(document.activeElement).outlineStyle"))
        .isEqualTo("solid");
  }

  @Test
  void aFormLeadsToAProviderByAPageAndNotByARedirect() throws Exception {
    browser.go(url("/account"));
    browser.script(
        """
        addEventListener('securitypolicyviolation', e => document.title = e.effectiveDirective);
        document.querySelector('form[action="/by-redirect/link"]').submit();
        return true;
        """);
    TestHouse.eventually(() -> browser.script("return document.title").equals("form-action"));
    assertThat(browser.url()).isEqualTo(url("/account"));

    browser.click("Link Acme");
    TestHouse.eventually(() -> browser.url().equals(elsewhere().toString()));
    assertThat(browser.heading()).isEqualTo("You are signed out everywhere");
  }
}
