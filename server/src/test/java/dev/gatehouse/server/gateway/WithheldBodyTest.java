package dev.gatehouse.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.server.wire.Http2Frames;
import dev.gatehouse.server.wire.RawClient;
import dev.gatehouse.server.wire.RawMessage;
import dev.gatehouse.server.wire.RawUpstream;
import dev.gatehouse.server.wire.TestHouse;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Bodies whose digest was signed: they stream, and the upstream gets their end, and so a whole
/// request, only when it is the body that was signed.
@SuppressWarnings("StringConcatToTextBlock") // text blocks end their lines in LF, the wire in CRLF
@Tag("end-to-end")
class WithheldBodyTest {

  private static final String ASKED = "Host: localhost\r\nX-API-Key: asked\r\n";

  private RawUpstream upstream;
  private TestHouse house;

  // What came of a request at the upstream: its body, or how it broke off.
  private final BlockingQueue<String> outcomes = new LinkedBlockingQueue<>();

  @BeforeEach
  void open() {
    upstream = new RawUpstream(null);
    upstream.serve(
        (head, in, out) -> {
          try {
            RawMessage message = RawMessage.readBody(head, in, false);
            outcomes.add("whole: " + message.body().length());
            RawUpstream.answer(out, "200 OK", "", "got " + message.body().length());
            return true;
          } catch (IOException brokenOff) {
            outcomes.add("broken off");
            throw brokenOff;
          }
        });
    house = TestHouse.plan().route(TestHouse.guarded(upstreamAt(upstream.base()))).build();
  }

  @AfterEach
  void close() throws IOException {
    house.close();
    upstream.close();
  }

  private static Upstream upstreamAt(URI base) {
    return new Upstream(
        base,
        Duration.ofSeconds(2),
        Duration.ofSeconds(20),
        Duration.ofSeconds(20),
        false,
        true,
        10_000_000,
        4,
        2,
        null);
  }

  private String outcome() throws InterruptedException {
    String outcome = outcomes.poll(20, TimeUnit.SECONDS);
    return outcome == null ? "nothing" : outcome;
  }

  @Test
  void theSignedBodyArrivesWholeHoweverItIsSent() throws Exception {
    try (RawClient client = house.connect()) {
      assertThat(
              client
                  .ask("POST / HTTP/1.1\r\n" + digestOf("hello") + "Content-Length: 5\r\n\r\nhello")
                  .body())
          .isEqualTo("got 5");
      assertThat(
              client
                  .ask(
                      "POST / HTTP/1.1\r\n"
                          + digestOf("hello!")
                          + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n")
                  .body())
          .isEqualTo("got 6");
      assertThat(client.ask("GET / HTTP/1.1\r\n" + digestOf("") + "\r\n").body())
          .isEqualTo("got 0");
      assertThat(
              client.ask("POST / HTTP/1.1\r\n" + digestOf("") + "Content-Length: 0\r\n\r\n").body())
          .isEqualTo("got 0");
      assertThat(
              client
                  .ask(
                      "POST / HTTP/1.1\r\n"
                          + digestOf("")
                          + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
                  .body())
          .isEqualTo("got 0");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 5\r\n\r\nhellO",
        "Content-Length: 4\r\n\r\nhell",
        "Content-Length: 6\r\n\r\nhello!",
        "Transfer-Encoding: chunked\r\n\r\n5\r\nhellO\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Content-Length: 0\r\n\r\n",
        // A digest in a trailer comes too late, and says nothing.
        "Transfer-Encoding: chunked\r\n\r\n5\r\nhellO\r\n0\r\nX-Test-Digest: 00\r\n\r\n"
      })
  void changedBodyNeverReachesUpstreamWhole(String rest) throws Exception {
    try (RawClient client = house.connect()) {
      RawMessage answer = client.ask("POST / HTTP/1.1\r\n" + digestOf("hello") + rest);

      assertThat(answer.status()).isEqualTo(401);
      assertThat(answer.body()).contains("INVALID_SIGNATURE");
      assertThat(answer.fields("WWW-Authenticate")).isNotEmpty();
    }
    try (RawClient other = house.connect()) {
      assertThat(
              other
                  .ask("POST / HTTP/1.1\r\n" + digestOf("hello") + "Content-Length: 5\r\n\r\nhello")
                  .body())
          .isEqualTo("got 5");
    }
    // It may have seen the head of the first, sooner or later; then it saw that no end came.
    String outcome = outcome();
    while (outcome.equals("broken off")) {
      outcome = outcome();
    }
    assertThat(outcome).isEqualTo("whole: 5");
    assertThat(outcomes).isSubsetOf("broken off");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theUpstreamReadsWhileItComesAndGetsItsEndOnlyWhenItIsRight(boolean changed)
      throws Exception {
    BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    upstream.serve(
        (head, in, out) -> {
          ByteArrayOutputStream body = new ByteArrayOutputStream();
          try {
            while (body.size() < 9) {
              int b = in.read();
              if (b < 0) {
                throw new EOFException();
              }
              body.write(b);
              seen.add(body.toString(StandardCharsets.ISO_8859_1));
            }
            outcomes.add("whole: 9");
            RawUpstream.answer(out, "200 OK", "", "got it");
            return true;
          } catch (IOException brokenOff) {
            outcomes.add("broken off");
            throw brokenOff;
          }
        });
    try (RawClient client = house.connect()) {
      client.send("POST / HTTP/1.1\r\n" + digestOf("onetwosix") + "Content-Length: 9\r\n\r\n");
      upstream.next();
      client.send("one");
      client.send("two");
      // What has come may be read in any pieces: all but the last of them is passed on.
      client.send(changed ? "siX" : "six");
      RawMessage answer = client.read();

      assertThat(answer.status()).isEqualTo(changed ? 401 : 200);
      assertThat(outcome()).isEqualTo(changed ? "broken off" : "whole: 9");
      assertThat(seen.contains("onetwosiX")).isFalse();
    }
  }

  @Test
  void aLargeBodyStreams() throws Exception {
    byte[] body = new byte[5_000_000];
    java.util.Arrays.fill(body, (byte) 'x');
    CompletableFuture<String> begun = new CompletableFuture<>();
    upstream.serve(
        (head, in, out) -> {
          in.readNBytes(1_000_000);
          begun.complete("begun");
          in.readNBytes(4_000_000);
          RawUpstream.answer(out, "200 OK", "", "got it");
          return true;
        });
    try (RawClient client = house.connect()) {
      client.send(
          "POST / HTTP/1.1\r\n" + digestOf(body) + "Content-Length: " + body.length + "\r\n\r\n");
      client.send(java.util.Arrays.copyOf(body, 4_000_000));
      // The upstream reads, though the last million has not been sent.
      assertThat(begun.get(20, TimeUnit.SECONDS)).isEqualTo("begun");
      client.send(new String(body, 0, 1_000_000, StandardCharsets.ISO_8859_1));
      assertThat(client.read().body()).isEqualTo("got it");
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = HttpClient.Version.class,
      names = {"HTTP_1_1", "HTTP_2"})
  void byEveryProtocol(HttpClient.Version version) throws Exception {
    try (HttpClient client = house.client(version)) {
      assertThat(send(client, "hello", "hello").statusCode()).isEqualTo(200);
      assertThat(send(client, "hello", "hellO").statusCode()).isEqualTo(401);
      assertThat(send(client, "hello", "").statusCode()).isEqualTo(401);
      assertThat(send(client, "", "hello").statusCode()).isEqualTo(401);
      HttpResponse<String> empty = send(client, "", "");
      assertThat(empty.statusCode()).isEqualTo(200);
      assertThat(empty.body()).isEqualTo("got 0");
    }
    assertThat(outcomes).contains("whole: 5", "whole: 0").doesNotContain("whole: 4");
    assertThat(outcomes.stream().filter(outcome -> outcome.startsWith("whole"))).hasSize(2);
  }

  // As many clients end a body.
  @ParameterizedTest
  @ValueSource(strings = {"", "|", "||"})
  void whatFollowsAChangedBodyDoesNotPushItOut(String tail) throws Exception {
    try (RawClient client = Http2Frames.begin(house.connect("h2"))) {
      String fields =
          ":method=POST|:scheme=https|:path=/|:authority=localhost|content-length=5|x-api-key=asked|"
              + TestHouse.DIGEST_FIELD.toLowerCase(Locale.ROOT)
              + "="
              + hex("hello".getBytes(StandardCharsets.UTF_8));
      client.send(
          Http2Frames.frame(
              Http2Frames.HEADERS, Http2Frames.END_HEADERS, 1, Http2Frames.fields(fields)));
      String[] pieces = ("hellO|" + tail).split("\\|", -1);
      for (int i = 0; i < pieces.length; i++) {
        client.send(
            Http2Frames.frame(
                Http2Frames.DATA,
                i == pieces.length - 1 ? Http2Frames.END_STREAM : 0,
                1,
                pieces[i].getBytes(StandardCharsets.UTF_8)));
      }
      Http2Frames.readUntil(client.in(), Http2Frames.HEADERS);
    }
    assertThat(outcome()).isEqualTo("broken off");
  }

  // Its head alone would be a whole request to the upstream: no end of it can be withheld.
  @Test
  void bodyThatWasTakenOutBehindAHeadThatAnnouncesNoneReachesNoUpstream() throws Exception {
    try (RawClient client = Http2Frames.begin(house.connect("h2"))) {
      String fields =
          ":method=POST|:scheme=https|:path=/|:authority=localhost|content-length=0|x-api-key=asked|"
              + TestHouse.DIGEST_FIELD.toLowerCase(Locale.ROOT)
              + "="
              + hex("hello".getBytes(StandardCharsets.UTF_8));
      client.send(
          Http2Frames.frame(
              Http2Frames.HEADERS, Http2Frames.END_HEADERS, 1, Http2Frames.fields(fields)));
      Http2Frames.readUntil(client.in(), Http2Frames.HEADERS);
    }
    assertThat(outcomes).isEmpty();
  }

  private HttpResponse<String> send(HttpClient client, String signed, String sent)
      throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("https://localhost:" + house.port() + "/"))
            .header("X-API-Key", "asked")
            .header(TestHouse.DIGEST_FIELD, hex(signed.getBytes(StandardCharsets.UTF_8)))
            .timeout(Duration.ofSeconds(20))
            // Without a length: in chunks, or up to the end of the stream.
            .POST(
                sent.isEmpty()
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.fromPublisher(
                        HttpRequest.BodyPublishers.ofString(sent)))
            .build();
    return client.send(request, HttpResponse.BodyHandlers.ofString());
  }

  private static String digestOf(String body) {
    return digestOf(body.getBytes(StandardCharsets.UTF_8));
  }

  private static String digestOf(byte[] body) {
    return ASKED + TestHouse.DIGEST_FIELD + ": " + hex(body) + "\r\n";
  }

  private static String hex(byte[] body) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
    } catch (java.security.NoSuchAlgorithmException impossible) {
      throw new AssertionError(impossible);
    }
  }
}
