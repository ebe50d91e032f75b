package dev.gatehouse.server.listen;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.server.gateway.Upstream;
import dev.gatehouse.server.wire.RawClient;
import dev.gatehouse.server.wire.RawMessage;
import dev.gatehouse.server.wire.RawUpstream;
import dev.gatehouse.server.wire.TestHouse;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Pitfall 7 over the wire: what two servers may read differently reaches no upstream.
@SuppressWarnings("StringConcatToTextBlock") // text blocks end their lines in LF, the wire in CRLF
@Tag("end-to-end")
class StrictParsingTest {

  private static RawUpstream upstream;
  private static TestHouse house;

  // The gate reads a refused connection for a while before it closes it. The connections of this
  // house are all refused, so that their closing is waited for together, after the last test.
  private static final Map<String, RawClient> REFUSED = new LinkedHashMap<>();
  private static RawUpstream untouched;
  private static TestHouse strict;

  @BeforeAll
  static void open() {
    upstream = new RawUpstream(null);
    house = TestHouse.plan().route(TestHouse.open("/", Upstream.of(upstream.base()))).build();
    untouched = new RawUpstream(null);
    strict = TestHouse.plan().route(TestHouse.open("/", Upstream.of(untouched.base()))).build();
  }

  @AfterAll
  static void close() throws IOException {
    try {
      everyRefusedConnectionWasClosedAndNothingOnItServed();
    } finally {
      house.close();
      upstream.close();
      strict.close();
      untouched.close();
    }
  }

  private static void everyRefusedConnectionWasClosedAndNothingOnItServed() throws IOException {
    for (Map.Entry<String, RawClient> refused : REFUSED.entrySet()) {
      try (RawClient client = refused.getValue()) {
        assertThat(client.isClosedByPeer()).as(refused.getKey()).isTrue();
      }
    }
    REFUSED.clear();
    assertThat(untouched.requests()).isZero();
  }

  @BeforeEach
  void forget() {
    upstream.forget();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
        "Content-Length: 5, 5\r\n\r\nhello",
        "Content-Length: 5,5\r\n\r\nhello",
        "Content-Length: 5,6\r\n\r\nhello!",
        "Content-Length: +5\r\n\r\nhello",
        "Content-Length: -5\r\n\r\nhello",
        "Content-Length: 0x5\r\n\r\nhello",
        "Content-Length: 5 5\r\n\r\nhello",
        "Content-Length:\r\n\r\nhello",
        "Content-Length: 99999999999999999999\r\n\r\nhello",
        "Content-Length: 5\r\n Transfer-Encoding: chunked\r\n\r\nhello",
        "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: identity\r\n\r\n",
        "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked;x=y\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding:\u000bchunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        "Content-Length : 5\r\n\r\nhello",
        "X: a\r\n b\r\n\r\n",
        "X: a\r\n\tb\r\n\r\n",
        "X: a\nContent-Length: 5\r\n\r\nhello",
        "X: a\rContent-Length: 5\r\n\r\nhello",
        "X: a\u0000b\r\n\r\n",
        "X: a\u0001b\r\n\r\n",
        "X: a\u007fb\r\n\r\n",
        "X\u0000Y: a\r\n\r\n",
        "X Y: a\r\n\r\n",
        "X(Y): a\r\n\r\n",
        ": a\r\n\r\n",
        "no colon\r\n\r\n",
        "Expect: 200-maybe\r\n\r\n",
        "Host: localhost\r\n\r\n",
        "Host: evil\r\n\r\n",
      })
  void fieldsThatCanBeReadInTwoWaysAreRefusedAndTheConnectionIsClosed(String rest)
      throws IOException {
    refused("POST / HTTP/1.1\r\nHost: localhost\r\n" + rest);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost:\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a,b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: user@localhost\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost/x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost:http\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost:\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost:99999\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost:65536\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost:000080\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: [::1]:99999\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: [::::::]\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: [1]:443\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a..b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: .\r\n\r\n",
        "GET http://other/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET https://localhost@evil/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET ftp://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET localhost HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "CONNECT / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "G(T / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "G\u0000T / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET\t/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET  / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /  HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /\u000bHTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /\rHTTP/1.1\r\nHost: localhost\r\n\r\n",
        " GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET / HTTP/1.1 \r\nHost: localhost\r\n\r\n",
        "GET / HTTP/1.1 x\r\nHost: localhost\r\n\r\n",
        "GET / x HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET / HTTP/1.2\r\nHost: localhost\r\n\r\n",
        "GET / HTTP/2.0\r\nHost: localhost\r\n\r\n",
        "GET / HTTP/11\r\nHost: localhost\r\n\r\n",
        "GET / http/1.1\r\nHost: localhost\r\n\r\n",
        "GET / HTCPCP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /\r\nHost: localhost\r\n\r\n",
        "GET / HTTP/1.1\nHost: localhost\n\n",
        "GET / HTTP/1.1\r\nHost: localhost\n\r\n",
        "GET / HTTP/1.1\r\n Host: localhost\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "\u0016\u0003\u0001\r\n\r\n",
      })
  void headsThatCanBeReadInTwoWaysAreRefusedAndTheConnectionIsClosed(String head)
      throws IOException {
    refused(head);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x\r\n\r\n",
        "-1\r\n\r\n",
        "0x5\r\nhello\r\n0\r\n\r\n",
        "5\nhello\r\n0\r\n\r\n",
        "5\r\nhello0\r\n\r\n",
        "5;a\nb\r\nhello\r\n0\r\n\r\n",
        "100000005\r\nhello\r\n0\r\n\r\n",
        "fffffffffffffffff\r\nhello\r\n0\r\n\r\n",
        " 5\r\nhello\r\n0\r\n\r\n",
        "0\r\nX: a\u0000b\r\n\r\n",
        "0\r\nX Y: a\r\n\r\n",
        "0\r\nX: a\r\n b\r\n\r\n",
        "00;x=y\r\nX: a\r\nY: b\r\n\tc\r\n\r\n",
        "0\r\n X: a\r\n\r\n",
        "3\r\n0\r\n\r\n0\r\nX: a\r\n b\r\n\r\n",
      })
  void badChunksAndTrailersAreRefusedAndNothingBehindThemIsServed(String chunks)
      throws IOException {
    // An upstream of its own: what was begun may reach it when the client is gone already.
    try (RawUpstream own = new RawUpstream(null);
        TestHouse alone =
            TestHouse.plan().route(TestHouse.open("/", Upstream.of(own.base()))).build()) {
      try (RawClient client = alone.connect()) {
        client.send(
            "POST /first HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                + chunks
                + "GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n");
        String answer = client.readToEnd();
        assertThat(answer)
            .startsWith("HTTP/1.1 400")
            .containsOnlyOnce("HTTP/1.1")
            .containsIgnoringCase("connection: close")
            .contains("\"code\":\"MALFORMED_REQUEST\"");
      }
      assertThat(own.requests()).isLessThanOrEqualTo(1);
    }
  }

  @Test
  void aBadChunkOfAPipelinedRequestIsRefusedInItsTurn() throws Exception {
    try (RawClient client = house.connect()) {
      client.send(
          "GET /1 HTTP/1.1\r\nHost: localhost\r\n\r\n"
              + "POST /2 HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
              + "2\r\nhi\r\nx\r\n\r\n");
      assertThat(client.read().status()).isEqualTo(200);
      assertThat(client.read().status()).isEqualTo(400);
      assertThat(client.isClosedByPeer()).isTrue();
    }
  }

  // RFC 9112 §9.6: Connection is a list, and nothing behind the request that says close is served.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Connection: close\r\n",
        "Connection: TE, close\r\nTE: trailers\r\n",
        "Connection: close, TE\r\n",
        "Connection: X ,\tCLOSE\r\n",
        "Connection: X\r\nConnection: close\r\n",
        "Connection: keep-alive, close\r\n",
      })
  void aConnectionThatIsToCloseServesNothingMore(String field) throws Exception {
    try (RawClient client = house.connect()) {
      client.send(
          "GET /1 HTTP/1.1\r\nHost: localhost\r\n"
              + field
              + "\r\nGET /2 HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assertThat(client.read().fields("Connection")).containsExactly("close");
      assertThat(client.isClosedByPeer()).isTrue();
    }
    assertThat(upstream.requests()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"keep-alive", "Keep-Alive", "keep-alive, X", "X"})
  void aClientOfHttp10IsNotToldThatItsConnectionStays(String options) throws Exception {
    try (RawClient client = house.connect()) {
      client.send("GET / HTTP/1.0\r\nHost: localhost\r\nConnection: " + options + "\r\n\r\n");
      assertThat(client.readToEnd())
          .contains(" 200 ")
          .endsWith("got 0")
          .doesNotContainIgnoringCase("keep-alive");
    }
  }

  @Test
  void aLengthWithZerosBeforeItReachesTheUpstreamWithoutThem() throws Exception {
    try (RawClient client = house.connect()) {
      String post = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: ";
      assertThat(client.ask(post + "005\r\n\r\nhello").body()).isEqualTo("got 5");
      assertThat(client.ask(post + "00\r\n\r\n").body()).isEqualTo("got 0");
    }
    assertThat(upstream.next().fields("Content-Length")).containsExactly("5");
    assertThat(upstream.next().fields("Content-Length")).containsExactly("0");
  }

  @Test
  void aRefusedHeadRequestGetsNoBody() throws IOException {
    for (String rest :
        List.of("Content-Length: x\r\n\r\n", " folded\r\n\r\n", "Expect: x\r\n\r\n")) {
      try (RawClient client = house.connect()) {
        client.send("HEAD / HTTP/1.1\r\nHost: localhost\r\n" + rest);
        assertThat(client.readToEnd())
            .as(rest)
            .startsWith("HTTP/1.1 400")
            .containsIgnoringCase("content-length: ")
            .endsWith("\r\n\r\n");
      }
    }
  }

  // Netty gives these up before there is a request.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "HEAD /LONG HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "\r\nHEAD /LONG HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "HEAD / HTTP/1.1\r\nHost: localhost\r\nX: LONGLONGLONGLONGLONG\r\n\r\n",
        "HEAD / HTTP/1.1\r\nHost: localhost\r\nno colon\r\n\r\n",
        "HEAD / HTTP/1.1\nHost: localhost\n\n",
      })
  void headRequestThatCanNotBeReadGetsNoBody(String head) throws IOException {
    try (RawClient client = house.connect()) {
      client.send(head.replace("LONG", "a".repeat(9000)));
      assertThat(client.readToEnd())
          .startsWith("HTTP/1.1 400")
          .containsIgnoringCase("content-length: ")
          .endsWith("\r\n\r\n");
    }
  }

  @Test
  void targetThatIsTooLongIsRefusedByHttp11() throws IOException {
    try (RawClient client = house.connect()) {
      RawMessage answer =
          client.ask("GET /" + "a".repeat(9000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assertThat(answer.startLine()).startsWith("HTTP/1.1 400");
      assertThat(answer.body()).contains("\"code\":\"MALFORMED_REQUEST\"");
    }
  }

  @Test
  void nothingBehindARefusedRequestIsServed() throws IOException {
    try (RawClient client = house.connect()) {
      client.send(
          "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked"
              + "\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assertThat(client.readToEnd()).startsWith("HTTP/1.1 400").containsOnlyOnce("HTTP/1.1");
    }
    assertThat(upstream.requests()).isZero();
  }

  @Test
  void aFoldedLineInPiecesIsRefusedToo() throws IOException {
    try (RawClient client = house.connect()) {
      for (byte b :
          "GET / HTTP/1.1\r\nHost: localhost\r\nX: a\r\n"
              .getBytes(java.nio.charset.StandardCharsets.US_ASCII)) {
        client.send(new byte[] {b});
      }
      assertThat(client.ask(" b\r\n\r\n").status()).isEqualTo(400);
    }
    assertThat(upstream.requests()).isZero();
  }

  @Test
  void foldedTrailerInPiecesIsRefusedToo() throws IOException {
    try (RawClient client = house.connect()) {
      for (byte b :
          "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: a\r\n"
              .getBytes(java.nio.charset.StandardCharsets.US_ASCII)) {
        client.send(new byte[] {b});
      }
      assertThat(client.ask(" b\r\n\r\n").status()).isEqualTo(400);
    }
  }

  @Test
  void bodiesWithLinesThatLookLikeFoldedTrailersAreServed() throws IOException {
    try (RawClient client = house.connect()) {
      client.send(
          "POST /1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n0\r\nX: a\r\n"
              + "POST /2 HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
              + "5\r\n0\r\n b\r\n3\r\n0\r\n\r\n2\r\n b\r\n000\r\nX: a\r\n\r\n"
              + "POST /3 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\n0\r\n");
      assertThat(client.read().body()).isEqualTo("got 9");
      assertThat(client.read().body()).isEqualTo("got 10");
      assertThat(client.read().body()).isEqualTo("got 3");
    }
  }

  @Test
  void absoluteFormForTheSameHostIsServedInOriginForm() throws Exception {
    try (RawClient client = house.connect()) {
      RawMessage answer =
          client.ask("GET http://LOCALHOST:80/a?b HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assertThat(answer.status()).isEqualTo(200);
    }
    assertThat(upstream.next().startLine()).isEqualTo("GET /a?b HTTP/1.1");
  }

  @Test
  void pipelinedRequestsAreAnsweredInTheirOrder() throws Exception {
    try (RawClient client = house.connect()) {
      client.send(
          "POST /1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nhi"
              + "GET /2 HTTP/1.1\r\nHost: localhost\r\n\r\n"
              + "POST /3 HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
              + "3\r\nabc\r\n0\r\n\r\n");
      assertThat(client.read().body()).isEqualTo("got 2");
      assertThat(client.read().body()).isEqualTo("got 0");
      assertThat(client.read().body()).isEqualTo("got 3");
    }
    assertThat(upstream.next().startLine()).isEqualTo("POST /1 HTTP/1.1");
    assertThat(upstream.next().startLine()).isEqualTo("GET /2 HTTP/1.1");
    assertThat(upstream.next().startLine()).isEqualTo("POST /3 HTTP/1.1");
  }

  private static void refused(String bytes) throws IOException {
    RawClient client = strict.connect();
    assertThat(REFUSED.put(bytes, client)).as("sent once").isNull();
    RawMessage answer = client.ask(bytes);
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.body()).contains("\"code\":\"MALFORMED_REQUEST\"");
    assertThat(answer.fields("Content-Type")).containsExactly("application/problem+json");
    assertThat(untouched.requests()).isZero();
  }
}
