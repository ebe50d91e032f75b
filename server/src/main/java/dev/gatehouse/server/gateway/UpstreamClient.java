package dev.gatehouse.server.gateway;

import dev.gatehouse.ConnectionOptions;
import dev.gatehouse.FailureText;
import dev.gatehouse.server.listen.ConnectionCloser;
import dev.gatehouse.server.tls.ServerTrust;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.AttributeKey;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The connections of one event loop to one upstream.
///
/// Connections are kept open between requests and stay on that event loop, so no request changes
/// threads. [UpstreamPlaces] bounds the requests in progress, so no request waits here for another
/// one to end. WebSockets have separate connections. Must be called on its event loop only.
final class UpstreamClient {

  // Shorter than what servers commonly keep (Node 5 s is the exception; see AwaitingAnswer on
  // retries).
  private static final int KEEP_ALIVE_SECONDS = 30;
  private static final int MAX_HEADER_BYTES = 65_536;
  private static final int CLOSE_SECONDS = 10;

  private static final AttributeKey<Latest> LATEST =
      AttributeKey.valueOf(UpstreamClient.class, "latest");

  private static final Logger LOG = LoggerFactory.getLogger(UpstreamClient.class);

  /// Gets the status and the fields of an answer that comes before the answer proper.
  @FunctionalInterface
  interface Informed {
    void inform(int status, MultiMap fields);
  }

  /// What a connection is used for.
  private record Latest(HttpClientRequest request, Informed informed) {}

  private final HttpClient requests;
  private final HttpClient webSockets;
  private final Upstream upstream;
  private final String prefix;

  /// @param places told of the connections for requests
  UpstreamClient(Vertx vertx, Upstream upstream, UpstreamPlaces places) {
    this.upstream = upstream;
    this.prefix = upstream.prefix();
    HttpClientOptions options =
        new HttpClientOptions()
            .setSsl(upstream.tls())
            .setVerifyHost(true)
            .setConnectTimeout(Math.toIntExact(upstream.connectTimeout().toMillis()))
            .setKeepAlive(true)
            .setKeepAliveTimeout(KEEP_ALIVE_SECONDS)
            .setPipelining(false)
            .setDecompressionSupported(false)
            .setMaxHeaderSize(MAX_HEADER_BYTES)
            .setTcpNoDelay(true);
    if (upstream.tls()) {
      options
          .setForceSni(true)
          .setSslHandshakeTimeout(upstream.connectTimeout().toMillis())
          .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
          .setEnabledSecureTransportProtocols(Set.of("TLSv1.2", "TLSv1.3"))
          .setTrustOptions(new ServerTrust(upstream.trust()));
    }
    this.requests = client(vertx, options, upstream.maxRequests(), places::opened);
    this.webSockets = client(vertx, options, upstream.maxWebSockets(), opened -> {});
  }

  private static HttpClient client(
      Vertx vertx, HttpClientOptions options, int maxConnections, Consumer<Channel> opened) {
    return vertx
        .httpClientBuilder()
        .with(options)
        .with(
            new PoolOptions()
                .setHttp1MaxSize(maxConnections)
                // Requests wait here only until a connection is ready: each of them has a place
                // already.
                .setMaxWaitQueueSize(-1))
        .withConnectHandler(
            connection -> {
              Channel channel = ConnectionCloser.channel(connection);
              channel.pipeline().addBefore("handler", "answers", new AnswerHeads());
              opened.accept(channel);
              // Each request on it hears of the failure too, and says so.
              connection.exceptionHandler(
                  failed ->
                      LOG.debug("An upstream connection failed: {}", failed.getClass().getName()));
            })
        .build();
  }

  /// A request on a free connection, not sent yet, and without fields: they are written into it,
  /// since those that are handed over here would be copied and checked once more.
  ///
  /// @param webSocket whether it asks for one
  /// @param target normalised; the upstream's prefix is put before it
  Future<HttpClientRequest> request(boolean webSocket, HttpMethod method, String target) {
    return (webSocket ? webSockets : requests)
        .request(
            new RequestOptions()
                .setMethod(method)
                .setHost(upstream.host())
                .setPort(upstream.port())
                .setURI(prefix.isEmpty() ? target : prefix + target)
                .setFollowRedirects(false));
  }

  /// Closes the connections, each when what is on its way there has arrived, or after a while.
  void close() {
    requests.shutdown(CLOSE_SECONDS, TimeUnit.SECONDS);
    webSockets.shutdown(CLOSE_SECONDS, TimeUnit.SECONDS);
  }

  /// Takes note that the request is what its connection is used for.
  ///
  /// @param informed gets every answer of 1xx but 101, on the event loop of the connection
  static void begin(HttpClientRequest request, Informed informed) {
    ConnectionCloser.channel(request.connection()).attr(LATEST).set(new Latest(request, informed));
  }

  /// Gives back a request of which nothing was sent: its connection may serve another one.
  static void giveBack(HttpClientRequest unused) {
    unused.exceptionHandler(failed -> LOG.trace("Given back unused")).reset();
  }

  /// Gives up a request that was begun, and closes its connection at once, whatever is queued, also
  /// if only its body is incomplete. If the response has ended, Vert.x does not close the
  /// connection when the request is reset. It does not close it by itself either.
  ///
  /// If the request and its response are both complete, the connection stays open, since it may
  /// serve another request already.
  static void abandon(HttpClientRequest request) {
    Channel channel = ConnectionCloser.channel(request.connection());
    Latest latest = channel.attr(LATEST).get();
    if (latest != null && request.equals(latest.request())) {
      ConnectionCloser.now(channel);
    }
  }

  /// Why an upstream can't be reached, or failed: for the log and the cause of a refusal. It quotes
  /// nothing of the upstream.
  static String described(Throwable failed) {
    if (!(failed instanceof SSLException tls)) {
      return FailureText.of(failed);
    }
    return "TLS failed: "
        + ServerTrust.reason(tls)
        + (ServerTrust.isOfUnknownCa(tls) ? "; name its CA in 'upstreamCa'" : "");
  }

  /// Reads the head of each answer before Vert.x, which takes 102 for the answer proper, and knows
  /// `close` only where it is all that `Connection` says.
  private static final class AnswerHeads extends ChannelInboundHandlerAdapter {

    private boolean informing;

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      if (message instanceof HttpResponse answer) {
        int status = answer.status().code();
        // RFC 9110 §15.2: 1xx comes before the answer proper, and has no body; 101 ends HTTP. What
        // is
        // below has no meaning (§15), and is judged as an answer proper.
        informing =
            answer.decoderResult().isSuccess() && status >= 100 && status < 200 && status != 101;
        if (!informing) {
          putCloseFirst(answer.headers());
        } else {
          inform(context.channel(), status, answer.headers());
        }
      }
      boolean dropped = informing;
      if (message instanceof LastHttpContent) {
        informing = false;
      }
      if (dropped) {
        ReferenceCountUtil.release(message);
      } else {
        context.fireChannelRead(message);
      }
    }

    private static void inform(
        Channel channel, int status, io.netty.handler.codec.http.HttpHeaders fields) {
      Latest latest = channel.attr(LATEST).get();
      if (latest != null) {
        MultiMap copied = HttpHeaders.headers();
        fields.forEach(field -> copied.add(field.getKey(), field.getValue()));
        latest.informed().inform(status, copied);
      }
    }

    // RFC 9112 §9.6: a list.
    private static void putCloseFirst(io.netty.handler.codec.http.HttpHeaders fields) {
      List<String> options = fields.getAll(HttpHeaderNames.CONNECTION);
      if (ConnectionOptions.contains(options, "close")) {
        List<String> first = new ArrayList<>(options);
        first.addFirst("close");
        fields.set(HttpHeaderNames.CONNECTION, first);
      }
    }
  }
}
