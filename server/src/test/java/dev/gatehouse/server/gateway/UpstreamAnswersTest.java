package dev.gatehouse.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.server.listen.Hsts;
import dev.gatehouse.server.wire.Http2Frames;
import dev.gatehouse.server.wire.RawClient;
import dev.gatehouse.server.wire.RawMessage;
import dev.gatehouse.server.wire.RawUpstream;
import dev.gatehouse.server.wire.TestHouse;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// How the heads of an upstream's answers pass: those before the answer proper, and its framing.
@Tag("end-to-end")
class UpstreamAnswersTest {

  private static final String GET = "GET / HTTP/1.1\r\nHost: localhost\r\n";

  private static RawUpstream upstream;
  private static TestHouse house;

  @BeforeAll
  static void open() {
    upstream = new RawUpstream(null);
    house =
        TestHouse.plan()
            .hsts(Hsts.DEFAULT)
            .route(TestHouse.open("/", Upstream.of(upstream.base())))
            .build();
  }

  @AfterAll
  static void close() throws IOException {
    house.close();
    upstream.close();
  }

  @BeforeEach
  void forget() {
    upstream.forget();
    upstream.echo();
  }

  // RFC 9110 §15.2: a proxy forwards 1xx.
  @ParameterizedTest
  @ValueSource(ints = {100, 102, 103, 104, 199})
  void anAnswerBeforeTheAnswerProperIsPassedOn(int status) throws Exception {
    informFirst(status);
    try (RawClient client = house.connect()) {
      client.send(GET + "\r\n");
      for (int i = 0; i < 2; i++) {
        RawMessage interim = client.read();
        assertThat(interim.status()).isEqualTo(status);
        assertThat(interim.fields("Link")).containsExactly("</a.css>; rel=preload");
        assertThat(interim.names()).doesNotContain("gatehouse-x", "set-cookie", "connection");
      }
      RawMessage answer = client.read();
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo("ok");
      // The connections go on, to the client and to the upstream.
      upstream.echo();
      assertThat(client.ask(GET + "\r\n").body()).isEqualTo("got 0");
    }
    assertThat(upstream.connections()).isLessThanOrEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 102, 103})
  void anAnswerBeforeTheAnswerProperIsPassedOnByHttp2(int status) throws Exception {
    informFirst(status);
    try (RawClient client = Http2Frames.begin(house.connect("h2"))) {
      client.send(
          Http2Frames.frame(
              Http2Frames.HEADERS,
              Http2Frames.END_STREAM | Http2Frames.END_HEADERS,
              1,
              Http2Frames.fields(":method=GET|:scheme=https|:path=/|:authority=localhost")));
      for (int i = 0; i < 2; i++) {
        Http2Frames.Frame interim = Http2Frames.readUntil(client.in(), Http2Frames.HEADERS);
        assertThat(interim.flags() & Http2Frames.END_STREAM).isZero();
      }
      Http2Frames.readUntil(client.in(), Http2Frames.HEADERS);
      assertThat(Http2Frames.readUntil(client.in(), Http2Frames.DATA).payload()).hasToString("ok");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"HTTP_1_1", "HTTP_2"})
  void clientsOfOthersGetTheAnswerProper(HttpClient.Version version) throws Exception {
    informFirst(103);
    try (HttpClient client = house.client(version)) {
      HttpResponse<String> answer =
          client.send(house.request("/").build(), HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo("ok");
    }
  }

  @Test
  void aClientOfHttp10GetsTheAnswerProperAlone() throws Exception {
    informFirst(103);
    try (RawClient client = house.connect()) {
      client.send("GET / HTTP/1.0\r\nHost: localhost\r\n\r\n");
      assertThat(client.readToEnd()).doesNotContain(" 103 ").contains(" 200 ").endsWith("ok");
    }
  }

  // RFC 9110 §7.6.1: Connection is a list. Firefox sends the second one.
  @ParameterizedTest
  @ValueSource(
      strings = {"Upgrade", "keep-alive, Upgrade", "x, upgrade", "x\r\nConnection: upgrade"})
  void aWebSocketIsAskedForInAListToo(String options) throws Exception {
    upstream.serve(
        (head, in, out) -> {
          RawUpstream.write(
              out,
              "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                  + "Connection: keep-alive, Upgrade\r\n\r\nhello");
          return in.read() < 0;
        });
    try (RawClient client = house.connect()) {
      client.send(
          GET
              + "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nConnection: "
              + options
              + "\r\n\r\n");
      RawMessage answer = client.read();
      assertThat(answer.status()).isEqualTo(101);
      assertThat(client.in().readNBytes(5)).asString().isEqualTo("hello");
    }
    assertThat(upstream.next().fields("Upgrade")).containsExactly("websocket");
  }

  @ParameterizedTest
  @ValueSource(strings = {"x-upgrade", "upgraded", "keep-alive"})
  void anotherOptionAsksForNoWebSocket(String options) throws Exception {
    try (RawClient client = house.connect()) {
      assertThat(
              client
                  .ask(GET + "Upgrade: websocket\r\nConnection: " + options + "\r\n\r\n")
                  .status())
          .isEqualTo(200);
    }
    assertThat(upstream.next().names()).doesNotContain("upgrade");
  }

  private static void informFirst(int status) {
    String interim =
        "HTTP/1.1 "
            + status
            + " So far\r\nLink: </a.css>; rel=preload\r\nGatehouse-X: 1\r\n"
            + "Set-Cookie: __Host-gatehouse=evil\r\nConnection: X\r\nX: 1\r\n\r\n";
    upstream.serve(
        (head, in, out) -> {
          RawUpstream.write(out, interim);
          RawUpstream.write(out, interim);
          RawUpstream.answer(out, "200 OK", "", "ok");
          return true;
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip, chunked", "gzip", "identity", "chunked, chunked", "xchunked"})
  void anAnswerWithAnotherCodingThanChunkedIsNotPassedOn(String coding) throws Exception {
    upstream.serve(
        (head, in, out) -> {
          RawUpstream.write(
              out,
              "HTTP/1.1 200 OK\r\nTransfer-Encoding: " + coding + "\r\n\r\n2\r\nhi\r\n0\r\n\r\n");
          return false;
        });
    try (RawClient client = house.connect()) {
      RawMessage answer = client.ask(GET + "\r\n");
      assertThat(answer.status()).isEqualTo(502);
      assertThat(answer.body()).contains("UPSTREAM_UNREACHABLE");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"099", "99", "000", "0", "1", "600", "1000", "abc"})
  void statusOutsideOfItsRangeIsNotPassedOn(String status) throws Exception {
    upstream.serve(
        (head, in, out) -> {
          RawUpstream.write(out, "HTTP/1.1 " + status + " X\r\nContent-Length: 2\r\n\r\nhi");
          return false;
        });
    assertUnreadable(HttpClient.Version.HTTP_1_1);
    assertUnreadable(HttpClient.Version.HTTP_2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        "Transfer-Encoding: chunked\r\n\r\n5\nhello",
        "Transfer-Encoding: chunked\r\n\r\n-1\r\n",
      })
  void answerWhoseBodyBreaksBeforeItsHeadIsSentIsA502(String rest) throws Exception {
    upstream.serve(
        (head, in, out) -> {
          RawUpstream.write(
              out, "HTTP/1.1 201 Created\r\nSet-Cookie: a=b\r\nX-Of-The-Upstream: 1\r\n" + rest);
          return false;
        });
    assertUnreadable(HttpClient.Version.HTTP_1_1);
    assertUnreadable(HttpClient.Version.HTTP_2);
    try (RawClient client = house.connect()) {
      RawMessage answer = client.ask(GET + "\r\n");
      assertThat(answer.names()).doesNotContain("set-cookie", "x-of-the-upstream");
      assertThat(answer.fields("Content-Type")).containsExactly("application/problem+json");
      assertThat(answer.fields("Strict-Transport-Security")).hasSize(1);
      upstream.echo();
      assertThat(client.ask(GET + "\r\n").status()).as("the connection goes on").isEqualTo(200);
    }
  }

  @Test
  void answerThatBreaksBehindItsFirstPieceIsBrokenOff() throws Exception {
    upstream.serve(
        (head, in, out) -> {
          RawUpstream.write(
              out, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\nzz\r\n");
          return false;
        });
    try (RawClient client = house.connect()) {
      client.send(GET + "\r\n");
      assertThat(client.readToEnd()).startsWith("HTTP/1.1 200").endsWith("\r\n2\r\nhi\r\n");
    }
  }

  // RFC 9110 §15.3.6.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 5\r\n\r\nhello",
        "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "Content-Length: 0\r\n\r\n",
      })
  void contentOfA205IsNotPassedOn(String rest) throws Exception {
    answersWithout("205 Reset Content", rest, List.of("0"));
  }

  // RFC 9110 §8.6. What the upstream sends behind a 204 is no content of it.
  @Test
  void lengthOfA204IsNotPassedOn() throws Exception {
    answersWithout("204 No Content", "Content-Length: 5\r\n\r\n", List.of());
  }

  private static void answersWithout(String status, String rest, List<String> length)
      throws Exception {
    upstream.serve(
        (head, in, out) -> {
          RawUpstream.write(out, "HTTP/1.1 " + status + "\r\n" + rest);
          return true;
        });
    int code = Integer.parseInt(status.substring(0, 3));
    try (RawClient client = house.connect()) {
      for (int i = 0; i < 2; i++) { // the connections go on
        RawMessage answer = client.ask(GET + "\r\n");
        assertThat(answer.status()).isEqualTo(code);
        assertThat(answer.fields("Content-Length")).isEqualTo(length);
        assertThat(answer.fields("Transfer-Encoding")).isEmpty();
        assertThat(answer.body()).isEmpty();
      }
    }
    try (HttpClient client = house.client(HttpClient.Version.HTTP_2)) {
      HttpResponse<String> answer =
          client.send(house.request("/").build(), HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(code);
      assertThat(answer.headers().allValues("content-length")).isEqualTo(length);
      assertThat(answer.body()).isEmpty();
    }
  }

  private static void assertUnreadable(HttpClient.Version version) throws Exception {
    try (HttpClient client = house.client(version)) {
      HttpResponse<String> answer =
          client.send(house.request("/").build(), HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(502);
      assertThat(answer.body()).contains("UPSTREAM_UNREACHABLE");
    }
  }

  @Test
  void aLengthWithZerosBeforeItIsPassedOnWithoutThem() throws Exception {
    for (String length : List.of("002", "2")) {
      upstream.serve(
          (head, in, out) -> {
            RawUpstream.write(out, "HTTP/1.1 200 OK\r\nContent-Length: " + length + "\r\n\r\nhi");
            return true;
          });
      try (RawClient client = house.connect()) {
        RawMessage answer = client.ask(GET + "\r\n");
        assertThat(answer.fields("Content-Length")).containsExactly("2");
        assertThat(answer.body()).isEqualTo("hi");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"close", "X, close", "close, X", "X\r\nConnection: close"})
  void aConnectionThatTheUpstreamWillCloseIsNotUsedAgain(String options) throws Exception {
    upstream.serve(
        (head, in, out) -> {
          // It says that it will close, and does not yet.
          RawUpstream.answer(out, "200 OK", "Connection: " + options + "\r\n", "ok");
          return true;
        });
    try (RawClient client = house.connect()) {
      client.ask(GET + "\r\n"); // may find a connection of another test
      upstream.forget();
      client.ask(GET + "\r\n");
      client.ask(GET + "\r\n");
    }
    assertThat(upstream.connections()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"application/grpc", "Application/gRPC+proto", "application/grpc; x=y"})
  void aCallOfGrpcIsRefusedInTheTermsOfGrpc(String type) throws Exception {
    try (HttpClient client = house.client(HttpClient.Version.HTTP_2)) {
      HttpResponse<String> answer = client.send(call(type), HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.headers().firstValue("content-type")).contains("application/grpc");
      assertThat(answer.headers().firstValue("grpc-status")).contains("12"); // UNIMPLEMENTED
      assertThat(answer.headers().firstValue("grpc-message").orElseThrow())
          .startsWith("The gate does not carry gRPC (r_");
      assertThat(answer.body()).isEmpty();
    }
    try (HttpClient client = house.client(HttpClient.Version.HTTP_1_1)) {
      HttpResponse<String> answer = client.send(call(type), HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(404);
      assertThat(answer.body()).contains("The gate does not carry gRPC");
    }
    assertThat(upstream.requests()).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "text/plain\r\nContent-Type: application/grpc",
        "application/grpc+proto\r\nContent-Type: text/plain",
        "text/plain\r\nContent-Type:application/json\r\ncontent-type:  Application/GRPC",
        "text/plain, application/grpc",
        "application/grpc;a=b,text/plain",
      })
  void typeOfGrpcBesideAnotherIsRefusedToo(String types) throws Exception {
    try (RawClient client = house.connect()) {
      RawMessage answer = client.ask(GET + "Content-Type: " + types + "\r\n\r\n");
      assertThat(answer.status()).isEqualTo(404);
      assertThat(answer.body()).contains("The gate does not carry gRPC");
    }
    assertThat(upstream.requests()).isZero();
  }

  // The upstream judges what it means.
  @Test
  void twoOtherTypesPassAsTheyCame() throws Exception {
    try (RawClient client = house.connect()) {
      client.ask(GET + "Content-Type: text/plain\r\nContent-Type: application/json\r\n\r\n");
    }
    assertThat(upstream.next().fields("Content-Type"))
        .containsExactly("text/plain", "application/json");
  }

  // gRPC over HTTP2, Trailers-Only: one head that ends the stream.
  @Test
  void theRefusalOfACallOfGrpcIsOneHead() throws Exception {
    try (RawClient client = Http2Frames.begin(house.connect("h2"))) {
      client.send(
          Http2Frames.frame(
              Http2Frames.HEADERS,
              Http2Frames.END_STREAM | Http2Frames.END_HEADERS,
              1,
              Http2Frames.fields(
                  ":method=POST|:scheme=https|:path=/|:authority=localhost"
                      + "|content-type=application/grpc")));
      Http2Frames.Frame head = Http2Frames.readUntil(client.in(), Http2Frames.HEADERS);
      assertThat(head.flags() & Http2Frames.END_STREAM).isNotZero();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"application/grpc-web", "application/grpc-web+proto", "application/grpcx"})
  void whatIsNotGrpcPasses(String type) throws Exception {
    try (HttpClient client = house.client(HttpClient.Version.HTTP_2)) {
      assertThat(client.send(call(type), HttpResponse.BodyHandlers.ofString()).body())
          .isEqualTo("got 5");
    }
  }

  private static HttpRequest call(String type) {
    return house
        .request("/pkg.Service/Method")
        .header("Content-Type", type)
        .POST(HttpRequest.BodyPublishers.ofString("hello"))
        .build();
  }
}
