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
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Clients that do not take what is sent to them: they lose their connection, and with it the place
/// and the memory that it took.
class UnreadAnswersTest {

  private static final int CONNECTIONS = 4;
  private static final int STREAMS = 20;

  private static final ListenLimits LIMITS =
      new ListenLimits(
          1000,
          4000,
          20,
          Duration.ofSeconds(20),
          Duration.ofMillis(300),
          1 << 20,
          Duration.ofSeconds(60),
          CONNECTIONS,
          CONNECTIONS,
          STREAMS,
          100);

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

  @BeforeEach
  void open() {
    upstream = new RawUpstream(null);
    house =
        TestHouse.plan()
            .limits(LIMITS)
            .settings(GatewaySettings.DEFAULT.withSlowBodyGrace(Duration.ofSeconds(60)))
            .ownPaths(
                Map.of(
                    "/small", own(new byte[10]),
                    "/page", own(new byte[60_000]),
                    "/large", (arrival, path) -> Answers.end(arrival.http(), LARGE)))
            .route(TestHouse.guarded(Upstream.of(upstream.base())))
            .build();
  }

  private static OwnPath own(byte[] body) {
    return (arrival, path) -> Answers.end(arrival.http(), Buffer.buffer(body));
  }

  @AfterEach
  void close() throws IOException {
    house.close();
    upstream.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void closedWindowsOfHttp2FreeTheirPlaces(boolean pings) throws Exception {
    List<RawClient> closedWindows = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS; i++) {
      RawClient client = Http2Frames.begin(house.connect("h2"), Http2Frames.closedWindows());
      closedWindows.add(client.send(get(1, "/small")));
    }
    for (RawClient client : closedWindows) {
      Http2Frames.readUntil(client.in(), Http2Frames.HEADERS);
    }
    for (RawClient client : closedWindows) {
      TestHouse.eventually(() -> isGone(client, pings));
      client.close();
    }
    servesAnother();
  }

  // A reader sees the end of its connection; a client that sends cannot.
  private static boolean isGone(RawClient client, boolean pings) {
    try {
      if (pings) {
        client.send(Http2Frames.frame(Http2Frames.PING, 0, 0, new byte[8]));
        return false;
      }
      return client.isClosedByPeer();
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
