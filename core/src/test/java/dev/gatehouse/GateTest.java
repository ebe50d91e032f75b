package dev.gatehouse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.nimbusds.jose.util.JSONObjectUtils;
import dev.gatehouse.revocation.FeedEntry;
import dev.gatehouse.revocation.Revocations;
import dev.gatehouse.throttle.FailedAttempts;
import dev.gatehouse.usage.Usage;
import dev.gatehouse.usage.UsageRecord;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class GateTest {

  private static final InetAddress HERE = Network.address("192.0.2.1");
  private static final InetAddress ELSEWHERE = Network.address("198.51.100.1");
  private static final Duration MEMORY = Duration.ofMinutes(1);
  private static final Duration SILENCE = Duration.ofSeconds(2);
  private static final int FAILURES = 3;
  private static final String SECRET = "very-secret-badge";

  private static final Policy JWT = Policy.accepting(Method.JWT);
  private static final Policy JWT_OR_MTLS = Policy.accepting(Method.JWT, Method.MTLS);
  private static final Policy MTLS_AND_HMAC =
      new Policy(false, List.of(List.of(Method.MTLS, Method.HMAC)), Map.of());

  private static final Outcome.Rejected WRONG_PASSWORD =
      new Outcome.Rejected(Reason.INVALID_CREDENTIALS, "Wrong", "no such account");

  private final Time time = new Time();
  private final Revocations revocations = new Revocations(MEMORY, 1_000, SILENCE, time.ticker());
  private final Usage usage = new Usage();
  private final Badge jwt =
      new Badge(Method.JWT, CredentialLocation.AUTHORIZATION, "Authorization")
          .knowing("alice", "u_alice", "orders:read")
          .knowing("bob", "u_bob")
          .knowing(SECRET, "u_secret");
  private final Badge hmac =
      new Badge(Method.HMAC, CredentialLocation.SIGNATURE_FIELD, "X-Signature")
          .knowing("alice-signs", "u_alice", "orders:write")
          .knowing("bob-signs", "u_bob");
  private final Badge mtls =
      new Badge(Method.MTLS, CredentialLocation.CERTIFICATE, "Test-Certificate")
          .knowing("alice-cert", "u_alice", "orders:read");
  private final Gate gate = gateOf(jwt, hmac, mtls);
  private final Logger root = (Logger) LoggerFactory.getLogger("dev.gatehouse");
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();

  @BeforeEach
  void listen() {
    RefusalLog.ofThisProcess().limit(RefusalLog.DEFAULT_LINES_PER_MINUTE);
    log.start();
    root.addAppender(log);
    alive();
  }

  @AfterEach
  void stopListening() {
    root.detachAppender(log);
  }

  // Who is asked, and which credential counts.

  @Test
  void aGoodCredentialIsAdmitted() {
    Decision.Admitted admitted = admitted(JWT, "Authorization", "alice");

    assertThat(admitted.principal())
        .isEqualTo(new Principal("u_alice", Method.JWT, "c_alice", Scopes.of("orders:read")));
  }

  @Test
  void whatCountsIsTheFirstThatIsPresentAndAWeakerOneDoesNotHealIt() {
    Refusal refusal =
        refused(JWT_OR_MTLS, "Authorization", "nobody", "Test-Certificate", "alice-cert");

    assertThat(refusal.reason()).isEqualTo(Reason.INVALID_TOKEN);
    assertThat(mtls.asked()).isZero();
  }

  @Test
  void theOrderIsTheContractsAndNotThatOfTheAuthenticators() {
    Gate reversed = gateOf(mtls, hmac, jwt);
    Decision decision =
        reversed.admit(get("Authorization", "bob", "Test-Certificate", "alice-cert"), JWT_OR_MTLS);

    assertThat(((Decision.Admitted) decision).principal())
        .isNotNull()
        .extracting(Principal::subject)
        .isEqualTo("u_bob");
  }

  @Test
  void anyOfSeveralMethodsWillDo() {
    assertThat(admitted(JWT_OR_MTLS, "Test-Certificate", "alice-cert").principal()).isNotNull();
    assertThat(admitted(JWT_OR_MTLS, "Authorization", "bob").principal()).isNotNull();
  }

  @Test
  void aCredentialOfAMethodThatTheRouteDoesNotAcceptIsRefusedEvenBesideAGoodOne() {
    Refusal refusal =
        refused(
            Policy.accepting(Method.MTLS),
            "Authorization",
            "alice",
            "Test-Certificate",
            "alice-cert");

    assertThat(refusal.reason()).isEqualTo(Reason.METHOD_NOT_ACCEPTED);
    assertThat(refusal.status()).isEqualTo(401);
    assertThat(refusal.fields()).containsEntry("WWW-Authenticate", List.of("mtls realm=\"test\""));
    assertThat(jwt.asked()).isZero();
  }

  @Test
  void aSchemeThatNobodyHereKnowsIsNoAbsence() {
    Gate certificates = gateOf(mtls);
    Decision decision =
        certificates.admit(get("Authorization", "Negotiate abc"), Policy.accepting(Method.MTLS));

    assertThat(((Decision.Refused) decision).refusal().reason())
        .isEqualTo(Reason.METHOD_NOT_ACCEPTED);
  }

  @Test
  void twoAuthorizationFieldsAreAmbiguousEvenWhenBothAreGood() {
    AuthRequest twice =
        request(
            "GET",
            "/",
            Map.of("authorization", List.of("alice"), "AUTHORIZATION", List.of("alice")));
    Refusal refusal = ((Decision.Refused) gate.admit(twice, JWT)).refusal();

    assertThat(refusal.reason()).isEqualTo(Reason.AMBIGUOUS_CREDENTIALS);
    assertThat(refusal.status()).isEqualTo(400);
    assertThat(jwt.asked()).isZero();
  }

  @Test
  void twoMethodsThatClaimOnePlaceAreAmbiguousInWhateverOrderTheyAreAsked() {
    Badge session =
        new Badge(Method.SESSION, CredentialLocation.COOKIE, "Cookie").knowing("x", "u_1");
    Badge other = new Badge(Method.OAUTH, CredentialLocation.COOKIE, "Cookie").knowing("x", "u_2");
    for (List<Badge> order :
        List.of(
            List.of(session, jwt, other), List.of(jwt, session, other), List.of(other, session))) {
      Gate both = gateOf(order.toArray(Badge[]::new));
      Decision decision =
          both.admit(get("Authorization", "alice", "Cookie", "x"), Policy.accepting(Method.JWT));
      Decision without = both.admit(get("Cookie", "x"), Policy.accepting(Method.SESSION));

      assertThat(List.of(decision, without))
          .allSatisfy(
              each ->
                  assertThat(((Decision.Refused) each).refusal().reason())
                      .isEqualTo(Reason.AMBIGUOUS_CREDENTIALS));
    }
  }

  // All-of.

  @Test
  void anAllOfNeedsEveryOneAndTheFirstGivesTheScopes() {
    Decision.Admitted admitted =
        admitted(MTLS_AND_HMAC, "X-Signature", "alice-signs", "Test-Certificate", "alice-cert");

    assertThat(admitted.principal())
        .isEqualTo(new Principal("u_alice", Method.MTLS, "c_alice-cert", Scopes.of("orders:read")));
  }

  @Test
  void anAllOfOfWhichOneIsMissingIsNoAdmission() {
    assertThat(refused(MTLS_AND_HMAC, "Test-Certificate", "alice-cert").reason())
        .isEqualTo(Reason.NO_CREDENTIALS);
    assertThat(refused(MTLS_AND_HMAC, "X-Signature", "alice-signs").reason())
        .isEqualTo(Reason.NO_CREDENTIALS);
    assertThat(refused(MTLS_AND_HMAC).sentence()).isEqualTo("Authentication required");
  }

  @Test
  void anAllOfOfWhichOneIsWrongIsNoAdmission() {
    assertThat(
            refused(MTLS_AND_HMAC, "X-Signature", "forged", "Test-Certificate", "alice-cert")
                .status())
        .isEqualTo(401);
  }

  @Test
  void anAllOfOfTwoCallersIsNoAdmission() {
    Refusal refusal =
        refused(MTLS_AND_HMAC, "X-Signature", "bob-signs", "Test-Certificate", "alice-cert");

    assertThat(refusal.status()).isEqualTo(401);
    assertThat(refusal.fields()).containsKey("WWW-Authenticate");
  }

  @Test
  void anAllOfTakesFromTheRateLimitOfEveryCredential() {
    hmac.answering("limited", () -> hmac.accepted("u_alice", "limited", perMinute(1)));

    admitted(MTLS_AND_HMAC, "X-Signature", "limited", "Test-Certificate", "alice-cert");
    assertThat(
            refused(MTLS_AND_HMAC, "X-Signature", "limited", "Test-Certificate", "alice-cert")
                .reason())
        .isEqualTo(Reason.THROTTLED);
  }

  @Test
  void anOpenStreamOfAnAllOfEndsWhenItsSecondCredentialIsRevoked() {
    Decision.Admitted admitted =
        admitted(MTLS_AND_HMAC, "X-Signature", "alice-signs", "Test-Certificate", "alice-cert");

    assertThat(gate.renew(admitted, get())).isPresent();
    hear(FeedEntry.Kind.CREDENTIAL, "c_alice-signs");
    assertThat(gate.renew(admitted, get())).isEmpty();
  }

  // Challenges and sentences.

  @Test
  void every401CarriesTheChallengeOfEachMethodInALineOfItsOwn() {
    Refusal none = refused(JWT_OR_MTLS);
    Refusal wrong = refused(JWT_OR_MTLS, "Authorization", "nobody");

    assertThat(none.fields())
        .containsEntry("WWW-Authenticate", List.of("jwt realm=\"test\"", "mtls realm=\"test\""));
    assertThat(wrong.fields())
        .containsEntry(
            "WWW-Authenticate",
            List.of("jwt error=\"invalid_token\", realm=\"test\"", "mtls realm=\"test\""));
  }

  @Test
  void aRouteThatNobodyCanPassIsAMistakeAndNoBare401() {
    assertThatThrownBy(() -> gateOf(jwt).admit(get(), Policy.accepting(Method.BASIC)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("basic");
  }

  @Test
  void aCallerWithoutCredentialsReadsTheSentenceOfTheOnlyMethod() {
    assertThat(refused(JWT).sentence()).isEqualTo("Authorization token required");
    assertThat(refused(Policy.accepting(Method.MTLS)).sentence())
        .isEqualTo("Authentication required");
    assertThat(refused(JWT_OR_MTLS).sentence()).isEqualTo("Authentication required");
    Map<Method, String> sentences = new TreeMap<>();
    for (Method method : Method.values()) {
      sentences.put(method, method.requiredSentence());
    }
    assertThat(sentences)
        .containsEntry(Method.API_KEY, "API key required")
        .containsEntry(Method.SESSION, "Not authenticated");
  }

  @Test
  void theProblemDocumentHasExactlyTheMembersOfTheContract() throws Exception {
    Refusal refusal = refused(JWT, "Authorization", "nobody");

    assertThat(JSONObjectUtils.parse(refusal.document()))
        .containsOnlyKeys("type", "title", "status", "detail", "error", "code", "id")
        .containsEntry("title", "Invalid token")
        .containsEntry("error", "Invalid token")
        .containsEntry("status", 401L)
        .containsEntry("code", "INVALID_TOKEN")
        .containsEntry("detail", "No such badge")
        .containsEntry("id", refusal.id());
    assertThat(refusal.fields()).containsEntry("Cache-Control", List.of("no-store"));
    assertThat(refusal.id()).matches("r_[0-9A-Za-z]{22}");
  }

  @Test
  void whatAClientSentCannotBreakTheProblemDocument() throws Exception {
    AuthRequest odd = request("G\"}\r\n", "/", Map.of("Authorization", List.of("alice")));
    Policy reading = JWT.requiring(Map.of("GET", Scopes.NONE));
    Refusal refusal = ((Decision.Refused) gate.admit(odd, reading)).refusal();

    assertThat(JSONObjectUtils.parse(refusal.document()))
        .containsEntry("detail", "This route does not allow G\"}\r\n")
        .hasSize(7);
    assertThat(lines()).allSatisfy(line -> assertThat(line).doesNotContain("\r", "\n"));
  }

  // What a caller may do.

  @Test
  void scopesAreRequiredByHttpMethod() {
    Policy policy =
        JWT.requiring(Map.of("GET", Scopes.of("orders:read"), "POST", Scopes.of("orders:write")));

    assertThat(decide("GET", policy)).isEqualTo(200);
    assertThat(decide("HEAD", policy)).as("HEAD counts as GET").isEqualTo(200);
    assertThat(decide("POST", policy)).isEqualTo(403);
    assertThat(decide("DELETE", policy)).as("not listed").isEqualTo(403);
    assertThat(decide("get", policy)).as("methods have a case").isEqualTo(403);
  }

  @Test
  void aStarIsForEveryMethodThatIsNotListed() {
    Policy policy = JWT.requiring(Map.of("GET", Scopes.NONE, "*", Scopes.of("orders:write")));

    assertThat(decide("GET", policy)).isEqualTo(200);
    assertThat(decide("DELETE", policy)).isEqualTo(403);
    assertThat(decide("*", policy)).isEqualTo(403);
    assertThat(decide("HEAD", policy)).isEqualTo(200);
  }

  @Test
  void anotherCaseOfAMethodWithARuleOfItsOwnIsNotTheRest() {
    Policy policy =
        JWT.requiring(Map.of("GET", Scopes.NONE, "DELETE", Scopes.of("admin"), "*", Scopes.NONE));

    assertThat(decide("DELETE", policy)).isEqualTo(403);
    assertThat(decide("delete", policy)).isEqualTo(403);
    assertThat(decide("Get", policy)).isEqualTo(403);
    assertThat(decide("head", policy)).isEqualTo(403);
    assertThat(decide("patch", policy)).isEqualTo(200);
  }

  @Test
  void aRuleForHeadCountsBeforeThatForGet() {
    Policy policy =
        JWT.requiring(Map.of("GET", Scopes.of("orders:read"), "HEAD", Scopes.of("admin")));

    assertThat(decide("HEAD", policy)).isEqualTo(403);
  }

  @Test
  void anOpenRouteLetsEveryoneInAndAsksNobody() {
    assertThat(admitted(Policy.openToAll()).principal()).isNull();
    assertThat(admitted(Policy.openToAll(), "Authorization", "nobody").principal()).isNull();
    assertThat(jwt.asked()).isZero();
  }

  @Test
  void anOpenRouteThatAcceptsAMethodRefusesAWrongCredentialOfIt() {
    Policy open = new Policy(true, List.of(List.of(Method.JWT)), Map.of());

    assertThat(admitted(open).principal()).isNull();
    assertThat(admitted(open, "Authorization", "alice").principal()).isNotNull();
    assertThat(refused(open, "Authorization", "nobody").status()).isEqualTo(401);
    assertThat(refused(open, "X-Signature", "alice-signs").reason())
        .isEqualTo(Reason.METHOD_NOT_ACCEPTED);
  }

  @Test
  void whatIsMalformedIsNotAbsent() {
    assertThat(
            refused(JWT_OR_MTLS, "Authorization", "!", "Test-Certificate", "alice-cert").status())
        .isEqualTo(400);
    assertThat(jwt.asked()).isZero();
  }

  // Throttles.

  @Test
  void whoKeepsFailingMustWaitAndIsToldHowLong() {
    for (int i = 0; i < FAILURES; i++) {
      assertThat(refused(JWT, "Authorization", "guess" + i).status()).isEqualTo(401);
    }
    Refusal throttled = refused(JWT, "Authorization", "another guess");

    assertThat(throttled.status()).isEqualTo(429);
    assertThat(throttled.sentence()).isEqualTo("Too many attempts");
    assertThat(throttled.fields()).containsEntry("Retry-After", List.of("20"));
    time.pass(Duration.ofSeconds(20));
    alive();
    assertThat(refused(JWT, "Authorization", "one more").status()).isEqualTo(401);
    assertThat(refused(JWT, "Authorization", "and more").status()).isEqualTo(429);
  }

  @Test
  void aGoodCredentialThatNobodyGuessesPassesWhateverItsNeighboursDo() {
    for (int i = 0; i < 10 * FAILURES; i++) {
      refused(JWT, "Authorization", "guess" + i);
    }

    admitted(JWT, "Authorization", "alice");
    assertThat(refused(JWT, "Authorization", "guess").status()).isEqualTo(429);
  }

  @Test
  void whatTakesASlowHashIsNotLookedAtWhileItsAddressMustWait() {
    jwt.slow();
    for (int i = 0; i < FAILURES; i++) {
      assertThat(refused(JWT, "Authorization", "guess" + i).status()).isEqualTo(401);
    }

    assertThat(refused(JWT, "Authorization", "alice").status()).isEqualTo(429);
    assertThat(jwt.asked()).isEqualTo(FAILURES);
    time.pass(Duration.ofSeconds(20));
    alive();
    admitted(JWT, "Authorization", "alice");
  }

  @Test
  void whatIsNoGuessCostsNoAttempt() {
    jwt.answering(
        "revoked",
        () -> new Outcome.Rejected(Reason.INVALID_TOKEN, "Over", "revoked").notCountedAsFailure());
    for (int i = 0; i < 10 * FAILURES; i++) {
      assertThat(refused(JWT, "Authorization", "revoked").status()).isEqualTo(401);
    }

    assertThat(refused(JWT, "Authorization", "guess").status()).isEqualTo(401);
  }

  @Test
  void aRecalledCredentialIsNotSlowedByANeighbourWhoFails() {
    admitted(JWT, "Authorization", "alice");
    for (int i = 0; i < 10 * FAILURES; i++) {
      refused(JWT, "Authorization", "guess" + i);
    }

    assertThat(gate.recall(get("Authorization", "alice"), JWT))
        .containsInstanceOf(Decision.Admitted.class);
    admitted(JWT, "Authorization", "alice");
    assertThat(gate.admit(from(ELSEWHERE, "Authorization", "bob"), JWT))
        .isInstanceOf(Decision.Admitted.class);
  }

  @Test
  void noCredentialsMalformedOnesAndMissingScopesCostNoAttempt() {
    for (int i = 0; i < 10 * FAILURES; i++) {
      refused(JWT);
      refused(JWT, "Authorization", "!");
      decide("DELETE", JWT.requiring(Map.of("GET", Scopes.NONE)));
    }

    assertThat(refused(JWT, "Authorization", "guess").status()).isEqualTo(401);
  }

  @Test
  void aRateLimitHoldsForTheCredentialAndSaysWhenToComeBack() {
    jwt.answering("limited", () -> jwt.accepted("u_1", "limited", perMinute(6)));
    for (int i = 0; i < 6; i++) {
      admitted(JWT, "Authorization", "limited");
    }
    Refusal refusal = refused(JWT, "Authorization", "limited");

    assertThat(refusal.status()).isEqualTo(429);
    assertThat(refusal.fields()).containsEntry("Retry-After", List.of("10"));
    assertThat(gate.recall(get("Authorization", "limited"), JWT))
        .containsInstanceOf(Decision.Refused.class);
    admitted(JWT, "Authorization", "alice");
    time.pass(Duration.ofSeconds(10));
    alive();
    admitted(JWT, "Authorization", "limited");
  }

  @Test
  void aReviewTakesNoUseOfARateAndHoldsNothingAgainstTheAddress() {
    jwt.answering("limited", () -> jwt.accepted("u_1", "limited", perMinute(1)));
    AuthRequest request = get("Authorization", "limited");
    Decision.Admitted admitted = (Decision.Admitted) gate.admit(request, JWT);
    for (int i = 0; i < 10 * FAILURES; i++) {
      refused(JWT, "Authorization", "!");
      revocations.hear(new FeedEntry(i + 1, FeedEntry.Kind.SUBJECT, "u_1", time.now()));
      assertThat(gate.review(admitted, request, JWT)).isInstanceOf(Decision.Admitted.class);
    }
    jwt.answering(
        "limited", () -> new Outcome.Rejected(Reason.INVALID_TOKEN, "no longer", "revoked"));
    revocations.hear(new FeedEntry(1000, FeedEntry.Kind.SUBJECT, "u_1", time.now()));
    assertThat(gate.review(admitted, request, JWT))
        .isInstanceOfSatisfying(
            Decision.Refused.class,
            refused -> assertThat(refused.refusal().reason()).isEqualTo(Reason.INVALID_TOKEN));
  }

  @Test
  void retryAfterIsNeverTooEarly() {
    Refusal refusal =
        new Refusal(
            "r_1",
            Reason.THROTTLED,
            "",
            "",
            "",
            List.of(),
            Duration.ofSeconds(1).plusNanos(1),
            false,
            Map.of(),
            null);

    assertThat(refusal.fields()).containsEntry("Retry-After", List.of("2"));
  }

  @Test
  void aStoreThatIsDownIs503AndNeither401NorAdmitted() {
    jwt.answering(
        "unlucky",
        () -> new Outcome.Unavailable(new StoreUnavailableException("down", new Exception())));
    for (int i = 0; i < 10 * FAILURES; i++) {
      Refusal refusal = refused(JWT, "Authorization", "unlucky");
      assertThat(refusal.status()).isEqualTo(503);
      assertThat(refusal.sentence()).isEqualTo("Temporarily unavailable");
      assertThat(refusal.fields())
          .containsEntry("Retry-After", List.of("1"))
          .doesNotContainKey("WWW-Authenticate");
    }
    Policy open = new Policy(true, List.of(List.of(Method.JWT)), Map.of());
    assertThat(refused(open, "Authorization", "unlucky").status()).isEqualTo(503);
  }

  // Sign-ins: attempts that show no credential in a field.

  @Test
  void aFailedSignInCountsAsAWrongCredentialDoes() {
    AuthRequest attempt = request("POST", "/login", Map.of());
    for (int i = 0; i < FAILURES; i++) {
      assertThat(gate.mustWait(attempt, Method.JWT)).isEmpty();
      assertThat(gate.refuse(attempt, WRONG_PASSWORD, Method.JWT).status()).isEqualTo(401);
    }

    Refusal mustWait = gate.mustWait(attempt, Method.JWT).orElseThrow();
    assertThat(mustWait.reason()).isEqualTo(Reason.THROTTLED);
    assertThat(mustWait.fields()).containsEntry("Retry-After", List.of("20"));
    assertThat(refused(JWT, "Authorization", "guess").status())
        .as("one count for both")
        .isEqualTo(429);
    assertThat(gate.mustWait(from(ELSEWHERE), Method.JWT)).isEmpty();
    time.pass(Duration.ofSeconds(20));
    assertThat(gate.mustWait(attempt, Method.JWT)).isEmpty();
  }

  @Test
  void aSignInThatFailsWhileItsAddressMustWaitIsToldNothingElse() {
    for (int i = 0; i < FAILURES; i++) {
      refused(JWT, "Authorization", "guess" + i);
    }

    assertThat(gate.refuse(get(), WRONG_PASSWORD, Method.JWT).reason()).isEqualTo(Reason.THROTTLED);
  }

  @Test
  void aRefusedSignInIsWholeAndOnRecordAndSendsNobodyToSignIn() {
    AuthRequest person = request("POST", "/login", Map.of("Sec-Fetch-Mode", List.of("navigate")));
    Gate withSessions = gateOf(new Badge(Method.SESSION, CredentialLocation.COOKIE, "Test-Cookie"));
    Refusal refusal = withSessions.refuse(person, WRONG_PASSWORD, Method.SESSION);

    assertThat(refusal.sentence()).isEqualTo("Invalid credentials");
    assertThat(refusal.fields())
        .containsEntry("Cache-Control", List.of("no-store"))
        .containsKey("WWW-Authenticate");
    assertThat(refusal.signInMayHelp()).isFalse();
    assertThat(lines()).singleElement().asString().contains(refusal.id(), "INVALID_CREDENTIALS");
  }

  @Test
  void aSignInThatIsMalformedOrCannotBeJudgedCostsNoAttempt() {
    for (int i = 0; i < 10 * FAILURES; i++) {
      for (Reason reason : List.of(Reason.MALFORMED_REQUEST, Reason.UNAVAILABLE, Reason.CSRF)) {
        assertThat(gate.refuse(get(), new Outcome.Rejected(reason, "", ""), Method.JWT).status())
            .isEqualTo(reason.status());
      }
    }

    assertThat(gate.mustWait(get(), Method.JWT)).isEmpty();
  }

  // Memory.

  @Test
  void whatWasAdmittedIsRecalledWithoutAskingAndToTheSameEffect() {
    AuthRequest request = get("Authorization", "alice");
    assertThat(gate.recall(request, JWT)).as("nobody was asked yet").isEmpty();
    Decision asked = gate.admit(request, JWT);

    assertThat(gate.recall(request, JWT)).contains(asked);
    assertThat(gate.admit(request, JWT)).isEqualTo(asked);
    assertThat(jwt.asked()).isEqualTo(1);
  }

  @Test
  void whatNeedsNoStoreIsDecidedByBothDoorsAlike() {
    for (AuthRequest request :
        List.of(get(), get("Authorization", "!"), get("X-Signature", "alice-signs"))) {
      Decision.Refused recalled = (Decision.Refused) gate.recall(request, JWT).orElseThrow();
      Decision.Refused admitted = (Decision.Refused) gate.admit(request, JWT);

      assertThat(recalled.refusal())
          .usingRecursiveComparison()
          .ignoringFields("id")
          .isEqualTo(admitted.refusal());
    }
  }

  @Test
  void refusalsAreNotRemembered() {
    for (int i = 0; i < 2; i++) {
      refused(JWT, "Authorization", "late");
      assertThat(gate.recall(get("Authorization", "late"), JWT)).isEmpty();
    }
    assertThat(jwt.asked()).isEqualTo(2);
    jwt.knowing("late", "u_late");
    admitted(JWT, "Authorization", "late");
  }

  @Test
  void memoryEnds() {
    admitted(JWT, "Authorization", "alice");
    time.pass(MEMORY.minusNanos(1));
    alive();
    assertThat(recalls("alice")).isTrue();
    time.pass(Duration.ofNanos(1));
    alive();
    assertThat(recalls("alice")).isFalse();
  }

  @Test
  void revocationDisablingAndLossOfScopeAreForgottenAtOnce() {
    admitted(JWT, "Authorization", "alice");
    admitted(JWT, "Authorization", "bob");

    hear(FeedEntry.Kind.CREDENTIAL, "c_alice");
    assertThat(recalls("alice")).isFalse();
    assertThat(recalls("bob")).as("unrelated").isTrue();
    hear(FeedEntry.Kind.SUBJECT, "u_bob");
    assertThat(recalls("bob")).isFalse();
  }

  @Test
  void aLookUpThatBeganBeforeARevocationIsNotRememberedAfterIt() {
    jwt.answering(
        "slow",
        () -> {
          Outcome.Accepted before = jwt.accepted("u_1", "slow", Badge.unconditional());
          revoked("slow");
          return before;
        });

    assertThat(refused(JWT, "Authorization", "slow").status()).isEqualTo(401);
    assertThat(recalls("slow")).isFalse();
  }

  @Test
  void aLookUpThatOutlivesTheMemoryIsNotRememberedEither() {
    jwt.answering(
        "stuck",
        () -> {
          Outcome.Accepted before = jwt.accepted("u_1", "stuck", Badge.unconditional());
          revoked("stuck");
          time.pass(MEMORY.multipliedBy(3));
          alive();
          return before;
        });

    assertThat(refused(JWT, "Authorization", "stuck").status()).isEqualTo(401);
    assertThat(recalls("stuck")).isFalse();
  }

  @Test
  void nothingIsRecalledOnARouteThatDoesNotAcceptItOrNeedsMore() {
    admitted(JWT, "Authorization", "alice");
    AuthRequest request = get("Authorization", "alice");

    assertThat(gate.recall(request, Policy.accepting(Method.MTLS)))
        .containsInstanceOf(Decision.Refused.class);
    assertThat(gate.recall(request, JWT.requiring(Map.of("GET", Scopes.of("admin")))))
        .containsInstanceOf(Decision.Refused.class);
  }

  @Test
  void nothingIsRecalledFromAnotherNetwork() {
    jwt.answering(
        "local",
        () ->
            jwt.accepted(
                "u_1",
                "local",
                new Conditions(
                    null, List.of(Network.parse("192.0.2.0/24")), null, Reason.INVALID_TOKEN)));
    admitted(JWT, "Authorization", "local");

    assertThat(gate.recall(from(ELSEWHERE, "Authorization", "local"), JWT))
        .containsInstanceOf(Decision.Refused.class);
    assertThat(recalls("local")).isTrue();
  }

  @Test
  void nothingIsRecalledWithoutTheOtherCredentialOfItsAllOf() {
    admitted(MTLS_AND_HMAC, "X-Signature", "alice-signs", "Test-Certificate", "alice-cert");

    assertThat(gate.recall(get("X-Signature", "alice-signs"), MTLS_AND_HMAC))
        .containsInstanceOf(Decision.Refused.class);
    assertThat(
            gate.recall(
                get("X-Signature", "alice-signs", "Test-Certificate", "other"), MTLS_AND_HMAC))
        .isEmpty();
  }

  @Test
  void theMemoryIsBounded() {
    for (int i = 0; i < 100_500; i++) {
      jwt.knowing("n" + i, "u_" + i);
      gate.admit(get("Authorization", "n" + i), JWT);
    }
    long recalled = 0;
    for (int i = 0; i < 100_500; i++) {
      recalled += gate.recall(get("Authorization", "n" + i), JWT).isPresent() ? 1 : 0;
    }
    // Caffeine makes room a little later than it takes: by its write buffer at most.
    assertThat(recalled).isLessThan(100_500);
  }

  @Test
  void aRecalledCredentialIsRefusedAtTheInstantItExpires() {
    jwt.answering(
        "brief", () -> jwt.accepted("u_1", "brief", Badge.until(Time.START.plusSeconds(30))));
    admitted(JWT, "Authorization", "brief");

    time.pass(Duration.ofSeconds(30).minusNanos(1));
    alive();
    assertThat(gate.recall(get("Authorization", "brief"), JWT))
        .containsInstanceOf(Decision.Admitted.class);
    time.pass(Duration.ofNanos(1));
    assertThat(gate.recall(get("Authorization", "brief"), JWT))
        .containsInstanceOf(Decision.Refused.class);
    assertThat(refused(JWT, "Authorization", "brief").reason()).isEqualTo(Reason.INVALID_TOKEN);
  }

  @Test
  void whileTheFeedIsSilentNothingIsRecalledButStoresAreAsked() {
    admitted(JWT, "Authorization", "alice");
    time.pass(SILENCE.plusNanos(1));

    assertThat(recalls("alice")).isFalse();
    admitted(JWT, "Authorization", "alice");
    assertThat(jwt.asked()).isEqualTo(2);
    alive();
    assertThat(recalls("alice")).isTrue();
  }

  // Open streams.

  @Test
  void anOpenStreamGoesOnForHoursWhileOthersAreRevoked() {
    Decision.Admitted admitted = admitted(JWT, "Authorization", "alice");
    for (int i = 0; i < 5_000; i++) {
      time.pass(Duration.ofSeconds(5));
      alive();
      hear(FeedEntry.Kind.CREDENTIAL, "c_other" + i);
      Optional<Decision.Admitted> renewed = gate.renew(admitted, get());
      assertThat(renewed).as("after %s", time.now()).isPresent();
      admitted = renewed.orElseThrow();
    }
    hear(FeedEntry.Kind.SUBJECT, "u_alice");
    assertThat(gate.renew(admitted, get())).isEmpty();
  }

  @Test
  void anOpenStreamEndsWithItsCredentialItsNetworkOrTheFeed() {
    jwt.answering(
        "brief", () -> jwt.accepted("u_1", "brief", Badge.until(Time.START.plusSeconds(1))));
    Decision.Admitted brief = admitted(JWT, "Authorization", "brief");
    Decision.Admitted alice = admitted(JWT, "Authorization", "alice");

    time.pass(Duration.ofSeconds(1));
    assertThat(gate.renew(brief, get())).isEmpty();
    assertThat(gate.renew(alice, get())).isPresent();
    time.pass(SILENCE);
    assertThat(gate.renew(alice, get())).isEmpty();
    assertThat(gate.renew(Decision.Admitted.ANONYMOUS, get())).isPresent();
  }

  // Secrets, records.

  @Test
  void noSecretIsInALogADocumentOrAText() {
    List<Object> seen = new ArrayList<>();
    AuthRequest good = get("Authorization", SECRET);
    Decision admitted = gate.admit(good, JWT);
    seen.add(admitted);
    seen.add(good);
    seen.add(gate.recall(request("GET", "/x?key=" + SECRET, Map.of()), JWT));
    seen.add(gate.admit(get("Authorization", SECRET + "x"), JWT));
    seen.add(gate.admit(get("X-Signature", SECRET), JWT));
    jwt.answering(SECRET + "503", () -> new Outcome.Unavailable(new Exception("store down")));
    seen.add(gate.admit(get("Authorization", SECRET + "503"), JWT));
    for (Object each : List.copyOf(seen)) {
      if (each instanceof Decision.Refused refused) {
        seen.add(refused.refusal().document());
        seen.add(refused.refusal().fields());
      }
    }

    // The badge's public id is made of its text here, so only what the gate itself adds is looked
    // at.
    assertThat(seen.stream().map(each -> each.toString().replace("c_" + SECRET, "")))
        .noneMatch(text -> text.contains(SECRET));
    assertThat(lines()).hasSizeGreaterThanOrEqualTo(4).noneMatch(line -> line.contains(SECRET));
  }

  @Test
  void everyRefusalIsInTheAuditLogUnderTheIdThatTheClientWasShown() {
    Refusal refusal = refused(JWT, "Authorization", "nobody");

    assertThat(lines())
        .singleElement()
        .asString()
        .contains(refusal.id(), "INVALID_TOKEN", "192.0.2.1", "GET /");
  }

  @Test
  void everyUseIsNotedWhetherItWasAskedForOrRecalledAndNoWrongCredentialIs() {
    admitted(JWT, "Authorization", "alice");
    time.pass(Duration.ofSeconds(1));
    assertThat(gate.recall(get("Authorization", "alice"), JWT)).isPresent();
    assertThat(gate.recall(get("Authorization", "alice"), JWT)).isPresent();
    refused(JWT, "Authorization", "nobody");

    assertThat(jwt.asked()).isEqualTo(2);
    assertThat(usage.drain().uses())
        .containsExactly(
            new UsageRecord(
                "u_alice", Method.JWT, "c_alice", "", 3, Time.START, Time.START.plusSeconds(1)));
  }

  @Test
  void aUseThatIsRefusedForItsScopeIsAUseAndOneOverItsRateIsNone() {
    jwt.answering(
        "rare",
        () ->
            jwt.accepted(
                "u_rare", "rare", new Conditions(null, List.of(), 1, Reason.INVALID_TOKEN)));
    refused(JWT.requiring(Map.of("*", Scopes.of("x"))), "Authorization", "rare");
    refused(JWT, "Authorization", "rare");

    assertThat(usage.drain().uses()).extracting(UsageRecord::count).containsExactly(1L);
  }

  @Test
  void whoProvesItselfByTwoMethodsUsesBoth() {
    admitted(MTLS_AND_HMAC, "X-Signature", "alice-signs", "Test-Certificate", "alice-cert");

    assertThat(usage.drain().uses())
        .extracting(
            UsageRecord::owner, UsageRecord::method, UsageRecord::credential, UsageRecord::count)
        .containsExactly(
            tuple("u_alice", Method.HMAC, "c_alice-signs", 1L),
            tuple("u_alice", Method.MTLS, "c_alice-cert", 1L));
  }

  @Test
  void whereARouteAnnouncesTheEndOfAMethodItsUsesAreCountedUnderTheRoute() {
    Policy ending =
        JWT_OR_MTLS.withDeprecations(
            Map.of(Method.JWT, new Deprecation("/old", Time.START, null, null)));
    admitted(ending, "Authorization", "alice");
    admitted(ending, "Test-Certificate", "alice-cert");
    admitted(JWT, "Authorization", "alice");

    assertThat(usage.drain().uses())
        .extracting(UsageRecord::method, UsageRecord::route, UsageRecord::count)
        .containsExactly(
            tuple(Method.JWT, "", 1L), tuple(Method.JWT, "/old", 1L), tuple(Method.MTLS, "", 1L));
  }

  @Test
  void anEndingSaysNothingThatContradictsItself() {
    Deprecation ending = new Deprecation("/old", Time.START.plusNanos(1), Time.START, null);
    assertThat(ending.deprecated()).as("to the second").isEqualTo(ending.sunset());
    assertThatThrownBy(() -> new Deprecation("/old", Time.START, Time.START.minusSeconds(1), null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("before");
    assertThatThrownBy(() -> new Deprecation("", Time.START, null, null))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> JWT.withDeprecations(Map.of(Method.HMAC, ending)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("hmac");
  }

  @Test
  void aGateHasOneAuthenticatorForAMethod() {
    assertThatThrownBy(() -> gateOf(jwt, jwt)).isInstanceOf(IllegalArgumentException.class);
  }

  private Gate gateOf(Badge... badges) {
    return new Gate(
        Arrays.asList(badges),
        revocations,
        new FailedAttempts(FAILURES, time.ticker()),
        usage,
        time.clock(),
        time.ticker());
  }

  private Decision.Admitted admitted(Policy policy, String... fields) {
    Decision decision = gate.admit(get(fields), policy);
    assertThat(decision).isInstanceOf(Decision.Admitted.class);
    return (Decision.Admitted) decision;
  }

  private Refusal refused(Policy policy, String... fields) {
    Decision decision = gate.admit(get(fields), policy);
    assertThat(decision).isInstanceOf(Decision.Refused.class);
    return ((Decision.Refused) decision).refusal();
  }

  private int decide(String method, Policy policy) {
    Decision decision =
        gate.admit(request(method, "/", Map.of("Authorization", List.of("alice"))), policy);
    return decision instanceof Decision.Refused refused ? refused.refusal().status() : 200;
  }

  private boolean recalls(String text) {
    return gate.recall(get("Authorization", text), JWT).isPresent();
  }

  // From now on it is not known, and the feed says so.
  private void revoked(String text) {
    jwt.answering(
        text, () -> new Outcome.Rejected(Reason.INVALID_TOKEN, "No such badge", "revoked"));
    hear(FeedEntry.Kind.CREDENTIAL, "c_" + text);
  }

  private void hear(FeedEntry.Kind kind, String name) {
    revocations.hear(new FeedEntry(1, kind, name, time.now()));
  }

  private void alive() {
    revocations.alive(time.ticker().read());
  }

  private List<String> lines() {
    return log.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  private static Conditions perMinute(int requests) {
    return new Conditions(null, List.of(), requests, Reason.INVALID_TOKEN);
  }

  private static AuthRequest get(String... fields) {
    return from(HERE, fields);
  }

  private static AuthRequest from(InetAddress peer, String... fields) {
    Map<String, List<String>> byName = new TreeMap<>();
    for (int i = 0; i < fields.length; i += 2) {
      byName.put(fields[i], List.of(fields[i + 1]));
    }
    return new AuthRequest("GET", "/", HeaderFields.of(byName), peer);
  }

  private static AuthRequest request(
      String method, String target, Map<String, List<String>> fields) {
    return new AuthRequest(method, target, HeaderFields.of(fields), HERE);
  }
}
