package dev.gatehouse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.revocation.Revocations;
import dev.gatehouse.throttle.FailedAttempts;
import dev.gatehouse.usage.Usage;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Who is sent to sign in, and who is never asked for a password by the browser itself.
class BrowserDetectionTest {

  private static final String HTML = "text/html,application/xhtml+xml,*/*;q=0.8";
  private static final String[] PERSON = {"Sec-Fetch-Mode", "navigate", "Accept", HTML};
  // What Node's fetch says of itself.
  private static final String[] NODE = {"Sec-Fetch-Mode", "cors", "Accept", "*/*"};
  private static final Policy SESSION = Policy.accepting(Method.SESSION);
  private static final Policy SESSION_OR_BASIC = Policy.accepting(Method.SESSION, Method.BASIC);
  private static final Policy SESSION_AND_MTLS =
      new Policy(false, List.of(List.of(Method.SESSION, Method.MTLS)), Map.of());

  private final Time time = new Time();
  private final Badge session =
      new Badge(Method.SESSION, CredentialLocation.COOKIE, "Test-Cookie")
          .knowing("alice", "u_alice")
          .answering(
              "over",
              () -> new Outcome.Rejected(Reason.NOT_AUTHENTICATED, "It is over", "it is over"));
  private final Badge basic =
      new Badge(Method.BASIC, CredentialLocation.AUTHORIZATION, "Authorization");
  private final Badge certificate =
      new Badge(Method.MTLS, CredentialLocation.CERTIFICATE, "Test-Certificate")
          .knowing("alice", "u_alice");
  private final Gate gate = gateOf(session, basic, certificate);

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        // Sec-Fetch-Mode, Accept, X-Requested-With: shown to a person, asked for by a script
        "navigate, 'text/html,*/*;q=0.8', -, true, false",
        "navigate, */*, -, true, false",
        "navigate, -, -, true, false",
        "-, 'text/html,application/xhtml+xml', -, true, false",
        "-, 'application/xhtml+xml, text/html;q=0.9', -, true, false",
        "-, text/html, XMLHttpRequest, false, true",
        "cors, text/html, -, false, true", // fetch, Node's and browsers'
        "cors, */*, -, false, true",
        "no-cors, image/avif, -, false, true",
        "same-origin, */*, -, false, true",
        "websocket, -, -, false, true",
        "'', text/html, -, false, true",
        "'navigate, cors', text/html, -, false, true",
        "navigate, text/html, XMLHttpRequest, true, true",
        "-, */*, -, false, false", // curl
        "-, application/json, -, false, false",
        "-, -, -, false, false"
      })
  void whoAsks(String mode, String accept, String requestedWith, boolean person, boolean script) {
    Map<String, List<String>> fields = new TreeMap<>();
    if (mode != null) {
      fields.put("Sec-Fetch-Mode", List.of(mode));
    }
    if (accept != null) {
      fields.put("Accept", List.of(accept));
    }
    if (requestedWith != null) {
      fields.put("X-Requested-With", List.of(requestedWith));
    }
    AuthRequest request =
        new AuthRequest("GET", "/", HeaderFields.of(fields), Network.address("192.0.2.1"));

    assertThat(BrowserDetection.isNavigation(request)).isEqualTo(person);
    assertThat(BrowserDetection.isScript(request)).isEqualTo(script);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // what browsers send that say nothing of Sec-Fetch-Mode
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,"
            + "*/*;q=0.8,application/signed-exchange;v=b3;q=0.7 | true",
        "text/html, application/xhtml+xml, image/jxr, */* | true",
        "text/html, text/plain, text/sgml, text/css, application/xhtml+xml, */*;q=0.01 | true",
        "text/html, */*;q=0.8 | true",
        "TEXT/HTML;charset=utf-8;q=1.000,, application/json ; q=0.5 | true",
        // what programs send
        "application/json, text/html;q=0.9 | false",
        "application/json, text/html, application/xhtml+xml | false",
        "application/problem+json, text/html | false",
        "text/html;q=0.5, application/json;q=0.6 | false",
        "text/html;q=0 | false",
        "text/html;q=0, */* | false",
        "text/html, */* | false",
        "text/html, application/xml | false",
        "text/* | false",
        "text/html-fragment | false",
        "application/x;note=text/html | false",
        // HttpURLConnection of the JDK 17 and of the JDK 25
        "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2 | false",
        "text/html, image/gif, image/jpeg, */*; q=0.2 | false",
        // no lists of RFC 9110
        "text/html; q=.9 | false",
        "text/html; q=2 | false",
        "text/html; q=NaN | false",
        "text/html; q=0.9; q=1 | false",
        "text/html */* | false",
        "text/html; a=\"b,c\" | false"
      })
  void pageIsForWhoPrefersHtmlToAllElse(String accept, boolean page) {
    assertThat(BrowserDetection.isNavigation(get("Accept", accept))).isEqualTo(page);
    assertThat(BrowserDetection.isNavigation(get("Accept", accept, "Sec-Fetch-Mode", "navigate")))
        .isTrue();
    assertThat(BrowserDetection.isNavigation(get("Accept", accept, "Sec-Fetch-Mode", "cors")))
        .isFalse();
  }

  @Test
  void acceptOfSeveralLinesIsOneList() {
    HeaderFields fields =
        HeaderFields.of(Map.of("Accept", List.of("text/html;q=0.9", "application/json")));

    assertThat(
            BrowserDetection.isNavigation(
                new AuthRequest("GET", "/", fields, Network.address("192.0.2.1"))))
        .isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "Java/17.0.12, false",
    "Orders/1.0 Java/17.0.12, false",
    "'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15', true",
    "curl/8.9.1, true" // that asks for HTML
  })
  void pageIsForNoProgramThatAsksForHtmlUnlessToldOtherwise(String agent, boolean page) {
    assertThat(BrowserDetection.isNavigation(get("Accept", HTML, "User-Agent", agent)))
        .isEqualTo(page);
  }

  @Test
  void aPersonWithoutASessionOrWithOneThatIsOverIsSentToSignIn() {
    assertThat(refused(SESSION, PERSON).signInMayHelp()).isTrue();
    assertThat(refused(SESSION, with(PERSON, "Test-Cookie", "over")).signInMayHelp()).isTrue();
    assertThat(refused(SESSION_OR_BASIC, PERSON).signInMayHelp()).isTrue();
  }

  @Test
  void aScriptOrAProgramIsToldNotSent() {
    for (String[] fields : List.of(NODE, new String[0], new String[] {"Accept", "*/*"})) {
      Refusal refusal = refused(SESSION, fields);
      assertThat(refusal.signInMayHelp()).isFalse();
      assertThat(refusal.status()).isEqualTo(401);
      assertThat(refusal.sentence()).isEqualTo("Not authenticated");
    }
  }

  @Test
  void nobodyIsSentToSignInWhereNoSessionIsTaken() {
    assertThat(refused(Policy.accepting(Method.BASIC), PERSON).signInMayHelp()).isFalse();
  }

  @Test
  void nobodyIsSentToSignInForWhatASessionDoesNotMend() {
    Policy admins = SESSION.requiring(Map.of("GET", Scopes.of("admin")));
    session.answering("down", () -> new Outcome.Unavailable(new Exception("down")));

    for (Refusal refusal :
        List.of(
            refused(admins, with(PERSON, "Test-Cookie", "alice")), // 403
            refused(SESSION, with(PERSON, "Test-Cookie", "down")), // 503
            refused(SESSION, with(PERSON, "Test-Cookie", "!")), // 400
            refused(SESSION, with(PERSON, "Authorization", "x")), // another method's
            refused(SESSION_OR_BASIC, with(PERSON, "Authorization", "wrong")))) {
      assertThat(refusal.signInMayHelp()).as(refusal.sentence()).isFalse();
    }
  }

  @Test
  void whoSignedInAndLacksACertificateIsNotSentToSignInForEver() {
    assertThat(refused(SESSION_AND_MTLS, with(PERSON, "Test-Cookie", "alice")).signInMayHelp())
        .isFalse();
    assertThat(refused(SESSION_AND_MTLS, with(PERSON, "Test-Certificate", "alice")).signInMayHelp())
        .isTrue();
    assertThat(refused(SESSION_AND_MTLS, PERSON).signInMayHelp()).isTrue();
  }

  @Test
  void aScriptNeverGetsABasicChallengeWhereASessionWouldDo() {
    for (String[] script : List.of(NODE, new String[] {"X-Requested-With", "XMLHttpRequest"})) {
      for (Refusal refusal :
          List.of(
              refused(SESSION_OR_BASIC, script),
              refused(SESSION_OR_BASIC, with(script, "Authorization", "wrong")),
              refused(SESSION_OR_BASIC, with(script, "Test-Cookie", "over")))) {
        assertThat(refusal.fields().get("WWW-Authenticate"))
            .singleElement()
            .asString()
            .startsWith("session ");
      }
    }
  }

  @Test
  void aProgramOrAPersonGetsEveryChallenge() {
    for (String[] fields : List.of(PERSON, new String[0])) {
      assertThat(refused(SESSION_OR_BASIC, fields).fields().get("WWW-Authenticate"))
          .containsExactly("basic realm=\"test\"", "session realm=\"test\"");
    }
  }

  @Test
  void aScriptGetsABasicChallengeWhereNothingElseIsTaken() {
    assertThat(refused(Policy.accepting(Method.BASIC), NODE).fields().get("WWW-Authenticate"))
        .containsExactly("basic realm=\"test\"");
  }

  @Test
  void aScriptGetsABasicChallengeWhereTheGateHasNoSessions() {
    Decision decision = gateOf(basic).admit(get(NODE), SESSION_OR_BASIC);

    assertThat(decision)
        .isInstanceOfSatisfying(
            Decision.Refused.class,
            refused -> {
              assertThat(refused.refusal().fields()).containsKey("WWW-Authenticate");
              assertThat(refused.refusal().signInMayHelp()).isFalse();
            });
  }

  @Test
  void recallTellsAPersonFromAScriptToo() {
    assertThat(gate.recall(get(PERSON), SESSION))
        .containsInstanceOf(Decision.Refused.class)
        .hasValueSatisfying(
            decision ->
                assertThat(((Decision.Refused) decision).refusal().signInMayHelp()).isTrue());
  }

  private Gate gateOf(Badge... badges) {
    return new Gate(
        Arrays.asList(badges),
        new Revocations(Duration.ofMinutes(1), 1_000, null, time.ticker()),
        new FailedAttempts(1_000, time.ticker()),
        new Usage(),
        time.clock(),
        time.ticker());
  }

  private Refusal refused(Policy policy, String... fields) {
    return ((Decision.Refused) gate.admit(get(fields), policy)).refusal();
  }

  private static String[] with(String[] fields, String name, String value) {
    String[] more = Arrays.copyOf(fields, fields.length + 2);
    more[fields.length] = name;
    more[fields.length + 1] = value;
    return more;
  }

  private static AuthRequest get(String... fields) {
    Map<String, List<String>> byName = new TreeMap<>();
    for (int i = 0; i < fields.length; i += 2) {
      byName.put(fields[i], List.of(fields[i + 1]));
    }
    return new AuthRequest("GET", "/", HeaderFields.of(byName), Network.address("192.0.2.1"));
  }
}
