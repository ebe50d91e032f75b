package dev.gatehouse.server.listen;

import static dev.gatehouse.server.wire.Http2Frames.CONTINUATION;
import static dev.gatehouse.server.wire.Http2Frames.DATA;
import static dev.gatehouse.server.wire.Http2Frames.END_HEADERS;
import static dev.gatehouse.server.wire.Http2Frames.END_STREAM;
import static dev.gatehouse.server.wire.Http2Frames.GOAWAY;
import static dev.gatehouse.server.wire.Http2Frames.HEADERS;
import static dev.gatehouse.server.wire.Http2Frames.PING;
import static dev.gatehouse.server.wire.Http2Frames.RST_STREAM;
import static dev.gatehouse.server.wire.Http2Frames.fields;
import static dev.gatehouse.server.wire.Http2Frames.frame;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.gatehouse.RefusalLog;
import dev.gatehouse.server.gateway.Upstream;
import dev.gatehouse.server.wire.Http2Frames;
import dev.gatehouse.server.wire.RawClient;
import dev.gatehouse.server.wire.RawUpstream;
import dev.gatehouse.server.wire.TestHouse;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/// What HTTP/2 forbids, frame by frame: none of it may come out as HTTP/1 at the upstream.
@Tag("end-to-end")
class StrictHttp2Test {

  private static final String GOOD = ":method=GET|:scheme=https|:path=/|:authority=localhost";

  private static RawUpstream upstream;
  private static TestHouse house;

  @BeforeAll
  static void open() {
    upstream = new RawUpstream(null);
    house = TestHouse.plan().route(TestHouse.open("/", Upstream.of(upstream.base()))).build();
  }

  @AfterAll
  static void close() throws IOException {
    house.close();
    upstream.close();
  }

  @BeforeEach
  void forget() {
    upstream.forget();
  }

  @Test
  void aGoodRequestIsAnswered() throws Exception {
    assertThat(ask(GOOD)).isEqualTo("200");
    assertThat(ask(GOOD + "|host=localhost")).isEqualTo("200");
    assertThat(ask(":method=GET|:scheme=https|:path=/|host=localhost")).isEqualTo("200");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        GOOD + "|host=evil",
        GOOD + "|host=localhost|host=localhost",
        ":method=GET|:scheme=https|:path=/",
        ":method=GET|:scheme=https|:path=/|:authority=a b",
        ":method=GET|:scheme=https|:path=/|:authority=user@localhost",
        ":method=GET|:scheme=https|:path=/ HTTP/1.1|:authority=localhost",
        ":method=GET|:scheme=https|:path=/\r\nX: y|:authority=localhost",
        ":method=GET|:scheme=https|:path=http://evil/|:authority=localhost",
        ":method=GET|:scheme=https|:path=|:authority=localhost",
        ":method=G T|:scheme=https|:path=/|:authority=localhost",
        ":method=GET / HTTP/1.1\r\nX: y|:scheme=https|:path=/|:authority=localhost",
        ":method=CONNECT|:authority=localhost",
        ":method=TRACE|:scheme=https|:path=/|:authority=localhost",
        GOOD + "|connection=close",
        GOOD + "|transfer-encoding=chunked",
        GOOD + "|upgrade=websocket",
        GOOD + "|keep-alive=1",
        GOOD + "|proxy-connection=1",
        GOOD + "|te=gzip",
        GOOD + "|x=a\r\ny: b",
        GOOD + "|x=a\nb",
        GOOD + "|x=a\u0000b",
        GOOD + "|x\r\ny=b",
        GOOD + "|x y=b",
        GOOD + "|x:y=b",
        GOOD + "|content-length=5",
        GOOD + "|content-length=0|content-length=5",
        GOOD + "|content-length=-1",
        GOOD + "|:path=/other",
        GOOD + "|:nonsense=1",
        "x=y|" + GOOD,
        GOOD + "|expect=all",
        ":method=|:scheme=https|:path=/|:authority=localhost",
        ":method=GET|:scheme=ftp|:path=/|:authority=localhost",
        ":method=GET|:scheme=http|:path=/|:authority=localhost",
        ":method=GET|:scheme=https|:path=/|:authority=localhost:99999",
        ":method=GET|:scheme=https|:path=/|:authority=localhost:65536",
        ":method=GET|:scheme=https|:path=/|:authority=[1]",
        ":method=GET|:scheme=https|:path=/|host=a..b",
        ":method=GET|:scheme=https|:path=/|host=localhost|host=localhost",
        ":method=GET|:scheme=https|:path=/|host=localhost|host=evil",
        ":method=GET|:scheme=https|:path=/|host=",
        ":method=CONNECT|:scheme=https|:path=/|:authority=localhost",
        ":method=GET|:scheme=https|:path=http://localhost/|:authority=localhost",
        ":method=GET|:scheme=https|:path=https://localhost/|:authority=localhost",
        ":method=GET|:scheme=https|:path=a|:authority=localhost",
        ":method=GET|:scheme=https|:path=?a|:authority=localhost",
        ":method=OPTIONS|:scheme=https|:path=*|:authority=localhost",
        ":method=GET|:scheme=https|:path=/ |:authority=localhost",
        GOOD + "|x=a ",
        GOOD + "|x=a\t",
        GOOD + "|x= a",
        GOOD + "|x=\ta",
        GOOD + "|x= ",
      })
  void whatHttp2ForbidsReachesNoUpstreamAndTheConnectionGoesOn(String fields) throws Exception {
    try (RawClient client = connect()) {
      client.send(frame(HEADERS, END_STREAM | END_HEADERS, 1, fields(fields)));
      assertThat(outcome(client.in(), 1)).isIn("400", "reset");
      assertThat(upstream.requests()).isZero();
      client.send(frame(HEADERS, END_STREAM | END_HEADERS, 3, fields(GOOD)));
      assertThat(outcome(client.in(), 3)).isEqualTo("200");
    }
  }

  // RFC 9113 §5.1: what is under way on a stream that was reset is ignored.
  @ParameterizedTest
  @ValueSource(
      strings = {
        GOOD + "|connection=close",
        GOOD + "|X=y",
        ":method=G T|:scheme=https|:path=/|:authority=localhost",
        GOOD + "|te=gzip",
      })
  void dataBehindARefusedHeadDoesNotEndTheConnection(String fields) throws Exception {
    Buffer sent = Buffer.buffer(frame(HEADERS, END_HEADERS, 1, fields(fields)));
    // Far more frames than resets that a connection may have.
    for (int i = 0; i < 1000; i++) {
      sent.appendBytes(frame(DATA, 0, 1, new byte[100]));
    }
    sent.appendBytes(frame(HEADERS, END_STREAM | END_HEADERS, 3, fields(GOOD)));
    try (RawClient client = connect()) {
      client.send(sent.getBytes());
      assertThat(outcome(client.in(), 3)).isEqualTo("200");
    }
    try (RawClient client = connect()) {
      // In pieces, each of which ends within a frame.
      for (int from = 0; from < sent.length(); from += 1009) {
        client.send(sent.getBytes(from, Math.min(from + 1009, sent.length())));
      }
      assertThat(outcome(client.in(), 3)).isEqualTo("200");
    }
  }

  @Test
  void dataThatIsDroppedLeavesTheWindowOfTheConnectionOpen() throws Exception {
    try (RawClient client = connect()) {
      int stream = 1;
      for (int i = 0; i < 10; i++) { // more than the window of the connection, of 1 MiB
        client.send(frame(HEADERS, END_HEADERS, stream, fields(GOOD + "|connection=close")));
        for (int bytes = 0; bytes < 240_000; bytes += 16_000) {
          client.send(frame(DATA, 0, stream, new byte[16_000]));
        }
        stream += 2;
      }
      client.send(frame(HEADERS, END_STREAM | END_HEADERS, stream, fields(GOOD)));
      assertThat(outcome(client.in(), stream)).isEqualTo("200");
    }
  }

  @Test
  void manyStreamsThatWereNeverEndedAreForgotten() throws Exception {
    try (RawClient client = connect()) {
      Buffer sent = Buffer.buffer();
      int stream = 1;
      for (; stream < 2_000; stream += 2) {
        sent.appendBytes(frame(HEADERS, END_HEADERS, stream, fields(GOOD.replace("GET", "G T"))));
      }
      sent.appendBytes(frame(HEADERS, END_STREAM | END_HEADERS, stream, fields(GOOD)));
      client.send(sent.getBytes());
      // The resets are more than a connection may have.
      assertThat(outcome(client.in(), stream)).isIn("200", "goaway");
    }
    assertThat(ask(GOOD)).isEqualTo("200");
  }

  @Test
  void dataBeyondTheWindowOfARefusedStreamEndsTheConnection() throws Exception {
    try (RawClient client = connect()) {
      client.send(frame(HEADERS, END_HEADERS, 1, fields(GOOD + "|connection=close")));
      for (int bytes = 0; bytes <= 256 * 1024; bytes += 16_000) {
        client.send(frame(DATA, 0, 1, new byte[16_000]));
      }
      assertThat(goAway(client)).isEqualTo(3); // FLOW_CONTROL_ERROR
    }
  }

  // RFC 9113 §5.1.1 and §5.1.
  @Test
  void headersOnAStreamThatWasSkippedOrIsOverEndTheConnection() throws Exception {
    try (RawClient client = connect()) {
      client.send(frame(HEADERS, END_STREAM | END_HEADERS, 5, fields(GOOD)));
      client.send(frame(HEADERS, END_STREAM | END_HEADERS, 3, fields(GOOD)));
      assertThat(goAway(client)).isEqualTo(1); // PROTOCOL_ERROR
    }
    try (RawClient client = connect()) {
      client.send(frame(HEADERS, END_STREAM | END_HEADERS, 1, fields(GOOD)));
      assertThat(outcome(client.in(), 1)).isEqualTo("200");
      client.send(frame(HEADERS, END_STREAM | END_HEADERS, 1, fields(GOOD)));
      assertThat(goAway(client)).isEqualTo(5); // STREAM_CLOSED
    }
  }

  @Test
  void aLengthInAnotherSpellingReachesTheUpstreamInOne() throws Exception {
    for (String length :
        new String[] {
          "content-length=005",
          "content-length=5,5",
          "content-length=5, 5",
          "content-length=5|content-length=5"
        }) {
      try (RawClient client = connect()) {
        client.send(
            frame(HEADERS, END_HEADERS, 1, fields(GOOD.replace("GET", "POST") + "|" + length)));
        client.send(frame(DATA, END_STREAM, 1, "hello".getBytes(StandardCharsets.US_ASCII)));
        assertThat(outcome(client.in(), 1)).isEqualTo("200");
      }
      assertThat(upstream.next().fields("Content-Length")).as(length).containsExactly("5");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSN\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\1\4\0\0\0\1",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\1\0\0\0\0",
      })
  void whatDoesNotBeginAsHttp2EndsWithGoAwayAndIsNoErrorOfTheGate(String bytes) throws Exception {
    ListAppender<ILoggingEvent> lines = logLines();
    try (RawClient client = house.connect("h2")) {
      client.send(bytes);
      assertThat(goAway(client)).isEqualTo(1);
      assertThat(client.isClosedByPeer()).isTrue();
    } finally {
      root().detachAppender(lines);
    }
    assertThat(lines.list).noneMatch(line -> line.getLevel().isGreaterOrEqual(Level.WARN));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ":method=G T|:scheme=https|:path=/|:authority=localhost",
        ":method=GET|:scheme=https|:path=/|:authority=a b",
        GOOD + "|connection=close",
      })
  void anErrorOfTheConnectionBehindARefusedHeadIsSaidAndIsNoErrorOfTheGate(String fields)
      throws Exception {
    ListAppender<ILoggingEvent> lines = logLines();
    try (RawClient client = connect()) {
      client.send(
          Buffer.buffer(frame(HEADERS, END_HEADERS, 1, fields(fields)))
              .appendBytes(frame(PING, 0, 0, new byte[7]))
              .getBytes());
      assertThat(goAway(client)).isEqualTo(6); // FRAME_SIZE_ERROR
    } finally {
      root().detachAppender(lines);
    }
    assertThat(lines.list).noneMatch(line -> line.getLevel().isGreaterOrEqual(Level.WARN));
  }

  @Test
  void aBodyAfterAGoAwayOfTheClientIsRefused() throws Exception {
    try (RawClient client = connect()) {
      client.send(frame(GOAWAY, 0, 0, new byte[8]));
      client.send(frame(HEADERS, END_HEADERS, 1, fields(GOOD.replace("GET", "POST"))));
      assertThat(outcome(client.in(), 1)).isEqualTo("reset");
    }
  }

  private static Logger root() {
    return (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  }

  private static ListAppender<ILoggingEvent> logLines() {
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.list = new CopyOnWriteArrayList<>();
    lines.start();
    root().addAppender(lines);
    return lines;
  }

  // RFC 9113 §6.8: the last stream, then the error code.
  private static int goAway(RawClient client) throws IOException {
    return Http2Frames.readUntil(client.in(), GOAWAY).payload().getInt(4);
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void targetMayBeAsLongOverHttp2AsOverHttp1(HttpClient.Version version) throws Exception {
    int rest = "GET ".length() + " HTTP/1.1".length();
    int longest = ListenLimits.DEFAULT.maxInitialLineBytes() - rest;
    try (HttpClient client = house.client(version)) {
      assertThat(status(client, longest)).isEqualTo(200);
      assertThat(status(client, longest + 1)).isEqualTo(400);
    }
    assertThat(upstream.requests()).isEqualTo(1);
  }

  private static int status(HttpClient client, int targetLength) throws Exception {
    return client
        .send(
            house.request("/" + "a".repeat(targetLength - 1)).build(),
            HttpResponse.BodyHandlers.discarding())
        .statusCode();
  }

  @Test
  void headThatIsTooLargeIsAnsweredWith431AndOnRecord() throws Exception {
    RefusalLog.ofThisProcess().limit(RefusalLog.DEFAULT_LINES_PER_MINUTE); // others used it up
    int tooLarge = ListenLimits.DEFAULT.maxHeaderBytes() + 1;
    ListAppender<ILoggingEvent> lines = logLines();
    try (HttpClient client = house.client(HttpClient.Version.HTTP_2)) {
      HttpRequest request = house.request("/").header("X", "a".repeat(tooLarge)).build();
      assertThat(client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode())
          .isEqualTo(431);
      TestHouse.eventually(
          () ->
              lines.list.stream()
                  .anyMatch(line -> line.getFormattedMessage().contains("are too large")));
    } finally {
      root().detachAppender(lines);
    }
    assertThat(upstream.requests()).isZero();
  }

  @Test
  void anEndlessHeadIsCut() throws Exception {
    try (RawClient client = connect()) {
      client.send(frame(HEADERS, END_STREAM, 1, fields(GOOD)));
      byte[] more = fields("x=" + "a".repeat(100));
      String outcome = "open";
      try {
        for (int i = 0; i < 10_000; i++) {
          client.send(frame(CONTINUATION, 0, 1, more));
        }
        outcome = outcome(client.in(), 1);
      } catch (IOException cut) {
        outcome = "closed";
      }
      assertThat(outcome).isIn("goaway", "closed", "reset");
    }
    assertThat(upstream.requests()).isZero();
  }

  @Test
  void aFloodOfResetsEndsTheConnection() throws Exception {
    try (RawClient client = connect()) {
      boolean cut = false;
      try {
        for (int stream = 1; stream < 20_000; stream += 2) {
          client.send(frame(HEADERS, END_STREAM | END_HEADERS, stream, fields(GOOD)));
          client.send(frame(RST_STREAM, 0, stream, new byte[] {0, 0, 0, 8}));
        }
        while (!cut) {
          cut = client.in().read() < 0;
        }
      } catch (IOException closed) {
        cut = true;
      }
      assertThat(cut).isTrue();
    }
    assertThat(upstream.requests()).isLessThan(1000);
    assertThat(ask(GOOD)).isEqualTo("200");
  }

  private static String ask(String fields) throws IOException {
    try (RawClient client = connect()) {
      client.send(frame(HEADERS, END_STREAM | END_HEADERS, 1, fields(fields)));
      return outcome(client.in(), 1);
    } catch (IOException closed) {
      return "closed";
    }
  }

  private static RawClient connect() throws IOException {
    return Http2Frames.begin(house.connect("h2"));
  }

  // The first thing said of the request: its status, or how it was ended.
  private static String outcome(InputStream in, int stream) throws IOException {
    while (true) {
      Http2Frames.Frame frame = Http2Frames.read(in);
      if (frame.type() != GOAWAY && frame.stream() != stream) {
        continue;
      }
      byte[] payload = frame.payload().getBytes();
      switch (frame.type()) {
        case RST_STREAM -> {
          return "reset";
        }
        case GOAWAY -> {
          return "goaway";
        }
        case HEADERS -> {
          // RFC 7541 appendix A: 8 is :status 200 and 12 is :status 400, both indexed.
          return switch (payload[statusAt(frame.flags(), payload)] & 0xff) {
            case 0x88 -> "200";
            case 0x8c -> "400";
            default -> "another status";
          };
        }
        case DATA -> {
          // of the answer
        }
        default -> {
          // of the connection
        }
      }
    }
  }

  // RFC 9113 §6.2: five bytes of priority may come first; RFC 7541 §6.3: then changes of the
  // table's size.
  private static int statusAt(int flags, byte[] block) {
    int at = (flags & 0x20) == 0 ? 0 : 5;
    while ((block[at] & 0xe0) == 0x20) {
      boolean more = (block[at] & 0x1f) == 0x1f;
      at++;
      while (more) {
        more = (block[at] & 0x80) != 0;
        at++;
      }
    }
    return at;
  }
}
