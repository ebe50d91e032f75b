package dev.gatehouse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.revocation.Revocations;
import dev.gatehouse.throttle.FailedAttempts;
import dev.gatehouse.usage.Usage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Pitfall 63: what another site's page can make a browser send, on every ambient credential.
class CsrfCheckTest {

  private static final String OWN = "https://api.example.com";
  private static final String[] COOKIE = {"Test-Cookie", "alice"};
  private static final String[] BASIC = {"Authorization", "alice"};
  private static final String[] CERTIFICATE = {"Test-Certificate", "alice"};
  private static final List<String[]> AMBIENT = List.of(COOKIE, BASIC, CERTIFICATE);
  private static final Policy ANY =
      Policy.accepting(Method.SESSION, Method.BASIC, Method.MTLS, Method.API_KEY);

  private final Time time = new Time();
  private final Badge session = badge(Method.SESSION, CredentialLocation.COOKIE, "Test-Cookie");
  private final Badge basic =
      badge(Method.BASIC, CredentialLocation.AUTHORIZATION, "Authorization");
  private final Badge certificate =
      badge(Method.MTLS, CredentialLocation.CERTIFICATE, "Test-Certificate");
  private final Badge key = badge(Method.API_KEY, CredentialLocation.API_KEY_FIELD, "X-API-Key");
  private final Gate gate =
      new Gate(
          List.of(session, basic, certificate, key),
          new Revocations(Duration.ofMinutes(1), 1_000, null, time.ticker()),
          new FailedAttempts(1_000, time.ticker()),
          new Usage(),
          time.clock(),
          time.ticker());

  // What is another site.

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://evil.example",
        "null",
        "",
        "https://www.example.com", // a sibling
        "https://example.com", // the parent
        "https://a.api.example.com", // a child
        "http://api.example.com", // the same host, in clear
        "https://api.example.com:444",
        "https://api.example.com:8443",
        "https://api.example.com.evil.example",
        "https://evil.example/https://api.example.com",
        "https://api.example.com/",
        "https://api.example.com@evil.example",
        "https://evil.example https://api.example.com",
        "https://api.example.com, https://evil.example",
        "https://api.example.com https://evil.example",
        "wss://api.example.com",
        "api.example.com",
        "://api.example.com",
        "https://",
        "https://аpi.example.com", // a Cyrillic а
        "chrome-extension://api.example.com"
      })
  void anotherOriginIsNotOurs(String origin) {
    for (String[] credential : AMBIENT) {
      for (String method : List.of("POST", "PUT", "PATCH", "DELETE", "CONNECT", "QUERY", "X")) {
        assertThat(status(method, credential, "Origin", origin)).as(method).isEqualTo(403);
      }
    }
    assertThat(mayBeForged(to("https", "api.example.com", "POST", "Origin", origin)))
        .as("a sign-in")
        .isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cross-site",
        "same-site", // a sibling
        "none", // a person typed an address: no page of ours
        "",
        "Same-Origin",
        "same-origin, cross-site",
        "cross-site, same-origin",
        "same-originx",
        "\"same-origin\""
      })
  void anotherSiteIsNotOurs(String site) {
    for (String[] credential : AMBIENT) {
      assertThat(status("POST", credential, "Sec-Fetch-Site", site)).isEqualTo(403);
      assertThat(status("POST", credential, "Sec-Fetch-Site", site, "Origin", "null"))
          .isEqualTo(403);
    }
    assertThat(mayBeForged(to("https", "api.example.com", "POST", "Sec-Fetch-Site", site)))
        .as("a sign-in")
        .isTrue();
  }

  @Test
  void aFieldThatIsThereTwiceShowsNothing() {
    for (List<String> origins : List.of(List.of(OWN, OWN), List.of(OWN, "https://evil.example"))) {
      assertThat(mayBeForged(request(Map.of("Origin", origins)))).isTrue();
    }
    for (List<String> sites :
        List.of(List.of("same-origin", "same-origin"), List.of("same-origin", "cross-site"))) {
      assertThat(mayBeForged(request(Map.of("Sec-Fetch-Site", sites)))).isTrue();
    }
  }

  @Test
  void aPageOfThisOriginMaySend() {
    for (String[] credential : AMBIENT) {
      assertThat(status("POST", credential, "Origin", OWN)).isEqualTo(200);
      assertThat(status("POST", credential, "Sec-Fetch-Site", "same-origin")).isEqualTo(200);
      assertThat(status("POST", credential, "Origin", OWN, "Sec-Fetch-Site", "same-origin"))
          .isEqualTo(200);
      // A page that sends no referrer: its form's Origin is null, its site is not.
      assertThat(status("POST", credential, "Origin", "null", "Sec-Fetch-Site", "same-origin"))
          .isEqualTo(200);
    }
  }

  // RFC 6454 §6.2: an origin is written in lower case, and without its scheme's own port.
  @ParameterizedTest
  @CsvSource({
    "https, api.example.com, https://api.example.com, true",
    "https, API.Example.COM, https://api.example.com, true",
    "https, api.example.com:443, https://api.example.com, true",
    "https, API.example.com:443, https://api.example.com, true",
    "https, api.example.com:8443, https://api.example.com:8443, true",
    "https, '[2001:db8::443]', 'https://[2001:db8::443]', true",
    "https, '[2001:DB8::1]:443', 'https://[2001:db8::1]', true",
    "http, localhost:80, http://localhost, true",
    "http, localhost:8080, http://localhost:8080, true",
    "http, localhost:443, http://localhost:443, true",
    "https, localhost:80, https://localhost:80, true",
    "https, api.example.com:8443, https://api.example.com, false",
    "https, api.example.com, https://api.example.com:8443, false",
    "https, api.example.com:80, https://api.example.com, false",
    "https, api.example.com:1443, https://api.example.com:1, false",
    "https, api.example.com, https://API.example.com, false", // no browser writes it so
    "https, api.example.com, https://api.example.com:443, false", // nor so
    "http, api.example.com, https://api.example.com, false",
    "https, api.example.com., https://api.example.com, false"
  })
  void portsAndCaseOfTheOwnOrigin(String scheme, String authority, String origin, boolean own) {
    assertThat(mayBeForged(to(scheme, authority, "POST", "Origin", origin))).isEqualTo(!own);
  }

  @ParameterizedTest
  @ValueSource(strings = {"://", "https://", "http://", "null", "", "https://api.example.com"})
  void toAPlaceThatIsNotKnownNoOriginIsItsOwn(String origin) {
    for (String scheme : List.of("", "https", "http")) {
      assertThat(mayBeForged(to(scheme, "", "POST", "Origin", origin))).isTrue();
    }
    assertThat(mayBeForged(to("", "api.example.com", "POST", "Origin", origin))).isTrue();
  }

  // What a page of this origin led to, by any method.

  @ParameterizedTest
  @CsvSource({
    "Sec-Fetch-Site, same-origin",
    "Origin, https://api.example.com",
    "Referer, https://api.example.com/", // all that strict-origin leaves
    "Referer, https://api.example.com/app?x=https://evil.example",
    "Referer, https://api.example.com/@evil.example/",
  })
  void oneFieldThatNamesThisOriginShowsThatAPageOfItSentTheRequest(String field, String value) {
    for (String method : List.of("GET", "HEAD", "POST")) {
      assertThat(CsrfCheck.isFromThisOrigin(to("https", "api.example.com", method, field, value)))
          .isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "Sec-Fetch-Site, cross-site",
    "Sec-Fetch-Site, same-site",
    "Sec-Fetch-Site, none",
    "Sec-Fetch-Site, ''",
    "Sec-Fetch-Site, Same-Origin",
    "Sec-Fetch-Site, 'same-origin, cross-site'",
    "Origin, https://evil.example",
    "Origin, null",
    "Origin, ''",
    "Origin, https://api.example.com/",
    "Referer, https://evil.example/",
    "Referer, https://www.example.com/",
    "Referer, http://api.example.com/",
    "Referer, https://api.example.com", // no browser writes it so
    "Referer, https://api.example.com:8443/",
    "Referer, https://api.example.com.evil.example/",
    "Referer, https://api.example.com@evil.example/",
    "Referer, https://evil.example/https://api.example.com/",
    "Referer, ' https://api.example.com/'",
    "Referer, about:blank",
    "Referer, ''",
    "Accept, text/html", // nothing that says it
  })
  void noFieldOrAnotherOriginShowsNoPageOfThisOrigin(String field, String value) {
    assertThat(CsrfCheck.isFromThisOrigin(to("https", "api.example.com", "GET", field, value)))
        .isFalse();
  }

  @Test
  void fieldsThatContradictEachOtherShowNoPageOfThisOrigin() {
    Map<String, String> own =
        Map.of("Sec-Fetch-Site", "same-origin", "Origin", OWN, "Referer", OWN + "/app");
    Map<String, String> others =
        Map.of(
            "Sec-Fetch-Site", "cross-site",
            "Origin", "https://evil.example",
            "Referer", "https://evil.example/");
    assertThat(isFromThisOrigin(own)).isTrue();
    for (Map.Entry<String, String> other : others.entrySet()) {
      Map<String, String> fields = new TreeMap<>(own);
      fields.put(other.getKey(), other.getValue());
      assertThat(isFromThisOrigin(fields)).as(other.getKey()).isFalse();
    }
    for (Map.Entry<String, String> each : own.entrySet()) {
      Map<String, List<String>> twice =
          Map.of(each.getKey(), List.of(each.getValue(), each.getValue()));
      assertThat(CsrfCheck.isFromThisOrigin(request(twice))).as(each.getKey()).isFalse();
    }
  }

  private static boolean isFromThisOrigin(Map<String, String> fields) {
    Map<String, List<String>> values = new TreeMap<>();
    fields.forEach((name, value) -> values.put(name, List.of(value)));
    return CsrfCheck.isFromThisOrigin(request(values));
  }

  @Test
  void noPageIsOfAPlaceThatIsNotKnown() {
    for (String[] field :
        List.of(
            new String[] {"Sec-Fetch-Site", "same-origin"},
            new String[] {"Origin", "https://"},
            new String[] {"Referer", "https:///"})) {
      assertThat(CsrfCheck.isFromThisOrigin(to("https", "", "GET", field))).isFalse();
    }
  }

  // What the client says of the way that it came is for the listener to believe, or not.
  @Test
  void aForwardedFieldChangesNoOrigin() {
    assertThat(
            status(
                "POST",
                COOKIE,
                "Origin",
                "https://evil.example",
                "X-Forwarded-Host",
                "evil.example",
                "Forwarded",
                "host=evil.example;proto=https",
                "X-Forwarded-Proto",
                "https"))
        .isEqualTo(403);
  }

  // What changes something.

  @ParameterizedTest
  @ValueSource(strings = {"GET", "HEAD", "OPTIONS", "TRACE"})
  void aSafeMethodMayBeAskedForByAnySite(String method) {
    for (String[] credential : AMBIENT) {
      assertThat(status(method, credential, "Origin", "https://evil.example")).isEqualTo(200);
      assertThat(status(method, credential)).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"get", "Get", "head", "GET ", ""})
  void aMethodThatOnlyLooksSafeIsNot(String method) {
    assertThat(status(method, COOKIE, "Origin", "https://evil.example")).isEqualTo(403);
  }

  @ParameterizedTest
  @ValueSource(strings = {"websocket", "WebSocket", "h2c, websocket", "websocket/13"})
  void aWebSocketIsGoodForEverythingAndNoOtherSiteOpensOne(String upgrade) {
    for (String[] credential : AMBIENT) {
      assertThat(status("GET", credential, "Upgrade", upgrade, "Origin", "https://evil.example"))
          .isEqualTo(403);
      assertThat(status("GET", credential, "Upgrade", upgrade, "Origin", "null")).isEqualTo(403);
      assertThat(status("GET", credential, "Upgrade", upgrade, "Origin", OWN)).isEqualTo(200);
    }
    assertThat(status("GET", COOKIE, "Upgrade", upgrade)).as("who says nothing").isEqualTo(403);
  }

  @Test
  void aWebSocketThatAnotherSiteOpensIsRefusedThoughTheUpgradeIsNotTheFirst() {
    AuthRequest request =
        new AuthRequest(
            "GET",
            "https",
            "api.example.com",
            "/",
            HeaderFields.of(
                Map.of(
                    "Test-Cookie",
                    List.of("alice"),
                    "Upgrade",
                    List.of("h2c", "websocket"),
                    "Origin",
                    List.of("https://evil.example"))),
            Network.address("192.0.2.1"),
            PeerCertificates.NONE,
            RequestBody.NONE);

    assertThat(status(gate.admit(request, ANY))).isEqualTo(403);
  }

  // By which credential.

  @Test
  void aCookieThatComesWithoutAnyFieldIsNotBelieved() {
    assertThat(status("POST", COOKIE)).isEqualTo(403);
  }

  @Test
  void aProgramWithAPasswordOrACertificateSendsNeitherFieldAndPasses() {
    assertThat(status("POST", BASIC)).isEqualTo(200);
    assertThat(status("POST", CERTIFICATE)).isEqualTo(200);
    assertThat(mayBeForged(to("https", "api.example.com", "POST"))).isFalse();
  }

  @Test
  void whatAPageMustWriteItselfIsNoOtherSites() {
    assertThat(
            status("POST", new String[] {"X-API-Key", "alice"}, "Origin", "https://evil.example"))
        .isEqualTo(200);
  }

  @Test
  void aTokenThatOnlyOurPagesReadShowsThatItWasMeant() {
    assertThat(status("POST", COOKIE, Badge.MEANT, "1")).isEqualTo(200);
    assertThat(status("POST", COOKIE, Badge.MEANT, "1", "Origin", "null")).isEqualTo(200);
    assertThat(status("POST", COOKIE, Badge.MEANT, "1", "Sec-Fetch-Site", "none")).isEqualTo(200);
    assertThat(
            status(
                "POST", COOKIE, Badge.MEANT, "1", "Origin", OWN, "Sec-Fetch-Site", "same-origin"))
        .isEqualTo(200);
  }

  // '-' stands for a field that is not sent.
  @ParameterizedTest
  @CsvSource({
    "1, https://evil.example, -",
    "1, https://www.example.com, same-site",
    "1, https://evil.example, same-origin",
    "1, -, cross-site",
    "1, -, same-site",
    "1, null, cross-site",
    "1, https://api.example.com, cross-site",
    "wrong, https://api.example.com, -",
    "wrong, -, same-origin",
    "wrong, https://api.example.com, same-origin",
    "-, https://api.example.com, cross-site",
    "-, https://api.example.com, same-site",
    "-, https://api.example.com, same-originx",
    "-, https://evil.example, same-origin"
  })
  void signsThatContradictEachOtherAreAnotherSites(String token, String origin, String site) {
    List<String> fields = new ArrayList<>();
    for (String[] field :
        List.of(
            new String[] {Badge.MEANT, token},
            new String[] {"Origin", origin},
            new String[] {"Sec-Fetch-Site", site})) {
      if (!field[1].equals("-")) {
        fields.addAll(List.of(field));
      }
    }
    String[] sent = fields.toArray(String[]::new);

    assertThat(status("POST", COOKIE, sent)).isEqualTo(403);
    assertThat(status(gate.admit(request("POST", COOKIE, sent), allOf(Method.SESSION))))
        .isEqualTo(403);
    if (token.equals("-")) {
      for (String[] credential : AMBIENT) {
        assertThat(status("POST", credential, sent)).isEqualTo(403);
      }
      assertThat(mayBeForged(request("POST", new String[0], sent))).as("a sign-in").isTrue();
    }
  }

  private static boolean mayBeForged(AuthRequest request) {
    return CsrfCheck.mayBeForged(request, CsrfCheck.Evidence.NONE);
  }

  @Test
  void wrongTokenOfASessionContradictsTheOriginForOtherAmbientCredentialsToo() {
    for (String[] credential : List.of(BASIC, CERTIFICATE)) {
      assertThat(
              status("POST", credential, "Test-Cookie", "alice", Badge.MEANT, "2", "Origin", OWN))
          .as(credential[0])
          .isEqualTo(403);
      assertThat(status("POST", credential, "Test-Cookie", "alice", Badge.MEANT, "2"))
          .isEqualTo(403);
      assertThat(
              status("POST", credential, "Test-Cookie", "alice", Badge.MEANT, "1", "Origin", OWN))
          .isEqualTo(200);
      assertThat(status("GET", credential, "Test-Cookie", "alice", Badge.MEANT, "2"))
          .isEqualTo(200);
    }
    assertThat(
            status(
                "POST",
                new String[] {"X-API-Key", "alice"},
                "Test-Cookie",
                "alice",
                Badge.MEANT,
                "2"))
        .as("a credential that no browser adds")
        .isEqualTo(200);
  }

  @Test
  void tokenOfASessionThatIsNotVerifiedShowsNoOrigin() {
    assertThat(status("POST", BASIC, "Test-Cookie", "alice", Badge.MEANT, "1", "Origin", "null"))
        .isEqualTo(403);
  }

  @Test
  void forgedAndWrongIsWrong() {
    assertThat(status("POST", new String[] {"Test-Cookie", "nobody"})).isEqualTo(401);
    assertThat(status("POST", new String[0], "Origin", "https://evil.example")).isEqualTo(401);
  }

  @Test
  void memoryJudgesEachRequestAnew() {
    AuthRequest own = request("POST", COOKIE, "Origin", OWN);
    AuthRequest forged = request("POST", COOKIE, "Origin", "https://evil.example");
    Decision.Admitted admitted = (Decision.Admitted) gate.admit(own, ANY);

    assertThat(gate.recall(own, ANY).map(CsrfCheckTest::status)).contains(200);
    assertThat(gate.recall(forged, ANY).map(CsrfCheckTest::status)).contains(403);
    assertThat(status(gate.review(admitted, forged, ANY))).isEqualTo(403);
  }

  @Test
  void anOpenRouteTakesNoForgedRequestInAPersonsName() {
    Policy open = new Policy(true, List.of(List.of(Method.SESSION)), Map.of());
    AuthRequest forged = request("POST", COOKIE, "Origin", "https://evil.example");

    assertThat(status(gate.admit(forged, open))).isEqualTo(403);
  }

  @Test
  void theRefusalSaysWhatToSendAndIs403() {
    Decision decision = gate.admit(request("POST", COOKIE), ANY);

    assertThat(decision)
        .isInstanceOfSatisfying(
            Decision.Refused.class,
            refused -> {
              assertThat(refused.refusal().reason()).isEqualTo(Reason.CSRF);
              assertThat(refused.refusal().sentence()).isEqualTo("CSRF token missing or wrong");
              assertThat(refused.refusal().detail()).contains("X-CSRF-Token");
              assertThat(refused.refusal().fields()).doesNotContainKey("WWW-Authenticate");
              assertThat(refused.refusal().signInMayHelp()).isFalse();
            });
  }

  // All-of.

  @Test
  void oneCredentialThatSomebodyWroteIntoTheRequestShowsThatAllOfItWasMeant() {
    Policy both = allOf(Method.SESSION, Method.API_KEY);
    String[] credentials = {"Test-Cookie", "alice", "X-API-Key", "alice"};

    assertThat(status(gate.admit(request("POST", credentials), both))).isEqualTo(200);
    assertThat(
            status(
                gate.admit(request("POST", credentials, "Origin", "https://evil.example"), both)))
        .isEqualTo(200);
  }

  @Test
  void twoCredentialsThatGoAlongByThemselvesVouchForNothing() {
    Map<Method, String[]> credentials =
        Map.of(Method.SESSION, COOKIE, Method.BASIC, BASIC, Method.MTLS, CERTIFICATE);
    for (List<Method> way :
        List.of(
            List.of(Method.MTLS, Method.SESSION),
            List.of(Method.SESSION, Method.MTLS),
            List.of(Method.BASIC, Method.SESSION),
            List.of(Method.BASIC, Method.MTLS, Method.SESSION))) {
      Policy all = allOf(way.toArray(Method[]::new));
      String[] sent =
          way.stream()
              .flatMap(method -> Arrays.stream(credentials.get(method)))
              .toArray(String[]::new);

      assertThat(status(gate.admit(request("POST", sent, "Origin", "https://evil.example"), all)))
          .isEqualTo(403);
      assertThat(status(gate.admit(request("POST", sent), all)))
          .as("a cookie without a field, whatever comes with it")
          .isEqualTo(403);
      assertThat(status(gate.admit(request("POST", sent, "Origin", OWN), all))).isEqualTo(200);
      assertThat(status(gate.admit(request("POST", sent, Badge.MEANT, "1"), all))).isEqualTo(200);
    }
  }

  @Test
  void aProgramWithAPasswordAndACertificatePasses() {
    Policy both = allOf(Method.MTLS, Method.BASIC);
    String[] credentials = {"Test-Certificate", "alice", "Authorization", "alice"};

    assertThat(status(gate.admit(request("POST", credentials), both))).isEqualTo(200);
    assertThat(
            status(gate.admit(request("POST", credentials, "Sec-Fetch-Site", "same-site"), both)))
        .isEqualTo(403);
  }

  private static Badge badge(Method method, CredentialLocation location, String field) {
    return new Badge(method, location, field).knowing("alice", "u_alice");
  }

  private static Policy allOf(Method... methods) {
    return new Policy(false, List.of(List.of(methods)), Map.of());
  }

  private int status(String method, String[] credential, String... fields) {
    Decision decision = gate.admit(request(method, credential, fields), ANY);
    Optional<Decision> recalled = gate.recall(request(method, credential, fields), ANY);
    recalled.ifPresent(
        again -> assertThat(status(again)).as("by memory").isEqualTo(status(decision)));
    return status(decision);
  }

  private static int status(Decision decision) {
    return decision instanceof Decision.Refused refused ? refused.refusal().status() : 200;
  }

  private static AuthRequest request(String method, String[] credential, String... fields) {
    List<String> all = new ArrayList<>(Arrays.asList(credential));
    all.addAll(Arrays.asList(fields));
    return to("https", "api.example.com", method, all.toArray(String[]::new));
  }

  private static AuthRequest request(Map<String, List<String>> fields) {
    return new AuthRequest(
        "POST",
        "https",
        "api.example.com",
        "/",
        HeaderFields.of(fields),
        Network.address("192.0.2.1"),
        PeerCertificates.NONE,
        RequestBody.NONE);
  }

  private static AuthRequest to(String scheme, String authority, String method, String... fields) {
    Map<String, List<String>> byName = new TreeMap<>();
    for (int i = 0; i < fields.length; i += 2) {
      byName.put(fields[i], List.of(fields[i + 1]));
    }
    return new AuthRequest(
        method,
        scheme,
        authority,
        "/",
        HeaderFields.of(byName),
        Network.address("192.0.2.1"),
        PeerCertificates.NONE,
        RequestBody.NONE);
  }
}
