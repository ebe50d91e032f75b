package dev.gatehouse.server.listen;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.Network;
import dev.gatehouse.server.wire.RawClient;
import dev.gatehouse.server.wire.RawMessage;
import dev.gatehouse.server.wire.TestCertificates;
import dev.gatehouse.server.wire.TestHouse;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslHandler;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Who may speak plain HTTP to a listener, and what a proxy in front of it may pass on.
@Timeout(60)
@Tag("end-to-end")
class PlainHttpTest {

  private static final String LOOPBACK = "127.0.0.1";

  private final Vertx vertx =
      BoundedAccept.vertx(new VertxOptions(), ListenLimits.DEFAULT, List.of());
  private final AtomicInteger handled = new AtomicInteger();

  @AfterEach
  void close() {
    TestHouse.await(vertx.close());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "X-Forwarded-Proto: http",
        "X-Forwarded-Proto: HTTP",
        "X-Forwarded-Proto: ws",
        "X-Forwarded-Proto: https, http",
        "X-Forwarded-Proto: http ,https",
        "X-Forwarded-Proto: https\r\nx-forwarded-proto: http",
      })
  void refusesRequestThatReachedTheProxyInClearText(String field) throws IOException {
    int port = listen(LOOPBACK, Network.parse(LOOPBACK));

    assertThat(ask(LOOPBACK, port, field))
        .startsWith("HTTP/1.1 400 ")
        .contains("\"code\":\"MALFORMED_REQUEST\"", "plain HTTP");
    assertThat(handled).as("nobody looked at its credentials").hasValue(0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"X-Forwarded-Proto: https", "X-Forwarded-Proto: wss", "X-Other: http"})
  void whatCameToTheProxyByHttpsOrBeginsAtTheProxyIsTaken(String field) throws IOException {
    int port = listen(LOOPBACK, Network.parse(LOOPBACK));

    assertThat(ask(LOOPBACK, port, field)).startsWith("HTTP/1.1 200 ");
  }

  @Test
  void aFieldThatIsNoListedProxysSaysNothing() throws IOException {
    int port = listen(LOOPBACK);

    assertThat(ask(LOOPBACK, port, "X-Forwarded-Proto: http")).startsWith("HTTP/1.1 200 ");
  }

  @Test
  void takesPlainHttpFromLoopbackAndListedProxiesOnly() throws IOException {
    Optional<InetAddress> own = addressOffLoopback();
    assertThat(own).as("this machine's address on a network, which the test needs").isPresent();
    String address = own.orElseThrow().getHostAddress();
    int stranger = listen(address);
    int listed = listen(address, Network.parse(address));

    assertThat(ask(address, stranger, "X-Forwarded-Proto: https"))
        .startsWith("HTTP/1.1 400 ")
        .contains("listed proxies only");
    assertThat(handled).hasValue(0);
    assertThat(ask(address, listed, "X-Forwarded-Proto: https")).startsWith("HTTP/1.1 200 ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.1",
        "post /x HTTP/1.0",
        "PRI * HTTP/2.0",
        "HEAD / HTTP/1.1",
        "H / HTTP/1.1",
        "HEADER / HTTP/1.1",
        "\r\nGET / HTTP/1.1", // RFC 9112 §2.2
        "\r\n\r\nHEAD / HTTP/1.1",
        "\nGET / HTTP/1.1"
      })
  void plainHttpOnThePortOfTlsIsToldSo(String line) throws Exception {
    TestCertificates own = new TestCertificates("localhost");
    int port = listen(LOOPBACK, new TlsSettings(own.certificatePem(), own.keyPem()), null);
    boolean head = line.strip().startsWith("HEAD ");
    String request = line + "\r\nHost: localhost\r\n\r\n";
    // At once, and in pieces of one byte.
    for (int size : new int[] {request.length(), 1}) {
      try (RawClient plain = new RawClient(port, null, "")) {
        for (int from = 0; from < request.length(); from += size) {
          plain.send(request.substring(from, Math.min(from + size, request.length())));
        }
        RawMessage refused = plain.read(head);

        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.head()).contains("Content-Type: application/problem+json");
        assertThat(refused.body()).contains(head ? "" : "the port is for HTTPS: write https://");
        assertThat(plain.isClosedByPeer()).isTrue();
      }
    }
    assertThat(handled).hasValue(0);
    try (RawClient client = new RawClient(port, own.trust(), "http/1.1")) {
      assertThat(client.ask("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").status()).isEqualTo(200);
    }
  }

  // Over a socket, all pieces may be there before the first one is read.
  @Test
  void headRequestInPiecesGetsNoBodyOnThePortOfTls() throws Exception {
    SSLEngine engine = SSLContext.getDefault().createSSLEngine();
    engine.setUseClientMode(false);
    EmbeddedChannel channel =
        new EmbeddedChannel(new PlainHttpOnTls(new FailedHandshakes()), new SslHandler(engine)) {
          @Override
          protected SocketAddress remoteAddress0() {
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
          }
        };
    for (String piece : List.of("\r", "\nHE", "AD", " / HTTP/1.1\r\n", "\r\n")) {
      channel.writeInbound(Unpooled.copiedBuffer(piece, StandardCharsets.US_ASCII));
    }

    ByteBuf answer = channel.readOutbound();

    assertThat(answer.toString(StandardCharsets.US_ASCII))
        .startsWith("HTTP/1.1 400 ")
        .endsWith("\r\n\r\n");
    answer.release();
    assertThat(channel.<ByteBuf>readOutbound()).isNull();
  }

  // RFC 6797 §7.2.
  @Test
  void hstsIsForClientsThatCameByHttps() throws IOException {
    int port = listen(LOOPBACK, null, Hsts.DEFAULT, Network.parse(LOOPBACK));

    assertThat(ask(LOOPBACK, port, "X-Forwarded-Proto: https"))
        .containsIgnoringCase("Strict-Transport-Security: max-age=31536000");
    assertThat(ask(LOOPBACK, port, "X-Forwarded-Proto: http"))
        .doesNotContainIgnoringCase("Strict-Transport-Security");
    assertThat(ask(LOOPBACK, port, "A: b")).doesNotContainIgnoringCase("Strict-Transport-Security");
  }

  private static Optional<InetAddress> addressOffLoopback() throws IOException {
    return NetworkInterface.networkInterfaces()
        .flatMap(NetworkInterface::inetAddresses)
        .filter(address -> address instanceof Inet4Address && !address.isLoopbackAddress())
        .findFirst();
  }

  private int listen(String address, Network... proxies) {
    return listen(address, null, null, proxies);
  }

  private int listen(
      String address, @Nullable TlsSettings tls, @Nullable Hsts hsts, Network... proxies) {
    Arrival.Handler handler =
        arrival -> {
          handled.incrementAndGet();
          Answers.end(arrival.http(), "");
        };
    return TestHouse.await(
            Listener.start(
                vertx,
                new ListenerSettings(
                    address, 0, tls, List.of(proxies), null, hsts, ListenLimits.DEFAULT, 1),
                () -> handler))
        .port();
  }

  private static String ask(String address, int port, String field) throws IOException {
    try (Socket socket = new Socket(address, port)) {
      socket.setSoTimeout(20_000);
      String request =
          "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + field + "\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }
}
