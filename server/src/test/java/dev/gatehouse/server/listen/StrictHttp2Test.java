package dev.gatehouse.server.listen;

import static dev.gatehouse.server.wire.Http2Frames.CONTINUATION;
import static dev.gatehouse.server.wire.Http2Frames.DATA;
import static dev.gatehouse.server.wire.Http2Frames.END_HEADERS;
import static dev.gatehouse.server.wire.Http2Frames.END_STREAM;
import static dev.gatehouse.server.wire.Http2Frames.GOAWAY;
import static dev.gatehouse.server.wire.Http2Frames.HEADERS;
import static dev.gatehouse.server.wire.Http2Frames.RST_STREAM;
import static dev.gatehouse.server.wire.Http2Frames.fields;
import static dev.gatehouse.server.wire.Http2Frames.frame;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.server.gateway.Upstream;
import dev.gatehouse.server.wire.Http2Frames;
import dev.gatehouse.server.wire.RawClient;
import dev.gatehouse.server.wire.RawUpstream;
import dev.gatehouse.server.wire.TestHouse;
import java.io.IOException;
import java.io.InputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What HTTP/2 forbids, frame by frame: none of it may come out as HTTP/1 at the upstream.
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
      })
  void whatHttp2ForbidsReachesNoUpstream(String fields) throws Exception {
    assertThat(ask(fields)).isIn("400", "reset", "goaway", "closed");
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
        outcome = outcome(client.in());
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
      return outcome(client.in());
    } catch (IOException closed) {
      return "closed";
    }
  }

  private static RawClient connect() throws IOException {
    return Http2Frames.begin(house.connect("h2"));
  }

  // The first thing said of the request: its status, or how it was ended.
  private static String outcome(InputStream in) throws IOException {
    while (true) {
      Http2Frames.Frame frame = Http2Frames.read(in);
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
