package dev.gatehouse.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.Decision;
import dev.gatehouse.Gate;
import dev.gatehouse.Method;
import dev.gatehouse.Network;
import dev.gatehouse.Policy;
import dev.gatehouse.Webhook;
import dev.gatehouse.revocation.InMemoryRevocationFeed;
import dev.gatehouse.route.CorsPolicy;
import dev.gatehouse.route.Route;
import dev.gatehouse.server.listen.Admissions;
import dev.gatehouse.server.listen.Answers;
import dev.gatehouse.server.listen.ListenLimits;
import dev.gatehouse.server.wire.RawClient;
import dev.gatehouse.server.wire.RawMessage;
import dev.gatehouse.server.wire.RawUpstream;
import dev.gatehouse.server.wire.TestHouse;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Bodies of signed requests: 1000 bytes together, from senders whose addresses a proxy says.
@Timeout(60)
@Tag("end-to-end")
class SignedBodySharesTest {

  private static final int TOGETHER = 1000;
  private static final int PLACES = 8;
  private static final String ONE = "X-Forwarded-For: 192.0.2.1";
  private static final String ANOTHER = "X-Forwarded-For: 192.0.2.2";
  private static final Policy EVENTS =
      Policy.accepting(Method.HMAC)
          .forWebhook(new Webhook(Webhook.Vendor.GITHUB, SignedCalls.WEBHOOK));

  private final SignedCalls calls = new SignedCalls();
  private final RawUpstream upstream = new RawUpstream(null);
  private final Admissions admissions =
      new Admissions(
          Gate.inProcess(new InMemoryRevocationFeed(calls.clock), 1_000, calls.authenticator()),
          10);
  private final BlockingQueue<Decision> decisions = new LinkedBlockingQueue<>();

  @AfterEach
  void close() throws IOException {
    admissions.close();
    upstream.close();
  }

  private TestHouse house(Duration bodyTimeout) {
    ListenLimits limits = ListenLimits.DEFAULT;
    return TestHouse.plan()
        .and(calls.authenticator())
        .limits(
            new ListenLimits(
                limits.maxInitialLineBytes(),
                limits.maxHeaderBytes(),
                limits.maxFields(),
                limits.headerTimeout(),
                bodyTimeout,
                TOGETHER,
                limits.maxUnsentBytes(),
                limits.keepAliveTimeout(),
                limits.maxConnections(),
                limits.maxConnectionsPerAddress(),
                limits.maxConcurrentStreams(),
                limits.maxResets()))
        .failedAttemptsPerMinute(2)
        .maxAdmissions(PLACES)
        .trustedProxies(Network.parse("127.0.0.0/8"), Network.parse("::1"))
        .ownPaths(
            Map.of(
                "/hooks/broken",
                (arrival, path) -> {
                  arrival.http().pause();
                  admissions.ask(
                      arrival.auth(),
                      EVENTS,
                      decision -> {
                        decisions.add(decision);
                        Answers.end(arrival.http(), "");
                        throw new IllegalStateException("a defect of the test");
                      });
                }))
        .route(new Route<>(null, "/hooks", EVENTS, CorsPolicy.NONE, Upstream.of(upstream.base())))
        .build();
  }

  private String event(String body, String from) {
    return calls.eventHead(body, from) + body;
  }

  private static RawMessage sent(TestHouse house, String text) throws IOException {
    try (RawClient client = house.connect()) {
      return client.ask(text);
    }
  }

  @Test
  void oneAddressLeavesBytesForTheSignedBodiesOfOthers() throws Exception {
    String large = "l".repeat(600);
    try (TestHouse house = house(Duration.ofSeconds(20));
        RawClient slow = house.connect()) {
      slow.send(calls.eventHead(large, ONE, "Expect: 100-continue"));
      assertThat(slow.read().status()).isEqualTo(100);
      slow.send(large.substring(1));
      TestHouse.eventually(() -> isRefused(house, event("m".repeat(402), ANOTHER)));

      RawMessage refused = sent(house, event("n".repeat(350), ONE));
      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.body()).contains("Too many bodies");
      assertThat(sent(house, event("o".repeat(350), ANOTHER)).status()).isEqualTo(200);
    }
  }

  private static boolean isRefused(TestHouse house, String text) {
    try {
      return sent(house, text).status() == 503;
    } catch (IOException failed) {
      throw new AssertionError(failed);
    }
  }

  @Test
  void bodiesOfOneAddressThatDoNotArriveTakeAtMostHalfOfThePlaces() throws Exception {
    try (TestHouse house = house(Duration.ofSeconds(20))) {
      List<RawClient> stalled = new ArrayList<>();
      for (int i = 0; i < PLACES / 2; i++) {
        RawClient client = house.connect();
        stalled.add(client.send(calls.eventHead("event " + i, ONE, "Expect: 100-continue")));
        assertThat(client.read().status()).isEqualTo(100);
      }

      assertThat(sent(house, event("one more", ONE)).status()).isEqualTo(503);
      assertThat(sent(house, event("one more", ANOTHER)).status()).isEqualTo(200);
      for (RawClient client : stalled) {
        client.close();
      }
    }
  }

  @Test
  void bodyThatDoesNotArriveIsAFailedAttemptOfItsSender() throws Exception {
    try (TestHouse house = house(Duration.ofMillis(100))) {
      assertThat(sent(house, calls.eventHead("a", ONE)).status()).isEqualTo(408);
      assertThat(sent(house, calls.eventHead("b", ONE)).status()).isEqualTo(408);
      RawMessage refused = sent(house, calls.eventHead("c", ONE));
      assertThat(refused.status()).isEqualTo(429);
      assertThat(refused.fields("Retry-After")).isNotEmpty();

      assertThat(sent(house, calls.eventHead("d", ANOTHER)).status()).isEqualTo(408);
      assertThat(sent(house, event("e", ONE)).status())
          .as("a good event is not held up by what others at its address do")
          .isEqualTo(200);
    }
  }

  @Test
  void bodyThatBreaksOffIsAFailedAttemptOfItsSender() throws Exception {
    try (TestHouse house = house(Duration.ofMillis(100))) {
      for (String body : new String[] {"aa", "bb"}) {
        try (RawClient client = house.connect()) {
          client.send(calls.eventHead(body, ONE, "Expect: 100-continue"));
          assertThat(client.read().status()).isEqualTo(100);
          client.send("a");
        }
      }
      TestHouse.eventually(() -> isThrottled(house));
    }
  }

  private boolean isThrottled(TestHouse house) {
    try {
      return sent(house, calls.eventHead("c", ONE)).status() == 429;
    } catch (IOException failed) {
      throw new AssertionError(failed);
    }
  }

  @Test
  void bytesOfABodyAreGivenBackWhenItsAnswerFails() throws Exception {
    try (TestHouse house = house(Duration.ofSeconds(20))) {
      for (char body : new char[] {'a', 'b', 'c'}) {
        String text = String.valueOf(body).repeat(450);
        sent(house, event(text, ONE).replace("/hooks ", "/hooks/broken "));
        assertThat(decisions.poll(20, TimeUnit.SECONDS)).isInstanceOf(Decision.Admitted.class);
      }
    }
  }
}
