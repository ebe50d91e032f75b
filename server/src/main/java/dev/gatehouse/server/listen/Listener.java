package dev.gatehouse.server.listen;

import dev.gatehouse.throttle.Shares;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.net.SocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/// Listens for HTTP/1.1 and HTTP/2 over TLS, or for plain HTTP/1.1, on several event loops.
/// Thread-safe.
public final class Listener {

  private static final AtomicInteger RANDOM_PORTS = new AtomicInteger();

  static {
    // RFC 9325 §3.5: no renegotiation. BoringSSL refuses it by default, the JDK only with this
    // property.
    System.setProperty("jdk.tls.rejectClientInitiatedRenegotiation", "true");
    // How long a chain may be, the gate says itself, and not by ending the handshake. The JDK still
    // bounds a handshake message: 32 KiB.
    System.setProperty("jdk.tls.server.maxInboundCertificateChainLength", "1000");
  }

  // Its event loops read these.
  final Vertx vertx;

  final ListenerSettings settings;

  final ForwardedHops hops;

  final Shares signedBytes;

  final UnsentBytes unsentBytes;

  final ConcurrentLinkedQueue<HttpServer> servers = new ConcurrentLinkedQueue<>();

  final ConcurrentLinkedQueue<ListenerLoop> loops = new ConcurrentLinkedQueue<>();

  final SocketAddress address;

  private String deployment = "";

  private Listener(Vertx vertx, ListenerSettings settings) {
    this.vertx = vertx;
    this.settings = settings;
    this.hops = new ForwardedHops(settings.trustedProxies());
    this.signedBytes = new Shares(settings.limits().maxSignedBytes());
    this.unsentBytes = new UnsentBytes(settings.limits().maxUnsentBytes());
    // Any free port, but the same for every event loop.
    this.address =
        settings.port() == 0
            ? SocketAddress.sharedRandomPort(RANDOM_PORTS.incrementAndGet(), settings.address())
            : SocketAddress.inetSocketAddress(settings.port(), settings.address());
  }

  /// Begins to listen; fails when the address is taken or the certificate can't be used.
  ///
  /// @param vertx made with a [BoundedAccept], which bounds the connections; throws
  ///   [IllegalArgumentException] otherwise
  /// @param handlers gives each event loop its own handler, and is called on that event loop
  public static Future<Listener> start(
      Vertx vertx, ListenerSettings settings, Supplier<? extends Arrival.Handler> handlers) {
    BoundedAccept.demand(vertx);
    Listener listener = new Listener(vertx, settings);
    return vertx
        .deployVerticle(
            () -> new ListenerLoop(listener, handlers),
            new DeploymentOptions().setInstances(settings.eventLoops()))
        .map(
            id -> {
              listener.deployment = id;
              return listener;
            });
  }

  /// The port that it listens on.
  public int port() {
    return Objects.requireNonNull(servers.peek()).actualPort();
  }

  /// Uses another certificate from now on; connections that are open keep theirs.
  public Future<Void> reload(TlsSettings tls) {
    return Future.all(
            servers.stream()
                .map(
                    server ->
                        server.updateSSLOptions(
                            Objects.requireNonNull(
                                ServerOptions.of(settings.limits(), tls).getSslOptions()),
                            true))
                .toList())
        .mapEmpty();
  }

  /// Accepts no more connections and requests, and waits until the open requests are answered, but
  /// at most `longest`. Then it closes what is still open. A client that does not read does not
  /// extend this time.
  public Future<Void> drain(Duration longest) {
    long timer = vertx.setTimer(Math.max(1, longest.toMillis()), late -> cutAll());
    return Future.all(
            servers.stream()
                .map(server -> server.shutdown(longest.toMillis(), TimeUnit.MILLISECONDS))
                .toList())
        .onComplete(closed -> vertx.cancelTimer(timer))
        .mapEmpty();
  }

  /// Stops listening and closes what is open at once.
  public Future<Void> close() {
    cutAll();
    return vertx.undeploy(deployment);
  }

  /// The bytes of answers that wait until clients take them.
  UnsentBytes unsentBytes() {
    return unsentBytes;
  }

  private void cutAll() {
    loops.forEach(loop -> loop.runOnLoop(loop::cutAll));
  }
}
