package dev.gatehouse.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.client.ScriptedGate.Seen;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a client sends, and where to, over real sockets.
@Timeout(60)
class GatehouseClientTest {

  private static final int LIMIT = 100_000;

  @TempDir private Path temp;
  @AutoClose private ScriptedGate gate;
  @AutoClose private ScriptedGate elsewhere;

  @BeforeEach
  void start() throws IOException {
    gate = new ScriptedGate();
    elsewhere = new ScriptedGate();
  }

  private GatehouseClient client(Credential... credentials) throws IOException {
    GatehouseClient.Builder builder = GatehouseClient.at(gate.address()).maxSignedBodyBytes(LIMIT);
    for (Credential credential : credentials) {
      builder.with(credential);
    }
    return builder.build();
  }

  private static HttpResponse<String> send(GatehouseClient by, HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return by.send(request.build(), BodyHandlers.ofString());
  }

  @Test
  void theRequestsOwnFieldsMethodAndBodyStayAndTheCredentialIsAdded() throws Exception {
    try (GatehouseClient client = client(Credential.apiKey("sesame"))) {
      HttpResponse<String> answer =
          send(
              client,
              client
                  .request("/orders?a=%20b")
                  .header("X-Two", "a")
                  .header("X-Two", "b")
                  .method("PATCH", BodyPublishers.ofString("tea")));
      assertThat(answer.body()).isEqualTo("tea");
      Seen seen = gate.last("/orders?a=%20b");
      assertThat(seen.method()).isEqualTo("PATCH");
      assertThat(seen.field("X-Two")).isEqualTo("a|b");
      assertThat(seen.field("X-API-Key")).isEqualTo("sesame");
    }
  }

  @Test
  void severalCredentialsGoTogetherAndASignatureCoversTheOnesBeforeIt() throws Exception {
    try (GatehouseClient client =
        client(
            Credential.bearer("at_none"),
            Credential.apiKey("sesame"),
            MessageSignature.hmacSha256("k", new byte[32])
                .covering("authorization", "x-api-key"))) {
      send(client, client.request("/orders"));
      Seen seen = gate.last("/orders");
      assertThat(seen.field("Authorization")).isEqualTo("Bearer at_none");
      assertThat(seen.field("X-API-Key")).isEqualTo("sesame");
      assertThat(seen.field("Signature-Input")).contains("\"authorization\" \"x-api-key\")");
    }
  }

  @Test
  void nothingAtAllIsSentToAnotherOrigin() throws Exception {
    try (GatehouseClient client = client(Credential.apiKey("sesame"))) {
      for (URI other :
          List.of(
              elsewhere.address().resolve("/orders"),
              URI.create(gate.address().toString().replace("127.0.0.1", "localhost") + "/orders"),
              URI.create("https" + gate.address().toString().substring(4) + "/orders"))) {
        assertThatIllegalArgumentException()
            .isThrownBy(() -> send(client, HttpRequest.newBuilder(other)))
            .withMessageContaining("sends nothing to")
            .withMessageNotContaining("sesame");
      }
    }
    assertThat(elsewhere.seen).isEmpty();
    assertThat(gate.seen).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303, 307, 308})
  void aRedirectIsTheCallersMatterAndTakesNoCredentialAlong(int status) throws Exception {
    for (String location : List.of(elsewhere.address() + "/stolen", "/orders")) {
      gate.script(
          "/moved",
          (exchange, seen) -> {
            exchange.getResponseHeaders().add("Location", location);
            ScriptedGate.reply(exchange, status, "");
            return true;
          });
      try (GatehouseClient client = client(Credential.apiKey("sesame"))) {
        HttpResponse<String> answer = send(client, client.request("/moved"));
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.headers().firstValue("Location")).contains(location);
        assertThat(answer.previousResponse()).isEmpty();
      }
    }
    assertThat(elsewhere.seen).isEmpty();
    assertThat(gate.count("/orders")).isZero();
  }

  @Test
  void aRedirectOfTheSignInIsNotFollowedEither() throws Exception {
    gate.script(
        "/api/auth/login",
        (exchange, seen) -> {
          exchange.getResponseHeaders().add("Location", elsewhere.address() + "/stolen");
          ScriptedGate.reply(exchange, 307, "");
          return true;
        });
    try (GatehouseClient client =
        GatehouseClient.at(gate.address())
            .with(Grant.password("alice@example.com", "sesame"))
            .build()) {
      assertThatThrownBy(() -> send(client, client.request("/orders")))
          .isInstanceOf(SignInException.class)
          .hasMessageContaining("307");
    }
    assertThat(elsewhere.seen).isEmpty();
  }

  @Test
  void aFieldThatTheClientSetsIsNotTheCallers() throws Exception {
    try (GatehouseClient client = client(Credential.apiKey("sesame"))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> send(client, client.request("/orders").header("x-api-key", "another")))
          .withMessageContaining("X-API-Key")
          .withMessageNotContainingAny("sesame", "another");
    }
    try (GatehouseClient client = client(Credential.bearer("a"), Credential.basic("b", "c"))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> send(client, client.request("/orders")))
          .withMessageContaining("Authorization");
    }
    assertThat(gate.seen).isEmpty();
  }

  private static String hmac(String secret, String signed) throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.US_ASCII), "HmacSHA256"));
    return HexFormat.of().formatHex(mac.doFinal(signed.getBytes(StandardCharsets.US_ASCII)));
  }

  @Test
  void whatIsSignedIsWhatGoesOverTheWireWhereverTheBodyComesFrom() throws Exception {
    String body = "ä".repeat(LIMIT / 2);
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    Path file = Files.write(temp.resolve("body"), bytes);
    AtomicInteger opened = new AtomicInteger();
    try (GatehouseClient client = client(Credential.hmac("k_1", "sesame"))) {
      for (BodyPublisher publisher :
          List.of(
              BodyPublishers.ofString(body),
              BodyPublishers.ofByteArray(bytes),
              BodyPublishers.ofFile(file),
              BodyPublishers.fromPublisher(BodyPublishers.ofByteArray(bytes)),
              BodyPublishers.concat(BodyPublishers.ofByteArray(bytes), BodyPublishers.noBody()),
              BodyPublishers.ofInputStream(
                  () -> {
                    opened.incrementAndGet();
                    return new ByteArrayInputStream(bytes);
                  }))) {
        HttpResponse<String> answer =
            send(client, client.request("/ord%65rs/ü?q=ä&empty=").POST(publisher));
        assertThat(answer.body()).isEqualTo(body);
        String target = "/ord%65rs/%C3%BC?q=%C3%A4&empty=";
        Seen seen = gate.last(target);
        String hash = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        assertThat(seen.field("X-Signature"))
            .isEqualTo(
                hmac(
                    "sesame",
                    String.join(
                        "\n",
                        "POST",
                        target,
                        seen.field("X-Timestamp"),
                        hash,
                        seen.field("X-Nonce"))));
        assertThat(seen.field("Content-Length")).isEqualTo(Integer.toString(bytes.length));
      }
    }
    assertThat(opened).as("a stream is read once").hasValue(1);
  }

  @Test
  void anEmptyBodyIsSignedAsNone() throws Exception {
    try (GatehouseClient client = client(Credential.hmac("k_1", "sesame"))) {
      for (BodyPublisher publisher :
          List.of(BodyPublishers.noBody(), BodyPublishers.ofString(""))) {
        send(client, client.request("/").POST(publisher));
        Seen seen = gate.last("/");
        assertThat(seen.method()).isEqualTo("POST");
        assertThat(seen.field("X-Signature"))
            .isEqualTo(
                hmac(
                    "sesame",
                    "POST\n/\n" + seen.field("X-Timestamp") + "\n\n" + seen.field("X-Nonce")));
      }
      send(client, client.request("/").method("DELETE", BodyPublishers.noBody()));
      assertThat(gate.last("/").method()).isEqualTo("DELETE");
    }
  }

  @Test
  void aBodyThatIsTooLargeToBeSignedIsNotReadToItsEnd() throws Exception {
    try (GatehouseClient client = client(Credential.hmac("k_1", "sesame"))) {
      EndlessBody endless = new EndlessBody();
      for (BodyPublisher large :
          List.of(
              BodyPublishers.ofByteArray(new byte[LIMIT + 1]),
              BodyPublishers.ofInputStream(() -> new OddStream(false)),
              endless)) {
        assertThatThrownBy(() -> send(client, client.request("/").POST(large)))
            .isInstanceOf(BodyTooLargeException.class)
            .hasMessageContaining("100000 bytes");
      }
      assertThat(endless.cancelled).isTrue();
      send(client, client.request("/").POST(BodyPublishers.ofByteArray(new byte[LIMIT])));
    }
    assertThat(gate.seen).hasSize(1);
  }

  /// A stream without an end, or without a beginning.
  private static final class OddStream extends InputStream {
    private final boolean broken;

    OddStream(boolean broken) {
      this.broken = broken;
    }

    @Override
    public int read() throws IOException {
      return read(new byte[1], 0, 1);
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
      if (broken) {
        throw new IOException("the disk is gone");
      }
      return length;
    }
  }

  private static final class EndlessBody implements BodyPublisher {
    private boolean cancelled;

    @Override
    public long contentLength() {
      return -1;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
      subscriber.onSubscribe(
          new Flow.Subscription() {
            @Override
            public void request(long number) {
              while (!cancelled) {
                subscriber.onNext(ByteBuffer.allocate(1000));
              }
            }

            @Override
            public void cancel() {
              cancelled = true;
            }
          });
    }
  }

  @Test
  void aBodyThatSaysThatItIsTooLargeIsNotReadAtAll() throws Exception {
    AtomicInteger opened = new AtomicInteger();
    BodyPublisher large =
        BodyPublishers.fromPublisher(
            subscriber -> {
              opened.incrementAndGet();
              BodyPublishers.noBody().subscribe(subscriber);
            },
            LIMIT + 1);
    try (GatehouseClient client = client(Credential.hmac("k_1", "sesame"))) {
      assertThatThrownBy(() -> send(client, client.request("/").POST(large)))
          .isInstanceOf(BodyTooLargeException.class);
    }
    assertThat(opened).hasValue(0);
  }

  @Test
  void aBodyThatCannotBeReadFailsTheCall() throws Exception {
    try (GatehouseClient client = client(Credential.hmac("k_1", "sesame"))) {
      BodyPublisher broken = BodyPublishers.ofInputStream(() -> new OddStream(true));
      assertThatThrownBy(() -> send(client, client.request("/").POST(broken)))
          .isInstanceOf(IOException.class);
    }
    assertThat(gate.seen).isEmpty();
  }

  @Test
  void aBodyThatIsNotSignedStreamsAndIsSentOnce() throws Exception {
    AtomicInteger opened = new AtomicInteger();
    InputStream once = new ByteArrayInputStream("tea".getBytes(StandardCharsets.UTF_8));
    try (GatehouseClient client =
        GatehouseClient.at(gate.address())
            .with(Grant.password("alice@example.com", ScriptedGate.PASSWORD))
            .build()) {
      send(client, client.request("/warm-up"));
      gate.revokeAccessTokens();
      HttpResponse<String> answer =
          send(
              client,
              client
                  .request("/orders")
                  .POST(
                      BodyPublishers.ofInputStream(
                          () -> {
                            opened.incrementAndGet();
                            return once;
                          })));
      assertThat(answer.statusCode()).isEqualTo(401);
      assertThat(answer.body()).contains("INVALID_TOKEN");
      assertThat(opened).hasValue(1);
      assertThat(gate.count("/orders")).isEqualTo(1);
      // The next call finds the token that was asked for meanwhile.
      HttpResponse<String> next =
          send(client, client.request("/orders").POST(BodyPublishers.ofString("tea")));
      assertThat(next.body()).isEqualTo("tea");
      assertThat(gate.count("/api/auth/refresh")).isEqualTo(1);
      gate.revokeAccessTokens();
      HttpResponse<String> again =
          send(client, client.request("/orders").POST(BodyPublishers.ofString("again")));
      assertThat(again.body()).as("a body that is there still").isEqualTo("again");
    }
  }

  @Test
  void whoCancelsEndsTheExchange() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(1);
    gate.script(
        "/slow",
        (exchange, seen) -> {
          arrived.countDown();
          goOn.await();
          exchange.sendResponseHeaders(200, 0);
          try {
            while (true) {
              exchange.getResponseBody().write(new byte[10_000]);
            }
          } catch (IOException closed) {
            ended.countDown();
          }
          return true;
        });
    try (GatehouseClient client = client(Credential.apiKey("sesame"))) {
      CompletableFuture<HttpResponse<Void>> answer =
          client.sendAsync(client.request("/slow").build(), BodyHandlers.discarding());
      arrived.await();
      assertThat(answer.cancel(true)).isTrue();
      goOn.countDown();
      assertThat(ended.await(30, TimeUnit.SECONDS)).as("the connection is closed").isTrue();
    }
  }

  @Test
  void noAnswerIsAnIOExceptionThatHoldsNoSecret() throws Exception {
    URI gone;
    try (ScriptedGate closed = new ScriptedGate()) {
      gone = closed.address();
    }
    try (GatehouseClient client =
        GatehouseClient.at(gone)
            .with(Grant.password("alice@example.com", "sesame"))
            .with(Credential.apiKey("sesame"))
            .build()) {
      assertThatThrownBy(() -> send(client, client.request("/orders")))
          .isInstanceOf(java.net.ConnectException.class)
          .satisfies(
              thrown -> {
                java.io.StringWriter trace = new java.io.StringWriter();
                thrown.printStackTrace(new java.io.PrintWriter(trace));
                assertThat(trace.toString()).doesNotContain("sesame");
              });
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gate", "/gate/", "gate/", "//"})
  void aPrefixIsAPath(String prefix) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GatehouseClient.at(gate.address()).prefix(prefix));
  }
}
