package dev.gatehouse.server.listen;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.HeaderFields;
import dev.gatehouse.PeerCertificates;
import dev.gatehouse.Reason;
import dev.gatehouse.Refusal;
import dev.gatehouse.RequestBody;
import io.netty.channel.Channel;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.Http1ServerConfig;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The part of a listener that belongs to one event loop: its connections, and the requests that
/// arrive on them.
final class ListenerLoop extends VerticleBase {

  private static final Logger LOG = LoggerFactory.getLogger(Listener.class);
  private static final long SWEEP_INTERVAL_MILLIS = 250;

  private final Listener listener;
  private final ListenerSettings settings;
  private final Supplier<? extends Arrival.Handler> handlers;
  private final Set<ConnectionWatch> watches = new HashSet<>();
  private final PresentedCertificates shown;
  private final @Nullable ClientAuthentication required;
  private Arrival.@Nullable Handler handler;
  private boolean judging;

  ListenerLoop(Listener listener, Supplier<? extends Arrival.Handler> handlers) {
    this.listener = listener;
    this.settings = listener.settings;
    this.shown = new PresentedCertificates(settings.certificateField());
    this.handlers = handlers;
    ClientAuthentication clients = settings.tls() == null ? null : settings.tls().clients();
    this.required = clients != null && clients.required() ? clients : null;
  }

  @Override
  public Future<?> start() {
    handler = handlers.get();
    listener.loops.add(this);
    vertx.setPeriodic(SWEEP_INTERVAL_MILLIS, id -> sweep());
    HttpServer server =
        vertx
            .createHttpServer(ServerOptions.of(settings.limits(), settings.tls()))
            .connectionHandler(this::opened)
            .exceptionHandler(
                failed -> LOG.debug("A connection failed: {}", failed.getClass().getName()))
            .invalidRequestHandler(this::refuseUnparsed)
            .requestHandler(this::arrived);
    return server.listen(listener.address).onSuccess(listener.servers::add);
  }

  private void opened(HttpConnection connection) {
    Channel channel = ConnectionCloser.channel(connection);
    InetAddress peer = ((InetSocketAddress) channel.remoteAddress()).getAddress();
    ConnectionWatch watch =
        new ConnectionWatch(
            connection,
            new ConnectionWatch.Peer(
                peer, listener.hops.trusts(peer), PresentedCertificates.of(channel)),
            listener.unsentBytes);
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

  // Since a connection was opened, the trust may have changed, or a certificate or a list may have
  // expired. No event loop waits for the signatures of all that are open.
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
                asked.stream().filter(watch -> clients.fault(watch.certificates) != null).toList())
        .otherwise(asked)
        .onComplete(
            bad -> {
              judging = false;
              bad.result().forEach(ConnectionWatch::cut);
            });
  }

  void runOnLoop(Runnable task) {
    context.runOnContext(next -> task.run());
  }

  void cutAll() {
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
      PresentedCertificates.Forwarded forwarded = shown.by(fields);
      certificates = forwarded.certificates();
      unreadable = forwarded.fault();
      peer = listener.hops.client(peer, headers.getAll("X-Forwarded-For"));
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
                    request,
                    new BodyBytes(listener.signedBytes, peer),
                    settings.limits().bodyTimeout())
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
