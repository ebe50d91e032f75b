package dev.gatehouse.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.route.Route;
import dev.gatehouse.server.wire.Http2Frames;
import dev.gatehouse.server.wire.RawClient;
import dev.gatehouse.server.wire.RawMessage;
import dev.gatehouse.server.wire.RawUpstream;
import dev.gatehouse.server.wire.TestHouse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// How callers share what is under way to an upstream.
@Tag("end-to-end")
class UpstreamPlacesTest {

  private static final String HOST = "Host: localhost\r\n";
  private static final String KEY = "X-API-Key: good\r\n";
  private static final String UPGRADE =
      """
      Connection: Upgrade\r
      Upgrade: websocket\r
      Sec-WebSocket-Version: 13\r
      Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
      """;
  private static final String SWITCHING =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";

  // The default limits, which the attacks below are made for.
  private static final int SHARE = 128;

  private RawUpstream upstream;
  private final CompletableFuture<Void> slowAnswers = new CompletableFuture<>();

  @BeforeEach
  void open() {
    upstream = new RawUpstream(null);
    upstream.serve(
        (head, in, out) -> {
          if (head.contains("websocket")) {
            RawUpstream.write(out, SWITCHING);
            return in.read() >= 0;
          }
          if (head.startsWith("GET /public/slow")) {
            slowAnswers.orTimeout(60, TimeUnit.SECONDS).join();
          }
          RawUpstream.answer(out, "200 OK", "", "ok");
          return true;
        });
  }

  @AfterEach
  void close() throws IOException {
    slowAnswers.complete(null);
    upstream.close();
  }

  // Routes with different times for one upstream share its places.
  private TestHouse.Plan plan(int maxRequests, int maxWebSockets) {
    return TestHouse.plan()
        .route(
            TestHouse.open("/public", upstream(Duration.ofMillis(300), maxRequests, maxWebSockets)))
        .route(TestHouse.guarded(upstream(Duration.ofSeconds(60), maxRequests, maxWebSockets)));
  }

  private Upstream upstream(Duration responseTimeout, int maxRequests, int maxWebSockets) {
    return new Upstream(
        upstream.base(),
        Duration.ofSeconds(5),
        responseTimeout,
        Duration.ofSeconds(60),
        false,
        true,
        1_000,
        maxRequests,
        maxWebSockets,
        null);
  }

  @Test
  void keyIsAnsweredBeside256WebSocketsOfOneAnonymousCaller() throws Exception {
    Upstream usual = Upstream.of(upstream.base());
    try (TestHouse house =
        TestHouse.plan()
            .plain()
            .route(TestHouse.open("/public", usual))
            .route(TestHouse.guarded(usual))
            .build()) {
      List<RawClient> webSockets = new ArrayList<>();
      for (int i = 0; i < 256; i++) {
        webSockets.add(
            house.connect().send("GET /public/ws HTTP/1.1\r\n" + HOST + UPGRADE + "\r\n"));
      }
      TestHouse.eventually(() -> upstream.requests() >= SHARE);

      assertThat(keyed(house, "").status()).isEqualTo(200);
      assertThat(keyed(house, UPGRADE).status()).as("its own WebSocket").isEqualTo(101);

      List<Integer> statuses = new ArrayList<>();
      for (RawClient client : webSockets) {
        RawMessage answer = client.read();
        statuses.add(answer.status());
        if (answer.status() != 101) {
          assertThat(answer.status()).isEqualTo(503);
          assertThat(answer.fields("Retry-After")).isNotEmpty();
        }
        client.close();
      }
      assertThat(statuses).filteredOn(status -> status == 101).hasSize(SHARE);
      // That of the request with the key is kept for another.
      TestHouse.eventually(() -> upstream.openConnections() == 1);
    }
  }

  @Test
  void keyIsAnsweredBeside400SlowRequestsOfOneAnonymousCaller() throws Exception {
    Upstream usual = Upstream.of(upstream.base());
    try (TestHouse house =
            TestHouse.plan()
                .route(TestHouse.open("/public", usual))
                .route(TestHouse.guarded(usual))
                .build();
        ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor()) {
      AtomicInteger answered = new AtomicInteger();
      AtomicInteger refused = new AtomicInteger();
      List<Future<?>> ends = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        RawClient client = Http2Frames.begin(house.connect("h2"));
        for (int stream = 1; stream < 200; stream += 2) {
          client.send(get(stream, "/public/slow", ""));
        }
        ends.add(readers.submit(count(client, answered, refused)));
      }
      TestHouse.eventually(() -> upstream.requests() >= SHARE);

      assertThat(keyed(house, "").status()).isEqualTo(200);
      assertThat(answered).as("the flood goes on").hasValue(0);
      assertThat(anyFailed(ends)).isFalse();

      TestHouse.eventually(() -> refused.get() > 0 || anyFailed(ends));
      slowAnswers.complete(null);
      for (Future<?> end : ends) {
        end.get();
      }
      assertThat(answered.get() + refused.get()).isEqualTo(400);
      assertThat(answered).hasValueGreaterThanOrEqualTo(SHARE);
    }
  }

  private static boolean anyFailed(List<Future<?>> ends) {
    return ends.stream().anyMatch(end -> end.state() == Future.State.FAILED);
  }

  // Until all 100 streams are over.
  private static Callable<Void> count(
      RawClient client, AtomicInteger answered, AtomicInteger refused) {
    return () -> {
      try (client) {
        for (int over = 0; over < 100; ) {
          Http2Frames.Frame frame = Http2Frames.read(client.in());
          if (frame.type() == Http2Frames.DATA) {
            String text = frame.payload().toString(StandardCharsets.US_ASCII);
            (text.contains("UNAVAILABLE") ? refused : answered).addAndGet(text.isEmpty() ? 0 : 1);
            over += frame.flags() & Http2Frames.END_STREAM;
          }
        }
      }
      return null;
    };
  }

  @Test
  void callersOfOneEventLoopMayHaveAllThatIsFree() throws Exception {
    Upstream four = upstream(Duration.ofSeconds(60), 4, 4);
    try (TestHouse house =
            TestHouse.plan()
                .route(TestHouse.open("/public", four))
                .route(TestHouse.guarded(four))
                .build();
        RawClient client = Http2Frames.begin(house.connect("h2"))) {
      upstream.serve(this::serveLater);
      client.send(get(1, "/public", ""));
      client.send(get(3, "/public", ""));
      client.send(get(5, "/", "|x-api-key=good"));
      TestHouse.eventually(() -> upstream.requests() == 3);
    }
  }

  /// How what is under way ends.
  enum End {
    ANSWERED,
    ANSWERED_EARLY,
    BROKEN_OFF_BEFORE_THE_ANSWER,
    BROKEN_OFF_IN_THE_ANSWER,
    TOO_LATE,
    UNREADABLE,
    CLIENT_GOES_WHILE_IT_WAITS,
    CLIENT_GOES_IN_THE_ANSWER,
    BODY_TOO_LARGE,
    WEB_SOCKET_REFUSED,
    WEB_SOCKET_ENDED_BY_THE_UPSTREAM,
    WEB_SOCKET_ENDED_BY_THE_CLIENT,
    WEB_SOCKET_OF_A_CLIENT_THAT_IS_GONE,
  }

  // More often than there are places.
  @ParameterizedTest
  @EnumSource
  void everyEndGivesItsPlaceBack(End end) throws Exception {
    upstream.serve((head, in, out) -> serve(end, in, out));
    try (TestHouse house = plan(2, 2).plain().build()) {
      for (int i = 0; i < 6; i++) {
        try (RawClient client = house.connect()) {
          bringAbout(end, client);
        }
      }
      placesAreWhole(house);
    }
  }

  private static boolean serve(End end, InputStream in, OutputStream out) throws IOException {
    switch (end) {
      case ANSWERED, ANSWERED_EARLY -> RawUpstream.answer(out, "200 OK", "", "ok");
      case BROKEN_OFF_BEFORE_THE_ANSWER -> {
        return false;
      }
      case BROKEN_OFF_IN_THE_ANSWER, CLIENT_GOES_IN_THE_ANSWER -> {
        RawUpstream.write(out, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nsome");
        return end == End.CLIENT_GOES_IN_THE_ANSWER && in.read() >= 0;
      }
      case TOO_LATE, CLIENT_GOES_WHILE_IT_WAITS, BODY_TOO_LARGE -> {
        return in.read() >= 0;
      }
      case UNREADABLE -> RawUpstream.write(out, "HTTP/1.1 999 What\r\n\r\n");
      case WEB_SOCKET_REFUSED -> RawUpstream.answer(out, "403 Forbidden", "", "no");
      case WEB_SOCKET_ENDED_BY_THE_UPSTREAM -> {
        RawUpstream.write(out, SWITCHING);
        return false;
      }
      case WEB_SOCKET_ENDED_BY_THE_CLIENT, WEB_SOCKET_OF_A_CLIENT_THAT_IS_GONE -> {
        RawUpstream.write(out, SWITCHING);
        return in.read() >= 0;
      }
    }
    return true;
  }

  private void bringAbout(End end, RawClient client) throws Exception {
    String target = " /public HTTP/1.1\r\n" + HOST;
    String get = "GET" + target;
    switch (end) {
      case ANSWERED -> assertThat(client.ask(get + "\r\n").status()).isEqualTo(200);
      case ANSWERED_EARLY ->
          assertThat(client.ask("POST" + target + "Content-Length: 9\r\n\r\nsome").status())
              .isEqualTo(200);
      case BROKEN_OFF_BEFORE_THE_ANSWER, UNREADABLE ->
          assertThat(client.ask(get + "\r\n").status()).isEqualTo(502);
      case BROKEN_OFF_IN_THE_ANSWER ->
          assertThat(client.send(get + "\r\n").readToEnd()).endsWith("some");
      case TOO_LATE -> assertThat(client.ask(get + "\r\n").status()).isEqualTo(504);
      case CLIENT_GOES_WHILE_IT_WAITS -> {
        client.send(get + "\r\n");
        upstream.next();
      }
      case CLIENT_GOES_IN_THE_ANSWER -> {
        client.send(get + "\r\n");
        assertThat(client.in().readNBytes(5)).hasSize(5);
      }
      case BODY_TOO_LARGE -> {
        client.send("POST" + target + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
        upstream.next();
        client.send("400\r\n" + "x".repeat(0x400) + "\r\n");
        assertThat(client.read().status()).isEqualTo(413);
      }
      case WEB_SOCKET_REFUSED ->
          TestHouse.eventually(() -> statusOf(client, get + UPGRADE + "\r\n") == 403);
      case WEB_SOCKET_ENDED_BY_THE_UPSTREAM -> {
        TestHouse.eventually(() -> statusOf(client, get + UPGRADE + "\r\n") == 101);
        assertThat(client.isClosedByPeer()).isTrue();
      }
      case WEB_SOCKET_ENDED_BY_THE_CLIENT ->
          TestHouse.eventually(() -> statusOf(client, get + UPGRADE + "\r\n") == 101);
      case WEB_SOCKET_OF_A_CLIENT_THAT_IS_GONE -> client.send(get + UPGRADE + "\r\n");
    }
  }

  // The place of one that was closed just before may not be free yet.
  private static int statusOf(RawClient client, String webSocket) {
    try {
      return client.ask(webSocket).status();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  // A caller with a key and one without get one of the two places each, of either kind.
  private void placesAreWhole(TestHouse house) throws Exception {
    for (String upgrade : List.of("", UPGRADE)) {
      upstream.serve(
          (head, in, out) -> {
            RawUpstream.write(
                out,
                upgrade.isEmpty() ? "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n" : SWITCHING);
            return in.read() >= 0;
          });
      int expected = upgrade.isEmpty() ? 200 : 101;
      List<RawClient> open = new ArrayList<>();
      for (String request : List.of("GET /public HTTP/1.1\r\n", "GET / HTTP/1.1\r\n" + KEY)) {
        RawClient client = house.connect();
        open.add(client);
        TestHouse.eventually(() -> begins(client, request + HOST + upgrade + "\r\n", expected));
      }
      for (RawClient client : open) {
        client.close();
      }
    }
  }

  private static boolean begins(RawClient client, String request, int expected) {
    try {
      RawMessage head = new RawMessage(RawMessage.readHead(client.send(request).in()), "");
      if (head.status() == expected) {
        return true;
      }
      client.in().readNBytes(Integer.parseInt(head.fields("Content-Length").getFirst()));
      return false;
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  @Test
  void upstreamThatCantBeReachedGivesItsPlacesBack() throws Exception {
    Upstream refuses = upstream(Duration.ofSeconds(60), 2, 2);
    upstream.close();
    try (TestHouse house = TestHouse.plan().plain().route(TestHouse.open("/", refuses)).build()) {
      for (int i = 0; i < 6; i++) {
        try (RawClient client = house.connect()) {
          assertThat(client.ask("GET / HTTP/1.1\r\n" + HOST + "\r\n").status()).isEqualTo(502);
          assertThat(client.ask("GET / HTTP/1.1\r\n" + HOST + UPGRADE + "\r\n").status())
              .isEqualTo(502);
        }
      }
    }
  }

  @Test
  void waitingRequestHasTheNextPlaceAndOneWhoseClientIsGoneHasNone() throws Exception {
    upstream.serve(this::serveLater);
    try (TestHouse house = plan(2, 2).plain().build();
        RawClient first = house.connect();
        RawClient waits = house.connect()) {
      first.send("GET / HTTP/1.1\r\n" + HOST + KEY + "\r\n");
      upstream.next();
      try (RawClient goes = house.connect()) {
        goes.send("GET / HTTP/1.1\r\n" + HOST + KEY + "\r\n");
      }
      waits.send("GET / HTTP/1.1\r\n" + HOST + KEY + "\r\n");
      slowAnswers.complete(null);
      assertThat(first.read().status()).isEqualTo(200);
      // On a slow machine it had to wait for too long.
      assertThat(waits.read().status()).isIn(200, 503);
      assertThat(keyed(house, "").status()).isEqualTo(200);
    }
  }

  @Test
  void requestThatFindsNoRoomInTheQueueIs503() throws Exception {
    upstream.serve(this::serveLater);
    try (TestHouse house = queueing(new Upstream.Queue(1, Duration.ofHours(1)));
        RawClient first = house.connect();
        RawClient waits = house.connect()) {
      first.send("GET / HTTP/1.1\r\n" + HOST + "\r\n");
      upstream.next();
      waits.send("GET / HTTP/1.1\r\n" + HOST + "\r\n");
      // Of the two that wait then, one has the room.
      try (RawClient beyond = house.connect()) {
        beyond.send("GET / HTTP/1.1\r\n" + HOST + "\r\n");
        TestHouse.eventually(() -> hasAnswer(waits) || hasAnswer(beyond));
        RawClient refused = hasAnswer(beyond) ? beyond : waits;
        RawMessage answer = refused.read();
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.fields("Retry-After")).isNotEmpty();
        slowAnswers.complete(null);
        assertThat((refused == beyond ? waits : beyond).read().status()).isEqualTo(200);
      }
    }
  }

  @Test
  void requestWaitsForAsLongAsItsUpstreamSays() throws Exception {
    try (RawUpstream silent = new RawUpstream(null);
        TestHouse house =
            queueing(
                new Upstream.Queue(1, Duration.ofHours(1)),
                // Later than the default of the queue.
                TestHouse.open("/silent", to(silent, Duration.ofMillis(1_500))));
        RawClient first = house.connect();
        RawClient waits = house.connect();
        RawClient clock = house.connect()) {
      upstream.serve(this::serveLater);
      silent.serve((head, in, out) -> in.read() >= 0);
      first.send("GET / HTTP/1.1\r\n" + HOST + "\r\n");
      upstream.next();
      waits.send("GET / HTTP/1.1\r\n" + HOST + "\r\n");
      assertThat(clock.ask("GET /silent HTTP/1.1\r\n" + HOST + "\r\n").status()).isEqualTo(504);
      slowAnswers.complete(null);
      assertThat(waits.read().status()).isEqualTo(200);
    }
  }

  @SafeVarargs
  private TestHouse queueing(Upstream.Queue queue, Route<Upstream>... more) {
    TestHouse.Plan plan =
        TestHouse.plan()
            .plain()
            .route(TestHouse.open("/", to(upstream, Duration.ofSeconds(60), queue)));
    for (Route<Upstream> route : more) {
      plan = plan.route(route);
    }
    return plan.build();
  }

  private static Upstream to(RawUpstream upstream, Duration responseTimeout) {
    return to(upstream, responseTimeout, Upstream.Queue.DEFAULT);
  }

  // With one place for requests.
  private static Upstream to(RawUpstream upstream, Duration responseTimeout, Upstream.Queue queue) {
    return new Upstream(
        upstream.base(),
        Duration.ofSeconds(5),
        responseTimeout,
        Duration.ofSeconds(60),
        false,
        true,
        1_000,
        1,
        1,
        queue,
        null,
        null,
        ClientFields.DEFAULT);
  }

  private static boolean hasAnswer(RawClient client) {
    try {
      return client.in().available() > 0;
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  // As many as requests may be under way: not as many for each event loop.
  @Test
  void idleConnectionsOfAllEventLoopsTogetherAreBounded() throws Exception {
    AtomicInteger open = new AtomicInteger();
    AtomicInteger came = new AtomicInteger();
    CyclicBarrier allCame = new CyclicBarrier(3);
    upstream.serve(
        (head, in, out) -> {
          boolean last = head.toLowerCase(Locale.ROOT).contains("\r\nconnection: close");
          open.addAndGet(came.incrementAndGet() > 0 && !last ? 1 : 0);
          try {
            allCame.await(20, TimeUnit.SECONDS);
          } catch (Exception failed) {
            throw new IOException(failed);
          }
          RawUpstream.answer(out, "200 OK", last ? "Connection: close\r\n" : "", "ok");
          return !last;
        });
    Upstream four = upstream(Duration.ofSeconds(60), 4, 4);
    try (TestHouse house =
        TestHouse.plan()
            .route(TestHouse.open("/public", four))
            .route(TestHouse.guarded(four))
            .build()) {
      List<RawClient> clients = new ArrayList<>();
      // Connections go to the event loops in turn.
      for (int i = 0; i < 2; i++) {
        RawClient client = Http2Frames.begin(house.connect("h2"));
        clients.add(client);
        client.send(get(1, "/public", ""));
        client.send(get(3, "/public", ""));
        client.send(get(5, "/", "|x-api-key=good"));
        for (int answers = 0; answers < 3; answers++) {
          Http2Frames.readUntil(client.in(), Http2Frames.HEADERS);
        }
      }
      assertThat(upstream.connections()).as("the second event loop has its own").isEqualTo(6);
      assertThat(open).as("kept").hasValue(4);
      for (RawClient client : clients) {
        client.close();
      }
    }
  }

  private boolean serveLater(String head, InputStream in, OutputStream out) throws IOException {
    slowAnswers.orTimeout(60, TimeUnit.SECONDS).join();
    RawUpstream.answer(out, "200 OK", "", "ok");
    return true;
  }

  private static byte[] get(int stream, String path, String fields) {
    return Http2Frames.frame(
        Http2Frames.HEADERS,
        Http2Frames.END_HEADERS | Http2Frames.END_STREAM,
        stream,
        Http2Frames.fields(
            ":method=GET|:scheme=https|:authority=localhost|:path=" + path + fields));
  }

  private static RawMessage keyed(TestHouse house, String fields) throws IOException {
    try (RawClient client = house.connect()) {
      return client.ask("GET / HTTP/1.1\r\n" + HOST + KEY + fields + "\r\n");
    }
  }
}
