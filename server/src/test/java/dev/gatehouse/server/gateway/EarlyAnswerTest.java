package dev.gatehouse.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.server.wire.Http2Frames;
import dev.gatehouse.server.wire.RawClient;
import dev.gatehouse.server.wire.RawMessage;
import dev.gatehouse.server.wire.RawUpstream;
import dev.gatehouse.server.wire.TestHouse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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

/// Answers that are complete before the request is: the upstream's connection is closed each time,
/// and its place is free.
@Tag("end-to-end")
class EarlyAnswerTest {

  private static final int MAX_REQUESTS = 4;
  private static final String HOST = "Host: localhost\r\n";
  private static final byte[] PART = new byte[100_000];
  private static final String H2_POST = ":method=POST|:scheme=https|:path=/|:authority=localhost";

  enum Upload {
    WITH_A_LENGTH("Content-Length: 3000000\r\n\r\n"),
    IN_CHUNKS("Transfer-Encoding: chunked\r\n\r\n186a0\r\n"),
    AFTER_CONTINUE("Expect: 100-continue\r\nContent-Length: 3000000\r\n\r\n"),
    CUT_BY_ITS_CLIENT("Content-Length: 3000000\r\n\r\n"),
    BY_HTTP_2(""),
    RESET_BY_ITS_CLIENT("");

    private final String rest;

    Upload(String rest) {
      this.rest = rest;
    }
  }

  private final BlockingQueue<String> closed = new LinkedBlockingQueue<>();
  private RawUpstream upstream;
  private TestHouse house;

  @BeforeEach
  void open() {
    upstream = new RawUpstream(null);
    upstream.serve(
        (head, in, out) -> {
          if (head.startsWith("GET")) {
            RawUpstream.answer(out, "200 OK", "", "ok");
            return true;
          }
          RawUpstream.answer(out, "404 Not Found", "", "no");
          // It reads nothing of the body, and looks only whether the connection is closed: it
          // writes what no client reads.
          try {
            while (true) {
              java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
              out.write('x');
            }
          } catch (IOException end) {
            closed.add("closed");
          }
          return false;
        });
    house =
        TestHouse.plan()
            .route(
                TestHouse.open(
                    "/",
                    new Upstream(
                        upstream.base(),
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(20),
                        Duration.ofSeconds(20),
                        false,
                        true,
                        10_000_000,
                        MAX_REQUESTS,
                        100,
                        null)))
            .build();
  }

  @AfterEach
  void close() throws IOException {
    house.close();
    upstream.close();
  }

  @ParameterizedTest
  @EnumSource
  void leavesNoConnectionToTheUpstreamBehind(Upload upload) throws Exception {
    for (int i = 0; i < 2 * MAX_REQUESTS; i++) {
      upload(upload);
      assertThat(closed.poll(20, TimeUnit.SECONDS)).isEqualTo("closed");
    }
    placesAreWhole();
  }

  @Test
  void keepsAConnectionWhoseUpstreamReadsTheBodyAfterItsAnswer() throws Exception {
    upstream.serve(
        (head, in, out) -> {
          RawUpstream.answer(out, "404 Not Found", "", "no");
          RawMessage.readBody(head, in, false);
          return true;
        });
    for (int i = 0; i < 2 * MAX_REQUESTS; i++) {
      try (RawClient client = house.connect()) {
        client.send("POST / HTTP/1.1\r\n" + HOST + "Content-Length: 5\r\n\r\nhello");
        assertThat(client.read().status()).isEqualTo(404);
      }
    }
    placesAreWhole();
  }

  // As many requests at once as one caller may have, each on a connection of its own.
  private void placesAreWhole() throws Exception {
    CompletableFuture<Void> allCame = new CompletableFuture<>();
    upstream.forget();
    upstream.serve(
        (head, in, out) -> {
          allCame.orTimeout(20, TimeUnit.SECONDS).join();
          RawUpstream.answer(out, "200 OK", "", "ok");
          return true;
        });
    List<RawClient> clients = new ArrayList<>();
    for (int i = 0; i < MAX_REQUESTS / 2; i++) {
      clients.add(house.connect().send("GET / HTTP/1.1\r\n" + HOST + "\r\n"));
    }
    TestHouse.eventually(() -> upstream.requests() == MAX_REQUESTS / 2);
    allCame.complete(null);
    for (RawClient client : clients) {
      assertThat(client.read().status()).isEqualTo(200);
      client.close();
    }
  }

  private void upload(Upload upload) throws Exception {
    switch (upload) {
      case WITH_A_LENGTH, IN_CHUNKS -> {
        try (RawClient client = house.connect()) {
          client.send("POST / HTTP/1.1\r\n" + HOST + upload.rest);
          client.send(PART);
          assertThat(client.read().status()).isEqualTo(404);
        }
      }
      case AFTER_CONTINUE -> {
        try (RawClient client = house.connect()) {
          RawMessage answer = client.ask("POST / HTTP/1.1\r\n" + HOST + upload.rest);
          assertThat(answer.status()).isEqualTo(404);
        }
      }
      case CUT_BY_ITS_CLIENT -> {
        try (RawClient client = house.connect()) {
          client.send("POST / HTTP/1.1\r\n" + HOST + upload.rest);
          client.send(PART);
          upstream.next();
        }
      }
      case BY_HTTP_2 -> {
        try (RawClient client = post2()) {
          Http2Frames.readUntil(client.in(), Http2Frames.HEADERS);
          client.send(data(new byte[10_000]));
        }
      }
      case RESET_BY_ITS_CLIENT -> {
        try (RawClient client = post2()) {
          upstream.next();
          client.send(Http2Frames.frame(Http2Frames.RST_STREAM, 0, 1, new byte[] {0, 0, 0, 8}));
          assertThat(closed.poll(20, TimeUnit.SECONDS)).isEqualTo("closed");
          closed.add("closed");
        }
      }
    }
  }

  private RawClient post2() throws IOException {
    return Http2Frames.begin(house.connect("h2"))
        .send(
            Http2Frames.frame(
                Http2Frames.HEADERS, Http2Frames.END_HEADERS, 1, Http2Frames.fields(H2_POST)))
        .send(data(new byte[10_000]));
  }

  private static byte[] data(byte[] payload) {
    return Http2Frames.frame(Http2Frames.DATA, 0, 1, payload);
  }

  // RFC 9113 §8.1: RST_STREAM with NO_ERROR, after the whole answer.
  @Test
  void asksAnHttp2ClientToStopSending() throws Exception {
    try (RawClient client = post2()) {
      Http2Frames.Frame answer = Http2Frames.readUntil(client.in(), Http2Frames.DATA);
      assertThat(new String(answer.payload().getBytes(), StandardCharsets.US_ASCII))
          .isEqualTo("no");

      Http2Frames.Frame reset = Http2Frames.readUntil(client.in(), Http2Frames.RST_STREAM);

      assertThat(reset.stream()).isEqualTo(1);
      assertThat(reset.errorCode()).isZero();
    }
  }

  @Test
  void curlFinishesItsUploadByHttp2() throws Exception {
    Process curl =
        new ProcessBuilder(
                "curl",
                "--silent",
                "--insecure",
                "--http2",
                "--max-time",
                "15",
                "--output",
                "-",
                "--write-out",
                " %{http_code}",
                "--data-binary",
                "@-",
                "https://localhost:" + house.port() + "/")
            .redirectErrorStream(true)
            .start();
    try (var body = curl.getOutputStream()) {
      body.write(new byte[3_000_000]);
    }
    assertThat(new String(curl.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
        .isEqualTo("no 404");
    assertThat(curl.waitFor()).isZero();
  }
}
