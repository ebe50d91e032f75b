package dev.gatehouse.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.client.ScriptedGate.Seen;
import dev.gatehouse.testkit.FixedClock;
import dev.gatehouse.testkit.Race;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The tokens of a client over real sockets: got, renewed once for all, lost, refused, ended.
@Timeout(60)
class TokensTest {

  private static final String LOGIN = "/api/auth/login";
  private static final String REFRESH = "/api/auth/refresh";
  private static final String LOGOUT = "/api/auth/logout";

  private final FixedClock clock = FixedClock.at("2026-11-26T10:00:00Z");
  @AutoClose private ScriptedGate gate;
  @AutoClose private GatehouseClient client;

  @BeforeEach
  void start() throws IOException {
    gate = new ScriptedGate();
    client = client(Grant.password("alice@example.com", ScriptedGate.PASSWORD));
  }

  private GatehouseClient client(Grant grant) throws IOException {
    return GatehouseClient.at(gate.address()).with(grant).clock(clock).build();
  }

  private static HttpResponse<String> call(GatehouseClient by) {
    try {
      return by.send(by.request("/orders").build(), BodyHandlers.ofString());
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    } catch (InterruptedException interrupted) {
      throw new AssertionError(interrupted);
    }
  }

  private int status() {
    return call(client).statusCode();
  }

  private String sentToken() {
    return String.valueOf(gate.last("/orders").field("Authorization"));
  }

  @Test
  void theFirstCallSignsInAndTheNextOnesUseItsToken() {
    assertThat(gate.seen).isEmpty();
    assertThat(status()).isEqualTo(200);
    assertThat(status()).isEqualTo(200);
    assertThat(gate.count(LOGIN)).isEqualTo(1);
    assertThat(sentToken()).isEqualTo("Bearer at_1");
    Seen login = gate.last(LOGIN);
    assertThat(login.field("Content-Type")).isEqualTo("application/json");
    assertThat(ScriptedGate.member(login, "password")).isEqualTo(ScriptedGate.PASSWORD);
  }

  @Test
  void aTokenIsRenewedBeforeItEnds() {
    status();
    clock.advance(Duration.ofSeconds(869));
    status();
    assertThat(gate.count(REFRESH)).isZero();
    clock.advance(Duration.ofSeconds(1));
    status();
    assertThat(gate.count(REFRESH)).isEqualTo(1);
    assertThat(ScriptedGate.member(gate.last(REFRESH), "refreshToken")).isEqualTo("rt_1");
    assertThat(sentToken()).isEqualTo("Bearer at_2");
    assertThat(gate.count("/orders")).isEqualTo(3);
  }

  @Test
  void aTokenThatTheGateRefusesIsRenewedOnceAndTheRequestSentAgain() {
    status();
    gate.revokeAccessTokens();
    assertThat(status()).isEqualTo(200);
    assertThat(gate.count(REFRESH)).isEqualTo(1);
    assertThat(gate.count("/orders")).isEqualTo(3);
  }

  @Test
  void aTokenThatIsRefusedAgainIsTheCallersMatter() {
    gate.script(
        "/orders",
        (exchange, seen) -> {
          exchange.getResponseHeaders().add("www-authenticate", "bearer ERROR=invalid_token");
          ScriptedGate.refuse(exchange, 401, "INVALID_TOKEN");
          return true;
        });
    HttpResponse<String> answer = call(client);
    assertThat(answer.statusCode()).isEqualTo(401);
    assertThat(answer.body()).contains("INVALID_TOKEN");
    assertThat(gate.count("/orders")).isEqualTo(2);
    assertThat(gate.count(REFRESH)).isEqualTo(1);
  }

  @Test
  void another401IsNoReasonToRenew() {
    gate.script(
        "/orders",
        (exchange, seen) -> {
          exchange.getResponseHeaders().add("WWW-Authenticate", "Bearer realm=\"invalid_token\"");
          ScriptedGate.refuse(exchange, 401, "METHOD_NOT_ACCEPTED");
          return true;
        });
    assertThat(status()).isEqualTo(401);
    assertThat(gate.count("/orders")).isEqualTo(1);
    assertThat(gate.count(REFRESH)).isZero();
  }

  @Test
  void manyThreadsSignInOnceAndRefreshOnce() {
    for (int round = 0; round < 5; round++) {
      List<Integer> answers = Race.of(32, number -> status());
      assertThat(answers).hasSize(32).containsOnly(200);
      assertThat(gate.count(LOGIN)).isEqualTo(1);
      assertThat(gate.count(REFRESH)).isEqualTo(round);
      clock.advance(Duration.ofMinutes(15));
    }
    assertThat(gate.burned).isEmpty();
  }

  @Test
  void manyThreadsWithARefusedTokenRefreshOnce() throws Exception {
    status();
    gate.revokeAccessTokens();
    // All 16 are refused the first token before any of them gets the second.
    CountDownLatch refused = new CountDownLatch(16);
    gate.script(
        "/orders",
        (exchange, seen) -> {
          refused.countDown();
          refused.await();
          return false;
        });
    assertThat(Race.of(16, number -> status())).hasSize(16).containsOnly(200);
    assertThat(gate.count(REFRESH)).isEqualTo(1);
    assertThat(gate.count(LOGIN)).isEqualTo(1);
    assertThat(gate.count("/orders")).isEqualTo(1 + 2 * 16);
    assertThat(gate.burned).isEmpty();
  }

  @Test
  void aCallerThatGivesUpWaitingBurnsNothing() throws Exception {
    status();
    clock.advance(Duration.ofMinutes(15));
    CountDownLatch arrived = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    gate.script(
        REFRESH,
        (exchange, seen) -> {
          arrived.countDown();
          goOn.await();
          return false;
        });
    AtomicReference<Throwable> interrupted = new AtomicReference<>();
    Thread caller =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    client.send(client.request("/orders").build(), BodyHandlers.ofString());
                  } catch (IOException | InterruptedException failed) {
                    interrupted.set(failed);
                  }
                });
    arrived.await();
    var cancelled = client.sendAsync(client.request("/orders").build(), BodyHandlers.ofString());
    cancelled.cancel(true);
    caller.interrupt();
    caller.join();
    assertThat(interrupted.get()).isInstanceOf(InterruptedException.class);

    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Integer> next = threads.submit(this::status);
      goOn.countDown();
      assertThat(next.get(30, TimeUnit.SECONDS)).isEqualTo(200);
    }
    assertThat(gate.count(REFRESH)).isEqualTo(1);
    assertThat(gate.count(LOGIN)).isEqualTo(1);
    assertThat(gate.count("/orders")).as("the callers that gave up sent nothing").isEqualTo(2);
    assertThat(gate.burned).isEmpty();
  }

  @Test
  void aRefreshWhoseAnswerIsLostIsNotSentAgainButSignedInAnew() {
    status();
    clock.advance(Duration.ofSeconds(890));
    gate.script(REFRESH, (exchange, seen) -> ScriptedGate.loseTheAnswer(gate, exchange, seen));
    assertThat(status()).isEqualTo(200);
    gate.obey(REFRESH);
    assertThat(gate.count(REFRESH)).isEqualTo(1);
    assertThat(gate.count(LOGIN)).isEqualTo(2);
    clock.advance(Duration.ofMinutes(15));
    assertThat(status()).isEqualTo(200);
    assertThat(gate.count(LOGIN)).isEqualTo(2);
    assertThat(gate.burned).isEmpty();
  }

  @Test
  void aConnectionThatEndsWithoutAnAnswerIsALostOneToo() {
    status();
    for (long lost = 1; lost <= 3; lost++) {
      clock.advance(Duration.ofMinutes(15));
      gate.script(
          REFRESH,
          (exchange, seen) -> {
            exchange.close();
            return true;
          });
      assertThat(status()).isEqualTo(200);
      gate.obey(REFRESH);
      assertThat(gate.count(REFRESH)).as("nor does the JDK send it again").isEqualTo(lost);
      assertThat(gate.count(LOGIN)).isEqualTo(1 + lost);
    }
  }

  @Test
  void anAnswerThatDoesNotEndHoldsUpNobodyForLong() throws Exception {
    CountDownLatch goOn = new CountDownLatch(1);
    gate.script(
        LOGIN,
        (exchange, seen) -> {
          exchange.sendResponseHeaders(200, 1000);
          exchange.getResponseBody().write('{');
          exchange.getResponseBody().flush();
          goOn.await();
          return true;
        });
    try (GatehouseClient impatient =
        GatehouseClient.at(gate.address())
            .with(Grant.password("alice@example.com", ScriptedGate.PASSWORD))
            .tokenTimeout(Duration.ofMillis(200))
            .build()) {
      assertThatThrownBy(() -> call(impatient))
          .hasCauseInstanceOf(HttpTimeoutException.class)
          .hasMessageContaining("No answer of /api/auth/login");
      gate.obey(LOGIN);
      assertThat(call(impatient).statusCode()).isEqualTo(200);
    } finally {
      goOn.countDown();
    }
  }

  @Test
  void aClockThatIsPutBackEndsNoPauseLate() {
    gate.script(
        LOGIN,
        (exchange, seen) -> {
          ScriptedGate.refuse(exchange, 401, "INVALID_CREDENTIALS");
          return true;
        });
    assertThatThrownBy(this::status).hasCauseInstanceOf(SignInException.class);
    gate.obey(LOGIN);
    clock.advance(Duration.ofHours(-1));
    assertThat(status()).isEqualTo(200);
  }

  @Test
  void whatHoldsUpOneWaiterHoldsUpNoOther() throws Exception {
    CountDownLatch goOn = new CountDownLatch(1);
    CountDownLatch arrived = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    gate.script(
        LOGIN,
        (exchange, seen) -> {
          arrived.countDown();
          goOn.await();
          ScriptedGate.refuse(exchange, 401, "INVALID_CREDENTIALS");
          return true;
        });
    List<CompletableFuture<?>> waiters = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      var answer = client.sendAsync(client.request("/orders").build(), BodyHandlers.ofString());
      waiters.add(answer);
      // Whichever of the two is told first: it takes its time, and the other is told all the same.
      var slow =
          answer.handle(
              (done, failed) -> {
                if (waiters.stream().filter(CompletableFuture::isDone).count() == 1) {
                  await(never);
                }
                return true;
              });
      assertThat(slow).isNotNull();
    }
    arrived.await();
    goOn.countDown();
    try {
      for (CompletableFuture<?> waiter : waiters) {
        assertThatThrownBy(() -> waiter.get(30, TimeUnit.SECONDS))
            .isInstanceOf(ExecutionException.class);
      }
    } finally {
      never.countDown();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void withoutAPasswordALostAnswerLeavesTheAccessTokenForItsTime() {
    List<String> kept = new ArrayList<>();
    try (GatehouseClient app = app(kept)) {
      assertThat(call(app).statusCode()).isEqualTo(200);
      assertThat(kept).containsExactly("rt_1");
      clock.advance(Duration.ofSeconds(880));
      gate.script(REFRESH, (exchange, seen) -> ScriptedGate.loseTheAnswer(gate, exchange, seen));
      assertThat(call(app).statusCode()).isEqualTo(200);
      gate.obey(REFRESH);
      clock.advance(Duration.ofSeconds(19));
      assertThat(call(app).statusCode()).isEqualTo(200);
      clock.advance(Duration.ofSeconds(1));
      assertThatThrownBy(() -> call(app))
          .hasCauseInstanceOf(SignInException.class)
          .hasMessageContaining("sign in again");
      assertThat(gate.count(REFRESH)).isEqualTo(2);
      assertThat(gate.burned).isEmpty();
    }
  }

  private GatehouseClient app(List<String> kept) {
    try {
      return client(Grant.refreshToken("rt_0", kept::add));
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  @Test
  void anAnswerThatHoldsNoTokensIsALostOne() {
    status();
    clock.advance(Duration.ofMinutes(15));
    for (String body : List.of("", "<html>", "{\"accessToken\":1}", "x".repeat(70_000))) {
      gate.script(
          REFRESH,
          (exchange, seen) -> {
            ScriptedGate.reply(exchange, 200, body);
            return true;
          });
      long logins = gate.count(LOGIN);
      assertThat(status()).isEqualTo(200);
      assertThat(gate.count(LOGIN)).isEqualTo(logins + 1);
      clock.advance(Duration.ofMinutes(15));
    }
  }

  @Test
  void whenTheGateTookNothingTheTokenIsKeptAndSentLater() {
    status();
    for (int status : new int[] {429, 503}) {
      clock.advance(Duration.ofSeconds(880));
      gate.script(
          REFRESH,
          (exchange, seen) -> {
            exchange.getResponseHeaders().add("Retry-After", "5");
            ScriptedGate.refuse(exchange, status, status == 429 ? "THROTTLED" : "UNAVAILABLE");
            return true;
          });
      long asked = gate.count(REFRESH);
      assertThat(status()).as("the token is good for 20 seconds more").isEqualTo(200);
      clock.advance(Duration.ofSeconds(4));
      assertThat(status()).isEqualTo(200);
      assertThat(gate.count(REFRESH)).as("asked again within the 5 seconds").isEqualTo(asked + 1);
      clock.advance(Duration.ofSeconds(16));
      assertThatThrownBy(this::status)
          .hasCauseInstanceOf(SignInException.class)
          .cause()
          .satisfies(
              thrown -> {
                assertThat(((SignInException) thrown).status()).isEqualTo(status);
                assertThat(((SignInException) thrown).retryAfter()).hasSeconds(5);
                assertThat(((SignInException) thrown).code()).isIn("THROTTLED", "UNAVAILABLE");
              });
      gate.obey(REFRESH);
      clock.advance(Duration.ofSeconds(5));
      assertThat(status()).isEqualTo(200);
    }
    assertThat(gate.count(LOGIN)).isEqualTo(1);
    assertThat(gate.burned).isEmpty();
  }

  @Test
  void aFamilyThatWasEndedIsBegunAnewWithThePassword() {
    status();
    gate.script(
        REFRESH,
        (exchange, seen) -> {
          ScriptedGate.refuse(exchange, 401, "INVALID_REFRESH_TOKEN");
          return true;
        });
    gate.revokeAccessTokens();
    assertThat(status()).isEqualTo(200);
    assertThat(gate.count(LOGIN)).isEqualTo(2);
    assertThat(sentToken()).isEqualTo("Bearer at_2");
  }

  @Test
  void aWrongPasswordIsAskedOnceAMinuteHoweverManyCall() throws IOException {
    try (GatehouseClient wrong = client(Grant.password("alice@example.com", "sesame"))) {
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() -> call(wrong))
            .hasCauseInstanceOf(SignInException.class)
            .hasMessageContaining("401 INVALID_CREDENTIALS")
            .hasMessageNotContaining("sesame");
      }
      assertThat(gate.count(LOGIN)).isEqualTo(1);
      clock.advance(Duration.ofMinutes(1));
      assertThatThrownBy(() -> call(wrong)).hasCauseInstanceOf(SignInException.class);
      assertThat(gate.count(LOGIN)).isEqualTo(2);
      assertThat(gate.count("/orders")).isZero();
    }
  }

  @Test
  void aServiceAsksAgainInsteadOfRefreshing() throws IOException {
    try (GatehouseClient service = client(Grant.service("sk_live_good", "a", "b&c=d"))) {
      assertThat(call(service).statusCode()).isEqualTo(200);
      assertThat(gate.last("/auth/token").body())
          .isEqualTo("grant_type=client_credentials&scope=a+b%26c%3Dd");
      gate.revokeAccessTokens();
      assertThat(call(service).statusCode()).isEqualTo(200);
      clock.advance(Duration.ofMinutes(15));
      assertThat(call(service).statusCode()).isEqualTo(200);
      assertThat(gate.count("/auth/token")).isEqualTo(3);
      assertThat(gate.count(REFRESH)).isZero();
      assertThat(service.signOut()).succeedsWithin(Duration.ofSeconds(30));
      assertThat(gate.count(LOGOUT)).isZero();
    }
  }

  @Test
  void signingOutEndsTheFamilyAndForgetsIt() {
    status();
    assertThat(client.signOut()).succeedsWithin(Duration.ofSeconds(30));
    assertThat(ScriptedGate.member(gate.last(LOGOUT), "refreshToken")).isEqualTo("rt_1");
    assertThat(client.signOut()).succeedsWithin(Duration.ofSeconds(30));
    assertThat(gate.count(LOGOUT)).isEqualTo(1);
    assertThat(status()).isEqualTo(200);
    assertThat(gate.count(LOGIN)).isEqualTo(2);
  }

  @Test
  void anAppThatSignedOutNeedsAPerson() {
    List<String> kept = new ArrayList<>();
    try (GatehouseClient app = app(kept)) {
      assertThat(call(app).statusCode()).isEqualTo(200);
      assertThat(app.signOut()).succeedsWithin(Duration.ofSeconds(30));
      assertThatThrownBy(() -> call(app)).hasCauseInstanceOf(SignInException.class);
      assertThat(gate.burned).isEmpty();
    }
  }

  @Test
  void whatTheApplicationThrowsWhileItKeepsATokenReachesTheCaller() throws IOException {
    Grant forgetful =
        Grant.refreshToken(
            "rt_0",
            token -> {
              throw new IllegalStateException("disk full");
            });
    try (GatehouseClient app = client(forgetful)) {
      assertThatThrownBy(() -> call(app)).hasMessage("disk full");
      assertThat(call(app).statusCode()).as("the token is there all the same").isEqualTo(200);
      assertThat(gate.count(REFRESH)).isEqualTo(1);
    }
  }

  @Test
  void theGatesOwnPathsMayHaveAPrefix() throws IOException {
    try (GatehouseClient moved =
        GatehouseClient.at(gate.address())
            .prefix("/gate")
            .with(Grant.password("alice@example.com", ScriptedGate.PASSWORD))
            .build()) {
      assertThat(call(moved).statusCode()).isEqualTo(200);
      assertThat(gate.count("/gate/api/auth/login")).isEqualTo(1);
    }
  }
}
