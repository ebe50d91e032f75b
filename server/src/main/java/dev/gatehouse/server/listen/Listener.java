package dev.gatehouse.server.listen;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.HeaderFields;
import dev.gatehouse.PeerCertificates;
import dev.gatehouse.Reason;
import dev.gatehouse.Refusal;
import dev.gatehouse.RequestBody;
import dev.gatehouse.throttle.Shares;
import io.netty.channel.Channel;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.Http1ServerConfig;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.JdkSSLEngineOptions;
import io.vertx.core.net.OpenSSLEngineOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.SSLEngineOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.net.TrustOptions;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// An open door: HTTP/1.1 and HTTP/2 over TLS, or plain HTTP/1.1, on several event loops.
public final class Listener {

  private static final Logger LOG = LoggerFactory.getLogger(Listener.class);
  private static final long SWEEP_MILLIS = 250;
  private static final AtomicInteger RANDOM_PORTS = new AtomicInteger();

  // Forward secrecy and authenticated encryption only (RFC 9325 §4.2, RFC 9113 §9.2.2).
  private static final List<String> CIPHER_SUITES =
      List.of(
          "TLS_AES_128_GCM_SHA256",
          "TLS_AES_256_GCM_SHA384",
          "TLS_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

  static {
    // RFC 9325 §3.5: no renegotiation. BoringSSL refuses it by itself, the JDK where it is told to.
    System.setProperty("jdk.tls.rejectClientInitiatedRenegotiation", "true");
    // How long a chain may be, the gate says itself, and not by ending the handshake. The JDK still
    // bounds a handshake message: 32 KiB.
    System.setProperty("jdk.tls.server.maxInboundCertificateChainLength", "1000");
  }

  private final Vertx vertx;
  private final ListenerSettings settings;
  private final ForwardedHops hops;
  private final Shares signedBytes;
  private final UnsentBytes unsentBytes;
  private final ConcurrentLinkedQueue<HttpServer> servers = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<Loop> loops = new ConcurrentLinkedQueue<>();
  private final SocketAddress address;
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
            () -> listener.new Loop(handlers),
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
                            Objects.requireNonNull(options(tls).getSslOptions()), true))
                .toList())
        .mapEmpty();
  }

  /// Takes no more connections and requests, and waits until those that were begun are answered,
  /// but no longer than that; what is still open then is closed.
  ///
  /// A client that does not read does not delay it further.
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

  private HttpServerOptions options(@Nullable TlsSettings tls) {
    ListenLimits limits = settings.limits();
    HttpServerOptions options =
        new HttpServerOptions()
            .setMaxInitialLineLength(limits.maxInitialLineBytes())
            .setMaxHeaderSize(limits.maxHeaderBytes())
            .setHttp2ClearTextEnabled(false)
            .setHandle100ContinueAutomatically(false)
            .setCompressionSupported(false)
            .setDecompressionSupported(false)
            .setPerFrameWebSocketCompressionSupported(false)
            .setPerMessageWebSocketCompressionSupported(false)
            .setTcpNoDelay(true)
            .setHttp2RstFloodMaxRstFramePerWindow(limits.maxResets())
            .setInitialSettings(
                new Http2Settings()
                    .setMaxConcurrentStreams(limits.maxConcurrentStreams())
                    .setMaxHeaderListSize(limits.maxHeaderBytes())
                    .setInitialWindowSize(ListenLimits.STREAM_WINDOW_BYTES))
            .setHttp2ConnectionWindowSize(1024 * 1024);
    if (tls != null) {
      CIPHER_SUITES.forEach(options::addEnabledCipherSuite);
      options
          .setSsl(true)
          .setUseAlpn(true)
          .setAlpnVersions(List.of(HttpVersion.HTTP_2, HttpVersion.HTTP_1_1, HttpVersion.HTTP_1_0))
          .setSslEngineOptions(engine(tls.clients() != null))
          .setEnabledSecureTransportProtocols(Set.of("TLSv1.2", "TLSv1.3"))
          .setSslHandshakeTimeout(limits.headerTimeout().toMillis())
          .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
          .setKeyCertOptions(
              new PemKeyCertOptions().addCertValue(tls.certificate()).addKeyValue(tls.key()));
      ClientAuthentication clients = tls.clients();
      if (clients != null) {
        options
            .setClientAuth(clients.required() ? ClientAuth.REQUIRED : ClientAuth.REQUEST)
            .setTrustOptions(TrustOptions.wrap(clients.judge()));
        // The JDK's handshake, and a chain that is judged in it, take several signatures: no event
        // loop waits for them.
        options.getSslEngineOptions().setUseWorkerThread(true);
      }
    }
    return options;
  }

  // BoringSSL ends the handshake of a client that shows a certificate with an Ed25519 key, with a
  // key on P-521 (TLS 1.3), or with a key usage that lacks digitalSignature, and takes signatures
  // with SHA-1 (RFC 9155). It can't be told otherwise. With the JDK's TLS the handshake finishes,
  // and the route judges the certificate.
  private static SSLEngineOptions engine(boolean asksForCertificates) {
    boolean boringSsl =
        OpenSSLEngineOptions.isAvailable() && OpenSSLEngineOptions.isAlpnAvailable();
    return boringSsl && !asksForCertificates
        ? new OpenSSLEngineOptions()
        : new JdkSSLEngineOptions();
  }

  /// The part of the listener that belongs to one event loop.
  private final class Loop extends VerticleBase {

    private final Supplier<? extends Arrival.Handler> handlers;
    private final Set<ConnectionWatch> watches = new HashSet<>();
    private final ShownCertificates shown = new ShownCertificates(settings.certificateField());
    private final @Nullable ClientAuthentication required;
    private Arrival.@Nullable Handler handler;
    private boolean judging;

    Loop(Supplier<? extends Arrival.Handler> handlers) {
      this.handlers = handlers;
      ClientAuthentication clients = settings.tls() == null ? null : settings.tls().clients();
      this.required = clients != null && clients.required() ? clients : null;
    }

    @Override
    public Future<?> start() {
      handler = handlers.get();
      loops.add(this);
      vertx.setPeriodic(SWEEP_MILLIS, id -> sweep());
      HttpServer server =
          vertx
              .createHttpServer(options(settings.tls()))
              .connectionHandler(this::opened)
              .exceptionHandler(
                  failed -> LOG.debug("A connection failed: {}", failed.getClass().getName()))
              .invalidRequestHandler(this::refuseUnparsed)
              .requestHandler(this::arrived);
      return server.listen(address).onSuccess(servers::add);
    }

    private void opened(HttpConnection connection) {
      Channel channel = Cutting.channel(connection);
      InetAddress peer = ((InetSocketAddress) channel.remoteAddress()).getAddress();
      ConnectionWatch watch =
          new ConnectionWatch(
              connection, peer, hops.trusts(peer), ShownCertificates.of(channel), unsentBytes);
      channel.attr(ConnectionWatch.KEY).set(watch);
      if (channel.pipeline().get("httpDecoder") != null) {
        channel
            .pipeline()
            .replace(
                "httpDecoder",
                "httpDecoder",
                new StrictRequestDecoder(
                    new Http1ServerConfig()
                        .setMaxInitialLineLength(settings.limits().maxInitialLineBytes())
                        .setMaxHeaderSize(settings.limits().maxHeaderBytes()),
                    watch));
      }
      Http2ConnectionHandler http2 = channel.pipeline().get(Http2ConnectionHandler.class);
      if (http2 != null) {
        StrictHeads.addTo(http2, peer);
      }
      watches.add(watch);
      // On the channel and not on the connection: an upgraded connection has another object.
      channel.closeFuture().addListener(closed -> watches.remove(watch));
    }

    private void sweep() {
      long now = System.nanoTime();
      for (ConnectionWatch watch : List.copyOf(watches)) {
        watch.sweep(now, settings.limits());
      }
      if (required != null && !judging) {
        judgeAgain(required);
      }
    }

    // The trust may have changed, or a certificate or a list come to its end, since a connection
    // was
    // opened. No event loop waits for the signatures of all that are open.
    private void judgeAgain(ClientAuthentication clients) {
      List<ConnectionWatch> asked =
          watches.stream().filter(watch -> !clients.knowsAsGood(watch.certificates)).toList();
      if (asked.isEmpty()) {
        return;
      }
      judging = true;
      vertx
          .executeBlocking(
              () ->
                  asked.stream()
                      .filter(watch -> clients.fault(watch.certificates) != null)
                      .toList())
          .otherwise(asked)
          .onComplete(
              bad -> {
                judging = false;
                bad.result().forEach(ConnectionWatch::cut);
              });
    }

    private void runOnLoop(Runnable task) {
      context.runOnContext(next -> task.run());
    }

    private void cutAll() {
      List.copyOf(watches).forEach(ConnectionWatch::cut);
    }

    // RFC 6797 §7.2: never over plain HTTP.
    private void announceHttps(HttpServerRequest request, boolean https) {
      Hsts hsts = settings.hsts();
      if (https && hsts != null) {
        hsts.addTo(request.response());
      }
    }

    private void refuseUnparsed(HttpServerRequest request) {
      announceHttps(request, request.isSSL());
      Throwable cause = request.decoderResult().cause();
      // What another parser complains of may quote what it read, and that may be a secret.
      String fault =
          cause instanceof StrictRequestDecoder.MalformedHeadException
              ? cause.getMessage()
              : cause.getClass().getSimpleName();
      refuse(request, "The request can't be read", "unreadable: " + fault);
    }

    private void refuse(HttpServerRequest request, String detail, String cause) {
      ConnectionWatch watch = ConnectionWatch.of(request.connection());
      if (watch == null) {
        return; // it was not opened in order
      }
      Refusal refusal = Refusal.ofUnreadable(watch.peer, detail, cause);
      if (Arrival.isHttp1(request)) {
        Answers.refuseAndClose(request, refusal);
      } else {
        Answers.refuse(request, refusal);
      }
    }

    private void arrived(HttpServerRequest request) {
      ConnectionWatch watch = ConnectionWatch.of(request.connection());
      if (watch == null || watch.isNoMore()) {
        return; // the last answer was given
      }
      // RFC 8446 §4.4.2.4: a client without an acceptable certificate is not served.
      if (required != null && required.fault(watch.certificates) != null) {
        watch.cut();
        return;
      }
      watch.requestBegins(request);
      announceHttps(request, request.isSSL());
      if (watch.isBodyMalformed()) {
        refuse(request, MalformedBodyException.DETAIL, MalformedBodyException.DETAIL);
        return;
      }
      MessageForm form = MessageForm.of(request, settings.limits());
      if (form.fault != null) {
        refuse(request, form.fault, form.fault);
        return;
      }
      MultiMap headers = request.headers();
      InetAddress peer = watch.peer;
      String scheme = request.isSSL() ? "https" : "http";
      if (!request.isSSL() && !watch.peerIsTrustedProxy && !peer.isLoopbackAddress()) {
        String fault = "Plain HTTP is taken from the listed proxies only";
        refuse(request, fault, fault);
        return;
      }
      boolean cameInClear = false;
      HeaderFields fields = form.fields(headers);
      PeerCertificates certificates = watch.certificates;
      String unreadable = null;
      if (watch.peerIsTrustedProxy) {
        ShownCertificates.Forwarded forwarded = shown.by(fields);
        certificates = forwarded.certificates();
        unreadable = forwarded.fault();
        peer = hops.client(peer, headers.getAll("X-Forwarded-For"));
        List<String> proto = headers.getAll("X-Forwarded-Proto");
        cameInClear = ForwardedHops.anyInClear(proto);
        if (proto.equals(List.of("https"))) {
          announceHttps(request, !request.isSSL());
          scheme = "https";
        }
      }
      AuthRequest auth =
          new AuthRequest(
              request.method().name(),
              scheme,
              form.authority,
              request.uri(),
              fields,
              peer,
              certificates,
              form.mayHaveBody()
                  ? new ArrivedBody(
                      request, new BodyBytes(signedBytes, peer), settings.limits().bodyTimeout())
                  : RequestBody.NONE);
      if (cameInClear) {
        Answers.refuse(
            request,
            Refusal.of(
                auth,
                Reason.MALFORMED_REQUEST,
                "This came to the proxy by plain HTTP: use https",
                "in clear text before the proxy"));
        return;
      }
      if (unreadable != null) {
        Answers.refuse(request, Refusal.of(auth, Reason.MALFORMED_REQUEST, unreadable, unreadable));
        return;
      }
      Objects.requireNonNull(handler)
          .handle(new Arrival(request, auth, form.host(), form.target, form.mayHaveBody()));
    }
  }
}
