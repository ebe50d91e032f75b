package dev.gatehouse.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.gatehouse.AuthRequest;
import dev.gatehouse.Decision;
import dev.gatehouse.Gate;
import dev.gatehouse.HeaderFields;
import dev.gatehouse.Method;
import dev.gatehouse.Network;
import dev.gatehouse.PeerCertificates;
import dev.gatehouse.Policy;
import dev.gatehouse.Reason;
import dev.gatehouse.Refusal;
import dev.gatehouse.RequestBody;
import dev.gatehouse.Scopes;
import dev.gatehouse.StoreUnavailableException;
import dev.gatehouse.Time;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.Accounts;
import dev.gatehouse.account.InMemoryAccountStore;
import dev.gatehouse.account.Roles;
import dev.gatehouse.account.SignIn;
import dev.gatehouse.revocation.InMemoryRevocationFeed;
import dev.gatehouse.revocation.Revocations;
import dev.gatehouse.secret.Digest;
import dev.gatehouse.throttle.FailedAttempts;
import dev.gatehouse.usage.Usage;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class SessionsTest {

  private static final Scopes READ = Scopes.of("orders:read");
  private static final Duration IDLE = Duration.ofMinutes(30);
  private static final Duration ABSOLUTE = Duration.ofHours(24);
  private static final Duration MILLI = Duration.ofMillis(1);
  private static final int FAILURES = 1_000;
  private static final Policy POLICY = Policy.accepting(Method.SESSION);

  private final Time time = new Time();
  private final Roles roles = new Roles(Map.of("clerk", Scopes.of("orders:write")));
  private final InMemoryRevocationFeed feed = new InMemoryRevocationFeed(time.clock());
  private final InMemoryAccountStore accountStore = new InMemoryAccountStore(feed);
  private final InMemorySessionStore store = new InMemorySessionStore(accountStore);
  private final AtomicInteger lookUps = new AtomicInteger();
  private final AtomicBoolean down = new AtomicBoolean();
  private final AtomicReference<@Nullable Runnable> afterLookUp = new AtomicReference<>();
  private final Accounts accounts = new Accounts(accountStore, roles, time.clock());
  private final SessionSettings settings = SessionSettings.inRealm("orders");
  private final Sessions sessions = new Sessions(settings, watched(store), time.clock());
  private final Usage usage = new Usage();
  private final Gate gate = gate(FAILURES);

  @BeforeEach
  void aliceAndBobHaveAccounts() {
    accounts.add(Account.Kind.PERSON, "alice", "alice@example.com", Set.of("clerk"), READ);
    accounts.add(Account.Kind.PERSON, "bob", "bob@example.com", Set.of(), READ);
  }

  private Gate gate(int failures) {
    Revocations revocations = new Revocations(Duration.ofMinutes(1), 1_000, null, time.ticker());
    feed.onCommit(revocations::hear);
    return new Gate(
        List.of(new SessionAuthenticator(settings, watched(store), roles, time.clock())),
        revocations,
        new FailedAttempts(failures, time.ticker()),
        usage,
        time.clock(),
        time.ticker());
  }

  // The same store, which counts what it is asked and can be switched off.
  private SessionStore watched(SessionStore real) {
    return (SessionStore)
        Proxy.newProxyInstance(
            SessionStore.class.getClassLoader(),
            new Class<?>[] {SessionStore.class},
            (proxy, method, arguments) -> {
              if (down.get()) {
                throw new StoreUnavailableException("switched off", new Exception());
              }
              Object answer = method.invoke(real, arguments);
              if (method.getName().equals("byDigest")) {
                lookUps.incrementAndGet();
                Runnable then = afterLookUp.getAndSet(null);
                if (then != null) {
                  then.run();
                }
              }
              return answer;
            });
  }

  // Beginning.

  @Test
  void whoSignedInIsKnownByTheCookie() {
    Sessions.Begun begun = begun("alice");

    Decision.Admitted admitted = (Decision.Admitted) gate.admit(with(begun), POLICY);
    assertThat(admitted.principal()).isNotNull();
    assertThat(admitted.proofs().getFirst().accepted().principal())
        .satisfies(
            principal -> {
              assertThat(principal.subject()).isEqualTo(account("alice").id());
              assertThat(principal.method()).isEqualTo(Method.SESSION);
              assertThat(principal.credential()).isEqualTo(begun.session().id());
              assertThat(principal.scopes()).isEqualTo(Scopes.of("orders:read", "orders:write"));
            });
  }

  @Test
  void aSignInAlwaysMakesANewSecretAndANewId() {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < 1_000; i++) {
      Sessions.Begun begun = begun("alice");
      assertThat(begun.secret()).matches("session_[0-9A-Za-z]{43}");
      assertThat(begun.session().id()).matches("ses_[0-9A-Za-z]{22}");
      assertThat(seen.add(begun.secret())).isTrue();
      assertThat(seen.add(begun.session().id())).isTrue();
    }
  }

  @Test
  void aSessionThatCouldNotBeStoredDidNotBegin() {
    Account alice = account("alice");
    down.set(true);
    assertThatThrownBy(() -> sessions.begin(new SignIn(alice, "pw_1"), "", Network.address("::1")))
        .isInstanceOf(StoreUnavailableException.class);

    down.set(false);
    assertThat(sessions.list(null, null, 10)).isEmpty();
  }

  @Test
  void theNameOfTheCookieBindsItToThisHostAndHttps() {
    assertThat(SessionAuthenticator.COOKIE).isEqualTo("__Host-gatehouse");
  }

  @Test
  void whatTheBrowserCallsItselfIsKeptShortAndHarmless() {
    Account alice = account("alice");
    String agent = "Mozilla\r\n\u001b[31m<b>é\0" + "x".repeat(100_000);
    StoredSession session =
        sessions.begin(new SignIn(alice, "pw_1"), agent, Network.address("2001:db8::1")).session();

    assertThat(session.agent()).hasSize(200).startsWith("Mozilla???[31m<b>??x").matches("[ -~]*");
    assertThat(session.address()).isEqualTo("2001:db8:0:0:0:0:0:1");
  }

  // The cookie.

  @Test
  void theCookieIsFoundAmongOthersHoweverTheyAreWritten() {
    String pair = "__Host-gatehouse=" + begun("alice").secret();

    for (String field :
        List.of(
            pair,
            "a=b; " + pair + "; c=d",
            "a=b;" + pair,
            pair + ";",
            ";;" + pair + ";;",
            "  " + pair + "  ",
            "lone; " + pair + "; lone",
            "a=__Host-gatehouse; " + pair,
            "a==; " + pair)) {
      assertThat(status(cookies(field))).as(field).isEqualTo(200);
    }
  }

  @Test
  void aCookieFieldThatHttp2CrumbledIsReadAsOne() {
    String pair = "__Host-gatehouse=" + begun("alice").secret();

    assertThat(status(cookies("a=b", pair, "c=d"))).isEqualTo(200);
    assertThat(status(cookies("a=b", "c=d; " + pair))).isEqualTo(200);
  }

  @Test
  void twoCookiesAreAmbiguousEvenWhenTheyAreTheSame() {
    String pair = "__Host-gatehouse=" + begun("alice").secret();
    String other = "__Host-gatehouse=" + begun("bob").secret();

    for (AuthRequest twice :
        List.of(
            cookies(pair + "; " + pair),
            cookies(pair, pair),
            cookies(pair + "; a=b; " + other),
            cookies(other, pair),
            cookies("__Host-gatehouse=; " + pair),
            cookies(pair + "; __Host-gatehouse=x"))) {
      Refusal refusal = refused(twice);
      assertThat(refusal.reason()).isEqualTo(Reason.AMBIGUOUS_CREDENTIALS);
      assertThat(refusal.status()).isEqualTo(400);
    }
    assertThat(lookUps).hasValue(0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "__host-gatehouse=SECRET",
        "__Host-Gatehouse=SECRET",
        "gatehouse=SECRET",
        "__Secure-gatehouse=SECRET",
        "x__Host-gatehouse=SECRET",
        "__Host-gatehouse2=SECRET",
        "__Host-gatehouse",
        "a=\"__Host-gatehouse=SECRET\"",
        "a=__Host-gatehouse=SECRET",
        "=__Host-gatehouse=SECRET",
        "__Host-gatehouse\0=SECRET",
        ""
      })
  void aCookieOfAnotherNameIsNone(String field) {
    Refusal refusal = refused(cookies(field.replace("SECRET", begun("alice").secret())));

    assertThat(refusal.reason()).isEqualTo(Reason.NO_CREDENTIALS);
    assertThat(lookUps).hasValue(0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "null",
        "' OR 1=1 --",
        "\"SECRET\"",
        "SECRETx",
        "xSECRET",
        "SECRET=",
        "SECRET, SECRET",
        "s:SECRET.signature",
        "%30",
        "000000000000000000000000000000000000000000\u0660", // a digit, but not of base62
        "00000000000000000000000000000000000000000_",
        "00000000000000000000000000000000000000000000",
        "000000000000000000000000000000000000000000"
      })
  void aMalformedCookieNeverReachesTheStore(String value) {
    String sent = value.replace("SECRET", begun("alice").secret());
    Refusal refusal = refused(cookies("__Host-gatehouse=" + sent));

    assertThat(refusal.reason()).isEqualTo(Reason.NOT_AUTHENTICATED);
    assertThat(refusal.status()).isEqualTo(401);
    assertThat(lookUps).hasValue(0);
  }

  @Test
  @Timeout(value = 10, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void anEndlessCookieFieldIsReadOnce() {
    for (String field : List.of(";".repeat(2_000_000), "a;".repeat(1_000_000))) {
      assertThat(refused(cookies(field)).reason()).isEqualTo(Reason.NO_CREDENTIALS);
    }
    assertThat(refused(cookies("__Host-gatehouse=" + "0".repeat(1_000_000))).status())
        .isEqualTo(401);
    assertThat(lookUps).hasValue(0);
  }

  @Test
  void cookiesOfSessionsThatAreOverCountAgainstNobodysAddress() {
    Gate strict = gate(3);
    for (int i = 0; i < 10; i++) {
      assertThat(status(strict, cookie(PresentedSession.random().reveal()))).isEqualTo(401);
    }

    assertThat(status(strict, with(begun("alice")))).isEqualTo(200);
  }

  // Its two limits.

  @Test
  void aSessionThatNobodyUsesEndsAtTheInstantOfTheIdleLimit() {
    Sessions.Begun begun = begun("alice");
    time.pass(IDLE.minus(MILLI));
    assertThat(isLive(begun)).isTrue();
    assertThat(status(gate(FAILURES), with(begun))).isEqualTo(200);

    time.pass(MILLI);
    assertThat(isLive(begun)).isFalse();
    assertThat(status(begun)).isEqualTo(401);
  }

  @Test
  void aRecalledSessionEndsAtTheInstantOfTheAbsoluteLimitToo() {
    Sessions.Begun begun = begun("alice");
    useUntil(begun, Time.START.plus(ABSOLUTE).minusSeconds(10));
    assertThat(status(begun)).isEqualTo(200);
    int asked = lookUps.get();

    time.pass(Duration.ofSeconds(10).minusNanos(1));
    assertThat(status(begun)).isEqualTo(200);
    assertThat(lookUps).as("recalled").hasValue(asked);
    time.pass(Duration.ofNanos(1));
    Refusal refusal = refused(with(begun));
    assertThat(lookUps).as("recalled").hasValue(asked);
    assertThat(refusal.reason()).isEqualTo(Reason.NOT_AUTHENTICATED);
  }

  @Test
  void howeverMuchItIsUsedASessionEndsAtItsAbsoluteLimit() {
    Sessions.Begun begun = begun("alice");
    useUntil(begun, Time.START.plus(ABSOLUTE).minusMillis(1));

    assertThat(status(begun)).isEqualTo(200);
    time.pass(MILLI);
    assertThat(isLive(begun)).isFalse();
    assertThat(status(begun)).isEqualTo(401);
    assertThat(status(gate(FAILURES), with(begun))).isEqualTo(401);
  }

  @Test
  void aTouchFromTheFutureDoesNotCarryItPastTheAbsoluteLimit() {
    Sessions.Begun begun = begun("alice");
    sessions.touch(Map.of(begun.session().id(), Time.START.plus(Duration.ofDays(365))));
    time.pass(ABSOLUTE);

    assertThat(status(begun)).isEqualTo(401);
    sessions.purge();
    assertThat(store.list(null, null, 10)).isEmpty();
  }

  @Test
  void aUseIsNotedAndPutsTheIdleLimitOff() {
    Sessions.Begun begun = begun("alice");
    time.pass(IDLE.minus(MILLI));
    assertThat(status(begun)).isEqualTo(200);
    sessions.touch(usage.drain().lastUsed());
    assertThat(stored(begun).lastSeenAt()).isEqualTo(Time.START.plus(IDLE).minus(MILLI));

    time.pass(IDLE.minus(MILLI));
    assertThat(status(begun)).isEqualTo(200);
  }

  @Test
  void aLateTouchDoesNotTurnTheTimeBack() {
    Sessions.Begun begun = begun("alice");
    Instant later = Time.START.plusSeconds(60);
    sessions.touch(Map.of(begun.session().id(), later));
    sessions.touch(Map.of(begun.session().id(), later.minusSeconds(30)));

    assertThat(stored(begun).lastSeenAt()).isEqualTo(later);
  }

  @Test
  void whatIsOverIsPurgedAndNothingElse() {
    Sessions.Begun idle = begun("alice");
    Sessions.Begun ended = begun("bob");
    accounts.endSignIns("bob");
    time.pass(IDLE.plus(Duration.ofMinutes(5))); // uses may be written that late
    Sessions.Begun good = begun("bob");
    sessions.purge();
    assertThat(ids())
        .as("idle, but perhaps used since")
        .containsExactlyInAnyOrder(id(idle), id(good));

    time.pass(MILLI);
    sessions.purge();
    assertThat(ids()).containsExactly(id(good)).doesNotContain(id(ended));
    assertThat(status(good)).isEqualTo(200);
  }

  @Test
  void settingsThatWouldKeepASessionForEverOrForNoTimeAreRefused() {
    for (List<Duration> limits :
        List.of(
            List.of(Duration.ZERO, ABSOLUTE),
            List.of(Duration.ofMinutes(5).minusNanos(1), ABSOLUTE),
            List.of(Duration.ofMinutes(-5), ABSOLUTE),
            List.of(IDLE, IDLE.minusNanos(1)),
            List.of(IDLE, Duration.ofDays(30).plusNanos(1)),
            List.of(IDLE, Duration.ofSeconds(Long.MAX_VALUE)))) {
      assertThatThrownBy(() -> new SessionSettings("r", limits.getFirst(), limits.getLast()))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(settings).isEqualTo(new SessionSettings("orders", IDLE, ABSOLUTE));
  }

  // Its end.

  @Test
  void aSessionThatEndedIsRefusedAtOnceThoughItWasRecalled() {
    Sessions.Begun begun = begun("alice");
    Sessions.Begun other = begun("alice");
    assertThat(List.of(status(begun), status(begun), status(other))).containsOnly(200);
    assertThat(lookUps).as("recalled").hasValue(2);

    assertThat(sessions.end(id(begun))).isTrue();
    assertThat(sessions.end(id(begun))).as("a second time").isFalse();
    assertThat(status(begun)).isEqualTo(401);
    assertThat(gate.recall(with(other), POLICY)).as("the other one").isPresent();
    assertThat(status(other)).isEqualTo(200);
  }

  @Test
  void aRequestInFlightAtLogoutDoesNotBringTheSessionBack() {
    Sessions.Begun begun = begun("alice");
    assertThat(status(begun)).isEqualTo(200); // a use that is still to be written
    time.pass(Duration.ofMinutes(2)); // it is no longer remembered
    afterLookUp.set(() -> sessions.end(id(begun)));

    assertThat(status(begun)).as("it ended while it was looked up").isEqualTo(401);
    sessions.touch(usage.drain().lastUsed());
    assertThat(gate.recall(with(begun), POLICY)).isEmpty();
    assertThat(status(begun)).isEqualTo(401);
    assertThat(store.list(null, null, 10)).isEmpty();
  }

  @Test
  void aTouchBringsNoEndedSessionBackNorMakesOne() {
    Sessions.Begun begun = begun("alice");
    sessions.end(id(begun));
    sessions.touch(Map.of(id(begun), time.now(), "ses_never", time.now()));

    assertThat(store.list(null, null, 10)).isEmpty();
    assertThat(status(begun)).isEqualTo(401);
  }

  @Test
  void allSessionsOfAPersonEndAtOnceAndNobodyElses() {
    List<Sessions.Begun> all = List.of(begun("alice"), begun("alice"), begun("alice"));
    Sessions.Begun bobs = begun("bob");
    for (Sessions.Begun each : all) {
      assertThat(status(each)).isEqualTo(200);
    }
    assertThat(status(bobs)).isEqualTo(200);

    accounts.endSignIns("alice@example.com");
    for (Sessions.Begun each : all) {
      assertThat(status(each)).isEqualTo(401);
      assertThat(isLive(each)).isFalse();
    }
    assertThat(status(bobs)).isEqualTo(200);
    assertThat(status(begun("alice"))).as("a new sign-in").isEqualTo(200);
  }

  @Test
  void aSignInThatWasUnderWayWhenAllEndedIsOverBeforeItIsUsed() {
    Account asProved = account("alice");
    accounts.endSignIns("alice");
    Sessions.Begun begun = sessions.begin(new SignIn(asProved, "pw_1"), "", Network.address("::1"));

    assertThat(status(begun)).isEqualTo(401);
  }

  @Test
  void disablingEndsEverySessionAndEnablingBringsNoneBack() {
    Sessions.Begun begun = begun("alice");
    assertThat(status(begun)).isEqualTo(200);

    accounts.setDisabled("alice", true);
    assertThat(status(begun)).isEqualTo(401);
    assertThat(status(begun("alice"))).as("begun while disabled").isEqualTo(401);
    accounts.setDisabled("alice", false);
    assertThat(status(begun)).isEqualTo(401);
    assertThat(status(begun("alice"))).isEqualTo(200);
  }

  @Test
  void aRoleThatWasTakenAwayIsGoneAtOnce() {
    Sessions.Begun begun = begun("alice");
    assertThat(scopes(begun)).isEqualTo(Scopes.of("orders:read", "orders:write"));

    accounts.grant("alice", Set.of(), READ);
    assertThat(scopes(begun)).isEqualTo(READ);
    accounts.grant("alice", Set.of("clerk"), Scopes.NONE);
    assertThat(scopes(begun)).isEqualTo(Scopes.of("orders:write"));
  }

  @Test
  void noDocumentTellsAnUnknownSessionFromOneThatIsOverForWhateverReason() {
    Sessions.Begun idle = begun("alice");
    time.pass(IDLE);
    Sessions.Begun ended = begun("alice");
    sessions.end(id(ended));
    Sessions.Begun allEnded = begun("alice");
    accounts.endSignIns("alice");
    Sessions.Begun disabled = begun("bob");
    accounts.setDisabled("bob", true);

    Set<String> documents = new HashSet<>();
    for (AuthRequest request :
        List.of(
            with(idle),
            with(ended),
            with(allEnded),
            with(disabled),
            cookie("x"),
            cookie(PresentedSession.random().reveal()))) {
      Refusal refusal = refused(request);
      documents.add(refusal.document().replace(refusal.id(), "ID") + refusal.fields());
    }
    assertThat(documents).singleElement().asString().contains("Not authenticated", "Session realm");
  }

  // The store.

  @Test
  void aStoreThatIsDownIs503NeitherAnonymousNor401() {
    Sessions.Begun begun = begun("alice");
    Sessions.Begun recalled = begun("alice");
    assertThat(status(recalled)).isEqualTo(200);
    down.set(true);
    Policy open = new Policy(true, List.of(List.of(Method.SESSION)), Map.of());

    assertThat(status(begun)).isEqualTo(503);
    assertThat(status(gate, with(begun), open)).isEqualTo(503);
    assertThat(status(recalled)).as("recalled").isEqualTo(200);
    assertThatThrownBy(() -> sessions.end(id(begun))).isInstanceOf(StoreUnavailableException.class);
    down.set(false);
    assertThat(status(begun)).isEqualTo(200);
  }

  @Test
  void onlyADigestIsStored() {
    Sessions.Begun begun = begun("alice");
    StoredSession stored = stored(begun);

    assertThat(stored.digest())
        .isEqualTo(Digest.sha256(begun.secret().getBytes(StandardCharsets.US_ASCII)));
    assertThat(List.of(stored.id(), stored.account(), stored.agent(), stored.address()))
        .noneMatch(text -> text.contains(begun.secret()));
    assertThat(status(stored.id())).as("the id is no cookie").isEqualTo(401);
    assertThat(status(begun.csrfToken())).as("nor is the token").isEqualTo(401);
  }

  @Test
  void nothingPrintsTheSecretOrTheToken() {
    Logger root = (Logger) LoggerFactory.getLogger("dev.gatehouse");
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    root.addAppender(log);
    try {
      Sessions.Begun begun = begun("alice");
      AuthRequest forged = post(begun, "Origin", "https://evil.example");
      Decision admitted = gate.admit(with(begun), POLICY);
      Decision csrf = gate.admit(forged, POLICY);
      Decision twice =
          gate.admit(
              cookies(pair(begun) + "; " + pair(begun) + "; a=" + begun.csrfToken()), POLICY);
      sessions.end(id(begun));
      Decision over = gate.admit(with(begun), POLICY);
      PresentedSession presented = PresentedSession.parse(begun.secret()).orElseThrow();

      StringBuilder seen = new StringBuilder();
      for (Object each :
          List.of(
              begun,
              begun.session(),
              presented,
              presented.digest(),
              new SessionAuthenticator(settings, store, roles, time.clock())
                  .find(forged, Policy.accepting(Method.SESSION)),
              forged,
              admitted,
              csrf,
              twice,
              over)) {
        seen.append(each).append('\n');
        if (each instanceof Decision.Refused refused) {
          seen.append(refused.refusal().document()).append(refused.refusal().fields());
        }
      }
      log.list.forEach(event -> seen.append(event.getFormattedMessage()).append('\n'));
      // The summary of what other tests had refused may come besides.
      assertThat(log.list).hasSizeGreaterThanOrEqualTo(3);
      assertThat(seen.toString()).doesNotContain(begun.secret()).doesNotContain(begun.csrfToken());
    } finally {
      root.detachAppender(log);
    }
  }

  // Forgery.

  @Test
  void anotherSitesPageSendsTheCookieInVain() {
    Sessions.Begun begun = begun("alice");

    assertThat(status(post(begun))).isEqualTo(403);
    assertThat(status(post(begun, "Origin", "https://evil.example"))).isEqualTo(403);
    assertThat(status(post(begun, "Origin", "null"))).isEqualTo(403);
    assertThat(status(post(begun, "Sec-Fetch-Site", "same-site"))).isEqualTo(403);
    assertThat(status(post(begun, "Origin", "https://api.example.com"))).isEqualTo(200);
  }

  @Test
  void theSessionsTokenShowsThatTheRequestWasMeant() {
    Sessions.Begun begun = begun("alice");

    assertThat(status(post(begun, "X-CSRF-Token", begun.csrfToken()))).isEqualTo(200);
    assertThat(status(post(begun, "x-csrf-token", begun.csrfToken()))).isEqualTo(200);
  }

  @Test
  void aWrongTokenShowsNothing() {
    Sessions.Begun begun = begun("alice");
    String token = begun.csrfToken();
    String others = begun("bob").csrfToken();
    String anotherOfHers = begun("alice").csrfToken();
    String changed = (token.charAt(0) == 'A' ? "B" : "A") + token.substring(1);

    for (String wrong :
        Arrays.asList(
            "",
            " ",
            "null",
            "undefined",
            others,
            anotherOfHers,
            changed,
            token + "=",
            token + "A",
            token.substring(1),
            token.substring(0, token.length() - 1),
            token.toLowerCase(java.util.Locale.ROOT),
            " " + token,
            token + ", " + token,
            begun.secret(),
            begun.session().id(),
            "é".repeat(token.length()))) {
      assertThat(status(post(begun, "X-CSRF-Token", wrong))).as(wrong).isEqualTo(403);
    }
  }

  @Test
  void aTokenThatIsThereTwiceShowsNothing() {
    Sessions.Begun begun = begun("alice");
    Map<String, List<String>> fields =
        Map.of(
            "Cookie",
            List.of(pair(begun)),
            "X-CSRF-Token",
            List.of(begun.csrfToken(), begun.csrfToken()));

    assertThat(status(request("POST", fields))).isEqualTo(403);
  }

  @Test
  void theTokenAloneIsNoCredential() {
    assertThat(status(request("POST", Map.of("X-CSRF-Token", List.of(begun("alice").csrfToken())))))
        .isEqualTo(401);
  }

  @Test
  void theTokenOfAnEndedSessionIsGoodForNothing() {
    Sessions.Begun ended = begun("alice");
    sessions.end(id(ended));
    Sessions.Begun begun = begun("alice");

    assertThat(status(post(ended, "X-CSRF-Token", ended.csrfToken()))).isEqualTo(401);
    assertThat(status(post(begun, "X-CSRF-Token", ended.csrfToken()))).isEqualTo(403);
  }

  @Test
  void theTokenIsTheSameForASessionAndAnotherForEach() {
    Sessions.Begun begun = begun("alice");
    assertThat(begun.csrfToken()).matches("[0-9A-Za-z_-]{43}").isNotEqualTo(begun.secret());
    assertThat(Sessions.csrfToken(with(begun))).contains(begun.csrfToken());
    assertThat(Sessions.csrfToken(with(begun))).contains(begun.csrfToken());

    Set<String> seen = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      assertThat(seen.add(begun("alice").csrfToken())).isTrue();
    }
  }

  @Test
  void thereIsNoTokenForNoCookieAMalformedOneOrTwo() {
    Sessions.Begun begun = begun("alice");

    for (AuthRequest request :
        List.of(cookies(), cookies("a=b"), cookie("x"), cookies(pair(begun), pair(begun)))) {
      assertThat(Sessions.csrfToken(request)).isEmpty();
    }
    assertThat(lookUps).hasValue(0);
  }

  // Lists.

  @Test
  void aPersonsSessionsAreListedInPages() {
    List<Sessions.Begun> hers = List.of(begun("alice"), begun("alice"), begun("alice"));
    begun("bob");
    String alice = account("alice").id();
    List<String> ids = hers.stream().map(SessionsTest::id).sorted().toList();

    assertThat(sessions.list(alice, null, 2))
        .extracting(owned -> owned.session().id())
        .isEqualTo(ids.subList(0, 2));
    assertThat(sessions.list(alice, ids.get(1), 2))
        .extracting(owned -> owned.session().id())
        .isEqualTo(ids.subList(2, 3));
    assertThat(sessions.list(null, null, 100)).hasSize(4);
  }

  private Sessions.Begun begun(String name) {
    return sessions.begin(
        new SignIn(account(name), "pw_1"), "a browser", Network.address("192.0.2.1"));
  }

  private Account account(String name) {
    return accounts.find(name).orElseThrow();
  }

  private StoredSession stored(Sessions.Begun begun) {
    return owned(begun).session();
  }

  private SessionStore.Owned owned(Sessions.Begun begun) {
    return store.byDigest(begun.session().digest()).orElseThrow();
  }

  private boolean isLive(Sessions.Begun begun) {
    return sessions.isLive(owned(begun));
  }

  private List<String> ids() {
    return store.list(null, null, 100).stream().map(owned -> owned.session().id()).toList();
  }

  private static String id(Sessions.Begun begun) {
    return begun.session().id();
  }

  // Uses the session every 20 minutes, as written down each time, until that instant.
  private void useUntil(Sessions.Begun begun, Instant end) {
    while (time.now().isBefore(end)) {
      Duration step = Duration.between(time.now(), end);
      time.pass(step.compareTo(Duration.ofMinutes(20)) < 0 ? step : Duration.ofMinutes(20));
      assertThat(status(begun)).as("at %s", time.now()).isEqualTo(200);
      sessions.touch(usage.drain().lastUsed());
    }
  }

  private Scopes scopes(Sessions.Begun begun) {
    Decision decision = gate.admit(with(begun), POLICY);
    return ((Decision.Admitted) decision).proofs().getFirst().accepted().principal().scopes();
  }

  private int status(Sessions.Begun begun) {
    return status(with(begun));
  }

  private int status(String secret) {
    return status(cookie(secret));
  }

  private int status(AuthRequest request) {
    return status(gate, request);
  }

  private static int status(Gate gate, AuthRequest request) {
    return status(gate, request, POLICY);
  }

  private static int status(Gate gate, AuthRequest request, Policy policy) {
    return gate.admit(request, policy) instanceof Decision.Refused refused
        ? refused.refusal().status()
        : 200;
  }

  private Refusal refused(AuthRequest request) {
    return ((Decision.Refused) gate.admit(request, POLICY)).refusal();
  }

  private static String pair(Sessions.Begun begun) {
    return "__Host-gatehouse=" + begun.secret();
  }

  private static AuthRequest with(Sessions.Begun begun) {
    return cookie(begun.secret());
  }

  private static AuthRequest cookie(String secret) {
    return cookies("__Host-gatehouse=" + secret);
  }

  private static AuthRequest cookies(String... fields) {
    return request("GET", Map.of("Cookie", List.of(fields)));
  }

  private static AuthRequest post(Sessions.Begun begun, String... fields) {
    Map<String, List<String>> byName = new TreeMap<>();
    byName.put("Cookie", List.of(pair(begun)));
    for (int i = 0; i < fields.length; i += 2) {
      byName.put(fields[i], List.of(fields[i + 1]));
    }
    return request("POST", byName);
  }

  private static AuthRequest request(String method, Map<String, List<String>> fields) {
    return new AuthRequest(
        method,
        "https",
        "api.example.com",
        "/",
        HeaderFields.of(fields),
        Network.address("192.0.2.1"),
        PeerCertificates.NONE,
        RequestBody.NONE);
  }
}
