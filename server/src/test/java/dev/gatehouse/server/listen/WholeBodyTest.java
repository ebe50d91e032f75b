package dev.gatehouse.server.listen;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.server.gateway.OwnPath;
import dev.gatehouse.server.gateway.Upstream;
import dev.gatehouse.server.wire.RawClient;
import dev.gatehouse.server.wire.RawMessage;
import dev.gatehouse.server.wire.TestHouse;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SubmissionPublisher;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Bodies that the gate reads for itself: 60 bytes each, 100 together.
@Timeout(60)
class WholeBodyTest {

  private static final int TOGETHER = 100;

  private final Semaphore budget = new Semaphore(TOGETHER);
  private final TestHouse house =
      TestHouse.plan()
          .ownPaths(
              Map.of("/own", read(Duration.ofSeconds(20)), "/brief", read(Duration.ofMillis(100))))
          .route(TestHouse.open("/", Upstream.of(URI.create("http://127.0.0.1:9"))))
          .build();

  @AfterEach
  void close() {
    house.close();
  }

  private OwnPath read(Duration within) {
    return (arrival, path) ->
        WholeBody.read(
            arrival, budget, 60, within, body -> Answers.end(arrival.http(), "got " + body));
  }

  private static String post(String path, int length) {
    return "POST "
        + path
        + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
        + length
        + "\r\n\r\n";
  }

  private void untilLeft(int bytes) throws InterruptedException {
    TestHouse.eventually(() -> budget.availablePermits() == bytes);
  }

  @Test
  void pitfall8BodiesAreBoundedTogetherAndWhatIsBeyondIs503AndNeverKept() throws Exception {
    try (RawClient slow = house.connect();
        RawClient beyond = house.connect();
        RawClient within = house.connect()) {
      slow.send(post("/own", 60) + "x".repeat(59));
      untilLeft(41);

      RawMessage refused = beyond.ask(post("/own", 42) + "x".repeat(42));
      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.fields("Retry-After")).containsExactly("1");
      assertThat(refused.body()).contains("UNAVAILABLE");
      assertThat(budget.availablePermits()).isEqualTo(41);

      assertThat(within.ask(post("/own", 41) + "y".repeat(41)).status()).isEqualTo(200);
      assertThat(slow.ask("x").body()).isEqualTo("got " + "x".repeat(60));
    }
    untilLeft(TOGETHER);
  }

  @Test
  void whateverBecomesOfABodyItsBytesAreGivenBackOnce() throws Exception {
    try (RawClient gone = house.connect()) {
      gone.send(post("/own", 60) + "x".repeat(50));
      untilLeft(50);
    }
    untilLeft(TOGETHER);

    try (RawClient large = house.connect()) {
      large.send("POST /own HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
      large.send("32\r\n" + "x".repeat(50) + "\r\n");
      untilLeft(50);
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
      untilLeft(50);

      client.shutdownNow();

      untilLeft(TOGETHER);
    }
  }
}
