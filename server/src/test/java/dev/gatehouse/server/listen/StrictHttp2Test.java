package dev.gatehouse.server.listen;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.server.gateway.Upstream;
import dev.gatehouse.server.wire.RawClient;
import dev.gatehouse.server.wire.RawUpstream;
import dev.gatehouse.server.wire.TestHouse;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What HTTP/2 forbids, frame by frame: none of it may come out as HTTP/1 at the upstream.
class StrictHttp2Test {

  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int GOAWAY = 7;
  private static final int CONTINUATION = 9;
  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;

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
    RawClient client = house.connect("h2");
    client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    client.send(frame(SETTINGS, 0, 0, new byte[0]));
    return client;
  }

  // The first thing said of the request: its status, or how it was ended.
  private static String outcome(InputStream in) throws IOException {
    while (true) {
      byte[] head = in.readNBytes(9);
      if (head.length < 9) {
        throw new EOFException();
      }
      int length = (head[0] & 0xff) << 16 | (head[1] & 0xff) << 8 | (head[2] & 0xff);
      byte[] payload = in.readNBytes(length);
      switch (head[3]) {
        case RST_STREAM -> {
          return "reset";
        }
        case GOAWAY -> {
          return "goaway";
        }
        case HEADERS -> {
          // RFC 7541 appendix A: 8 is :status 200 and 12 is :status 400, both indexed.
          return switch (payload[statusAt(head[4], payload)] & 0xff) {
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

  private static byte[] frame(int type, int flags, int stream, byte[] payload) {
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    frame.write(payload.length >> 16);
    frame.write(payload.length >> 8);
    frame.write(payload.length);
    frame.write(type);
    frame.write(flags);
    frame.write(stream >> 24);
    frame.write(stream >> 16);
    frame.write(stream >> 8);
    frame.write(stream);
    frame.writeBytes(payload);
    return frame.toByteArray();
  }

  // RFC 7541 §6.2.2: literals without indexing, without Huffman coding.
  private static byte[] fields(String text) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    for (String field : text.split("\\|", -1)) {
      int equals = field.indexOf('=', 1);
      block.write(0);
      literal(block, field.substring(0, equals));
      literal(block, field.substring(equals + 1));
    }
    return block.toByteArray();
  }

  private static void literal(ByteArrayOutputStream block, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    block.write(bytes.length); // below 127
    block.writeBytes(bytes);
  }
}
