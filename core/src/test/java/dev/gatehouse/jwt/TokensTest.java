package dev.gatehouse.jwt;

import static dev.gatehouse.jwt.JwtHouse.BOTH;
import static dev.gatehouse.jwt.JwtHouse.READ;
import static dev.gatehouse.jwt.JwtHouse.members;
import static dev.gatehouse.jwt.JwtHouse.part;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.gatehouse.AuthRequest;
import dev.gatehouse.Decision;
import dev.gatehouse.HeaderFields;
import dev.gatehouse.Method;
import dev.gatehouse.Network;
import dev.gatehouse.Outcome;
import dev.gatehouse.Policy;
import dev.gatehouse.Presented;
import dev.gatehouse.Reason;
import dev.gatehouse.Refusal;
import dev.gatehouse.Scopes;
import dev.gatehouse.StoreUnavailableException;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.SignIn;
import dev.gatehouse.apikey.StoredApiKey;
import dev.gatehouse.credential.IssuedCredential;
import dev.gatehouse.secret.Digest;
import dev.gatehouse.secret.RandomIds;
import dev.gatehouse.signing.HmacSecret;
import dev.gatehouse.signing.SigningAlgorithm;
import dev.gatehouse.signing.SigningKeys;
import dev.gatehouse.throttle.RateLimits;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class TokensTest {

  private static final String INVALID = "INVALID_TOKEN";
  private static final Duration GRACE = Duration.ofSeconds(30);

  private final JwtHouse house = new JwtHouse();
  private final JwtHouse.Node one = house.node();
  private final JwtHouse.Node two = house.node();

  private static String sid(String accessToken) {
    return String.valueOf(members(part(accessToken, 1)).get("sid"));
  }

  // Challenges.

  @Test
  void aTokenThatLacksAScopeIsToldWhich() { // RFC 6750 §3, §3.1
    AuthRequest request = bearing(one.signIn().accessToken());
    Policy policy = Policy.accepting(Method.JWT);

    assertThat(challenge(request, policy.requiring(Map.of("GET", Scopes.of("a", "b")))))
        .containsExactly("Bearer realm=\"orders\", error=\"insufficient_scope\", scope=\"a b\"");
    assertThat(challenge(request, policy.requiring(Map.of("POST", READ))))
        .as("no scope would do")
        .containsExactly("Bearer realm=\"orders\", error=\"insufficient_scope\"");
  }

  private @Nullable List<String> challenge(AuthRequest request, Policy policy) {
    Refusal refusal = ((Decision.Refused) one.gate.admit(request, policy)).refusal();
    assertThat(refusal.status()).isEqualTo(403);
    return refusal.fields().get("WWW-Authenticate");
  }

  // What is no guess.

  @Test
  void whatCameAfterAGoodSignatureIsNoGuess() {
    TokenPair loggedOut = one.signIn();
    one.tokens.logout(loggedOut.refreshToken());
    TokenPair disabled = one.signIn();
    house.accounts.setDisabled("alice", true);
    for (TokenPair pair : List.of(loggedOut, disabled)) {
      assertThat(verified(pair).reason().code()).isEqualTo(INVALID);
      assertThat(verified(pair).countsAsFailure()).isFalse();
    }
    house.time.pass(Duration.ofHours(1));
    assertThat(verified(disabled).countsAsFailure()).as("expired").isFalse();

    String forged = disabled.accessToken().replaceFirst("[^.]+$", "A".repeat(86));
    assertThat(verified(forged).countsAsFailure()).isTrue();
  }

  @Test
  void refreshTokenOfTheRightFormIsNoGuess() {
    TokenPair pair = one.signIn();
    one.refreshed(pair.refreshToken());

    assertThat(refused(pair.refreshToken()).countsAsFailure()).as("spent").isFalse();
    assertThat(refused(pair.refreshToken()).countsAsFailure()).as("revoked").isFalse();
    assertThat(refused(PresentedRefreshToken.random().reveal()).countsAsFailure())
        .as("unknown")
        .isFalse();
    assertThat(refused("a guess").countsAsFailure()).isTrue();
  }

  private Outcome.Rejected verified(TokenPair pair) {
    return verified(pair.accessToken());
  }

  private Outcome.Rejected verified(String accessToken) {
    Presented presented =
        one.authenticator.find(bearing(accessToken), Policy.accepting(Method.JWT));
    return (Outcome.Rejected) ((Presented.Credential) presented).verify();
  }

  private static AuthRequest bearing(String accessToken) {
    return new AuthRequest(
        "GET",
        "/",
        HeaderFields.of(Map.of("Authorization", List.of("Bearer " + accessToken))),
        Network.address("::1"));
  }

  private Outcome.Rejected refused(String refreshToken) {
    return ((TokenPairIssuance.Rejected) one.tokens.refresh(refreshToken)).rejection();
  }

  // 31: signing in.

  @Test
  void twoSignInsInOneInstantGiveDifferentTokensAndFamilies() {
    TokenPair first = one.signIn();
    TokenPair second = one.signIn();

    assertThat(first.accessToken()).isNotEqualTo(second.accessToken());
    assertThat(first.refreshToken()).isNotEqualTo(second.refreshToken());
    assertThat(members(part(first.accessToken(), 1)).get("jti"))
        .isNotEqualTo(members(part(second.accessToken(), 1)).get("jti"));
    assertThat(sid(first.accessToken())).isNotEqualTo(sid(second.accessToken()));
    assertThat(first.expiresIn()).isEqualTo(Duration.ofMinutes(15));
  }

  @Test
  void twoAccessTokensOfOneFamilyInOneInstantDiffer() {
    TokenPair first = one.signIn();
    TokenPair second = one.refreshed(first.refreshToken());

    assertThat(second.accessToken()).isNotEqualTo(first.accessToken());
    assertThat(sid(second.accessToken())).isEqualTo(sid(first.accessToken()));
  }

  @Test
  void signInThatWasEndedWhileThePasswordWasReadGivesNothing() {
    Account asRead = house.alice();
    house.accounts.endSignIns("alice");
    TokenPair pair = issued(one.tokens.signIn(new SignIn(asRead, "pw_1"), "web"));

    assertThat(one.bearer(pair.accessToken())).isEqualTo(INVALID);
    assertThat(one.refreshes(pair.refreshToken())).isFalse();
  }

  // 30: refreshing.

  @Test
  void eachRefreshTokenIsUsedOnceAndIsReplaced() {
    TokenPair first = one.signIn();
    TokenPair second = one.refreshed(first.refreshToken());
    TokenPair third = two.refreshed(second.refreshToken());

    assertThat(Set.of(first.refreshToken(), second.refreshToken(), third.refreshToken()))
        .hasSize(3);
    assertThat(one.bearer(first.accessToken())).as("not revoked by a refresh").isEqualTo("OK");
    assertThat(one.bearer(third.accessToken())).isEqualTo("OK");
  }

  @Test
  void aSecondUseOnAnotherNodeEndsTheFamilyEverywhereAndIsLoggedByItsId() {
    TokenPair first = one.signIn();
    TokenPair second = one.refreshed(first.refreshToken());
    TokenPair other = one.signIn();
    assertThat(one.bearer(second.accessToken())).as("remembered").isEqualTo("OK");
    assertThat(two.bearer(second.accessToken())).as("remembered").isEqualTo("OK");
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    Logger logger = (Logger) LoggerFactory.getLogger(Tokens.class);
    log.start();
    logger.addAppender(log);

    TokenPairIssuance stolen = two.tokens.refresh(first.refreshToken());

    logger.detachAppender(log);
    assertThat(((TokenPairIssuance.Rejected) stolen).rejection().reason().code())
        .isEqualTo("INVALID_REFRESH_TOKEN");
    for (JwtHouse.Node node : List.of(one, two)) {
      assertThat(node.bearer(first.accessToken())).isEqualTo(INVALID);
      assertThat(node.bearer(second.accessToken())).isEqualTo(INVALID);
      assertThat(node.refreshes(second.refreshToken())).isFalse();
      assertThat(node.bearer(other.accessToken())).as("another family").isEqualTo("OK");
    }
    assertThat(log.list)
        .singleElement()
        .satisfies(
            line ->
                assertThat(line.getFormattedMessage())
                    .contains(sid(first.accessToken()))
                    .doesNotContain(first.refreshToken().substring(3)));
  }

  @Test
  void aSecondUseEndsTheFamilyAlsoAfterTheTokensOwnEnd() {
    TokenPair stolen = one.signIn();
    TokenPair thiefs = one.refreshed(stolen.refreshToken());
    house.time.pass(Duration.ofDays(6));
    thiefs = one.refreshed(thiefs.refreshToken());
    house.time.pass(Duration.ofDays(2));
    one.tokens.purge();

    assertThat(one.refreshes(stolen.refreshToken())).isFalse();
    assertThat(one.refreshes(thiefs.refreshToken())).isFalse();
  }

  @Test
  void ofManyParallelUsesOnTwoNodesNotOneLeavesAGoodFamily() throws Exception {
    for (int round = 0; round < 20; round++) {
      TokenPair pair = one.signIn();
      List<TokenPairIssuance> answers = parallel(8, pair.refreshToken());

      assertThat(answers.stream().filter(TokenPairIssuance.Issued.class::isInstance).count())
          .isLessThanOrEqualTo(1);
      assertThat(one.bearer(pair.accessToken())).isEqualTo(INVALID);
      answers.stream()
          .filter(TokenPairIssuance.Issued.class::isInstance)
          .map(answer -> ((TokenPairIssuance.Issued) answer).pair())
          .forEach(
              late -> {
                assertThat(two.bearer(late.accessToken())).isEqualTo(INVALID);
                assertThat(two.refreshes(late.refreshToken())).isFalse();
              });
    }
  }

  private List<TokenPairIssuance> parallel(int runners, String refreshToken) throws Exception {
    return parallel(runners, refreshToken, one, two);
  }

  private static List<TokenPairIssuance> parallel(
      int runners, String refreshToken, JwtHouse.Node... nodes) throws Exception {
    CyclicBarrier start = new CyclicBarrier(runners);
    List<Callable<TokenPairIssuance>> runs = new ArrayList<>();
    for (int i = 0; i < runners; i++) {
      Tokens tokens = nodes[i % nodes.length].tokens;
      runs.add(
          () -> {
            start.await(60, TimeUnit.SECONDS);
            return tokens.refresh(refreshToken);
          });
    }
    List<TokenPairIssuance> answers = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<TokenPairIssuance> answer : threads.invokeAll(runs, 60, TimeUnit.SECONDS)) {
        answers.add(answer.get());
      }
    }
    return answers;
  }

  @Test
  void withTheGraceAClientThatLostTheAnswerGetsTheSameSuccessor() {
    JwtHouse.Node kind = house.node(JwtHouse.settings(GRACE));
    TokenPair first = kind.signIn();
    TokenPair lost = kind.refreshed(first.refreshToken());
    house.time.pass(GRACE.minusMillis(1));

    TokenPair again = kind.refreshed(first.refreshToken());

    assertThat(again.refreshToken()).isEqualTo(lost.refreshToken());
    assertThat(again.accessToken()).as("a fresh one").isNotEqualTo(lost.accessToken());
    assertThat(kind.bearer(again.accessToken())).isEqualTo("OK");
    assertThat(kind.refreshes(again.refreshToken())).isTrue();
  }

  @Test
  void theGraceEndsWithItsTimeAndWithTheUseOfTheSuccessor() {
    JwtHouse.Node kind = house.node(JwtHouse.settings(GRACE));
    TokenPair first = kind.signIn();
    TokenPair second = kind.refreshed(first.refreshToken());
    TokenPair third = kind.refreshed(second.refreshToken());
    assertThat(kind.refreshes(first.refreshToken())).as("its successor was used").isFalse();
    assertThat(kind.bearer(third.accessToken())).as("and that ended all").isEqualTo(INVALID);

    TokenPair late = kind.signIn();
    TokenPair successor = kind.refreshed(late.refreshToken());
    house.time.pass(GRACE);
    assertThat(kind.refreshes(late.refreshToken())).as("too late").isFalse();
    assertThat(kind.refreshes(successor.refreshToken())).isFalse();
  }

  @Test
  void withTheGraceParallelUsesOnTwoNodesAgreeOnOneSuccessor() throws Exception {
    JwtSettings settings = JwtHouse.settings(GRACE);
    JwtHouse.Node kind = house.node(settings);
    List<TokenPairIssuance> answers =
        parallel(8, kind.signIn().refreshToken(), kind, house.node(settings));

    assertThat(answers)
        .extracting(answer -> ((TokenPairIssuance.Issued) answer).pair().refreshToken())
        .hasSize(8)
        .containsOnly(((TokenPairIssuance.Issued) answers.getFirst()).pair().refreshToken());
  }

  @Test
  void twoTabsThatRefreshAtOnceGetTheSameSuccessorByDefault() throws Exception {
    JwtHouse.Node usual = house.node(JwtHouse.defaults());
    for (int round = 0; round < 20; round++) {
      List<TokenPairIssuance> answers = parallel(2, usual.signIn().refreshToken(), usual);

      List<TokenPair> pairs = answers.stream().map(TokensTest::issued).toList();
      assertThat(pairs.getFirst().refreshToken()).isEqualTo(pairs.getLast().refreshToken());
      for (TokenPair pair : pairs) {
        assertThat(usual.bearer(pair.accessToken())).isEqualTo("OK");
      }
    }
  }

  @Test
  void clientThatLostAResponseGetsTheSameSuccessorForTenSecondsByDefault() {
    JwtHouse.Node usual = house.node(JwtHouse.defaults());
    TokenPair first = usual.signIn();
    TokenPair lost = usual.refreshed(first.refreshToken());
    house.time.pass(Duration.ofSeconds(10).minusMillis(1));

    TokenPair again = usual.refreshed(first.refreshToken());

    assertThat(again.refreshToken()).isEqualTo(lost.refreshToken());
    assertThat(usual.bearer(again.accessToken())).isEqualTo("OK");
    TokenPair next = usual.refreshed(again.refreshToken());
    assertThat(usual.bearer(next.accessToken())).isEqualTo("OK");
  }

  @Test
  void thiefWhoComesTenSecondsAfterTheUseEndsTheFamilyByDefault() {
    JwtHouse.Node usual = house.node(JwtHouse.defaults());
    TokenPair first = usual.signIn();
    TokenPair second = usual.refreshed(first.refreshToken());
    house.time.pass(Duration.ofSeconds(10));

    assertThat(usual.refreshes(first.refreshToken())).isFalse();
    assertThat(usual.refreshes(second.refreshToken())).isFalse();
    assertThat(usual.bearer(second.accessToken())).isEqualTo(INVALID);
  }

  @Test
  void thiefWhoComesAfterTheSuccessorWasUsedEndsTheFamilyWithinTheGrace() {
    JwtHouse.Node usual = house.node(JwtHouse.defaults());
    TokenPair first = usual.signIn();
    TokenPair third = usual.refreshed(usual.refreshed(first.refreshToken()).refreshToken());

    assertThat(usual.refreshes(first.refreshToken())).isFalse();
    assertThat(usual.refreshes(third.refreshToken())).isFalse();
    assertThat(usual.bearer(third.accessToken())).isEqualTo(INVALID);
  }

  @Test
  void refreshesWithinTheGraceAreHeldToTheRateOfTheirFamily() {
    JwtHouse.Node usual = house.node(JwtHouse.defaults());
    TokenPair first = usual.signIn();
    TokenPair second = usual.refreshed(first.refreshToken());
    for (int i = 1; i < 30; i++) {
      usual.refreshed(first.refreshToken());
    }

    for (String refreshToken : List.of(first.refreshToken(), second.refreshToken())) {
      Outcome.Rejected rejected =
          ((TokenPairIssuance.Rejected) usual.tokens.refresh(refreshToken)).rejection();
      assertThat(rejected.reason()).isEqualTo(Reason.THROTTLED);
      assertThat(rejected.retryAfter()).isEqualTo(Duration.ofSeconds(2));
    }
    house.time.pass(Duration.ofSeconds(2));
    assertThat(usual.refreshed(first.refreshToken()).refreshToken())
        .isEqualTo(second.refreshToken());

    house.time.pass(Duration.ofSeconds(8));
    assertThat(usual.refreshes(first.refreshToken())).as("a second use, at any rate").isFalse();
    assertThat(usual.bearer(second.accessToken())).isEqualTo(INVALID);
  }

  @Test
  void withoutAGraceASecondUseEndsTheFamilyAtOnce() {
    TokenPair first = one.signIn();
    TokenPair second = one.refreshed(first.refreshToken());

    assertThat(one.refreshes(first.refreshToken())).isFalse();
    assertThat(one.refreshes(second.refreshToken())).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "rt_", "rt_short", "eyJhbGciOiJub25lIn0.e30.", "null", "{\"$gt\":\"\"}"})
  void textThatIsNoRefreshTokenIsRefusedWithoutALookUp(String text) {
    int before = house.asked.get();

    assertThat(one.tokens.refresh(text)).isInstanceOf(TokenPairIssuance.Rejected.class);
    assertThat(one.tokens.logout(text)).isFalse();
    assertThat(one.tokens.refresh("rt_" + "é".repeat(43)))
        .isInstanceOf(TokenPairIssuance.Rejected.class);
    assertThat(one.tokens.refresh("rt_" + "a".repeat(44)))
        .isInstanceOf(TokenPairIssuance.Rejected.class);
    assertThat(house.asked.get()).isEqualTo(before);
    assertThat(one.refreshes("rt_" + RandomIds.text(43))).as("made up").isFalse();
  }

  @Test
  void refreshTokenEndsAfterItsLifeAndTheFamilyAfterItsOwn() {
    TokenPair pair = one.signIn();
    house.time.pass(Duration.ofDays(7).minusMillis(1));
    pair = one.refreshed(pair.refreshToken());
    TokenPair idle = one.signIn();
    for (int week = 0; week < 3; week++) {
      house.time.pass(Duration.ofDays(7).minusMillis(1));
      pair = one.refreshed(pair.refreshToken());
    }
    assertThat(one.refreshes(idle.refreshToken())).as("unused for a week").isFalse();
    house.time.pass(Duration.ofDays(2));
    TokenPair last = one.refreshed(pair.refreshToken());
    assertThat(last.expiresIn()).as("not beyond the family's end").isEqualTo(Duration.ofSeconds(1));
    house.time.pass(Duration.ofMillis(4));
    assertThat(one.refreshes(last.refreshToken())).as("30 days").isFalse();
  }

  // 32: what the owner may do now.

  @Test
  void afterARefreshTheScopesAreWhatTheOwnerHasNow() {
    TokenPair pair = one.signIn();
    assertThat(one.principal(pair.accessToken()).scopes()).isEqualTo(BOTH);
    house.accounts.grant("alice", Set.of(), Scopes.of("orders:read", "stock:read"));

    assertThat(one.principal(pair.accessToken()).scopes())
        .as("what was taken away is gone at once, what was given comes with the next token")
        .isEqualTo(READ);
    TokenPair next = one.refreshed(pair.refreshToken());
    assertThat(one.principal(next.accessToken()).scopes())
        .isEqualTo(Scopes.of("orders:read", "stock:read"));
    assertThat(members(part(next.accessToken(), 1)))
        .containsEntry("scope", "orders:read stock:read");
  }

  @Test
  void aDisabledPersonNeitherCallsNorRefreshesAndStaysOutWhenEnabledAgain() {
    TokenPair pair = one.signIn();
    assertThat(two.bearer(pair.accessToken())).as("remembered").isEqualTo("OK");
    house.accounts.setDisabled("alice", true);

    assertThat(two.bearer(pair.accessToken())).isEqualTo(INVALID);
    assertThat(one.refreshes(pair.refreshToken())).isFalse();
    house.accounts.setDisabled("alice", false);
    assertThat(two.bearer(pair.accessToken())).isEqualTo(INVALID);
    assertThat(one.refreshes(pair.refreshToken())).isFalse();
    assertThat(two.bearer(one.signIn().accessToken())).isEqualTo("OK");
  }

  @Test
  void changeOfPasswordEndsEveryFamilyOfThePerson() {
    TokenPair pair = one.signIn();
    assertThat(two.bearer(pair.accessToken())).isEqualTo("OK");
    house.accounts.endSignIns("alice");

    assertThat(two.bearer(pair.accessToken())).isEqualTo(INVALID);
    assertThat(one.refreshes(pair.refreshToken())).isFalse();
  }

  @Test
  void refreshForFewerScopesGivesFewerOnceAndForMoreSpendsNothing() {
    TokenPair pair = one.signIn();
    Scopes more = Scopes.of("orders:read", "orders:admin");

    assertThat(
            ((TokenPairIssuance.Rejected) one.tokens.refresh(pair.refreshToken(), more))
                .rejection())
        .extracting(Outcome.Rejected::reason)
        .isEqualTo(Reason.INSUFFICIENT_SCOPE);
    TokenPair narrow = issued(one.tokens.refresh(pair.refreshToken(), READ));
    assertThat(narrow.scopes()).isEqualTo(READ);
    assertThat(one.principal(narrow.accessToken()).scopes()).isEqualTo(READ);
    TokenPair wide = one.refreshed(narrow.refreshToken());
    assertThat(wide.scopes()).isEqualTo(BOTH);
    assertThat(
            ((TokenPairIssuance.Rejected) one.tokens.refresh(pair.refreshToken(), more))
                .rejection())
        .as("a second use, whatever it asks for")
        .extracting(Outcome.Rejected::reason)
        .isEqualTo(Reason.INVALID_REFRESH_TOKEN);
    assertThat(one.bearer(wide.accessToken())).isEqualTo(INVALID);
  }

  @Test
  void tooManyScopesForATokenBeginNoFamilyAndSpendNoRefreshToken() {
    TokenPair pair = one.signIn();
    house.accounts.grant("alice", Set.of(), tooMany());

    for (TokenPairIssuance refused :
        List.of(
            one.tokens.refresh(pair.refreshToken()),
            one.tokens.signIn(new SignIn(house.alice(), "pw_1"), "web"))) {
      Outcome.Rejected rejected = ((TokenPairIssuance.Rejected) refused).rejection();
      assertThat(rejected.reason()).isEqualTo(Reason.INSUFFICIENT_SCOPE);
      assertThat(rejected.detail()).contains("more scopes than an access token can hold");
    }

    assertThat(one.tokens.list(null, null, 10)).as("no family that nobody knows").hasSize(1);
    house.accounts.grant("alice", Set.of(), READ);
    assertThat(one.refreshes(pair.refreshToken())).as("not spent").isTrue();
  }

  @Test
  void aSecondUseEndsTheFamilyAlsoWhenNothingCouldBeSigned() {
    TokenPair stolen = one.signIn();
    TokenPair thiefs = one.refreshed(stolen.refreshToken());
    house.accounts.grant("alice", Set.of(), tooMany());

    assertThat(one.refreshes(stolen.refreshToken())).isFalse();
    house.accounts.grant("alice", Set.of(), READ);
    assertThat(one.refreshes(thiefs.refreshToken())).isFalse();
  }

  @Test
  void refreshesInALoopAreHeldToARateBeforeTheyAreSpent() {
    TokenPair stolen = one.signIn();
    TokenPair pair = one.refreshed(stolen.refreshToken());
    for (int i = 1; i < 30; i++) {
      pair = one.refreshed(pair.refreshToken());
    }

    Outcome.Rejected rejected =
        ((TokenPairIssuance.Rejected) one.tokens.refresh(pair.refreshToken())).rejection();
    assertThat(rejected.reason()).isEqualTo(Reason.THROTTLED);
    assertThat(rejected.retryAfter()).isEqualTo(Duration.ofSeconds(2));
    assertThat(one.refreshes(one.signIn().refreshToken())).as("another family").isTrue();
    house.time.pass(Duration.ofSeconds(2));
    pair = one.refreshed(pair.refreshToken());

    assertThat(one.refreshes(stolen.refreshToken())).as("a second use, at any rate").isFalse();
    assertThat(one.bearer(pair.accessToken())).isEqualTo(INVALID);
  }

  @Test
  void aFamilyIsOverAfterTenThousandRefreshTokens() {
    JwtHouse.Node quick = house.node(JwtHouse.settings(SigningAlgorithm.HS256));
    TokenPair pair = quick.signIn();
    for (int i = 1; i < 10_000; i++) {
      house.time.pass(Duration.ofSeconds(2));
      pair = quick.refreshed(pair.refreshToken());
    }

    house.time.pass(Duration.ofSeconds(2));
    assertThat(quick.refreshes(pair.refreshToken())).isFalse();
    assertThat(quick.bearer(pair.accessToken())).as("to its own end").isEqualTo("OK");
  }

  private static Scopes tooMany() {
    return Scopes.of(IntStream.range(0, 700).mapToObj(i -> "orders:" + i).toArray(String[]::new));
  }

  @Test
  void aFamilyInItsLastSecondIsOver() {
    house.time.pass(Duration.ofMillis(500));
    TokenPair pair = one.signIn();
    for (int week = 0; week < 4; week++) {
      house.time.pass(Duration.ofDays(7).minusMillis(1));
      pair = one.refreshed(pair.refreshToken());
    }
    house.time.pass(Duration.ofDays(2).minusMillis(497));
    pair = one.refreshed(pair.refreshToken());
    assertThat(pair.expiresIn()).isEqualTo(Duration.ofSeconds(1));
    house.time.pass(Duration.ofMillis(1));

    assertThat(one.refreshes(pair.refreshToken())).isFalse();
  }

  @Test
  void aCredentialInItsLastSecondIsNotGoodForAToken() {
    house.time.pass(Duration.ofMillis(500));
    IssuedCredential<StoredApiKey> key = house.apiKey(null, Duration.ofMinutes(5), List.of());
    house.time.pass(Duration.ofMinutes(5).minusMillis(500));

    assertThat(one.tokens.issueForService(JwtHouse.basis(key.id()), "till", null))
        .isEqualTo(new ServiceTokenIssuance.CredentialNotGood());
  }

  // 37: revoking.

  @Test
  void loggingOutRevokesAccessTokensAtOnceOnEveryNode() {
    TokenPair first = one.signIn();
    TokenPair pair = one.refreshed(first.refreshToken());
    assertThat(one.bearer(pair.accessToken())).isEqualTo("OK");
    assertThat(two.bearer(pair.accessToken())).isEqualTo("OK");

    assertThat(one.tokens.logout(pair.refreshToken())).isTrue();

    assertThat(one.bearer(pair.accessToken())).isEqualTo(INVALID);
    assertThat(two.bearer(pair.accessToken())).isEqualTo(INVALID);
    assertThat(two.bearer(first.accessToken())).isEqualTo(INVALID);
    assertThat(two.refreshes(pair.refreshToken())).isFalse();
    assertThat(one.tokens.logout(pair.refreshToken())).as("again").isFalse();
  }

  @Test
  void spentRefreshTokenLogsItsFamilyOutToo() {
    TokenPair first = one.signIn();
    TokenPair second = one.refreshed(first.refreshToken());

    assertThat(one.tokens.logout(first.refreshToken())).isTrue();
    assertThat(one.bearer(second.accessToken())).isEqualTo(INVALID);
  }

  @Test
  void administratorsListFamiliesAndRevokeOne() {
    TokenPair pair = one.signIn();
    one.signIn();
    List<TokenStore.Owned> listed = one.tokens.list(house.alice().id(), null, 10);
    assertThat(listed).hasSize(2);
    assertThat(one.tokens.list("u_nobody", null, 10)).isEmpty();

    assertThat(two.tokens.revoke(sid(pair.accessToken()))).isTrue();
    assertThat(two.tokens.revoke(sid(pair.accessToken()))).isFalse();
    assertThat(one.bearer(pair.accessToken())).isEqualTo(INVALID);
    TokenStore.Owned left = one.tokens.list(null, null, 10).getFirst();
    assertThat(one.tokens.isLive(left)).isTrue();
    house.time.pass(Duration.ofDays(30));
    assertThat(one.tokens.isLive(left)).as("past its end, and not purged yet").isFalse();
  }

  @Test
  void useIsNotedForFamiliesOnly() {
    TokenPair pair = one.signIn();
    one.bearer(pair.accessToken());
    Map<String, Instant> used = one.usage.drain().lastUsed();
    assertThat(used).containsOnlyKeys(sid(pair.accessToken()));

    one.tokens.touch(used);
    int before = house.asked.get();
    one.tokens.touch(Map.of("k_key", house.time.now()));

    assertThat(house.asked.get()).isEqualTo(before);
    assertThat(one.tokens.list(null, null, 1).getFirst().family().lastUsedAt())
        .isEqualTo(house.time.now());
  }

  @Test
  void aStoreThatIsDownIs503AndWhatIsRecalledGoesOn() {
    TokenPair recalled = one.signIn();
    TokenPair other = one.signIn();
    assertThat(one.bearer(recalled.accessToken())).isEqualTo("OK");
    house.down.set(true);

    assertThat(one.bearer(other.accessToken())).isEqualTo("UNAVAILABLE");
    assertThat(one.bearer(recalled.accessToken())).isEqualTo("OK");
    assertThatThrownBy(() -> one.tokens.refresh(other.refreshToken()))
        .isInstanceOf(StoreUnavailableException.class);
    assertThatThrownBy(() -> one.tokens.logout(other.refreshToken()))
        .isInstanceOf(StoreUnavailableException.class);
    house.down.set(false);
    assertThat(one.bearer(other.accessToken())).isEqualTo("OK");
    assertThat(one.refreshes(other.refreshToken())).as("not spent").isTrue();
  }

  // 38: keys.

  @Test
  void aRotationBreaksNoTokenAndIsSeenByTheOtherNode() {
    String before = one.signIn().accessToken();
    String old = String.valueOf(members(part(before, 0)).get("kid"));
    one.keys.rotate();
    assertThat(members(part(one.signIn().accessToken(), 0))).containsEntry("kid", old);
    house.time.pass(SigningKeys.PUBLICATION_LEAD_TIME);
    String after = one.signIn().accessToken();

    assertThat(members(part(after, 0)).get("kid")).isNotEqualTo(old);
    for (JwtHouse.Node node : List.of(one, two, house.node())) {
      assertThat(node.bearer(before)).isEqualTo("OK");
      assertThat(node.bearer(after)).isEqualTo("OK");
    }
    house.time.pass(JwtHouse.KEY_LIFE);
    two.keys.refresh();
    house.time.pass(SigningKeys.PUBLICATION_LEAD_TIME);
    assertThat(members(part(two.signIn().accessToken(), 0)).get("kid"))
        .isNotIn(old, members(part(after, 0)).get("kid"));
  }

  @Test
  void aRotatedOutKeySignsNothingMore() {
    var old = one.keys.signingKey();
    String token = one.signIn().accessToken();
    one.keys.rotate();
    house.time.pass(SigningKeys.PUBLICATION_LEAD_TIME.plus(JwtHouse.OVERLAP).plusMillis(1));
    String late = JwtHouse.withClaim(token, old, "exp", house.time.now().getEpochSecond() + 900);

    assertThat(one.bearer(late)).isEqualTo(INVALID);
    assertThat(house.node().bearer(late)).isEqualTo(INVALID);
  }

  @Test
  void whatALeakedKeySignedIsRefusedAtOnceOnEveryNodeAlsoWhereItIsRemembered() {
    TokenPair pair = one.signIn();
    var leaked = one.keys.signingKey();
    String forged = JwtHouse.withClaim(pair.accessToken(), leaked, "jti", "forged");
    for (JwtHouse.Node node : List.of(one, two)) {
      assertThat(node.bearer(pair.accessToken())).as("remembered").isEqualTo("OK");
      assertThat(node.bearer(forged)).as("remembered").isEqualTo("OK");
    }

    assertThat(one.keys.revoke()).isTrue();

    for (JwtHouse.Node node : List.of(one, two, house.node())) {
      assertThat(node.bearer(forged)).isEqualTo(INVALID);
      assertThat(node.bearer(pair.accessToken())).isEqualTo(INVALID);
      String anew = JwtHouse.withClaim(pair.accessToken(), leaked, "jti", "again");
      assertThat(node.bearer(anew)).isEqualTo(INVALID);
      assertThat(node.keys.publishedKeys().getKeyByKeyId(leaked.getKeyID())).isNull();
    }
    pair = two.refreshed(pair.refreshToken());
    assertThat(members(part(pair.accessToken(), 0)).get("kid"))
        .as("signed at once, by the new one")
        .isEqualTo(one.keys.signingKey().getKeyID())
        .isNotEqualTo(leaked.getKeyID());
    for (JwtHouse.Node node : List.of(one, two, house.node())) {
      assertThat(node.bearer(pair.accessToken())).isEqualTo("OK");
    }
  }

  @Test
  void aStreamThatALeakedKeyOpenedIsJudgedAnew() {
    TokenPair pair = one.signIn();
    Decision.Admitted open = (Decision.Admitted) two.decide("Bearer " + pair.accessToken());
    AuthRequest request =
        new AuthRequest("GET", "/", HeaderFields.of(Map.of()), Network.address("::1"));
    assertThat(two.gate.renew(open, request)).isPresent();

    one.keys.revoke();

    assertThat(two.gate.renew(open, request)).isEmpty();
  }

  @Test
  void anOverlapShorterThanATokensLifeIsNoSetting() {
    SigningKeys brief =
        new SigningKeys(
            house.signingKeyStore,
            house.seal,
            "brief",
            SigningAlgorithm.ES256,
            JwtHouse.KEY_LIFE,
            Duration.ofMinutes(15),
            house.time.clock());

    assertThatIllegalArgumentException()
        .isThrownBy(() -> new AccessTokens(JwtHouse.settings(), brief, house.time.clock()))
        .withMessageContaining("900 s");
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "ES256")
  void anotherAlgorithmInTheSettingsBreaksNoTokenThatIsStillGood(SigningAlgorithm to) {
    String before = one.signIn().accessToken();
    JwtHouse.Node changed = house.node(JwtHouse.settings(to));
    house.time.pass(SigningKeys.PUBLICATION_LEAD_TIME);
    String after = changed.signIn().accessToken();

    assertThat(members(part(after, 0))).containsEntry("alg", to.jws().getName());
    assertThat(changed.bearer(before)).isEqualTo("OK");
    assertThat(one.bearer(after)).as("a node that has the old setting still").isEqualTo("OK");
  }

  @Test
  void operatorsSecretsSignAndRotate() {
    HmacSecret old = HmacSecret.of(RandomIds.text(43));
    HmacSecret fresh = HmacSecret.of(RandomIds.text(43));
    JwtSettings settings = JwtHouse.settings(SigningAlgorithm.HS256);
    JwtHouse.Node before = house.node(settings, SigningKeys.ofSecrets(List.of(old)));
    JwtHouse.Node during = house.node(settings, SigningKeys.ofSecrets(List.of(fresh, old)));
    JwtHouse.Node after = house.node(settings, SigningKeys.ofSecrets(List.of(fresh)));
    String oldToken = before.signIn().accessToken();
    String newToken = during.signIn().accessToken();

    assertThat(during.bearer(oldToken)).isEqualTo("OK");
    assertThat(during.bearer(newToken)).isEqualTo("OK");
    assertThat(after.bearer(newToken)).isEqualTo("OK");
    assertThat(after.bearer(oldToken)).isEqualTo(INVALID);
    assertThat(one.bearer(newToken)).as("a gate with other keys").isEqualTo(INVALID);
    assertThat(after.keys.publishedKeys().getKeys()).isEmpty();
    assertThat(after.keys.revoke()).isFalse();
  }

  // 39: what is kept.

  @Test
  void noTokenIsKeptAndWhatIsOverIsPurged() {
    JwtHouse.Node kind = house.node(JwtHouse.settings(GRACE));
    List<String> kept = new ArrayList<>();
    TokenStore watched = watching(kept);
    Tokens tokens =
        new Tokens(
            JwtHouse.settings(GRACE),
            kind.accessTokens,
            watched,
            house.roles,
            (id, path) -> Optional.empty(),
            house.time.clock(),
            new RateLimits(house.time.ticker()));
    TokenPair first = issued(tokens.signIn(new SignIn(house.alice(), "pw_1"), "web"));
    TokenPair second = issued(tokens.refresh(first.refreshToken()));
    assertThat(kept).hasSize(2);
    for (String secret :
        List.of(
            first.refreshToken().substring(3),
            second.refreshToken().substring(3),
            first.accessToken(),
            second.accessToken())) {
      assertThat(kept).noneMatch(text -> text.contains(secret));
    }

    house.time.pass(Duration.ofDays(7));
    tokens.purge();
    assertThat(tokens.list(null, null, 10)).isEmpty();
    assertThat(tokens.refresh(second.refreshToken()))
        .isInstanceOf(TokenPairIssuance.Rejected.class);
  }

  // The same store, whose every new row is noted as text.
  private TokenStore watching(List<String> kept) {
    return new TokenStoreWatch(house.tokenStore, kept);
  }

  private record TokenStoreWatch(TokenStore real, List<String> kept) implements TokenStore {

    @Override
    public void add(TokenFamily family, StoredRefreshToken first) {
      kept.add(family + " " + text(first));
      real.add(family, first);
    }

    private static String text(StoredRefreshToken token) {
      return new String(token.digest().bytes(), StandardCharsets.ISO_8859_1) + token.family();
    }

    @Override
    public Optional<Owned> family(String id) {
      return real.family(id);
    }

    @Override
    public Optional<Found> token(Digest digest) {
      return real.token(digest);
    }

    @Override
    public Use use(
        Digest refreshToken,
        Instant now,
        StoredRefreshToken successor,
        @Nullable String sealedSuccessor,
        Duration grace) {
      kept.add(text(successor) + sealedSuccessor);
      return real.use(refreshToken, now, successor, sealedSuccessor, grace);
    }

    @Override
    public List<Owned> list(@Nullable String account, @Nullable String afterId, int limit) {
      return real.list(account, afterId, limit);
    }

    @Override
    public boolean revoke(String family) {
      return real.revoke(family);
    }

    @Override
    public void touch(Map<String, Instant> lastUsed) {
      real.touch(lastUsed);
    }

    @Override
    public void purge(Instant now, Instant graceOver) {
      real.purge(now, graceOver);
    }
  }

  // Services.

  @Test
  void servicesTokenRestsOnItsKeyAndEndsWithItAtOnce() {
    IssuedCredential<StoredApiKey> key = house.apiKey(null, null, List.of());
    ServiceTokenIssuance.Issued grant =
        issued(one.tokens.issueForService(JwtHouse.basis(key.id()), key.id(), null));

    assertThat(grant.scopes()).isEqualTo(BOTH);
    assertThat(grant.expiresIn()).isEqualTo(Duration.ofMinutes(15));
    assertThat(grant.toString()).isEqualTo("ServiceTokenIssuance.Issued[…]");
    assertThat(one.principal(grant.accessToken()).credential()).isEqualTo(key.id());
    assertThat(two.bearer(grant.accessToken())).isEqualTo("OK");
    assertThat(one.tokens.list(null, null, 10)).as("no family").isEmpty();
    house.apiKeys.revoke(key.id());
    assertThat(one.bearer(grant.accessToken())).isEqualTo(INVALID);
    assertThat(two.bearer(grant.accessToken())).isEqualTo(INVALID);
    assertThat(one.tokens.issueForService(JwtHouse.basis(key.id()), key.id(), null))
        .isEqualTo(new ServiceTokenIssuance.CredentialNotGood());
  }

  @Test
  void serviceGetsTheScopesThatItAskedForAndNeverMoreThanItsKeyAllows() {
    IssuedCredential<StoredApiKey> key = house.apiKey(READ, null, List.of());

    assertThat(issued(one.tokens.issueForService(JwtHouse.basis(key.id()), "till", null)).scopes())
        .isEqualTo(READ);
    assertThat(
            issued(one.tokens.issueForService(JwtHouse.basis(key.id()), "till", Scopes.NONE))
                .scopes())
        .isEqualTo(Scopes.NONE);
    assertThat(one.tokens.issueForService(JwtHouse.basis(key.id()), "till", BOTH))
        .isEqualTo(new ServiceTokenIssuance.ScopeNotAllowed(Scopes.of("orders:write")));
    String greedy =
        JwtHouse.withClaim(
            issued(one.tokens.issueForService(JwtHouse.basis(key.id()), "till", null))
                .accessToken(),
            one.keys.signingKey(),
            "scope",
            BOTH.toString());
    assertThat(one.principal(greedy).scopes()).as("what the key allows").isEqualTo(READ);
    IssuedCredential<StoredApiKey> wide = house.apiKey(BOTH, null, List.of());
    String token =
        issued(one.tokens.issueForService(JwtHouse.basis(wide.id()), "till", BOTH)).accessToken();
    house.accounts.grant("shop", Set.of(), READ);
    assertThat(one.principal(token).scopes()).as("what it has now").isEqualTo(READ);
    assertThat(one.tokens.issueForService(JwtHouse.basis(wide.id()), "till", BOTH))
        .isEqualTo(new ServiceTokenIssuance.ScopeNotAllowed(Scopes.of("orders:write")));
  }

  @Test
  void serviceWithTooManyScopesForATokenGetsOneForFewer() {
    house.accounts.grant("shop", Set.of(), tooMany());
    IssuedCredential<StoredApiKey> key = house.apiKey(null, null, List.of());

    assertThat(one.tokens.issueForService(JwtHouse.basis(key.id()), "till", null))
        .isEqualTo(new ServiceTokenIssuance.TooManyScopes());
    Scopes few = Scopes.of("orders:7");
    assertThat(issued(one.tokens.issueForService(JwtHouse.basis(key.id()), "till", few)).scopes())
        .isEqualTo(few);
  }

  @Test
  void servicesTokenEndsNotAfterItsKey() {
    IssuedCredential<StoredApiKey> key = house.apiKey(null, Duration.ofMinutes(5), List.of());
    Tokens.Basis proved =
        new Tokens.Basis(key.id(), house.time.now().plus(Duration.ofSeconds(20)), null);
    assertThat(issued(one.tokens.issueForService(proved, "till", null)).expiresIn())
        .isLessThanOrEqualTo(Duration.ofSeconds(20));
    ServiceTokenIssuance.Issued grant =
        issued(one.tokens.issueForService(JwtHouse.basis(key.id()), "till", null));

    assertThat(grant.expiresIn()).isEqualTo(Duration.ofMinutes(5));
    house.time.pass(Duration.ofMinutes(5));
    assertThat(one.bearer(grant.accessToken())).isEqualTo("TOKEN_EXPIRED");
    assertThat(one.tokens.issueForService(JwtHouse.basis(key.id()), "till", null))
        .isEqualTo(new ServiceTokenIssuance.CredentialNotGood());
  }

  @Test
  void keyThatEndsEarlierByARotationTakesItsTokensAlong() {
    IssuedCredential<StoredApiKey> key = house.apiKey(null, null, List.of());
    String token =
        issued(one.tokens.issueForService(JwtHouse.basis(key.id()), "till", null)).accessToken();
    assertThat(one.bearer(token)).isEqualTo("OK");
    house.apiKeys.rotate(key.id(), Duration.ofSeconds(10), null);

    assertThat(one.bearer(token)).isEqualTo("OK");
    house.time.pass(Duration.ofSeconds(10));
    assertThat(one.bearer(token)).isEqualTo(INVALID);
    assertThat(two.bearer(token)).as("anew").isEqualTo(INVALID);
  }

  @Test
  void servicesTokenIsGoodOnlyFromWhereItsKeyIs() {
    IssuedCredential<StoredApiKey> key =
        house.apiKey(null, null, List.of(Network.parse("192.0.2.0/24")));
    String token =
        issued(one.tokens.issueForService(JwtHouse.basis(key.id()), "till", null)).accessToken();

    assertThat(one.decide("192.0.2.7", "/", "Bearer " + token))
        .isInstanceOf(Decision.Admitted.class);
    assertThat(one.bearer(token)).as("from elsewhere, remembered").isEqualTo(INVALID);
    assertThat(two.bearer(token)).as("from elsewhere, anew").isEqualTo(INVALID);
    house.time.pass(Duration.ofMinutes(14).plusSeconds(30));
    assertThat(one.decide("192.0.2.7", "/", "Bearer " + token))
        .as("remembered anew")
        .isInstanceOf(Decision.Admitted.class);
    house.time.pass(Duration.ofSeconds(30));
    assertThat(one.code("192.0.2.7", token)).as("remembered").isEqualTo("TOKEN_EXPIRED");
    assertThat(two.bearer(token)).isEqualTo("TOKEN_EXPIRED");
  }

  @Test
  void servicesTokenHasTheRateOfItsKeyTogetherWithItsOtherTokens() {
    IssuedCredential<StoredApiKey> key = house.apiKey(null, null, List.of(), 3);
    String first =
        issued(one.tokens.issueForService(JwtHouse.basis(key.id()), "till", null)).accessToken();
    String second =
        issued(one.tokens.issueForService(JwtHouse.basis(key.id()), "till", null)).accessToken();

    assertThat(one.bearer(first)).isEqualTo("OK");
    assertThat(one.bearer(second)).isEqualTo("OK");
    assertThat(one.bearer(first)).isEqualTo("OK");
    assertThat(one.bearer(first)).isEqualTo("THROTTLED");
    assertThat(one.bearer(second)).isEqualTo("THROTTLED");
    house.time.pass(Duration.ofSeconds(20));
    assertThat(one.bearer(second)).isEqualTo("OK");
  }

  @Test
  void disabledServiceGetsNoTokenAndKeepsNone() {
    IssuedCredential<StoredApiKey> key = house.apiKey(null, null, List.of());
    String token =
        issued(one.tokens.issueForService(JwtHouse.basis(key.id()), "till", null)).accessToken();
    house.accounts.setDisabled("shop", true);

    assertThat(one.bearer(token)).isEqualTo(INVALID);
    assertThat(one.tokens.issueForService(JwtHouse.basis(key.id()), "till", null))
        .isEqualTo(new ServiceTokenIssuance.CredentialNotGood());
    assertThat(one.tokens.issueForService(JwtHouse.basis("k_none"), "till", null))
        .isEqualTo(new ServiceTokenIssuance.CredentialNotGood());
  }

  private static TokenPair issued(TokenPairIssuance issuance) {
    return ((TokenPairIssuance.Issued) issuance).pair();
  }

  private static ServiceTokenIssuance.Issued issued(ServiceTokenIssuance grant) {
    return (ServiceTokenIssuance.Issued) grant;
  }
}
