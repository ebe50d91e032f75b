package dev.gatehouse.server.provider;

import com.nimbusds.jose.util.Resource;
import com.nimbusds.jose.util.ResourceRetriever;
import com.nimbusds.oauth2.sdk.http.HTTPRequestSender;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import com.nimbusds.oauth2.sdk.http.ReadOnlyHTTPRequest;
import com.nimbusds.oauth2.sdk.http.ReadOnlyHTTPResponse;
import dev.gatehouse.server.tls.TrustedCertificates;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Speaks to one provider or issuer, which may be slow, broken or hostile.
///
/// An exchange is over within [#EXCHANGE], whatever the other side does, and no more of an answer
/// is read than [#MAX_ANSWER_BYTES]. A redirect is an answer like any other: nothing follows it. No
/// address is asked that lies further inside than the configured one ([Reach]). One of these for
/// each provider, so that one that hangs takes no other's places. Thread-safe; every call blocks.
public final class ForeignHttp implements HTTPRequestSender, ResourceRetriever, AutoCloseable {

  /// How long an exchange may take, from the look-up of the name to the last byte.
  static final Duration EXCHANGE = Duration.ofSeconds(5);

  /// The most that is read of an answer's body. Of a header the client reads 384 KiB by itself.
  static final int MAX_ANSWER_BYTES = 256 << 10;

  static final int MAX_AT_ONCE = 16;

  private static final int MAX_URL = 8_192;

  private final URI configured;
  private final Duration exchange;
  private final HttpClient client;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Semaphore places = new Semaphore(MAX_AT_ONCE);

  private ForeignHttp(URI configured, @Nullable TrustedCertificates trust, Duration exchange) {
    this.configured = configured;
    this.exchange = exchange;
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .executor(threads)
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER);
    if (trust != null) {
      builder.sslContext(trust.context());
    }
    this.client = builder.build();
  }

  /// Speaks to whom that URL names. It stands in the configuration, and says how far inside
  /// addresses may lie, and whether plain HTTP will do, which it does on loopback only.
  ///
  /// @param trust who alone vouches for the other side; null: the platform's CAs
  public static ForeignHttp of(URI configured, @Nullable TrustedCertificates trust) {
    return new ForeignHttp(configured, trust, EXCHANGE);
  }

  static ForeignHttp within(
      Duration exchange, URI configured, @Nullable TrustedCertificates trust) {
    return new ForeignHttp(configured, trust, exchange);
  }

  /// Sends a request of the OAuth SDK; throws [IOException] that says what went wrong in words for
  /// operators, without the query, which may hold a secret.
  @Override
  public ReadOnlyHTTPResponse send(ReadOnlyHTTPRequest request) throws IOException {
    URI uri = checked(request.getURI());
    HttpRequest.Builder builder = HttpRequest.newBuilder(uri);
    for (Map.Entry<String, List<String>> field : request.getHeaderMap().entrySet()) {
      field.getValue().forEach(value -> builder.header(field.getKey(), value));
    }
    String body = request.getBody();
    builder.method(
        request.getMethod().name(),
        body == null
            ? HttpRequest.BodyPublishers.noBody()
            : HttpRequest.BodyPublishers.ofString(body));
    HttpResponse<byte[]> answer = exchanged(builder.build());
    HTTPResponse response = new HTTPResponse(answer.statusCode());
    answer
        .headers()
        .map()
        .forEach((name, values) -> response.setHeader(name, values.toArray(String[]::new)));
    response.setBody(new String(answer.body(), StandardCharsets.UTF_8));
    return response;
  }

  /// The JSON document of that address; throws [IOException] unless it is there with 200.
  @Override
  public Resource retrieveResource(URL url) throws IOException {
    URI uri;
    try {
      uri = url.toURI();
    } catch (URISyntaxException noUri) {
      throw new IOException("the address of a document is no URI", noUri);
    }
    HttpRequest request =
        HttpRequest.newBuilder(checked(uri)).header("Accept", "application/json").build();
    HttpResponse<byte[]> answer = exchanged(request);
    if (answer.statusCode() != HTTPResponse.SC_OK) {
      throw new IOException(named(uri) + " answered " + answer.statusCode());
    }
    return new Resource(
        new String(answer.body(), StandardCharsets.UTF_8),
        answer.headers().firstValue("Content-Type").orElse(null));
  }

  // What can be judged before the name is looked up.
  private URI checked(URI uri) throws IOException {
    if (uri.toString().length() > MAX_URL
        || uri.getHost() == null
        || uri.getRawUserInfo() != null
        || uri.getRawFragment() != null) {
      throw new IOException("an address has no host, or more than a host, a path and a query");
    }
    boolean plain = "http".equalsIgnoreCase(uri.getScheme());
    if (!"https".equalsIgnoreCase(uri.getScheme())
        && !(plain && "http".equalsIgnoreCase(configured.getScheme()))) {
      throw new IOException(named(uri) + " is not https");
    }
    return uri;
  }

  private HttpResponse<byte[]> exchanged(HttpRequest request) throws IOException {
    String name = named(request.uri());
    long deadline = System.nanoTime() + exchange.toNanos();
    try {
      if (!places.tryAcquire(exchange.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new IOException(name + " has too many requests to answer");
      }
      // A place is free when its thread is done: a look-up of a name can't be interrupted.
      Future<HttpResponse<byte[]>> answer =
          threads.submit(
              () -> {
                try {
                  return ask(request);
                } finally {
                  places.release();
                }
              });
      try {
        return answer.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      } catch (TimeoutException late) {
        throw new IOException(name + " did not answer within " + exchange.toMillis() + " ms", late);
      } catch (ExecutionException failed) {
        throw new IOException(name + " " + reason(failed), failed.getCause());
      } finally {
        answer.cancel(true);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw (IOException)
          new InterruptedIOException(name + " was not waited for").initCause(interrupted);
    }
  }

  private HttpResponse<byte[]> ask(HttpRequest request) throws IOException, InterruptedException {
    checkReach(request.uri());
    return client.send(
        request,
        HttpResponse.BodyHandlers.limiting(
            HttpResponse.BodyHandlers.ofByteArray(), MAX_ANSWER_BYTES));
  }

  // The client looks the name up again. The platform remembers names for longer than the moment
  // between (`networkaddress.cache.ttl`), so that a name can't change its address there; and one
  // that did would have to show a certificate for itself.
  private void checkReach(URI uri) throws IOException {
    Reach reach = furthestIn(uri);
    if (reach == Reach.NEVER) {
      throw new Refused("has an address that no provider can have");
    }
    if (uri.getScheme().equalsIgnoreCase("http") && reach != Reach.LOOPBACK) {
      throw new Refused("is plain http, which is for loopback only");
    }
    if (reach != Reach.PUBLIC && reach.compareTo(furthestIn(configured)) > 0) {
      throw new Refused("lies further inside than " + named(configured) + " does");
    }
  }

  private static Reach furthestIn(URI uri) throws UnknownHostException {
    Reach furthest = Reach.PUBLIC;
    for (InetAddress address : InetAddress.getAllByName(host(uri))) {
      Reach reach = Reach.of(address);
      furthest = reach.compareTo(furthest) > 0 ? reach : furthest;
    }
    return furthest;
  }

  private static String host(URI uri) {
    return Objects.requireNonNull(uri.getHost());
  }

  private static final class Refused extends IOException {

    private static final long serialVersionUID = 1L;

    Refused(String message) {
      super(message);
    }
  }

  private static String reason(ExecutionException failed) {
    return switch (failed.getCause()) {
      case Refused refused -> String.valueOf(refused.getMessage());
      case UnknownHostException _ -> "has a name that nobody knows";
      case javax.net.ssl.SSLException tls -> "is not trusted (" + tls.getMessage() + ")";
      case java.net.ConnectException _ -> "refuses connections";
      case null, default -> "failed: " + failed.getCause();
    };
  }

  // Without the query.
  private static String named(URI uri) {
    return uri.getScheme() + "://" + uri.getRawAuthority() + uri.getRawPath();
  }

  /// Ends what is under way.
  @Override
  public void close() {
    client.shutdownNow();
    threads.shutdownNow();
  }

  @Override
  public String toString() {
    return "ForeignHttp[" + named(configured) + "]";
  }
}
