package dev.gatehouse.server.listen;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.Gate;
import dev.gatehouse.Network;
import dev.gatehouse.revocation.InMemoryRevocationFeed;
import dev.gatehouse.server.gateway.OwnPath;
import dev.gatehouse.server.gateway.Upstream;
import dev.gatehouse.server.wire.RawClient;
import dev.gatehouse.server.wire.RawMessage;
import dev.gatehouse.server.wire.TestHouse;
import dev.gatehouse.throttle.Caller;
import dev.gatehouse.throttle.Shares;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.SubmissionPublisher;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Bodies that the gate reads for itself: 60 bytes each, 150 together.
@Timeout(60)
@Tag("end-to-end")
class WholeBodyTest {

  private static final int TOGETHER = 150;

  private static final String ANOTHER = "192.0.2.2";
  private static final String THIRD = "192.0.2.3";

  private final Shares budget = new Shares(TOGETHER);
  private final Gate gate = Gate.inProcess(new InMemoryRevocationFeed(Clock.systemUTC()), 2);
  private final TestHouse house =
      TestHouse.plan()
          .ownPaths(
              Map.of("/own", read(Duration.ofSeconds(20)), "/brief", read(Duration.ofMillis(100))))
          .trustedProxies(Network.parse("127.0.0.0/8"), Network.parse("::1"))
          .route(TestHouse.open("/", Upstream.of(URI.create("http://127.0.0.1:9"))))
          .build();

  @AfterEach
  void close() {
    house.close();
  }

  private OwnPath read(Duration within) {
    return (arrival, path) ->
        WholeBody.read(
            arrival,
            gate,
            new WholeBody.Limits(budget, 60, within),
            body -> Answers.end(arrival.http(), "got " + body));
  }

  private static String post(String path, int length) {
    return post(path, length, "192.0.2.1");
  }

  private static String post(String path, int length, String from) {
    return "POST "
        + path
        + " HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: "
        + from
        + "\r\nContent-Length: "
        + length
        + "\r\n\r\n";
  }

  private void untilLeft(int bytes) throws InterruptedException {
    TestHouse.eventually(() -> hasFree(bytes) && !hasFree(bytes + 1));
  }

  private boolean hasFree(int bytes) {
    Optional<Shares.Place> place =
        budget.tryAcquire(new Caller.Credential("u_other", "k_other"), bytes);
    place.ifPresent(Shares.Place::release);
    return place.isPresent();
  }

  @Test
  void oneAddressLeavesBytesForTheBodiesOfOthers() throws Exception {
    try (RawClient slow = house.connect();
        RawClient second = house.connect();
        RawClient another = house.connect()) {
      slow.send(post("/own", 60) + "x".repeat(59));
      untilLeft(91);

      assertThat(second.ask(post("/own", 40) + "y".repeat(40)).status()).isEqualTo(503);
      assertThat(another.ask(post("/own", 40, ANOTHER) + "z".repeat(40)).status()).isEqualTo(200);
      assertThat(slow.ask("x").body()).isEqualTo("got " + "x".repeat(60));
    }
  }

  @Test
  void bodyThatDoesNotArriveIsAFailedAttemptOfItsSender() throws Exception {
    for (int status : new int[] {408, 408, 429}) {
      try (RawClient late = house.connect()) {
        assertThat(late.ask(post("/brief", 60)).status()).isEqualTo(status);
      }
    }
    try (RawClient another = house.connect()) {
      assertThat(another.ask(post("/brief", 60, ANOTHER)).status()).isEqualTo(408);
    }
  }

  @Test
  void boundsAllBodiesTogetherAndAnswers503BeyondThat() throws Exception {
    try (RawClient slow = house.connect();
        RawClient beyond = house.connect();
        RawClient within = house.connect()) {
      slow.send(post("/own", 60) + "x".repeat(59));
      untilLeft(91);
      try (RawClient other = house.connect()) {
        other.send(post("/own", 60, ANOTHER) + "x".repeat(59));
        untilLeft(32);

        RawMessage refused = beyond.ask(post("/own", 33, THIRD) + "x".repeat(33));
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.fields("Retry-After")).containsExactly("1");
        assertThat(refused.body()).contains("UNAVAILABLE");
        untilLeft(32);

        assertThat(within.ask(post("/own", 32, THIRD) + "y".repeat(32)).status()).isEqualTo(200);
      }
      untilLeft(91);
      assertThat(slow.ask("x").body()).isEqualTo("got " + "x".repeat(60));
    }
    untilLeft(TOGETHER);
  }

  @Test
  void whateverBecomesOfABodyItsBytesAreGivenBackOnce() throws Exception {
    try (RawClient gone = house.connect()) {
      gone.send(post("/own", 60) + "x".repeat(50));
      untilLeft(TOGETHER - 50);
    }
    untilLeft(TOGETHER);

    try (RawClient large = house.connect()) {
      large.send("POST /own HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
      large.send("32\r\n" + "x".repeat(50) + "\r\n");
      untilLeft(TOGETHER - 50);
      assertThat(large.ask("b\r\n" + "x".repeat(11) + "\r\n").status()).isEqualTo(413);
      untilLeft(TOGETHER);
    }
    untilLeft(TOGETHER);

    try (RawClient late = house.connect()) {
      assertThat(late.ask(post("/brief", 60) + "x".repeat(50)).status()).isEqualTo(408);
      untilLeft(TOGETHER);
    }
    untilLeft(TOGETHER);
  }

  @Test
  void anHttp2ConnectionThatBreaksGivesTheBytesOfItsStreamsBack() throws Exception {
    HttpClient client = house.client(HttpClient.Version.HTTP_2);
    try (SubmissionPublisher<ByteBuffer> body = new SubmissionPublisher<>()) {
      var _ =
          client.sendAsync(
              HttpRequest.newBuilder(URI.create("https://localhost:" + house.port() + "/own"))
                  .POST(HttpRequest.BodyPublishers.fromPublisher(body))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      TestHouse.eventually(body::hasSubscribers);
      body.submit(ByteBuffer.wrap(new byte[50]));
      untilLeft(TOGETHER - 50);

      client.shutdownNow();

      untilLeft(TOGETHER);
    }
  }
}
