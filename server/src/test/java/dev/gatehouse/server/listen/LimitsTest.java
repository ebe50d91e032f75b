package dev.gatehouse.server.listen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.secret.OwnSecrets;
import dev.gatehouse.server.gateway.GatewaySettings;
import dev.gatehouse.server.gateway.Upstream;
import dev.gatehouse.server.wire.RawClient;
import dev.gatehouse.server.wire.RawMessage;
import dev.gatehouse.server.wire.RawUpstream;
import dev.gatehouse.server.wire.TestHouse;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Pitfall 8 over the wire: large, many and slow are bounded, and other callers go on.
@Tag("end-to-end")
class LimitsTest {

  private static final String PLAIN = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

  private static final ListenLimits TIGHT =
      new ListenLimits(
          1000,
          4000,
          20,
          Duration.ofMillis(500),
          Duration.ofMillis(500),
          1 << 20,
          1 << 24,
          Duration.ofMillis(1500),
          4,
          4,
          5,
          10);

  private RawUpstream upstream;
  private TestHouse house;

  @BeforeEach
  void open() {
    upstream = new RawUpstream(null);
    house =
        TestHouse.plan()
            .limits(TIGHT)
            .settings(
                new GatewaySettings(
                    "__Host-gatehouse",
                    1000,
                    Duration.ofMillis(500),
                    OwnSecrets.NONE,
                    null,
                    Set.of(),
                    null))
            .ownPaths(
                Map.of(
                    "/own",
                    (arrival, path) ->
                        arrival.http().response().end("own " + arrival.auth().method())))
            .route(TestHouse.open("/", Upstream.of(upstream.base())))
            .build();
  }

  @AfterEach
  void close() throws IOException {
    house.close();
    upstream.close();
  }

  @Test
  void anOversizedRequestLineIsRefused() throws Exception {
    refused("GET /" + "a".repeat(1000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }

  @Test
  void anOversizedFieldIsRefused() throws Exception {
    refused("GET / HTTP/1.1\r\nHost: localhost\r\nX: " + "a".repeat(4000) + "\r\n\r\n");
  }

  @Test
  void tooManyFieldsAreRefused() throws Exception {
    refused("GET / HTTP/1.1\r\nHost: localhost\r\n" + "X: a\r\n".repeat(20) + "\r\n");
  }

  @Test
  void manySmallFieldsBeyondTheirTotalAreRefused() throws Exception {
    refused("GET / HTTP/1.1\r\nHost: localhost\r\n" + "X: abcdefghij\r\n".repeat(400) + "\r\n");
  }

  @Test
  void endlessTrailersCutTheConnection() throws Exception {
    try (RawClient client = house.connect()) {
      client.send(
          "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
              + "X: abcdefghij\r\n".repeat(1000));
      assertThat(client.readToEnd()).doesNotContain("200 OK");
    }
    othersGoOn();
  }

  @Test
  void aSlowHeadIsCutEvenWhenItKeepsDripping() throws Exception {
    try (RawClient client = house.connect()) {
      client.send("GET / HTTP/1.1\r\nHost: localhost\r\n");
      long began = System.nanoTime();
      boolean cut = false;
      while (!cut && System.nanoTime() - began < Duration.ofSeconds(20).toNanos()) {
        try {
          client.send("X");
          TimeUnit.MILLISECONDS.sleep(20);
        } catch (IOException closed) {
          cut = true;
        }
      }
      assertThat(cut).isTrue();
    }
    othersGoOn();
    assertThat(upstream.requests()).isEqualTo(1);
  }

  @Test
  void aConnectionThatSaysNothingIsCut() throws Exception {
    try (RawClient client = house.connect()) {
      assertThat(client.isClosedByPeer()).isTrue();
    }
  }

  @Test
  void anIdleConnectionIsCutButOneWithALongAnswerIsNot() throws Exception {
    upstream.serve(
        (head, in, out) -> {
          RawUpstream.write(out, "HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n");
          for (int i = 0; i < 30; i++) {
            java.util.concurrent.locks.LockSupport.parkNanos(100_000_000);
            RawUpstream.write(out, "x");
          }
          return true;
        });
    try (RawClient client = house.connect()) {
      assertThat(client.ask(PLAIN).body()).hasSize(30);
      assertThat(client.isClosedByPeer()).isTrue();
    }
  }

  @Test
  void aSlowBodyIsCutAndOthersGoOn() throws Exception {
    try (RawClient client = house.connect()) {
      client.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n");
      boolean cut = false;
      long began = System.nanoTime();
      while (!cut && System.nanoTime() - began < Duration.ofSeconds(20).toNanos()) {
        try {
          client.send("x");
          TimeUnit.MILLISECONDS.sleep(20);
        } catch (IOException closed) {
          cut = true;
        }
      }
      assertThat(cut).isTrue();
    }
    othersGoOn();
  }

  @Test
  void aClientThatTakesNothingOfItsAnswerIsCutAndGivesTheUpstreamBack() throws Exception {
    CompletableFuture<Void> givenBack = new CompletableFuture<>();
    upstream.serve(
        (head, in, out) -> {
          byte[] piece = new byte[65_536];
          try {
            RawUpstream.write(out, "HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n");
            while (true) {
              out.write(piece);
            }
          } catch (IOException gone) {
            givenBack.complete(null);
            throw gone;
          }
        });
    try (RawClient client = house.connect()) {
      client.send(PLAIN);
      givenBack.get(20, TimeUnit.SECONDS);
    }
    othersGoOn();
  }

  @Test
  void moreConnectionsThanAllowedAreClosedAndRoomIsMadeAgain() throws Exception {
    List<RawClient> open = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      RawClient client = house.connect();
      client.ask(PLAIN);
      open.add(client);
    }
    // It is closed before its handshake.
    assertThatThrownBy(house::connect).isInstanceOf(java.io.UncheckedIOException.class);
    for (RawClient client : open) {
      client.close();
    }
    TestHouse.eventually(
        () -> {
          try (RawClient client = house.connect()) {
            return client.ask(PLAIN).status() == 200;
          } catch (IOException | java.io.UncheckedIOException stillFull) {
            return false;
          }
        });
  }

  @Test
  void theGatesOwnPathsComeBeforeRoutes() throws Exception {
    try (RawClient client = house.connect()) {
      assertThat(client.ask("GET /x/../own HTTP/1.1\r\nHost: localhost\r\n\r\n").body())
          .isEqualTo("own GET");
    }
    assertThat(upstream.requests()).isZero();
  }

  @Test
  void onlyModernTlsIsSpoken() throws Exception {
    for (String version : List.of("TLSv1.3", "TLSv1.2", "TLSv1.1", "TLSv1")) {
      try (SSLSocket socket =
          (SSLSocket) house.trust().getSocketFactory().createSocket("localhost", house.port())) {
        boolean modern = version.equals("TLSv1.3") || version.equals("TLSv1.2");
        socket.setEnabledProtocols(new String[] {version});
        assertThat(handshakes(socket)).as(version).isEqualTo(modern);
      }
    }
  }

  private static boolean handshakes(SSLSocket socket) {
    try {
      socket.startHandshake();
      return true;
    } catch (IOException refused) {
      return false;
    }
  }

  @Test
  void aCertificateIsReplacedWithoutARestart() throws Exception {
    dev.gatehouse.server.wire.TestCertificates next =
        new dev.gatehouse.server.wire.TestCertificates("localhost");
    TestHouse.await(house.listener().reload(new TlsSettings(next.certificatePem(), next.keyPem())));
    try (RawClient client = new RawClient(house.port(), next.trust(), "http/1.1")) {
      assertThat(client.ask(PLAIN).status()).isEqualTo(200);
    }
  }

  private void refused(String request) throws IOException {
    try (RawClient client = house.connect()) {
      RawMessage answer = client.ask(request);
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.body()).contains("MALFORMED_REQUEST");
      assertThat(client.isClosedByPeer()).isTrue();
    }
    assertThat(upstream.requests()).isZero();
    othersGoOn();
  }

  private void othersGoOn() throws IOException {
    upstream.echo();
    try (RawClient other = house.connect()) {
      assertThat(other.ask(PLAIN).status()).isEqualTo(200);
    }
  }
}
