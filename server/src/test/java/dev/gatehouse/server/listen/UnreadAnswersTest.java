package dev.gatehouse.server.listen;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.server.gateway.GatewaySettings;
import dev.gatehouse.server.gateway.OwnPath;
import dev.gatehouse.server.gateway.Upstream;
import dev.gatehouse.server.wire.Http2Frames;
import dev.gatehouse.server.wire.RawClient;
import dev.gatehouse.server.wire.RawMessage;
import dev.gatehouse.server.wire.RawUpstream;
import dev.gatehouse.server.wire.TestHouse;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Clients that do not take what is sent to them: they lose their connection, and with it the place
/// and the memory that it took.
@Tag("end-to-end")
class UnreadAnswersTest {

  private static final int CONNECTIONS = 4;
  private static final int STREAMS = 20;

  private static final int MAX_UNSENT_BYTES = 1_000_000;

  private static ListenLimits limits(Duration bodyTimeout, long maxUnsentBytes) {
    return new ListenLimits(
        1000,
        4000,
        20,
        Duration.ofSeconds(20),
        bodyTimeout,
        1 << 20,
        maxUnsentBytes,
        Duration.ofSeconds(60),
        CONNECTIONS,
        CONNECTIONS,
        STREAMS,
        100);
  }

  // More than the buffers of the system hold for one connection.
  private static final Buffer LARGE = Buffer.buffer(new byte[12_000_000]);
  private static final String OWN = "|:scheme=https|:authority=localhost|x-api-key=good";
  private static final String UPGRADE =
      String.join(
          "\r\n",
          "Connection: Upgrade",
          "Upgrade: websocket",
          "Sec-WebSocket-Version: 13",
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
          "");
  private static final String SWITCHING =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";

  private RawUpstream upstream;
  private TestHouse house;
  private final BlockingQueue<Integer> piecesUntilFull = new LinkedBlockingQueue<>();

  @BeforeEach
  void open() {
    upstream = new RawUpstream(null);
    open(limits(Duration.ofMillis(300), 1 << 24));
  }

  private void reopen(ListenLimits limits) {
    house.close();
    open(limits);
  }

  private void open(ListenLimits limits) {
    house =
        TestHouse.plan()
            .limits(limits)
            .settings(GatewaySettings.DEFAULT.withSlowBodyGrace(Duration.ofSeconds(60)))
            .ownPaths(
                Map.of(
                    "/small",
                    own(new byte[10]),
                    "/page",
                    own(new byte[60_000]),
                    "/large",
                    (arrival, path) -> Answers.end(arrival.http(), LARGE),
                    "/until-full",
                    (arrival, path) -> writeUntilFull(arrival.http())))
            .route(TestHouse.guarded(Upstream.of(upstream.base())))
            .build();
  }

  private static OwnPath own(byte[] body) {
    return (arrival, path) -> Answers.end(arrival.http(), Buffer.buffer(body));
  }

  private void writeUntilFull(HttpServerRequest request) {
    request.response().setChunked(true);
    int pieces = 0;
    while (!Answers.isFull(request) && pieces < 100) {
      Answers.write(request, Buffer.buffer(new byte[60_000]));
      pieces++;
    }
    piecesUntilFull.add(pieces);
  }

  @AfterEach
  void close() throws IOException {
    house.close();
    upstream.close();
  }

  enum Meanwhile {
    NOTHING,
    PINGS,
    WINDOW_UPDATES_OF_THE_CONNECTION;

    private byte[] frame() {
      return this == PINGS
          ? Http2Frames.frame(Http2Frames.PING, 0, 0, new byte[8])
          : Http2Frames.windowUpdate(0, 1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void closedWindowsOfHttp2FreeTheirPlaces(Meanwhile sent) throws Exception {
    List<RawClient> closedWindows = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS; i++) {
      RawClient client = Http2Frames.begin(house.connect("h2"), Http2Frames.closedWindows());
      closedWindows.add(client.send(get(1, "/small")));
    }
    for (RawClient client : closedWindows) {
      Http2Frames.readUntil(client.in(), Http2Frames.HEADERS);
    }
    for (RawClient client : closedWindows) {
      TestHouse.eventually(() -> isGone(client, sent));
      client.close();
    }
    servesAnother();
  }

  // A reader sees the end of its connection; a client that sends cannot.
  private static boolean isGone(RawClient client, Meanwhile sent) {
    try {
      if (sent == Meanwhile.NOTHING) {
        return client.isClosedByPeer();
      }
      client.send(sent.frame());
      return false;
    } catch (IOException gone) {
      return true;
    }
  }

  enum StuckAnswer {
    /// Its end lies in the queue, and nothing but the stream is left of the request.
    CARRIED_WHOLE("/whole"),
    CARRIED_IN_PART("/endless"),
    TAKEN_BYTE_BY_BYTE("/large");

    private final String path;

    StuckAnswer(String path) {
      this.path = path;
    }
  }

  @ParameterizedTest
  @EnumSource
  void streamThatTakesNothingIsResetAndTheOthersOfItsConnectionGoOn(StuckAnswer stuck)
      throws Exception {
    CompletableFuture<Void> upstreamClosed = new CompletableFuture<>();
    upstream.serve(
        (head, in, out) -> {
          if (!head.startsWith("GET /endless ")) {
            RawUpstream.answer(out, "200 OK", "", "some text");
            return true;
          }
          try {
            RawUpstream.write(out, "HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n");
            while (true) {
              out.write(new byte[65_536]);
            }
          } catch (IOException gone) {
            upstreamClosed.complete(null);
            throw gone;
          }
        });
    try (RawClient client = Http2Frames.begin(house.connect("h2"), Http2Frames.closedWindows())) {
      client.send(Http2Frames.windowUpdate(0, 1 << 30)).send(get(1, stuck.path));
      Http2Frames.readUntil(client.in(), Http2Frames.HEADERS);
      Http2Frames.Frame reset = null;
      int stream = 1;
      while (reset == null) {
        assertThat(stream).isLessThan(100_000); // each answer counts two
        if (stuck == StuckAnswer.TAKEN_BYTE_BY_BYTE) {
          client.send(Http2Frames.windowUpdate(1, 1));
        }
        stream += 2;
        reset = isAnswered(client, stream);
      }
      assertThat(reset.stream()).isEqualTo(1);
      assertThat(reset.errorCode()).isEqualTo(11); // RFC 9113 §7: ENHANCE_YOUR_CALM
      assertThat(isAnswered(client, stream + 2)).isNull();
      if (stuck == StuckAnswer.CARRIED_IN_PART) {
        upstreamClosed.get(20, TimeUnit.SECONDS);
      }
    }
  }

  // Asks on that stream, and reads its answer; returns the RST_STREAM frame that came before.
  private static Http2Frames.@Nullable Frame isAnswered(RawClient client, int stream)
      throws IOException {
    client.send(get(stream, "/live")).send(Http2Frames.windowUpdate(stream, 1000));
    Http2Frames.Frame reset = null;
    while (true) {
      Http2Frames.Frame frame = Http2Frames.read(client.in());
      if (frame.type() == Http2Frames.RST_STREAM) {
        reset = frame;
      } else if (frame.stream() == stream && (frame.flags() & Http2Frames.END_STREAM) != 0) {
        return reset;
      }
    }
  }

  @Test
  void connectionHoldsNoMoreThanIsFreeAndGivesItBackAtItsEnd() throws Exception {
    reopen(limits(Duration.ofSeconds(60), MAX_UNSENT_BYTES));
    try (RawClient first = Http2Frames.begin(house.connect("h2"), Http2Frames.closedWindows());
        RawClient second = Http2Frames.begin(house.connect("h2"), Http2Frames.closedWindows())) {
      first.send(get(1, "/until-full"));
      assertThat(piecesUntilFull.poll(20, TimeUnit.SECONDS)).isEqualTo(9);
      second.send(get(1, "/until-full"));
      assertThat(piecesUntilFull.poll(20, TimeUnit.SECONDS)).isEqualTo(4);
    }
    TestHouse.eventually(() -> house.listener().unsentBytes().free() == MAX_UNSENT_BYTES);
  }

  @Test
  void connectionHoldsAtMostEightMebibytes() throws Exception {
    reopen(limits(Duration.ofSeconds(60), 1 << 30));
    try (RawClient client = Http2Frames.begin(house.connect("h2"), Http2Frames.closedWindows())) {
      client.send(get(1, "/until-full")).send(get(3, "/until-full"));
      int first = Objects.requireNonNull(piecesUntilFull.poll(20, TimeUnit.SECONDS));
      int second = Objects.requireNonNull(piecesUntilFull.poll(20, TimeUnit.SECONDS));
      assertThat(first + second).isEqualTo(8 * 1024 * 1024 / 60_000 + 1);
    }
  }

  @Test
  void upstreamIsReadNoFurtherForAConnectionThatIsFullAndReadOnOnceItsClientTakesWhatWaits()
      throws Exception {
    reopen(limits(Duration.ofSeconds(60), 200_000));
    upstream.serve(UnreadAnswersTest::answerWithoutEnd);
    try (RawClient client = Http2Frames.begin(house.connect("h2"), Http2Frames.closedWindows())) {
      for (int stream = 1; stream < 20; stream += 2) {
        client.send(get(stream, "/"));
        Http2Frames.readUntil(client.in(), Http2Frames.HEADERS);
      }
      UnsentBytes unsent = house.listener().unsentBytes();
      TestHouse.eventually(() -> unsent.free() < 100_000);
      for (int i = 0; i < 100; i++) {
        assertThat(isServed()).isTrue();
        assertThat(unsent.free()).isGreaterThan(-100_000); // ten streams, with a piece more each
      }
      client.send(Http2Frames.windowUpdate(0, 1 << 30)).send(Http2Frames.windowUpdate(1, 1 << 30));
      int taken = 0;
      while (taken < 4_000_000) {
        Http2Frames.Frame frame = Http2Frames.readUntil(client.in(), Http2Frames.DATA);
        assertThat(frame.stream()).isEqualTo(1);
        taken += frame.payload().length();
      }
    }
    TestHouse.eventually(() -> house.listener().unsentBytes().free() == 200_000);
  }

  private static boolean answerWithoutEnd(String head, InputStream in, OutputStream out)
      throws IOException {
    RawUpstream.write(out, "HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n");
    while (true) {
      out.write(new byte[65_536]);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void clientOfHttp1OrAWebSocketThatReadsNothingLosesItsConnection(boolean webSocket)
      throws Exception {
    CompletableFuture<Void> upstreamClosed = new CompletableFuture<>();
    upstream.serve(
        (head, in, out) -> {
          try {
            if (webSocket) {
              RawUpstream.write(out, SWITCHING);
              while (true) {
                out.write(new byte[65_536]);
              }
            }
            return answerWithoutEnd(head, in, out);
          } catch (IOException gone) {
            upstreamClosed.complete(null);
            throw gone;
          }
        });
    try (RawClient client = house.connect()) {
      client.send(
          "GET / HTTP/1.1\r\nHost: localhost\r\nX-API-Key: good\r\n"
              + (webSocket ? UPGRADE : "")
              + "\r\n");

      upstreamClosed.get(20, TimeUnit.SECONDS);
      TestHouse.eventually(() -> cannotSend(client));
    }
  }

  @Test
  void ownAnswersThatLieOnOneConnectionOfHttp2AreBounded() throws Exception {
    try (RawClient client = Http2Frames.begin(house.connect("h2"), Http2Frames.closedWindows())) {
      for (int stream = 1; stream < 2 * STREAMS; stream += 2) {
        client.send(get(stream, "/page"));
      }
      Http2Frames.Frame reset = Http2Frames.readUntil(client.in(), Http2Frames.RST_STREAM);

      assertThat(reset.errorCode()).isEqualTo(11); // RFC 9113 §7: ENHANCE_YOUR_CALM
      assertThat(reset.stream()).isEqualTo(11); // five lie there, more than 256 KiB
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"http/1.1", "h2"})
  void answersOfTheGateItselfThatNobodyReadsFreeTheirPlaces(String protocol) throws Exception {
    List<RawClient> unread = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS; i++) {
      RawClient client = house.connect(protocol);
      if (protocol.equals("h2")) {
        // The windows are as large as can be: it is the socket that is full.
        Http2Frames.begin(client, new byte[] {0, 4, 0x7f, (byte) 0xff, (byte) 0xff, (byte) 0xff});
        client.send(Http2Frames.windowUpdate(0, 0x70000000));
        client.send(get(1, "/large"));
      } else {
        client.send("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n");
      }
      client.in().mark(1);
      client.in().read();
      unread.add(client);
    }
    TestHouse.eventually(this::isServed);
    for (RawClient client : unread) {
      client.close();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void credentialThatIsRevokedClosesTheConnectionThatNobodyReads(boolean webSocket)
      throws Exception {
    CompletableFuture<Void> upstreamClosed = new CompletableFuture<>();
    CompletableFuture<Void> full = new CompletableFuture<>();
    upstream.serve(
        (head, in, out) -> {
          byte[] piece = new byte[65_536];
          try {
            RawUpstream.write(
                out,
                webSocket ? SWITCHING : "HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n");
            for (int i = 0; true; i++) {
              out.write(piece);
              if (i == 20) {
                full.complete(null);
              }
            }
          } catch (IOException gone) {
            upstreamClosed.complete(null);
            throw gone;
          }
        });
    try (RawClient client = house.connect()) {
      client.send(
          "GET / HTTP/1.1\r\nHost: localhost\r\nX-API-Key: good\r\n"
              + (webSocket ? UPGRADE : "")
              + "\r\n");
      assertThat(RawMessage.readHead(client.in())).startsWith("HTTP/1.1 ");
      full.get(20, TimeUnit.SECONDS);
      house.revoke();

      upstreamClosed.get(20, TimeUnit.SECONDS);
      TestHouse.eventually(() -> cannotSend(client));
    }
  }

  @Test
  void credentialThatIsRevokedClosesTheWebSocketWhoseUpstreamDoesNotRead() throws Exception {
    CompletableFuture<Void> upstreamClosed = new CompletableFuture<>();
    upstream.serve(
        (head, in, out) -> {
          RawUpstream.write(out, SWITCHING);
          try {
            while (true) {
              java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
              out.write('x');
            }
          } catch (IOException gone) {
            upstreamClosed.complete(null);
            throw gone;
          }
        });
    try (RawClient client = house.connect()) {
      client.send("GET / HTTP/1.1\r\nHost: localhost\r\nX-API-Key: good\r\n" + UPGRADE + "\r\n");
      assertThat(RawMessage.readHead(client.in())).startsWith("HTTP/1.1 101");
      Thread flood =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      while (true) {
                        client.send(new byte[65_536]);
                      }
                    } catch (IOException gone) {
                      // the gate cut it
                    }
                  });
      house.revoke();

      upstreamClosed.get(20, TimeUnit.SECONDS);
      assertThat(flood.join(Duration.ofSeconds(20))).isTrue();
    }
  }

  @Test
  void listenerStopsThoughAClientReadsNothing() throws Exception {
    try (RawClient client = house.connect()) {
      client.send("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n");
      client.in().mark(1);
      client.in().read();

      TestHouse.await(house.listener().drain(Duration.ofMillis(100)));

      TestHouse.eventually(() -> cannotSend(client));
    }
  }

  private static boolean cannotSend(RawClient client) {
    try {
      client.send("x");
      return false;
    } catch (IOException gone) {
      return true;
    }
  }

  private void servesAnother() throws InterruptedException {
    TestHouse.eventually(this::isServed);
  }

  private boolean isServed() {
    try (RawClient client = house.connect()) {
      return client.ask("GET /small HTTP/1.1\r\nHost: localhost\r\n\r\n").status() == 200;
    } catch (IOException | java.io.UncheckedIOException full) {
      return false;
    }
  }

  private static byte[] get(int stream, String path) {
    return Http2Frames.frame(
        Http2Frames.HEADERS,
        Http2Frames.END_STREAM | Http2Frames.END_HEADERS,
        stream,
        Http2Frames.fields(":method=GET|:path=" + path + OWN));
  }
}
