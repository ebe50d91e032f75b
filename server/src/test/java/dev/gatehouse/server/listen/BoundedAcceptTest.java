package dev.gatehouse.server.listen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.gatehouse.Network;
import dev.gatehouse.server.gateway.Upstream;
import dev.gatehouse.server.wire.RawClient;
import dev.gatehouse.server.wire.RawUpstream;
import dev.gatehouse.server.wire.TestHouse;
import io.netty.channel.embedded.EmbeddedChannel;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/// Connections count from the moment when they are accepted.
@Tag("end-to-end")
class BoundedAcceptTest {

  private static ListenLimits limits(int connections, int perAddress) {
    return new ListenLimits(
        1000,
        4000,
        20,
        Duration.ofSeconds(60),
        Duration.ofSeconds(1),
        1 << 20,
        1 << 24,
        Duration.ofSeconds(60),
        connections,
        perAddress,
        5,
        10);
  }

  @Test
  void connectionsThatSendNothingCountAndGiveTheirPlacesBack() throws Exception {
    try (RawUpstream upstream = new RawUpstream(null);
        TestHouse house =
            TestHouse.plan()
                .limits(limits(4, 4))
                .route(TestHouse.open("/", Upstream.of(upstream.base())))
                .build()) {
      List<Socket> silent = new ArrayList<>();
      TestHouse.eventually(() -> take(silent, house.port(), "127.0.0.1") == 4);

      assertThat(isRefused(connect(house.port(), "127.0.0.1"))).isTrue();

      for (Socket socket : silent) {
        socket.close();
      }
      TestHouse.eventually(() -> isServed(house));
    }
  }

  // The house's own first connections may still be closing.
  private static int take(List<Socket> taken, int port, String from) {
    try {
      Socket socket = connect(port, from);
      if (isRefused(socket)) {
        socket.close();
      } else {
        taken.add(socket);
      }
      return taken.size();
    } catch (IOException failed) {
      throw new java.io.UncheckedIOException(failed);
    }
  }

  @Test
  void oneAddressTakesItsShareOnlyAndAProxyTheSharesOfMany() throws Exception {
    try (RawUpstream upstream = new RawUpstream(null);
        TestHouse house =
            TestHouse.plan()
                .limits(limits(7, 2))
                .trustedProxies(Network.parse("127.0.0.3"))
                .route(TestHouse.open("/", Upstream.of(upstream.base())))
                .build()) {
      List<Socket> taken = new ArrayList<>();
      TestHouse.eventually(() -> take(taken, house.port(), "127.0.0.1") == 2);
      assertThat(isRefused(connect(house.port(), "127.0.0.1"))).isTrue();

      TestHouse.eventually(() -> take(taken, house.port(), "127.0.0.2") == 4);
      assertThat(isRefused(connect(house.port(), "127.0.0.2"))).isTrue();

      TestHouse.eventually(() -> take(taken, house.port(), "127.0.0.3") == 7);
      assertThat(isRefused(connect(house.port(), "127.0.0.3"))).isTrue();
      for (Socket socket : taken) {
        socket.close();
      }
    }
  }

  // A connection that was taken stays open without a word; one that was refused ends at once.
  private static boolean isRefused(Socket socket) throws IOException {
    socket.setSoTimeout(200);
    try {
      return socket.getInputStream().read() < 0;
    } catch (java.net.SocketTimeoutException open) {
      return false;
    } catch (SocketException reset) {
      return true;
    }
  }

  private static Socket connect(int port, String from) throws IOException {
    Socket socket = new Socket();
    socket.bind(new InetSocketAddress(parsed(from), 0));
    socket.connect(new InetSocketAddress(parsed("127.0.0.1"), port));
    return socket;
  }

  private static boolean isServed(TestHouse house) {
    try (RawClient client = house.connect()) {
      return client.ask("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").status() == 200;
    } catch (IOException | java.io.UncheckedIOException full) {
      return false;
    }
  }

  @Test
  void anIpv6SubscriberHasOneShareHoweverManyAddressesItHas() {
    EmbeddedChannel listening = listening(limits(100, 2));

    assertThat(accepts(listening, "2001:db8:0:1::1")).isTrue();
    assertThat(accepts(listening, "2001:db8:0:1::2")).isTrue();
    assertThat(accepts(listening, "2001:db8:0:1:ffff::3")).isFalse();
    assertThat(accepts(listening, "2001:db8:0:2::1")).isTrue();
    listening.finishAndReleaseAll();
  }

  @Test
  void refusedConnectionsHaveOneLineInTheLogForTenSeconds() {
    Logger logger = (Logger) LoggerFactory.getLogger(BoundedAccept.class);
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    logger.addAppender(lines);
    try {
      EmbeddedChannel listening = listening(limits(3, 2));
      listening.freezeTime();
      assertThat(accepts(listening, "192.0.2.1")).isTrue();
      assertThat(accepts(listening, "192.0.2.1")).isTrue();
      assertThat(accepts(listening, "192.0.2.1")).isFalse();
      assertThat(accepts(listening, "192.0.2.2")).isTrue();
      assertThat(accepts(listening, "192.0.2.3")).isFalse();
      assertThat(accepts(listening, "192.0.2.3")).isFalse();

      listening.advanceTimeBy(BoundedAccept.LOG_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
      listening.runScheduledPendingTasks();

      assertThat(lines.list).hasSize(1);
      assertThat(lines.list.getFirst().getFormattedMessage())
          .contains("refused 3 connections within 10 seconds")
          .contains("2 beyond the limit of 3, and 1 of addresses that have 2 open");
      listening.finishAndReleaseAll();
    } finally {
      logger.detachAppender(lines);
    }
  }

  @Test
  void aListenerDemandsAVertxThatBoundsItsConnections() {
    Vertx unbounded = Vertx.vertx();
    try {
      ListenerSettings settings =
          new ListenerSettings(
              "127.0.0.1", 0, null, List.of(), null, null, ListenLimits.DEFAULT, 1);
      assertThatThrownBy(() -> Listener.start(unbounded, settings, () -> arrival -> {}))
          .isInstanceOf(IllegalArgumentException.class);
    } finally {
      TestHouse.await(unbounded.close());
    }
  }

  private static EmbeddedChannel listening(ListenLimits limits) {
    return new EmbeddedChannel(new BoundedAccept(limits, List.of()).new AcceptedConnections());
  }

  private static boolean accepts(EmbeddedChannel listening, String address) {
    EmbeddedChannel accepted =
        new EmbeddedChannel() {
          @Override
          public SocketAddress remoteAddress() {
            return new InetSocketAddress(parsed(address), 4711);
          }
        };
    boolean taken = listening.writeInbound(accepted);
    return taken && accepted.equals(listening.readInbound());
  }

  private static InetAddress parsed(String address) {
    return Network.address(address);
  }
}
