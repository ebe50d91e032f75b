package dev.gatehouse.server.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import com.nimbusds.oauth2.sdk.http.ReadOnlyHTTPResponse;
import com.sun.net.httpserver.HttpServer;
import dev.gatehouse.Network;
import dev.gatehouse.server.tls.TrustedCertificates;
import dev.gatehouse.server.wire.ServerChain;
import dev.gatehouse.server.wire.TestCertificates;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Whoever is asked may do what he likes: it ends in time, and it ends in words.
@Timeout(30)
@Tag("end-to-end")
class OutboundHttpTest {

  private static final String HEADER = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
  private static final Duration SHORT = Duration.ofMillis(400);
  private static final AllowedAddresses LOOPBACK =
      new AllowedAddresses(List.of(Network.parse("127.0.0.0/8"), Network.parse("::1")));

  private static final Vertx VERTX = Vertx.vertx();

  @AfterAll
  static void close() {
    VERTX.close().await();
  }

  private static OutboundHttp.Peer local(URI configured, @Nullable TrustedCertificates trust) {
    return new OutboundHttp.Peer(configured, LOOPBACK, trust);
  }

  @Test
  void anAnswerIsReadWhole() throws IOException {
    try (ScriptedServer server =
            ScriptedServer.plain(
                ScriptedServer.answering(HEADER + "Content-Length: 8\r\n\r\n{\"a\":1}\n"));
        OutboundHttp http = OutboundHttp.to(local(server.uri("/"), null), VERTX)) {
      ReadOnlyHTTPResponse answer = http.send(get(server.uri("/document")));
      assertThat(answer.getStatusCode()).isEqualTo(200);
      assertThat(answer.getBody()).isEqualTo("{\"a\":1}\n");
      assertThat(http.retrieveResource(server.uri("/document").toURL()).getContent())
          .isEqualTo("{\"a\":1}\n");
    }
  }

  @Test
  void answerThatIsNoUtf8IsRefused() throws IOException {
    byte[] latin1 = "{\"email\":\"jos\u00e9@example.com\"}".getBytes(StandardCharsets.ISO_8859_1);
    try (ScriptedServer server =
            ScriptedServer.plain(
                connection -> {
                  ScriptedServer.write(
                      connection, HEADER + "Content-Length: " + latin1.length + "\r\n\r\n");
                  connection.getOutputStream().write(latin1);
                });
        OutboundHttp http = OutboundHttp.to(local(server.uri("/"), null), VERTX)) {
      assertThatThrownBy(() -> http.send(get(server.uri("/userinfo"))))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("no UTF-8");
      assertThatThrownBy(() -> http.retrieveResource(server.uri("/document").toURL()))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("no UTF-8");
    }
  }

  @Test
  void placeOfCallerWhoseTimeIsUpBeforeItsThreadStartedIsFreeAgain() throws Exception {
    OutboundHttp.Resolver hanging =
        host -> {
          try {
            new CountDownLatch(1).await();
          } catch (InterruptedException given) {
            Thread.currentThread().interrupt();
          }
          return new InetAddress[0];
        };
    URI issuer = URI.create("https://id.example/document");
    try (OutboundHttp http =
        new OutboundHttp(VERTX, local(issuer, null), Duration.ofNanos(1), hanging)) {
      // Many more than there are places.
      for (int late = 0; late < 10 * OutboundHttp.MAX_CONCURRENT_EXCHANGES; ) {
        try {
          http.retrieveResource(issuer.toURL());
        } catch (InterruptedIOException timeout) {
          throw timeout;
        } catch (IOException refused) {
          late += String.valueOf(refused.getMessage()).contains("did not answer") ? 1 : 0;
        }
      }
    }
  }

  @Test
  void cutsOffEndlessAnswer() throws Exception {
    CountDownLatch cutOff = new CountDownLatch(1);
    try (ScriptedServer server =
            ScriptedServer.plain(
                connection -> {
                  try {
                    ScriptedServer.write(connection, HEADER + "\r\n");
                    while (true) {
                      ScriptedServer.write(connection, " ".repeat(8_192));
                    }
                  } catch (IOException gone) {
                    cutOff.countDown();
                    throw gone;
                  }
                });
        OutboundHttp http = OutboundHttp.to(local(server.uri("/"), null), VERTX)) {
      assertThatThrownBy(() -> http.send(get(server.uri("/endless"))))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("/endless failed");
      assertThat(cutOff.await(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void cutsOffEndlessHeader() throws Exception {
    try (ScriptedServer server =
            ScriptedServer.plain(
                connection -> {
                  ScriptedServer.write(connection, HEADER);
                  for (int i = 0; ; i++) {
                    ScriptedServer.write(connection, "X-" + i + ": " + "a".repeat(4_096) + "\r\n");
                  }
                });
        OutboundHttp http = OutboundHttp.to(local(server.uri("/"), null), VERTX)) {
      assertThatThrownBy(() -> http.send(get(server.uri("/header"))))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("/header failed");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "HTTP/1.1 200", HEADER, HEADER + "\r\n", HEADER + "\r\n{\"a\":"})
  void givesUpAnswerThatArrivesTooSlowly(String first) throws Exception {
    CountDownLatch cutOff = new CountDownLatch(1);
    try (ScriptedServer server =
            ScriptedServer.plain(
                connection -> {
                  ScriptedServer.write(connection, first);
                  drip(connection, cutOff);
                });
        OutboundHttp http =
            new OutboundHttp(
                VERTX, local(server.uri("/"), null), SHORT, InetAddress::getAllByName)) {
      assertThatThrownBy(() -> http.send(get(server.uri("/drip?secret=s3cret"))))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("/drip did not answer within 400 ms")
          .hasMessageNotContaining("s3cret");
      assertThat(cutOff.await(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  // A space now and then, as long as anybody listens.
  private static void drip(Socket connection, CountDownLatch cutOff)
      throws IOException, InterruptedException {
    try {
      while (!cutOff.await(10, TimeUnit.MILLISECONDS)) {
        ScriptedServer.write(connection, " ");
      }
    } catch (IOException gone) {
      cutOff.countDown();
    }
  }

  @Test
  void doesNotFollowRedirectToInternalAddress() throws Exception {
    try (ScriptedServer inside = ScriptedServer.plain(ScriptedServer.answering(HEADER + "\r\n{}"));
        ScriptedServer server =
            ScriptedServer.plain(
                ScriptedServer.answering(
                    "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: "
                        + inside.uri("/latest/meta-data")
                        + "\r\n\r\n"));
        OutboundHttp http = OutboundHttp.to(local(server.uri("/"), null), VERTX)) {
      assertThat(http.send(get(server.uri("/"))).getStatusCode()).isEqualTo(302);
      assertThatThrownBy(() -> http.retrieveResource(server.uri("/").toURL()))
          .hasMessageContaining("answered 302");
      assertThat(inside.connections()).isZero();
    }
  }

  @Test
  void aRefusedConnectionIsSaidInWords() throws Exception {
    URI nobody;
    try (ServerSocket closed = new ServerSocket(0)) {
      nobody = URI.create("http://127.0.0.1:" + closed.getLocalPort() + "/");
    }
    try (OutboundHttp http = OutboundHttp.to(local(nobody, null), VERTX)) {
      assertThatThrownBy(() -> http.send(get(nobody)))
          .isInstanceOf(IOException.class)
          .hasMessage(nobody + " refuses connections");
    }
  }

  @Test
  void aCertificateOfAnUnknownCaOrOfAnotherNameIsNotTrusted() throws Exception {
    TestCertificates certificates = new TestCertificates("localhost");
    TrustedCertificates trusted = certificates.trusted();
    try (ScriptedServer server =
        ScriptedServer.tls(
            certificates.serve(),
            ScriptedServer.answering(HEADER + "Content-Length: 2\r\n\r\n{}"))) {
      URI right = server.uri("localhost", "/");
      URI otherName = server.uri("127.0.0.1", "/");
      assertThat(body(right, right, trusted)).isEqualTo("{}");
      assertThatThrownBy(() -> body(right, otherName, trusted))
          .hasMessageContaining("is not trusted");
      assertThatThrownBy(() -> body(right, right, null)).hasMessageContaining("is not trusted");
    }
  }

  @Test
  void aCnIsNoNameOfAHost() throws Exception {
    for (TestCertificates certificates :
        List.of(
            TestCertificates.namedByCn("localhost"),
            TestCertificates.namedByCn("localhost", "127.0.0.1"))) {
      try (ScriptedServer server =
          ScriptedServer.tls(
              certificates.serve(),
              ScriptedServer.answering(HEADER + "Content-Length: 2\r\n\r\n{}"))) {
        URI named = server.uri("localhost", "/");
        assertThatThrownBy(() -> body(named, named, certificates.trusted()))
            .hasMessageContaining("is not trusted")
            .hasMessageContaining("a CN does not count");
      }
    }
  }

  @Test
  void aCnDoesNotCountBelowNameConstraints() throws Exception {
    try (ScriptedServer server =
        ScriptedServer.tls(
            ServerChain.namedByCnBelowNameConstraints().serve(),
            ScriptedServer.answering(HEADER + "Content-Length: 2\r\n\r\n{}"))) {
      URI named = server.uri("localhost", "/");
      assertThatThrownBy(() -> body(named, named, ServerChain.root()))
          .hasMessageContaining("a CN does not count");
    }
  }

  @Test
  void caBelowDoesNotLiftNameConstraints() throws Exception {
    try (ScriptedServer server =
        ScriptedServer.tls(
            ServerChain.outsideNameConstraints().serve(),
            ScriptedServer.answering(HEADER + "Content-Length: 2\r\n\r\n{}"))) {
      URI named = server.uri("localhost", "/");
      assertThatThrownBy(() -> body(named, named, ServerChain.root()))
          .hasMessageContaining("is not trusted")
          .hasMessageContaining("not from a permitted subtree");
    }
  }

  @Test
  void anAddressIsComparedWithTheExtension() throws Exception {
    TestCertificates certificates = TestCertificates.namedByCn("orders api", "127.0.0.1");
    try (ScriptedServer server =
        ScriptedServer.tls(
            certificates.serve(),
            ScriptedServer.answering(HEADER + "Content-Length: 2\r\n\r\n{}"))) {
      URI address = server.uri("127.0.0.1", "/");
      assertThat(body(address, address, certificates.trusted())).isEqualTo("{}");
    }
  }

  @ParameterizedTest
  @EnumSource
  void chainWithAWeakKeyOrSignatureIsNotTrusted(ServerChain.Flaw flaw) throws Exception {
    try (ScriptedServer server =
        ScriptedServer.tls(
            new ServerChain(flaw).serve(),
            ScriptedServer.answering(HEADER + "Content-Length: 2\r\n\r\n{}"))) {
      URI issuer = server.uri("localhost", "/");
      if (flaw.said().isEmpty()) {
        assertThat(body(issuer, issuer, ServerChain.root())).isEqualTo("{}");
      } else {
        assertThatThrownBy(() -> body(issuer, issuer, ServerChain.root()))
            .hasMessageContaining("is not trusted")
            .hasMessageContaining(flaw.said());
      }
    }
  }

  private static @Nullable String body(
      URI configured, URI asked, @Nullable TrustedCertificates trust) throws IOException {
    try (OutboundHttp http = OutboundHttp.to(local(configured, trust), VERTX)) {
      return http.send(get(asked)).getBody();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://169.254.169.254/latest/meta-data/",
        "https://[fd00:ec2::254]/",
        "https://[fe80::1]/",
        "https://[::ffff:169.254.169.254]/",
        "https://[64:ff9b:1::a9fe:a9fe]/",
        "https://0.0.0.0/",
        "https://10.0.0.1/",
      })
  void noDocumentSendsTheGateToAnAddressThatIsNotListed(String address) {
    try (OutboundHttp http = OutboundHttp.to(local(URI.create("https://127.0.0.1"), null), VERTX)) {
      assertThatThrownBy(() -> http.send(get(URI.create(address))))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("'internalNetworks'");
    }
  }

  @Test
  void hostOnLoopbackIsNotAskedUnlessItIsListed() throws Exception {
    try (ScriptedServer inside =
            ScriptedServer.tls(
                new TestCertificates("localhost").serve(),
                ScriptedServer.answering(HEADER + "\r\n{}"));
        // The configured host lies there too: only the list allows it.
        OutboundHttp http =
            OutboundHttp.to(
                new OutboundHttp.Peer(
                    inside.uri("localhost", "/"), new AllowedAddresses(List.of()), null),
                VERTX)) {
      for (String host : List.of("127.0.0.1", "localhost", "[::ffff:127.0.0.1]")) {
        assertThatThrownBy(() -> http.send(get(inside.uri(host, "/"))))
            .isInstanceOf(IOException.class)
            .hasMessageContaining("which is not public")
            .hasMessageContaining("'internalNetworks'");
      }
      assertThat(inside.connections()).isZero();
    }
  }

  @Test
  void nameThatAlsoHasAnInternalAddressIsNotAsked() throws Exception {
    try (ScriptedServer inside = ScriptedServer.plain(ScriptedServer.answering(HEADER + "\r\n{}"));
        OutboundHttp http =
            new OutboundHttp(
                VERTX,
                new OutboundHttp.Peer(
                    inside.uri("issuer.test", "/"), new AllowedAddresses(List.of()), null),
                SHORT,
                host -> addresses("93.184.216.34", "127.0.0.1"))) {
      assertThatThrownBy(
              () -> http.send(get(URI.create("https://issuer.test:" + inside.uri("/").getPort()))))
          .hasMessageContaining("has the address 127.0.0.1, which is not public");
      assertThat(inside.connections()).isZero();
    }
  }

  @Test
  void connectionGoesToTheAddressThatWasChecked() throws Exception {
    List<String> lookedUp = new CopyOnWriteArrayList<>();
    try (ScriptedServer server =
            ScriptedServer.plain(ScriptedServer.answering(HEADER + "Content-Length: 2\r\n\r\n{}"));
        OutboundHttp http =
            new OutboundHttp(
                VERTX,
                local(server.uri("issuer.test", "/"), null),
                OutboundHttp.EXCHANGE_TIMEOUT,
                host -> {
                  lookedUp.add(host);
                  // Nobody listens at the first one. No name server knows the host.
                  return addresses("127.0.0.77", "127.0.0.1");
                })) {
      assertThat(http.send(get(server.uri("issuer.test", "/"))).getBody()).isEqualTo("{}");
      assertThat(lookedUp).containsExactly("issuer.test");
    }
  }

  @Test
  void requestNamesTheHostAsTheUrlDoes() throws Exception {
    List<String> seen = new CopyOnWriteArrayList<>();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
    server.createContext(
        "/",
        exchange -> {
          seen.add(
              exchange.getRequestURI()
                  + " "
                  + exchange.getRequestHeaders().getFirst("Host")
                  + " "
                  + exchange.getRequestHeaders().containsKey("Content-Length"));
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    server.start();
    int port = server.getAddress().getPort();
    List<String> hosts = List.of("issuer.test:" + port, "[::1]:" + port);
    for (String host : hosts) {
      URI uri = URI.create("http://" + host + "/a?b=c");
      try (OutboundHttp http =
          new OutboundHttp(
              VERTX,
              local(uri, null),
              OutboundHttp.EXCHANGE_TIMEOUT,
              name -> addresses("127.0.0.1"))) {
        assertThat(http.send(get(uri)).getStatusCode()).isEqualTo(204);
      }
    }
    server.stop(0);
    assertThat(seen)
        .containsExactlyElementsOf(hosts.stream().map(h -> "/a?b=c " + h + " false").toList());
  }

  @Test
  void certificateOfAnIpv6AddressIsTrusted() throws Exception {
    TestCertificates certificates = new TestCertificates("::1");
    try (ScriptedServer server =
            ScriptedServer.tls(
                certificates.serve(),
                ScriptedServer.answering(HEADER + "Content-Length: 2\r\n\r\n{}"));
        OutboundHttp http =
            new OutboundHttp(
                VERTX,
                local(server.uri("[::1]", "/"), certificates.trusted()),
                OutboundHttp.EXCHANGE_TIMEOUT,
                name -> addresses("127.0.0.1"))) {
      assertThat(http.send(get(server.uri("[::1]", "/"))).getBody()).isEqualTo("{}");
    }
  }

  private static InetAddress[] addresses(String... literals) {
    return Stream.of(literals).map(Network::address).toArray(InetAddress[]::new);
  }

  @Test
  void plainHttpIsForAConfiguredIssuerOnLoopbackOnly() throws Exception {
    try (ScriptedServer inside = ScriptedServer.plain(ScriptedServer.answering(HEADER + "\r\n{}"));
        OutboundHttp secure = OutboundHttp.to(local(URI.create("https://127.0.0.1"), null), VERTX);
        OutboundHttp plain = OutboundHttp.to(local(inside.uri("/"), null), VERTX)) {
      assertThatThrownBy(() -> secure.send(get(inside.uri("/")))).hasMessageContaining("not https");
      assertThatThrownBy(() -> plain.send(get(URI.create("http://93.184.216.34/"))))
          .hasMessageContaining("is plain http, which is for loopback only");
      assertThat(inside.connections()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"https://user:word@127.0.0.1/", "https:///path", "file:///etc/passwd", "https:a"})
  void whatIsNoPlainAddressOfAHostIsNotAsked(String address) {
    try (OutboundHttp http = OutboundHttp.to(local(URI.create("https://127.0.0.1"), null), VERTX)) {
      assertThatThrownBy(() -> http.send(get(URI.create(address))))
          .isInstanceOf(IOException.class)
          .hasMessageNotContaining("word");
    }
  }

  @Test
  void oneWhoHangsIsAskedABoundedNumberOfTimesAtOnce() throws Exception {
    AtomicInteger atOnce = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    CountDownLatch full = new CountDownLatch(OutboundHttp.MAX_CONCURRENT_EXCHANGES);
    try (ScriptedServer server =
            ScriptedServer.plain(
                connection -> {
                  most.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
                  full.countDown();
                  boolean cameTogether = full.await(10, TimeUnit.SECONDS);
                  atOnce.decrementAndGet();
                  ScriptedServer.write(
                      connection,
                      (cameTogether ? HEADER : "HTTP/1.1 500 No\r\n")
                          + "Connection: close\r\nContent-Length: 2\r\n\r\n{}");
                });
        OutboundHttp http = OutboundHttp.to(local(server.uri("/"), null), VERTX);
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Integer>> answers = new ArrayList<>();
      for (int i = 0; i < 4 * OutboundHttp.MAX_CONCURRENT_EXCHANGES; i++) {
        answers.add(callers.submit(() -> http.send(get(server.uri("/"))).getStatusCode()));
      }
      for (Future<Integer> answer : answers) {
        assertThat(answer.get()).isEqualTo(200);
      }
    }
    assertThat(most.get()).isEqualTo(OutboundHttp.MAX_CONCURRENT_EXCHANGES);
  }

  private static HTTPRequest get(URI uri) {
    return new HTTPRequest(HTTPRequest.Method.GET, uri);
  }
}
