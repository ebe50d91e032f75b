package dev.gatehouse.server.signin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class PagesTest {

  /// Ends attributes, elements, comments and templates, whichever it lands in.
  private static final String ATTACK =
      "\"'><script>alert(1)</script><!--{{7*7}}${7*7}</style></title> onfocus=alert(1) x=`";

  private static final Pattern TAG =
      Pattern.compile("<(/?[a-zA-Z!][^\\s>]*)((?:\"[^\"]*\"|[^\">])*)>");
  private static final Pattern ATTRIBUTE = Pattern.compile("\\s([^\\s=\"]+)(?:=\"([^\"]*)\")?");

  private static final Pages PAGES = new Pages("/_gate", "Orders");

  @Test
  void whatComesFromOutsideStaysTextInEveryPage() {
    List<String> hostile = all(new Pages("/_gate", ATTACK), ATTACK);
    List<String> harmless = all(PAGES, "harmless");
    for (int i = 0; i < hostile.size(); i++) {
      // The same elements with the same attributes: no value opened or closed any.
      assertThat(shape(hostile.get(i))).isEqualTo(shape(harmless.get(i)));
      assertThat(unescaped(hostile.get(i))).contains(ATTACK);
      assertThat(hostile.get(i)).doesNotContain("<script");
    }
  }

  @Test
  void aReturnTargetWithQuotesComesBackAsItWas() {
    String target = "/orders?q=\"'><a&b=%22&amp;\\//evil";
    String html = PAGES.signIn(new SignInPage("", null, null, target, List.of())).html();
    assertThat(html).contains("name=\"return\" value=\"/orders?q=&#34;");
    assertThat(inputs(html))
        .filteredOn(input -> input.contains("name=\"return\""))
        .singleElement()
        .satisfies(input -> assertThat(unescaped(input)).contains(target));
  }

  @Test
  void noPasswordFieldEverHasAValue() {
    List<String> passwords =
        everyPage().stream()
            .flatMap(html -> inputs(html).stream())
            .filter(input -> input.contains("type=\"password\""))
            .toList();
    assertThat(passwords).hasSize(7).noneMatch(input -> input.contains("value="));
  }

  @Test
  void noTokenIsInATextForm() {
    assertThat(
            List.of(
                new SignedInPage("alice").toString(),
                new ChangePasswordPage("alice", 12, null).toString(),
                new ResetPasswordPage("s3cret", "alice", 12, null).toString(),
                PAGES.signedIn(new SignedInPage("alice")).toString()))
        .noneMatch(text -> text.contains("s3cret"));
  }

  @Test
  void theContentSecurityPolicyAllowsThePagesStylesheetAndNothingElse() throws Exception {
    for (Page page : pages(PAGES, "alice")) {
      List<MatchResult> styles =
          Pattern.compile("<style>(.*?)</style>", Pattern.DOTALL)
              .matcher(page.html())
              .results()
              .toList();
      assertThat(styles).hasSize(1);
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(styles.getFirst().group(1).getBytes(StandardCharsets.UTF_8));
      assertThat(page.fields())
          .containsEntry(
              "Content-Security-Policy",
              "default-src 'none'; style-src 'sha256-"
                  + Base64.getEncoder().encodeToString(digest)
                  + "'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'");
    }
  }

  @Test
  void noPageHasAScriptAnInlineStyleOrAnythingToLoad() {
    for (String html : everyPage()) {
      assertThat(tags(html))
          .noneMatch(tag -> tag.matches("(?i)<(script|link|img|iframe|object|embed|base)\\b.*"))
          .noneMatch(tag -> tag.matches("(?is).*\\s(style|src|on[a-z]+)=.*"));
      // A way to a provider is no thing to load.
      assertThat(html.replaceAll("(href=\"|0;url=)https:", ""))
          .doesNotContain("url(", "@import", "http:", "https:");
    }
  }

  @Test
  void everyInputHasALabelOfItsOwn() {
    for (String html : everyPage()) {
      for (String input : inputs(html)) {
        if (!input.contains("type=\"hidden\"") && !input.endsWith(" hidden>")) {
          String id = attribute(input, "id");
          assertThat(html).containsOnlyOnce("<label for=\"" + id + "\">");
          assertThat(html).containsOnlyOnce(" id=\"" + id + "\"");
        }
      }
    }
  }

  @Test
  void aProblemIsAnnouncedAndTiedToTheInputs() {
    for (String html : everyPage()) {
      boolean problem = html.contains("id=\"problem\" role=\"alert\"");
      for (String input : inputs(html)) {
        for (String described : attribute(input, "aria-describedby").split(" ", -1)) {
          assertThat(described.isEmpty() || html.contains(" id=\"" + described + "\""))
              .as(input)
              .isTrue();
        }
        if (input.contains(" required")) {
          assertThat(attribute(input, "aria-describedby").contains("problem"))
              .as(input)
              .isEqualTo(problem);
        }
      }
    }
  }

  @Test
  void theLanguageTheTitleAndOneHeadingAreThere() {
    for (String html : everyPage()) {
      assertThat(html)
          .startsWith("<!doctype html>\n<html lang=\"en\">")
          .containsOnlyOnce("<h1>")
          .containsOnlyOnce("<main>")
          .containsPattern("<body( class=\"wide\")?>")
          .containsPattern("<title>[^<]+ – Orders</title>")
          .contains("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    }
  }

  @Test
  void theFormsPostTheFieldsThatTheGateReads() {
    assertThat(form(PAGES.signIn(new SignInPage("", null, null, "/orders", List.of()))))
        .containsExactly("post /_gate/login", "return", "email", "password");
    assertThat(form(PAGES.signIn(new SignInPage("", null, null, null, List.of()))))
        .containsExactly("post /_gate/login", "email", "password");
    assertThat(form(PAGES.signedIn(new SignedInPage("alice"))))
        .containsExactly("post /_gate/logout");
    assertThat(form(PAGES.changePassword(new ChangePasswordPage("alice", 12, null))))
        .containsExactly("post /_gate/password", "currentPassword", "newPassword");
    assertThat(form(PAGES.resetPassword(new ResetPasswordPage("t", "alice", 12, null))))
        .containsExactly("post /_gate/password/reset", "token", "newPassword");
  }

  @Test
  void passwordManagersAreToldWhatIsWhat() {
    String signIn = PAGES.signIn(new SignInPage("", null, null, null, List.of())).html();
    assertThat(signIn).contains("autocomplete=\"username\"", "autocomplete=\"current-password\"");
    String change = PAGES.changePassword(new ChangePasswordPage("alice", 12, null)).html();
    assertThat(change)
        .contains(
            "autocomplete=\"username\"",
            "autocomplete=\"current-password\"",
            "autocomplete=\"new-password\" minlength=\"12\"");
  }

  @Test
  void otherWaysToSignInAreThereOnlyWhereThereAreSome() {
    assertThat(PAGES.signIn(new SignInPage("", null, null, null, List.of())).html())
        .doesNotContain("<ul");
    assertThat(
            PAGES
                .signIn(
                    new SignInPage(
                        "",
                        null,
                        null,
                        null,
                        List.of(new SignInPage.Provider("GitHub", "/auth/github"))))
                .html())
        .contains(
            "<a class=\"button\" href=\"/auth/github\" data-letters=\"Gi\">Sign in with GitHub</a>");
  }

  @Test
  void providerLinkCannotLeaveTheOrigin() {
    for (String href :
        List.of(
            "//evil", "/\\evil", "/\t/evil", "/\n/evil", "https:evil", "javascript:alert(1)", "")) {
      assertThatThrownBy(() -> new SignInPage.Provider("x", href))
          .as(href)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void onlyTheLinkToProviderLeavesTheOrigin() {
    for (String href : List.of("//evil", "/\\evil", "/\t/evil", "https:evil", "javascript:x", "")) {
      assertThatThrownBy(() -> new PageLink("x", href))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> new AccountPage.Linkable("x", href))
          .isInstanceOf(IllegalArgumentException.class);
    }
    for (String href : List.of("javascript:alert(1)", "data:text/html,x", "//evil", "/x")) {
      assertThatThrownBy(() -> new LeavingPage("x", href))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void theWayToAProviderIsTakenWithoutAScriptAndIsALinkBesides() {
    String html = PAGES.leaving(new LeavingPage("Acme", "https://id.example/?a=b&c=d")).html();
    assertThat(html)
        .contains(
            "<meta http-equiv=\"refresh\" content=\"0;url=https://id.example/?a=b&amp;c=d\">",
            "href=\"https://id.example/?a=b&amp;c=d\"");
    assertThat(everyPage().stream().filter(page -> page.contains("http-equiv"))).hasSize(1);
  }

  @Test
  void theAccountPagesFormsPostWhatThePathsRead() {
    assertThat(form(PAGES.account(account("x"))))
        .containsExactly(
            "post /_gate/logout",
            "post /_gate/account/sign-out",
            "post /_gate/account/end",
            "id",
            "post /auth/x/link?a=&#34;&#39;>&lt;b>&amp;c");
    assertThat(form(PAGES.confirm(new ConfirmPage("x?", "y", entry("k_1", true)))))
        .containsExactly("post /_gate/account/end", "id");
  }

  @Test
  void aSectionWithNothingInItIsLeftOutUnlessItSaysSo() {
    String html = PAGES.account(account("harmless")).html();
    assertThat(html).contains("id=\"links\"", "id=\"tokens\"").doesNotContain("not-shown");
  }

  @Test
  void noPageIsStoredOrFramedOrTellsItsPath() {
    assertThat(PAGES.message(Message.SIGNED_OUT).fields())
        .containsEntry("Content-Type", "text/html; charset=utf-8")
        .containsEntry("Cache-Control", "no-store")
        .containsEntry("X-Content-Type-Options", "nosniff")
        .containsEntry("X-Frame-Options", "DENY")
        .containsEntry("Cross-Origin-Opener-Policy", "same-origin")
        // no-referrer would make browsers send the forms with `Origin: null`.
        .containsEntry("Referrer-Policy", "strict-origin");
  }

  private static List<String> everyPage() {
    return all(PAGES, "alice@example.com");
  }

  private static List<String> all(Pages pages, String outside) {
    return pages(pages, outside).stream().map(Page::html).toList();
  }

  private static List<Page> pages(Pages pages, String outside) {
    return List.of(
        pages.signIn(new SignInPage("", null, null, outside, List.of())),
        pages.signIn(
            new SignInPage(
                outside,
                outside,
                outside,
                outside,
                List.of(new SignInPage.Provider(outside, "/auth/x?a=\"'><b>&c")))),
        pages.signedIn(new SignedInPage(outside)),
        pages.changePassword(new ChangePasswordPage(outside, 12, null)),
        pages.changePassword(new ChangePasswordPage(outside, 12, outside)),
        pages.resetPassword(new ResetPasswordPage(outside, outside, 12, outside)),
        pages.message(new Message(outside, outside, true)),
        pages.account(account(outside)),
        pages.account(new AccountPage(outside, null, false, null, List.of(), List.of())),
        pages.confirm(new ConfirmPage(outside, outside, entry(outside, true))),
        pages.invited(
            new InvitedPage(
                outside,
                Instant.EPOCH,
                List.of(new SignInPage.Provider(outside, "/auth/x?invitation=\"'><b>&c")))),
        pages.refused(
            new RefusedPage(outside, outside, outside, new PageLink(outside, "/x?a=\"'><b>&c"))),
        pages.refused(RefusedPage.notLetIn(outside, outside, "/login")),
        pages.refused(RefusedPage.providerFailed(outside, outside, "/login")),
        pages.leaving(new LeavingPage(outside, "https://id.example/?a=\"'><b>&c")),
        pages.message(Message.SIGNED_OUT),
        pages.message(Message.PASSWORD_CHANGED),
        pages.message(Message.LINK_NOT_GOOD));
  }

  private static AccountPage account(String outside) {
    return new AccountPage(
        outside,
        outside,
        true,
        outside,
        List.of(
            new AccountPage.Section(
                "links", outside, null, List.of(entry(outside, true), entry(outside, false)), true),
            new AccountPage.Section("tokens", outside, outside, List.of(), false),
            new AccountPage.Section("not-shown", outside, null, List.of(), false)),
        List.of(new AccountPage.Linkable(outside, "/auth/x/link?a=\"'><b>&c")));
  }

  private static AccountPage.Entry entry(String outside, boolean confirmed) {
    return new AccountPage.Entry(
        outside,
        outside,
        outside,
        List.of(
            new AccountPage.Fact(outside, outside, null),
            new AccountPage.Fact(outside, outside, outside)),
        outside,
        confirmed);
  }

  /// Every element with the names of its attributes.
  private static List<String> shape(String html) {
    List<String> shape = new ArrayList<>();
    TAG.matcher(html)
        .results()
        .forEach(
            tag -> {
              shape.add(tag.group(1));
              ATTRIBUTE.matcher(tag.group(2)).results().forEach(name -> shape.add(name.group(1)));
            });
    return shape;
  }

  private static List<String> tags(String html) {
    return TAG.matcher(html).results().map(MatchResult::group).toList();
  }

  private static List<String> inputs(String html) {
    return tags(html).stream().filter(tag -> tag.startsWith("<input")).toList();
  }

  private static List<String> form(Page page) {
    List<String> form = new ArrayList<>();
    for (String tag : tags(page.html())) {
      if (tag.startsWith("<form")) {
        form.add(attribute(tag, "method") + " " + attribute(tag, "action"));
      } else if (tag.startsWith("<input") && tag.contains(" name=")) {
        form.add(attribute(tag, "name"));
      }
    }
    return form;
  }

  /// Empty where the attribute is not there.
  private static String attribute(String tag, String name) {
    return ATTRIBUTE
        .matcher(tag)
        .results()
        .filter(attribute -> attribute.group(1).equals(name))
        .map(attribute -> attribute.group(2))
        .findFirst()
        .orElse("");
  }

  private static String unescaped(String html) {
    return html.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&");
  }
}
