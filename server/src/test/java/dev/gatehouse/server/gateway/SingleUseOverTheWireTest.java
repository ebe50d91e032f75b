package dev.gatehouse.server.gateway;

import static dev.gatehouse.server.wire.Http2Frames.DATA;
import static dev.gatehouse.server.wire.Http2Frames.END_HEADERS;
import static dev.gatehouse.server.wire.Http2Frames.END_STREAM;
import static dev.gatehouse.server.wire.Http2Frames.HEADERS;
import static dev.gatehouse.server.wire.Http2Frames.PING;
import static dev.gatehouse.server.wire.Http2Frames.RST_STREAM;
import static dev.gatehouse.server.wire.Http2Frames.fields;
import static dev.gatehouse.server.wire.Http2Frames.frame;
import static dev.gatehouse.server.wire.Http2Frames.readUntil;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.Method;
import dev.gatehouse.Policy;
import dev.gatehouse.Webhook;
import dev.gatehouse.hmac.webhook.WebhookProfile;
import dev.gatehouse.route.CorsPolicy;
import dev.gatehouse.route.Route;
import dev.gatehouse.server.wire.Http2Frames;
import dev.gatehouse.server.wire.RawClient;
import dev.gatehouse.server.wire.RawMessage;
import dev.gatehouse.server.wire.RawUpstream;
import dev.gatehouse.server.wire.TestHouse;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is accepted once, and when that one use counts.
@Timeout(60)
@Tag("end-to-end")
class SingleUseOverTheWireTest {

  private static final String BODY = "{\"action\":\"opened\"}";

  private final SignedCalls calls = new SignedCalls();
  private final RawUpstream upstream = new RawUpstream(null);
  private final TestHouse house = house(upstream.base());

  private TestHouse house(URI base) {
    Upstream patient = Upstream.of(base);
    Upstream impatient =
        new Upstream(
            base,
            patient.connectTimeout(),
            Duration.ofMillis(300),
            patient.idleTimeout(),
            false,
            false,
            100_000,
            256,
            256,
            null);
    return TestHouse.plan()
        .and(calls.authenticator())
        .route(new Route<>(null, "/", Policy.accepting(Method.HMAC), CorsPolicy.NONE, patient))
        .route(events("/hooks", patient))
        .route(events("/hooks/impatient", impatient))
        .build();
  }

  private static Route<Upstream> events(String path, Upstream upstream) {
    return new Route<>(
        null,
        path,
        Policy.accepting(Method.HMAC)
            .forWebhook(new Webhook(Webhook.Vendor.GITHUB, SignedCalls.WEBHOOK)),
        CorsPolicy.NONE,
        upstream);
  }

  @AfterEach
  void close() throws IOException {
    house.close();
    upstream.close();
  }

  private RawMessage sent(String text) throws IOException {
    try (RawClient client = house.connect()) {
      return client.ask(text);
    }
  }

  private String event() {
    return calls.eventHead(BODY) + BODY;
  }

  private static void assertReplayed(RawMessage answer) {
    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.body()).contains("REPLAYED");
  }

  @ParameterizedTest
  @ValueSource(strings = {"500 Internal Server Error", "503 Service Unavailable"})
  void eventThatTheUpstreamFailedOnMayBeSentAgainUntilItIsAccepted(String failure)
      throws Exception {
    upstream.serve(
        (head, in, out) -> {
          RawMessage.readBody(head, in, false);
          RawUpstream.answer(out, failure, "", "sorry");
          return true;
        });
    for (int i = 0; i < 3; i++) {
      RawMessage answer = sent(event());
      assertThat(answer.body()).isEqualTo("sorry");
    }

    upstream.echo();
    assertThat(sent(event()).status()).isEqualTo(200);
    assertReplayed(sent(event()));
  }

  @Test
  void eventThatTheUpstreamRefusedIsUsed() throws Exception {
    upstream.serve(
        (head, in, out) -> {
          RawMessage.readBody(head, in, false);
          RawUpstream.answer(out, "422 Unprocessable Content", "", "no");
          return true;
        });

    assertThat(sent(event()).status()).isEqualTo(422);
    assertReplayed(sent(event()));
  }

  @Test
  void eventOfStandardWebhooksHasNoOtherSpellingOfItsId() {
    for (String name : List.of("svix_id", "webhook_id", "Webhook.Timestamp")) {
      Set<String> names = new HashSet<>(WebhookProfile.signedFields(Webhook.Vendor.STANDARD));
      assertThat(FieldNames.haveTwoSpellingsOfOne(names)).isFalse();
      names.add(name);
      assertThat(FieldNames.haveTwoSpellingsOfOne(names)).as(name).isTrue();
    }
  }

  @Test
  void eventWhoseAnswerCantBeReadIsUsed() throws Exception {
    upstream.serve(
        (head, in, out) -> {
          RawMessage.readBody(head, in, false);
          RawUpstream.write(
              out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n");
          return false;
        });

    assertThat(sent(event()).status()).isEqualTo(502);
    assertReplayed(sent(event()));
  }

  @Test
  void eventWhoseUpstreamBrokeOffOrDidNotAnswerInTimeMayBeSentAgain() throws Exception {
    upstream.serve((head, in, out) -> false);
    assertThat(sent(event()).status()).isEqualTo(502);
    CountDownLatch end = new CountDownLatch(1);
    upstream.serve((head, in, out) -> waitFor(end));
    assertThat(sent(event().replace("/hooks ", "/hooks/impatient ")).status()).isEqualTo(504);
    end.countDown();

    upstream.echo();
    assertThat(sent(event()).status()).isEqualTo(200);
  }

  @Test
  void eventIsRefusedWhileItIsUnderWay() throws Exception {
    CountDownLatch answer = new CountDownLatch(1);
    upstream.serve(
        (head, in, out) -> {
          RawMessage.readBody(head, in, false);
          waitFor(answer);
          RawUpstream.answer(out, "200 OK", "", "done");
          return true;
        });
    try (RawClient first = house.connect()) {
      first.send(event());
      upstream.next();

      assertReplayed(sent(event()));

      answer.countDown();
      assertThat(first.read().status()).isEqualTo(200);
    }
    assertReplayed(sent(event()));
    assertThat(upstream.requests()).isEqualTo(1);
  }

  @Test
  void eventWhoseSenderLeavesWhileItsUseIsReservedMayBeSentAgain() throws Exception {
    upstream.echo();
    calls.mayReserve = new CompletableFuture<>();
    try (RawClient leaving = Http2Frames.begin(house.connect("h2"))) {
      String fields =
          ":method=POST|:scheme=https|:path=/hooks|:authority=localhost|x-hub-signature-256="
              + calls.eventSignature(BODY);
      leaving.send(frame(HEADERS, END_HEADERS, 1, fields(fields)));
      leaving.send(frame(DATA, END_STREAM, 1, BODY.getBytes(StandardCharsets.UTF_8)));
      calls.reserving.await();
      leaving.send(frame(RST_STREAM, 0, 1, new byte[] {0, 0, 0, 8})); // CANCEL
      leaving.send(frame(PING, 0, 0, new byte[8]));
      readUntil(leaving.in(), PING); // by then the gate has seen the reset
      calls.mayReserve.complete(null);

      TestHouse.eventually(() -> isAccepted(event()));
    }
    assertThat(upstream.requests()).isEqualTo(1);
  }

  @Test
  void eventWhoseSenderLeftBeforeTheAnswerMayBeSentAgain() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    upstream.serve((head, in, out) -> waitFor(end));
    try (RawClient first = house.connect()) {
      first.send(event());
      upstream.next();
    }
    upstream.echo();

    TestHouse.eventually(() -> isAccepted(event()));
    end.countDown();
    assertReplayed(sent(event()));
  }

  @Test
  void signedRequestThatReachedItsUpstreamIsUsedWhateverTheUpstreamAnswers() throws Exception {
    upstream.serve(
        (head, in, out) -> {
          RawMessage.readBody(head, in, false);
          RawUpstream.answer(out, "500 Internal Server Error", "", "it may have paid");
          return true;
        });

    assertThat(sent(calls.head(BODY) + BODY).status()).isEqualTo(500);
    assertReplayed(sent(calls.head(BODY) + BODY));
    assertThat(upstream.requests()).isEqualTo(1);
  }

  @Test
  void signedRequestThatFoundNoUpstreamMayBeSentAgain() throws Exception {
    URI nowhere;
    try (ServerSocket free = new ServerSocket(0)) {
      nowhere = URI.create("http://localhost:" + free.getLocalPort());
    }
    try (TestHouse cutOff = house(nowhere)) {
      for (int i = 0; i < 3; i++) {
        try (RawClient client = cutOff.connect()) {
          assertThat(client.ask(calls.head(BODY) + BODY).status()).isEqualTo(502);
        }
      }
    }
    assertThat(sent(calls.head(BODY) + BODY).status()).isEqualTo(200);
    assertReplayed(sent(calls.head(BODY) + BODY));
  }

  private boolean isAccepted(String text) {
    try {
      return sent(text).status() == 200;
    } catch (IOException failed) {
      throw new AssertionError(failed);
    }
  }

  private static boolean waitFor(CountDownLatch latch) {
    try {
      return latch.await(20, TimeUnit.SECONDS);
    } catch (InterruptedException interrupted) {
      throw new AssertionError(interrupted);
    }
  }
}
