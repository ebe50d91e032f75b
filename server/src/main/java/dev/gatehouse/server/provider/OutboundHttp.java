package dev.gatehouse.server.provider;

import com.nimbusds.jose.util.Resource;
import com.nimbusds.jose.util.ResourceRetriever;
import com.nimbusds.oauth2.sdk.http.HTTPRequestSender;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import com.nimbusds.oauth2.sdk.http.ReadOnlyHTTPRequest;
import com.nimbusds.oauth2.sdk.http.ReadOnlyHTTPResponse;
import dev.gatehouse.server.tls.ServerTrust;
import dev.gatehouse.server.tls.TrustedCertificates;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.UnknownHostException;
import java.nio.charset.CharacterCodingException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sends requests to one provider or issuer, which may be slow, broken or hostile.
///
/// An exchange takes at most [#EXCHANGE_TIMEOUT], and at most [OutboundExchange#MAX_ANSWER_BYTES]
/// of an answer are read. Redirects are not followed. Every address of a host must be one of the
/// [AllowedAddresses]. The connection goes to an address that was checked: the name is not looked
/// up again. Each provider has one of these, so a provider that hangs takes no connections of
/// another. Thread-safe; every call blocks.
public final class OutboundHttp implements HTTPRequestSender, ResourceRetriever, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(OutboundHttp.class);

  /// How long an exchange may take, from the look-up of the name to the last byte.
  static final Duration EXCHANGE_TIMEOUT = Duration.ofSeconds(5);

  static final int MAX_CONCURRENT_EXCHANGES = 16;

  private static final int MAX_HEADER_BYTES = 64 << 10;
  private static final int MAX_URL_LENGTH = 8_192;

  // Shorter than servers commonly keep a connection that is not used: Node keeps it for 5 seconds.
  private static final int KEEP_ALIVE_SECONDS = 4;

  /// How a name is looked up: the platform's way, except in tests.
  interface Resolver {

    /// All addresses of that host; throws [UnknownHostException] if it has none.
    InetAddress[] addresses(String host) throws UnknownHostException;
  }

  /// The server that requests go to.
  ///
  /// @param configured a URL of the configuration. Plain HTTP is used only if its scheme is `http`,
  ///   and then only on loopback
  /// @param addresses that hosts may have
  /// @param trust the only certificates that are trusted; null: the platform's CAs
  public record Peer(
      URI configured, AllowedAddresses addresses, @Nullable TrustedCertificates trust) {}

  private final Peer peer;
  private final Duration exchange;
  private final HttpClient client;
  private final OutboundExchange outbound;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Semaphore places = new Semaphore(MAX_CONCURRENT_EXCHANGES);

  OutboundHttp(Vertx vertx, Peer peer, Duration exchange, Resolver resolver) {
    this.peer = peer;
    this.exchange = exchange;
    HttpClientOptions options =
        new HttpClientOptions()
            .setVerifyHost(true)
            .setEnabledSecureTransportProtocols(Set.of("TLSv1.2", "TLSv1.3"))
            .setConnectTimeout(Math.toIntExact(exchange.toMillis()))
            .setKeepAliveTimeout(KEEP_ALIVE_SECONDS)
            .setMaxHeaderSize(MAX_HEADER_BYTES)
            .setTrustOptions(new ServerTrust(peer.trust));
    this.client =
        vertx
            .httpClientBuilder()
            .with(options)
            .with(new PoolOptions().setHttp1MaxSize(MAX_CONCURRENT_EXCHANGES))
            // The request on it hears of the failure too.
            .withConnectHandler(
                connection ->
                    connection.exceptionHandler(
                        failed ->
                            LOG.debug("A connection failed: {}", failed.getClass().getName())))
            .build();
    this.outbound = new OutboundExchange(client, peer, resolver);
  }

  /// Sends requests to that peer.
  ///
  /// @param vertx whose event loops wait for the answers
  public static OutboundHttp to(Peer peer, Vertx vertx) {
    return new OutboundHttp(vertx, peer, EXCHANGE_TIMEOUT, InetAddress::getAllByName);
  }

  /// Sends a request of the OAuth SDK; throws [IOException] that says what went wrong in words for
  /// operators, without the query, which may hold a secret.
  @Override
  public ReadOnlyHTTPResponse send(ReadOnlyHTTPRequest request) throws IOException {
    URI uri = checked(request.getURI());
    MultiMap fields = MultiMap.caseInsensitiveMultiMap();
    request.getHeaderMap().forEach((name, values) -> fields.add(name, values));
    String body = request.getBody();
    OutboundExchange.Answer answer =
        exchanged(
            new OutboundExchange.Question(
                uri,
                HttpMethod.valueOf(request.getMethod().name()),
                fields,
                Buffer.buffer(body == null ? "" : body)));
    HTTPResponse response = new HTTPResponse(answer.status());
    for (String name : answer.fields().names()) {
      response.setHeader(name, answer.fields().getAll(name).toArray(String[]::new));
    }
    response.setBody(textOf(answer, uri));
    return response;
  }

  /// Another status than 200 in place of a document.
  static final class StatusException extends IOException {

    private static final long serialVersionUID = 1L;

    private final int status;

    private StatusException(String name, int status) {
      super(name + " answered " + status);
      this.status = status;
    }

    int status() {
      return status;
    }
  }

  /// The JSON document of that address. Throws [StatusException] when the answer is not 200, and
  /// [IOException] when there is none.
  @Override
  public Resource retrieveResource(URL url) throws IOException {
    URI uri;
    try {
      uri = url.toURI();
    } catch (URISyntaxException noUri) {
      throw new IOException("the address of a document is no URI", noUri);
    }
    OutboundExchange.Answer answer =
        exchanged(
            new OutboundExchange.Question(
                checked(uri),
                HttpMethod.GET,
                MultiMap.caseInsensitiveMultiMap().add("Accept", "application/json"),
                Buffer.buffer()));
    if (answer.status() != HTTPResponse.SC_OK) {
      throw new StatusException(named(uri), answer.status());
    }
    return new Resource(textOf(answer, uri), answer.fields().get("Content-Type"));
  }

  private static String textOf(OutboundExchange.Answer answer, URI from) throws IOException {
    try {
      return answer.text();
    } catch (CharacterCodingException malformed) {
      throw new IOException(named(from) + " answered something that is no UTF-8", malformed);
    }
  }

  // What can be judged before the name is looked up.
  private URI checked(URI uri) throws IOException {
    if (uri.toString().length() > MAX_URL_LENGTH
        || uri.getHost() == null
        || uri.getRawUserInfo() != null
        || uri.getRawFragment() != null) {
      throw new IOException("an address has no host, or more than a host, a path and a query");
    }
    boolean plain = "http".equalsIgnoreCase(uri.getScheme());
    if (!"https".equalsIgnoreCase(uri.getScheme())
        && !(plain && "http".equalsIgnoreCase(peer.configured.getScheme()))) {
      throw new IOException(named(uri) + " is not https");
    }
    return uri;
  }

  private OutboundExchange.Answer exchanged(OutboundExchange.Question question) throws IOException {
    String name = named(question.uri());
    long deadline = System.nanoTime() + exchange.toNanos();
    try {
      if (!places.tryAcquire(exchange.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new IOException(name + " has too many requests to answer");
      }
      // A place is free when its thread is done: a look-up of a name can't be interrupted. The
      // thread
      // always runs, even if the question was given up before it did.
      FutureTask<OutboundExchange.Answer> answer = new FutureTask<>(() -> outbound.ask(question));
      threads.execute(
          () -> {
            try {
              answer.run();
            } finally {
              places.release();
            }
          });
      try {
        return answer.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      } catch (TimeoutException late) {
        throw new IOException(name + " did not answer within " + exchange.toMillis() + " ms", late);
      } catch (ExecutionException failed) {
        throw new IOException(name + " " + OutboundExchange.reason(failed), failed.getCause());
      } finally {
        answer.cancel(true);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw (IOException)
          new InterruptedIOException(name + " was not waited for").initCause(interrupted);
    }
  }

  // Without the query.
  private static String named(URI uri) {
    return uri.getScheme() + "://" + uri.getRawAuthority() + uri.getRawPath();
  }

  /// Ends what is under way.
  @Override
  public void close() {
    threads.shutdownNow();
    client.close();
  }

  @Override
  public String toString() {
    return "OutboundHttp[" + named(peer.configured) + "]";
  }
}
