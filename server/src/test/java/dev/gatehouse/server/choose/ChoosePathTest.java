package dev.gatehouse.server.choose;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChoosePathTest {

  private static final ChoosePath PATH = new ChoosePath("Orders");

  private static String html(String query) {
    return PATH.render(ChoosePath.filledIn(query)).html();
  }

  @Test
  void theFormIsReadAsItIsSent() {
    ChoosePage page =
        ChoosePath.filledIn(
            "caller=programs&caller=webhooks&person=yes&instant-revocation=yes&language=go");
    assertThat(page.callers()).containsExactly(Caller.PROGRAMS, Caller.WEBHOOKS);
    assertThat(page.answers()).containsExactly(Question.PERSON, Question.INSTANT_REVOCATION);
    assertThat(page.language()).isEqualTo(Language.GO);
    assertThat(page.advice())
        .isEqualTo(
            DecisionTree.advise(
                new Needs(Set.of(Caller.PROGRAMS, Caller.WEBHOOKS), true, true, false)));
    assertThat(page.code()).hasSize(2).allMatch(code -> code.language() == Language.GO);
  }

  @Test
  void whatWasAnsweredStaysAnswered() {
    String html = html("caller=page&caller=tools&stateless=yes&language=java");
    assertThat(checked(html)).containsExactly("page", "tools", "stateless");
    assertThat(html).contains("<option value=\"java\" selected>");
    assertThat(checked(html(""))).isEmpty();
  }

  private static List<String> checked(String html) {
    return Pattern.compile("<input type=\"checkbox\" id=\"([a-z-]+)\"[^>]* checked")
        .matcher(html)
        .results()
        .map(found -> found.group(1))
        .toList();
  }

  @Test
  void whoNamesNobodyIsToldSoOnceTheFormWasSent() {
    assertThat(html("")).doesNotContain("role=\"alert\"").doesNotContain("<section");
    assertThat(html("language=curl"))
        .contains("role=\"alert\">Say who calls")
        .contains("<fieldset aria-describedby=\"problem\">")
        .doesNotContain("<section");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "caller=%3Cscript%3Ealert(1)%3C/script%3E&language=%22%3E%3Cb%3E",
        "caller=%zz&%=%&person=%ff",
        "&&&==&caller",
        "caller=programs%00&language=cobol",
        "<script>=<script>"
      })
  void whatNoFormOfOursHoldsCountsForNothingAndComesBackNowhere(String query) {
    assertThat(html(query)).isIn(html(""), html("language=curl"));
  }

  @Test
  void thePageAllowsItsOwnStylesheetAndNothingElse() throws Exception {
    var page = PATH.render(ChoosePath.filledIn("caller=programs"));
    List<MatchResult> styles =
        Pattern.compile("<style>(.*?)</style>", Pattern.DOTALL)
            .matcher(page.html())
            .results()
            .toList();
    assertThat(styles).hasSize(1);
    byte[] digest =
        MessageDigest.getInstance("SHA-256")
            .digest(styles.getFirst().group(1).getBytes(StandardCharsets.UTF_8));
    assertThat(page.fields().get("Content-Security-Policy"))
        .isEqualTo(
            "default-src 'none'; style-src 'sha256-"
                + Base64.getEncoder().encodeToString(digest)
                + "'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'");
    assertThat(page.html())
        .doesNotContainPattern("(?i)<(script|link|img|iframe|object|embed|base)\\b")
        .doesNotContainPattern("(?is)<[^>]*\\s(style|src|on[a-z]+)=");
  }

  @Test
  void everyInputHasALabelAndNoTwoElementsAnId() {
    String html = html("caller=programs&caller=page&caller=app&caller=services&person=yes");
    List<String> ids =
        Pattern.compile("\\sid=\"([^\"]+)\"")
            .matcher(html)
            .results()
            .map(found -> found.group(1))
            .toList();
    assertThat(ids).doesNotHaveDuplicates();
    for (Caller caller : Caller.values()) {
      assertThat(html).containsOnlyOnce("<label for=\"" + caller.id() + "\">");
    }
    for (Question question : Question.values()) {
      assertThat(html).containsOnlyOnce("<label for=\"" + question.id() + "\">");
    }
    assertThat(html).containsOnlyOnce("<label for=\"language\">").containsOnlyOnce("<h1>");
  }
}
