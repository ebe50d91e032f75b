package dev.gatehouse.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.gatehouse.server.tls.TrustedCertificates;
import dev.gatehouse.server.wire.RawClient;
import dev.gatehouse.server.wire.RawMessage;
import dev.gatehouse.server.wire.RawUpstream;
import dev.gatehouse.server.wire.ServerChain;
import dev.gatehouse.server.wire.TestCertificates;
import dev.gatehouse.server.wire.TestHouse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/// Requests and answers on their way through: whole, streamed, broken off, upgraded.
@SuppressWarnings("StringConcatToTextBlock") // text blocks end their lines in LF, the wire in CRLF
@Tag("end-to-end")
class CarryingTest {

  private static final String GOOD = "Host: localhost\r\nX-API-Key: good\r\n";

  private RawUpstream upstream;
  private TestHouse house;

  @BeforeEach
  void open() {
    upstream = new RawUpstream(null);
    house = TestHouse.plan().route(TestHouse.guarded(quick(upstream.base(), null))).build();
  }

  @AfterEach
  void close() throws IOException {
    house.close();
    upstream.close();
  }

  /// Gives up early, so that tests of giving up are short.
  private static Upstream quick(URI base, @Nullable TrustedCertificates trust) {
    return new Upstream(
        base,
        Duration.ofSeconds(2),
        Duration.ofSeconds(1),
        Duration.ofSeconds(2),
        false,
        true,
        100_000_000,
        4,
        2,
        trust);
  }

  @Test
  void aLengthStaysALengthAndChunksStayChunks() throws Exception {
    try (RawClient client = house.connect()) {
      assertThat(client.ask("POST / HTTP/1.1\r\n" + GOOD + "Content-Length: 5\r\n\r\nhello").body())
          .isEqualTo("got 5");
      RawMessage sized = upstream.next();
      assertThat(sized.fields("Content-Length")).containsExactly("5");
      assertThat(sized.fields("Transfer-Encoding")).isEmpty();

      assertThat(
              client
                  .ask(
                      "POST / HTTP/1.1\r\n"
                          + GOOD
                          + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1;x=y\r\n!\r\n0\r\n\r\n")
                  .body())
          .isEqualTo("got 6");
      RawMessage chunked = upstream.next();
      assertThat(chunked.fields("Content-Length")).isEmpty();
      assertThat(chunked.fields("Transfer-Encoding")).containsExactly("chunked");
    }
    assertThat(upstream.connections()).isEqualTo(1);
  }

  @Test
  void aRequestWithoutABodyIsForwardedWithoutOne() throws Exception {
    try (RawClient client = house.connect()) {
      client.ask("GET / HTTP/1.1\r\n" + GOOD + "\r\n");
      client.ask("DELETE / HTTP/1.1\r\n" + GOOD + "\r\n");
      client.ask("POST / HTTP/1.1\r\n" + GOOD + "Content-Length: 0\r\n\r\n");
    }
    assertThat(upstream.next().names()).doesNotContain("content-length", "transfer-encoding");
    assertThat(upstream.next().names()).doesNotContain("content-length", "transfer-encoding");
    assertThat(upstream.next().fields("Content-Length")).containsExactly("0");
  }

  @ParameterizedTest
  @EnumSource(HttpClient.Version.class)
  void postsArriveWholeByEveryProtocol(HttpClient.Version version) throws Exception {
    if (version.name().equals("HTTP_3")) {
      return;
    }
    try (HttpClient client = house.client(version)) {
      HttpResponse<String> sized =
          client.send(
              house.request("/").POST(HttpRequest.BodyPublishers.ofString("hello")).build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(sized.body()).isEqualTo("got 5");
      HttpResponse<String> empty =
          client.send(
              house.request("/").POST(HttpRequest.BodyPublishers.noBody()).build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(empty.body()).isEqualTo("got 0");
      HttpResponse<String> unsized =
          client.send(
              house
                  .request("/")
                  .POST(
                      HttpRequest.BodyPublishers.fromPublisher(
                          HttpRequest.BodyPublishers.ofString("hello!")))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(unsized.body()).isEqualTo("got 6");
    }
  }

  @Test
  void whatTheGateMustBeAskedIsHeldBackAndThenCarriedWhole() throws Exception {
    CompletableFuture<Void> answer = new CompletableFuture<>();
    house.hold(answer);
    try (RawClient client = house.connect();
        RawClient other = house.connect()) {
      client.send(
          "POST / HTTP/1.1\r\nHost: localhost\r\nX-API-Key: asked\r\nContent-Length: 300000\r\n\r\n");
      client.send(new byte[300_000]);
      // Others go on meanwhile.
      assertThat(other.ask("GET /other HTTP/1.1\r\n" + GOOD + "\r\n").status()).isEqualTo(200);
      assertThat(upstream.requests()).isEqualTo(1);
      answer.complete(null);
      assertThat(client.read().body()).isEqualTo("got 300000");
    }
  }

  @Test
  void moreQuestionsAtOnceThanAllowedAreRefusedAndNotQueued() throws Exception {
    CompletableFuture<Void> answer = new CompletableFuture<>();
    try (TestHouse narrow =
            TestHouse.plan()
                .maxAdmissions(1)
                .route(TestHouse.guarded(quick(upstream.base(), null)))
                .build();
        RawClient first = narrow.connect();
        RawClient second = narrow.connect()) {
      narrow.hold(answer);
      String asked = "GET / HTTP/1.1\r\nHost: localhost\r\nX-API-Key: asked\r\n\r\n";
      first.send(asked);
      second.send(asked);
      // One of the two waits; the other is told so at once.
      Executor apart = task -> Thread.ofVirtual().start(task);
      CompletableFuture<RawMessage> one = CompletableFuture.supplyAsync(() -> read(first), apart);
      CompletableFuture<RawMessage> two = CompletableFuture.supplyAsync(() -> read(second), apart);
      RawMessage refused = (RawMessage) CompletableFuture.anyOf(one, two).get(20, TimeUnit.SECONDS);
      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.fields("Retry-After")).isNotEmpty();
      answer.complete(null);
      assertThat(List.of(one.join().status(), two.join().status())).contains(200, 503);
    }
  }

  private static RawMessage read(RawClient client) {
    try {
      return client.read();
    } catch (IOException failed) {
      throw new java.io.UncheckedIOException(failed);
    }
  }

  @Test
  void continueIsPassedOnOnlyAfterAdmission() throws Exception {
    upstream.serve(
        (head, in, out) -> {
          RawUpstream.write(out, "HTTP/1.1 100 Continue\r\n\r\n");
          RawMessage message = RawMessage.readBody(head, in, false);
          RawUpstream.answer(out, "200 OK", "", "got " + message.body());
          return true;
        });
    String expecting = "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n";
    try (RawClient client = house.connect()) {
      client.send("PUT / HTTP/1.1\r\n" + GOOD + expecting);
      assertThat(client.read().status()).isEqualTo(100);
      assertThat(client.ask("hello").body()).isEqualTo("got hello");
      assertThat(upstream.next().fields("Expect")).containsExactly("100-continue");
    }
    upstream.forget();
    try (RawClient stranger = house.connect()) {
      RawMessage answer = stranger.ask("PUT / HTTP/1.1\r\nHost: localhost\r\n" + expecting);
      assertThat(answer.status()).isEqualTo(401);
      assertThat(answer.fields("Connection")).containsExactly("close");
      // What comes now may be the body or the next request: it is taken for neither.
      stranger.send("GET / HTTP/1.1\r\n" + GOOD + "\r\n");
      assertThat(stranger.readToEnd()).isEmpty();
    }
    assertThat(upstream.requests()).isZero();
  }

  @Test
  void anUpstreamThatRefusesBeforeTheBodyIsHeard() throws Exception {
    upstream.serve(
        (head, in, out) -> {
          RawUpstream.answer(out, "403 Forbidden", "", "no");
          return false;
        });
    try (RawClient client = house.connect()) {
      RawMessage answer =
          client.ask(
              "PUT / HTTP/1.1\r\n" + GOOD + "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n");
      assertThat(answer.status()).isEqualTo(403);
    }
  }

  @Test
  void aRefusedBodyIsNeverTakenForARequest() throws Exception {
    try (RawClient client = house.connect()) {
      String smuggled = "GET /smuggled HTTP/1.1\r\n" + GOOD + "\r\n";
      client.send(
          "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
              + smuggled.length()
              + "\r\n\r\n"
              + smuggled);
      assertThat(client.read().status()).isEqualTo(401);
      assertThat(client.readToEnd()).isEmpty();
    }
    assertThat(upstream.requests()).isZero();
  }

  @Test
  void aRefusalIsReadByAClientThatIsStillSendingWhateverTheProtocol() throws Exception {
    for (HttpClient.Version version :
        List.of(HttpClient.Version.HTTP_1_1, HttpClient.Version.HTTP_2)) {
      try (HttpClient client = house.client(version)) {
        HttpRequest stranger =
            HttpRequest.newBuilder(URI.create("https://localhost:" + house.port() + "/"))
                .timeout(Duration.ofSeconds(20))
                .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[200_000]))
                .build();
        for (int i = 0; i < 3; i++) {
          assertThat(client.send(stranger, HttpResponse.BodyHandlers.ofString()).statusCode())
              .isEqualTo(401);
        }
        assertThat(
                client
                    .send(house.request("/").build(), HttpResponse.BodyHandlers.ofString())
                    .statusCode())
            .isEqualTo(200);
      }
    }
    assertThat(upstream.requests()).isEqualTo(2);
  }

  @Test
  void headAndEmptyAnswersHaveNoBody() throws Exception {
    upstream.serve(
        (head, in, out) -> {
          if (head.startsWith("HEAD")) {
            RawUpstream.write(out, "HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n");
          } else if (head.startsWith("GET /204")) {
            RawUpstream.write(out, "HTTP/1.1 204 No Content\r\n\r\n");
          } else {
            RawUpstream.write(out, "HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n");
          }
          return true;
        });
    try (RawClient client = house.connect()) {
      client.send("HEAD / HTTP/1.1\r\n" + GOOD + "\r\n");
      RawMessage head = client.read(true);
      assertThat(head.fields("Content-Length")).containsExactly("1234");
      RawMessage none = client.ask("GET /204 HTTP/1.1\r\n" + GOOD + "\r\n");
      assertThat(none.status()).isEqualTo(204);
      assertThat(none.names()).doesNotContain("content-length", "transfer-encoding");
      RawMessage same = client.ask("GET /304 HTTP/1.1\r\n" + GOOD + "\r\n");
      assertThat(same.status()).isEqualTo(304);
      assertThat(same.fields("ETag")).containsExactly("\"x\"");
      assertThat(same.names()).doesNotContain("transfer-encoding");
    }
  }

  @Test
  void compressedAnswersPassUntouched() throws Exception {
    upstream.serve(
        (head, in, out) -> {
          RawUpstream.answer(out, "200 OK", "Content-Encoding: gzip\r\n", "not really");
          return true;
        });
    try (RawClient client = house.connect()) {
      RawMessage answer = client.ask("GET / HTTP/1.1\r\n" + GOOD + "Accept-Encoding: gzip\r\n\r\n");
      assertThat(answer.fields("Content-Encoding")).containsExactly("gzip");
      assertThat(answer.body()).endsWith("not really");
    }
    assertThat(upstream.next().fields("Accept-Encoding")).containsExactly("gzip");
  }

  @Test
  void anAnswerWithoutALengthEndsWithItsConnection() throws Exception {
    upstream.serve(
        (head, in, out) -> {
          RawUpstream.write(out, "HTTP/1.1 200 OK\r\n\r\nuntil the end");
          return false;
        });
    try (RawClient client = house.connect()) {
      assertThat(client.ask("GET / HTTP/1.1\r\n" + GOOD + "\r\n").body())
          .isEqualTo("until the end");
    }
  }

  @Test
  void http10ClientsAreServedAndTheirConnectionIsClosed() throws Exception {
    upstream.serve(
        (head, in, out) -> {
          RawUpstream.write(
              out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n");
          return true;
        });
    try (RawClient client = house.connect()) {
      client.send("GET / HTTP/1.0\r\n" + GOOD + "\r\n");
      String answer = client.readToEnd();
      assertThat(answer).startsWith("HTTP/1.").endsWith("\r\n\r\nhi");
      assertThat(answer).doesNotContainIgnoringCase("chunked");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void anEventArrivesBeforeTheStreamEnds(HttpClient.Version version) throws Exception {
    CompletableFuture<Void> seen = new CompletableFuture<>();
    upstream.serve(
        (head, in, out) -> {
          RawUpstream.write(
              out,
              "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
          RawUpstream.write(out, "9\r\ndata: 1\n\n\r\n");
          seen.orTimeout(20, TimeUnit.SECONDS).join();
          RawUpstream.write(out, "9\r\ndata: 2\n\n\r\n0\r\n\r\n");
          return true;
        });
    try (HttpClient client = house.client(version)) {
      HttpResponse<InputStream> answer =
          client.send(house.request("/events").build(), HttpResponse.BodyHandlers.ofInputStream());
      try (InputStream body = answer.body()) {
        assertThat(new String(body.readNBytes(9), StandardCharsets.US_ASCII))
            .isEqualTo("data: 1\n\n");
        seen.complete(null);
        assertThat(new String(body.readAllBytes(), StandardCharsets.US_ASCII))
            .isEqualTo("data: 2\n\n");
      }
    }
  }

  @Test
  void theHeadOfASilentStreamArrivesAtOnce() throws Exception {
    CompletableFuture<Void> seen = new CompletableFuture<>();
    upstream.serve(
        (head, in, out) -> {
          RawUpstream.write(out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
          seen.orTimeout(20, TimeUnit.SECONDS).join();
          RawUpstream.write(out, "0\r\n\r\n");
          return true;
        });
    try (RawClient client = house.connect()) {
      client.send("GET / HTTP/1.1\r\n" + GOOD + "\r\n");
      assertThat(RawMessage.readHead(client.in())).startsWith("HTTP/1.1 200");
      seen.complete(null);
    }
  }

  @Test
  void anOpenStreamIsClosedWhenItsCredentialIsRevoked() throws Exception {
    upstream.serve(
        (head, in, out) -> {
          RawUpstream.write(
              out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n");
          return in.read() >= 0; // until the gate goes
        });
    try (RawClient client = house.connect()) {
      client.send("GET / HTTP/1.1\r\n" + GOOD + "\r\n");
      assertThat(RawMessage.readHead(client.in())).startsWith("HTTP/1.1 200");
      house.revoke();
      assertThat(client.readToEnd()).doesNotContain("0\r\n\r\n");
    }
  }

  @Test
  void anOpenStreamGoesOnWhenItsCredentialChangedAndIsStillGood() throws Exception {
    CompletableFuture<Void> asked = new CompletableFuture<>();
    upstream.serve(
        (head, in, out) -> {
          RawUpstream.write(
              out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n");
          asked.orTimeout(20, TimeUnit.SECONDS).join();
          RawUpstream.write(out, "4\r\nmore\r\n0\r\n\r\n");
          return true;
        });
    try (RawClient client = house.connect()) {
      client.send("GET / HTTP/1.1\r\n" + GOOD + "\r\n");
      assertThat(RawMessage.readHead(client.in())).startsWith("HTTP/1.1 200");
      int before = house.verified.get();
      house.mention();
      TestHouse.eventually(() -> house.verified.get() > before);
      asked.complete(null);
      client.in().readNBytes("2\r\nhi\r\n".length());
      assertThat(new String(client.in().readNBytes(14), StandardCharsets.US_ASCII))
          .isEqualTo("4\r\nmore\r\n0\r\n\r\n");
    }
  }

  @Test
  void anOpenStreamIsClosedWhenNobodyCanSayWhetherItMayGoOn() throws Exception {
    upstream.serve(
        (head, in, out) -> {
          RawUpstream.write(
              out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n");
          return in.read() >= 0; // until the gate goes
        });
    CompletableFuture<Void> answer = new CompletableFuture<>();
    try (RawClient client = house.connect()) {
      client.send("GET / HTTP/1.1\r\n" + GOOD + "\r\n");
      assertThat(RawMessage.readHead(client.in())).startsWith("HTTP/1.1 200");
      house.hold(answer);
      house.mention();
      assertThat(client.readToEnd()).doesNotContain("0\r\n\r\n");
    } finally {
      answer.complete(null);
    }
  }

  @Test
  void aRequestWhoseCredentialIsRevokedWhileItWaitsIsRefusedByTheGate() throws Exception {
    upstream.serve((head, in, out) -> in.read() >= 0);
    try (RawClient client = house.connect()) {
      client.send("GET / HTTP/1.1\r\n" + GOOD + "\r\n");
      upstream.next();
      house.revoke();
      RawMessage answer = client.read();
      assertThat(answer.status()).isEqualTo(401);
      assertThat(answer.fields("WWW-Authenticate"))
          .containsExactly("ApiKey realm=\"test\"", "Bearer realm=\"test\"");
    }
  }

  @Test
  void anUpstreamThatIsDownIs502() throws Exception {
    int port;
    try (ServerSocket taken = new ServerSocket(0)) {
      port = taken.getLocalPort();
    }
    try (TestHouse down =
            TestHouse.plan()
                .route(TestHouse.guarded(quick(URI.create("http://localhost:" + port), null)))
                .build();
        RawClient client = down.connect()) {
      RawMessage answer = client.ask("GET / HTTP/1.1\r\n" + GOOD + "\r\n");
      assertThat(answer.status()).isEqualTo(502);
      assertThat(answer.body()).contains("UPSTREAM_UNREACHABLE").doesNotContain("" + port);
      assertThat(client.ask("POST / HTTP/1.1\r\n" + GOOD + "Content-Length: 2\r\n\r\nhi").status())
          .isEqualTo(502);
    }
  }

  @Test
  void anUpstreamThatIsLateIs504() throws Exception {
    upstream.serve((head, in, out) -> in.read() >= 0);
    try (RawClient client = house.connect()) {
      RawMessage answer = client.ask("GET / HTTP/1.1\r\n" + GOOD + "\r\n");
      assertThat(answer.status()).isEqualTo(504);
      assertThat(answer.body()).contains("UPSTREAM_TIMEOUT");
      upstream.echo();
      assertThat(client.ask("GET / HTTP/1.1\r\n" + GOOD + "\r\n").status()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "garbage\r\n\r\n",
        "HTTP/1.1 abc\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX\u0000Y: a\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nabc",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n",
        "HTTP/1.1 999 What\r\nContent-Length: 0\r\n\r\n",
        "HTTP/3.7 200 OK\r\nContent-Length: 0\r\n\r\n",
        ""
      })
  void anUpstreamThatAnswersGarbageOrHangsUpIs502(String bytes) throws Exception {
    upstream.serve(
        (head, in, out) -> {
          RawUpstream.write(out, bytes);
          return false;
        });
    try (RawClient client = house.connect()) {
      assertThat(client.ask("GET / HTTP/1.1\r\n" + GOOD + "\r\n").status()).isEqualTo(502);
      upstream.echo();
      assertThat(client.ask("GET / HTTP/1.1\r\n" + GOOD + "\r\n").status()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n"
      })
  void anAnswerThatBreaksOffIsSeenToBreakOff(String bytes) throws Exception {
    upstream.serve(
        (head, in, out) -> {
          RawUpstream.write(out, bytes);
          return false;
        });
    try (RawClient client = house.connect()) {
      client.send("GET / HTTP/1.1\r\n" + GOOD + "\r\n");
      assertThatThrownBy(client::read).isInstanceOf(IOException.class);
    }
    try (HttpClient client = house.client(HttpClient.Version.HTTP_2)) {
      assertThatThrownBy(
              () -> client.send(house.request("/").build(), HttpResponse.BodyHandlers.ofString()))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void anAnswerThatStandsStillIsCut() throws Exception {
    upstream.serve(
        (head, in, out) -> {
          RawUpstream.write(out, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this");
          return in.read() >= 0;
        });
    try (RawClient client = house.connect()) {
      client.send("GET / HTTP/1.1\r\n" + GOOD + "\r\n");
      assertThatThrownBy(client::read).isInstanceOf(IOException.class);
    }
  }

  @Test
  void aConnectionThatWentStaleIsReplacedWithoutTheClientNoticing() throws Exception {
    AtomicBoolean first = new AtomicBoolean(true);
    upstream.serve(
        (head, in, out) -> {
          if (head.startsWith("GET /again") && first.getAndSet(false)) {
            return false; // closes under the request
          }
          RawUpstream.answer(out, "200 OK", "", "ok");
          return true;
        });
    try (RawClient client = house.connect()) {
      assertThat(client.ask("GET / HTTP/1.1\r\n" + GOOD + "\r\n").status()).isEqualTo(200);
      assertThat(client.ask("GET /again HTTP/1.1\r\n" + GOOD + "\r\n").status()).isEqualTo(200);
      assertThat(client.ask("GET / HTTP/1.1\r\n" + GOOD + "\r\n").status()).isEqualTo(200);
    }
  }

  @Test
  void aStaleConnectionAmongSeveralIsReplacedByAnotherOfThem() throws Exception {
    AtomicBoolean first = new AtomicBoolean(true);
    AtomicInteger came = new AtomicInteger();
    CompletableFuture<Void> both = new CompletableFuture<>();
    upstream.serve(
        (head, in, out) -> {
          if (head.startsWith("GET /both")) {
            if (came.incrementAndGet() == 2) {
              both.complete(null);
            }
            both.orTimeout(20, TimeUnit.SECONDS).join();
          }
          if (head.startsWith("GET /again") && first.getAndSet(false)) {
            return false; // closes under the request
          }
          RawUpstream.answer(out, "200 OK", "", "ok");
          return true;
        });
    // One connection of HTTP/2, so that all of it is on one event loop.
    try (HttpClient client = house.client(HttpClient.Version.HTTP_2)) {
      assertThat(status(client, "/")).isEqualTo(200);
      var one =
          client.sendAsync(house.request("/both").build(), HttpResponse.BodyHandlers.ofString());
      var other =
          client.sendAsync(house.request("/both").build(), HttpResponse.BodyHandlers.ofString());
      assertThat(one.get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
      assertThat(other.get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(200);

      assertThat(status(client, "/again")).isEqualTo(200);
    }
    assertThat(first).isFalse();
  }

  private int status(HttpClient client, String path) throws Exception {
    return client
        .send(house.request(path).build(), HttpResponse.BodyHandlers.ofString())
        .statusCode();
  }

  @Test
  void aPostIsNeverSentTwice() throws Exception {
    upstream.serve((head, in, out) -> false);
    try (RawClient client = house.connect()) {
      assertThat(client.ask("POST / HTTP/1.1\r\n" + GOOD + "Content-Length: 2\r\n\r\nhi").status())
          .isEqualTo(502);
    }
    assertThat(upstream.requests()).isEqualTo(1);
  }

  @Test
  void aClientThatGoesAwayTakesItsUpstreamRequestAlong() throws Exception {
    CompletableFuture<Void> gone = new CompletableFuture<>();
    upstream.serve(
        (head, in, out) -> {
          if (in.read() < 0) {
            gone.complete(null);
          }
          return false;
        });
    RawClient client = house.connect();
    client.send("GET / HTTP/1.1\r\n" + GOOD + "\r\n");
    upstream.next();
    client.close();
    gone.get(20, TimeUnit.SECONDS);
  }

  @ParameterizedTest
  @EnumSource
  void whatWasBegunIsAnsweredBeforeTheListenerCloses(HttpClient.Version version) throws Exception {
    CompletableFuture<Void> release = new CompletableFuture<>();
    upstream.serve(
        (head, in, out) -> {
          release.orTimeout(20, TimeUnit.SECONDS).join();
          RawUpstream.answer(out, "200 OK", "", "ok");
          return true;
        });
    try (HttpClient client = house.client(version)) {
      var answer =
          client.sendAsync(house.request("/").build(), HttpResponse.BodyHandlers.ofString());
      upstream.next();
      var drained = house.listener().drain(Duration.ofSeconds(20));
      TestHouse.eventually(
          () -> {
            try (RawClient late = house.connect()) {
              return late.isClosedByPeer();
            } catch (IOException | java.io.UncheckedIOException refused) {
              return true;
            }
          });
      release.complete(null);

      assertThat(answer.get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
      TestHouse.await(drained);
    }
  }

  @Test
  void aLargeBodyFlowsBothWaysWithoutBeingGathered() throws Exception {
    long size = 64L * 1024 * 1024;
    AtomicLong received = new AtomicLong();
    upstream.serve(
        (head, in, out) -> {
          byte[] piece = new byte[65_536];
          if (head.startsWith("POST")) {
            for (long left = size; left > 0; ) {
              int read = in.read(piece, 0, (int) Math.min(piece.length, left));
              if (read < 0) {
                return false;
              }
              left -= read;
              received.addAndGet(read);
            }
            RawUpstream.answer(out, "200 OK", "", "ok");
            return true;
          }
          RawUpstream.write(out, "HTTP/1.1 200 OK\r\nContent-Length: " + size + "\r\n\r\n");
          for (long left = size; left > 0; left -= piece.length) {
            out.write(piece);
          }
          out.flush();
          return true;
        });
    for (HttpClient.Version version :
        List.of(HttpClient.Version.HTTP_1_1, HttpClient.Version.HTTP_2)) {
      received.set(0);
      try (HttpClient client = house.client(version)) {
        HttpRequest upload =
            house
                .request("/")
                .timeout(Duration.ofSeconds(60))
                .POST(
                    HttpRequest.BodyPublishers.ofByteArrays(
                        Collections.nCopies((int) (size / 65_536), new byte[65_536])))
                .build();
        assertThat(client.send(upload, HttpResponse.BodyHandlers.ofString()).body())
            .isEqualTo("ok");
        assertThat(received.get()).isEqualTo(size);
        HttpResponse<InputStream> download =
            client.send(house.request("/").build(), HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream body = download.body()) {
          assertThat(body.transferTo(OutputStream.nullOutputStream())).isEqualTo(size);
        }
      }
    }
  }

  @Test
  void aClientThatDoesNotReadHoldsItsUpstreamBackAndNobodyElse() throws Exception {
    AtomicLong written = new AtomicLong();
    upstream.serve(
        (head, in, out) -> {
          if (head.startsWith("GET /other")) {
            RawUpstream.answer(out, "200 OK", "", "ok");
            return true;
          }
          RawUpstream.write(out, "HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
          byte[] piece = new byte[65_536];
          while (true) {
            out.write(piece);
            written.addAndGet(piece.length);
          }
        });
    try (RawClient lazy = house.connect();
        RawClient other = house.connect()) {
      lazy.send("GET / HTTP/1.1\r\n" + GOOD + "\r\n");
      upstream.next();
      for (int i = 0; i < 20; i++) {
        assertThat(other.ask("GET /other HTTP/1.1\r\n" + GOOD + "\r\n").status()).isEqualTo(200);
      }
      // It stops growing far below the whole: only buffers were filled.
      AtomicLong before = new AtomicLong(-1);
      TestHouse.eventually(
          () -> {
            long now = written.get();
            java.util.concurrent.locks.LockSupport.parkNanos(300_000_000);
            return before.getAndSet(now) == now && now > 0;
          });
      assertThat(written.get()).isLessThan(64_000_000);
    }
  }

  @Test
  void aBodyAboveTheLimitIsRefusedWhetherAnnouncedOrNot() throws Exception {
    Upstream most = quick(upstream.base(), null);
    Upstream small =
        new Upstream(
            most.base(),
            most.connectTimeout(),
            most.responseTimeout(),
            most.idleTimeout(),
            false,
            true,
            10,
            4,
            2,
            null);
    try (TestHouse strict = TestHouse.plan().route(TestHouse.guarded(small)).build()) {
      try (RawClient client = strict.connect()) {
        RawMessage answer =
            client.ask("POST / HTTP/1.1\r\n" + GOOD + "Content-Length: 11\r\n\r\nhello world");
        assertThat(answer.status()).isEqualTo(413);
        assertThat(answer.body()).contains("BODY_TOO_LARGE");
      }
      assertThat(upstream.requests()).isZero();
      try (RawClient client = strict.connect()) {
        client.send(
            "POST / HTTP/1.1\r\n" + GOOD + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
        upstream.next();
        assertThat(client.ask("6\r\n world\r\n").status()).isEqualTo(413);
      }
      try (RawClient client = strict.connect()) {
        assertThat(
                client
                    .ask("POST / HTTP/1.1\r\n" + GOOD + "Content-Length: 10\r\n\r\nhelloworld")
                    .status())
            .isEqualTo(200);
      }
    }
  }

  @Test
  void httpsUpstreamsAreVerifiedWithTheirName() throws Exception {
    TestCertificates right = new TestCertificates("localhost");
    TestCertificates otherName = new TestCertificates("elsewhere");
    try (RawUpstream good = new RawUpstream(right.serve());
        RawUpstream misnamed = new RawUpstream(otherName.serve())) {
      assertThat(statusFor(quick(good.base(), right.trusted()))).isEqualTo(200);
      String unknownCa = "name its CA in 'upstreamCa'";
      assertThat(loggedFor502(quick(good.base(), otherName.trusted()))).contains(unknownCa);
      assertThat(loggedFor502(quick(good.base(), null))).contains(unknownCa);
      assertThat(loggedFor502(quick(misnamed.base(), otherName.trusted())))
          .doesNotContain("upstreamCa");
      assertThat(misnamed.requests()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource
  void upstreamWithAWeakKeyOrSignatureInItsChainIsNotReached(ServerChain.Flaw flaw)
      throws Exception {
    try (RawUpstream server = new RawUpstream(new ServerChain(flaw).serve())) {
      Upstream upstream = quick(server.base(), ServerChain.root());
      if (flaw.said().isEmpty()) {
        assertThat(statusFor(upstream)).isEqualTo(200);
      } else {
        assertThat(loggedFor502(upstream)).contains(flaw.said()).doesNotContain("upstreamCa");
        assertThat(server.requests()).isZero();
      }
    }
  }

  /// The line that the gate logs of the upstream that it can't reach.
  private static String loggedFor502(Upstream upstream) throws IOException {
    Logger exchanges = (Logger) LoggerFactory.getLogger(Exchange.class);
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.list = new CopyOnWriteArrayList<>();
    lines.start();
    exchanges.addAppender(lines);
    try {
      assertThat(statusFor(upstream)).isEqualTo(502);
    } finally {
      exchanges.detachAppender(lines);
    }
    return lines.list.stream()
        .map(ILoggingEvent::getFormattedMessage)
        .filter(line -> line.startsWith(upstream.audience()))
        .collect(Collectors.joining("\n"));
  }

  private static int statusFor(Upstream upstream) throws IOException {
    try (TestHouse house = TestHouse.plan().route(TestHouse.guarded(upstream)).build();
        RawClient client = house.connect()) {
      return client.ask("GET / HTTP/1.1\r\n" + GOOD + "\r\n").status();
    }
  }

  // Answers the handshake, then sends back every frame's payload in upper case.
  private static boolean webSocket(String head, InputStream in, OutputStream out)
      throws IOException {
    RawMessage message = new RawMessage(head, "");
    String accept;
    try {
      accept =
          Base64.getEncoder()
              .encodeToString(
                  MessageDigest.getInstance("SHA-1")
                      .digest(
                          (message.fields("Sec-WebSocket-Key").getFirst()
                                  + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
                              .getBytes(StandardCharsets.US_ASCII)));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
    RawUpstream.write(
        out,
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: "
            + accept
            + "\r\nSec-WebSocket-Protocol: chat\r\n\r\n");
    while (true) {
      int first = in.read();
      int length = in.read() & 0x7f;
      byte[] mask = in.readNBytes(4);
      byte[] payload = in.readNBytes(length);
      if (first < 0 || (first & 0xf) == 8) {
        return false;
      }
      for (int i = 0; i < payload.length; i++) {
        payload[i] = (byte) Character.toUpperCase(payload[i] ^ mask[i % 4]);
      }
      out.write(new byte[] {(byte) 0x81, (byte) payload.length});
      out.write(payload);
      out.flush();
    }
  }

  private static final class Heard implements WebSocket.Listener {
    final BlockingQueue<String> texts = new LinkedBlockingQueue<>();
    final CompletableFuture<Void> ended = new CompletableFuture<>();

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      texts.add(data.toString());
      socket.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
      ended.complete(null);
      return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
      ended.complete(null);
    }
  }

  private WebSocket openWebSocket(HttpClient client, Heard heard, String key) {
    return client
        .newWebSocketBuilder()
        .header("X-API-Key", key)
        .subprotocols("chat")
        .buildAsync(URI.create("wss://localhost:" + house.port() + "/socket"), heard)
        .orTimeout(20, TimeUnit.SECONDS)
        .join();
  }

  @Test
  void aWebSocketTalksBothWaysAndIsClosedWhenItsCredentialIsRevoked() throws Exception {
    upstream.serve(CarryingTest::webSocket);
    try (HttpClient client = house.client(HttpClient.Version.HTTP_1_1)) {
      Heard heard = new Heard();
      WebSocket socket = openWebSocket(client, heard, "good");
      assertThat(socket.getSubprotocol()).isEqualTo("chat");
      RawMessage got = upstream.next();
      assertThat(got.fields("X-Auth-Subject")).containsExactly("u_alice");
      assertThat(got.fields("Connection")).containsExactly("Upgrade");
      assertThat(got.names()).doesNotContain("x-api-key");
      socket.sendText("hello", true).join();
      assertThat(heard.texts.poll(20, TimeUnit.SECONDS)).isEqualTo("HELLO");
      socket.sendText("again", true).join();
      assertThat(heard.texts.poll(20, TimeUnit.SECONDS)).isEqualTo("AGAIN");
      house.revoke();
      heard.ended.get(20, TimeUnit.SECONDS);
      client.shutdownNow();
    }
  }

  @Test
  void aWebSocketAsksTheGateToo() throws Exception {
    upstream.serve(CarryingTest::webSocket);
    try (HttpClient client = house.client(HttpClient.Version.HTTP_1_1)) {
      Heard heard = new Heard();
      WebSocket socket = openWebSocket(client, heard, "asked");
      socket.sendText("hello", true).join();
      assertThat(heard.texts.poll(20, TimeUnit.SECONDS)).isEqualTo("HELLO");
      assertThatThrownBy(() -> openWebSocket(client, new Heard(), "wrong"))
          .hasMessageContaining("WebSocketHandshakeException");
      client.shutdownNow();
    }
    assertThat(upstream.requests()).isEqualTo(1);
  }

  @Test
  void aWebSocketThatTheUpstreamRefusesIsAnOrdinaryAnswer() throws Exception {
    upstream.serve(
        (head, in, out) -> {
          RawUpstream.answer(out, "404 Not Found", "", "none here");
          return true;
        });
    try (RawClient client = house.connect()) {
      RawMessage answer =
          client.ask(
              "GET / HTTP/1.1\r\n"
                  + GOOD
                  + "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                  + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
      assertThat(answer.status()).isEqualTo(404);
      assertThat(answer.body()).isEqualTo("none here");
    }
  }

  @Test
  void anUpgradeToAnythingElseIsNotPassedOn() throws Exception {
    try (RawClient client = house.connect()) {
      assertThat(
              client
                  .ask(
                      "GET / HTTP/1.1\r\n"
                          + GOOD
                          + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n")
                  .status())
          .isEqualTo(200);
    }
    assertThat(upstream.next().names()).doesNotContain("upgrade", "connection", "http2-settings");
  }
}
