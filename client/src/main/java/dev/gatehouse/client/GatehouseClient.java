package dev.gatehouse.client;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/// Calls an API behind a gate, and authenticates each request.
///
/// It creates and wraps the JDK's HTTP client, so that three things always hold. It sends only to
/// the origin for which it was made. It follows no redirect: the caller gets the 3xx. It verifies
/// the gate's certificate and the name in it. Thread-safe. It keeps connections until it is closed.
public final class GatehouseClient implements AutoCloseable {

  private final Origin origin;
  private final HttpClient http;
  private final List<Credential> credentials;
  private final @Nullable Tokens tokens;
  private final int maxSignedBodyBytes;

  private GatehouseClient(
      Origin origin,
      HttpClient http,
      List<Credential> credentials,
      @Nullable Tokens tokens,
      int maxSignedBodyBytes) {
    this.origin = origin;
    this.http = http;
    this.credentials = credentials;
    this.tokens = tokens;
    this.maxSignedBodyBytes = maxSignedBodyBytes;
  }

  /// Returns a builder for a client of the gate at that base URL: `https://` with a host and
  /// optionally a port. For loopback, `http://` is allowed too.
  ///
  /// @throws IllegalArgumentException if the URL is anything else
  public static Builder at(URI baseUrl) {
    return new Builder(Origin.of(baseUrl));
  }

  /// Returns a builder for a request to that path of the API, optionally with a query:
  /// `/orders?open=true`.
  ///
  /// @throws IllegalArgumentException if the path does not begin with a slash, or is not a valid
  ///   URI
  public HttpRequest.Builder request(String target) {
    return HttpRequest.newBuilder(origin.resolve(target));
  }

  /// Sends a request with all credentials of this client, and blocks until the response is complete
  /// as its handler defines it.
  ///
  /// If the gate refuses a token of a [Grant], the token is renewed and the request is sent once
  /// more. A request with a body of unknown length is not sent again, since such a body may be
  /// readable only once: the caller gets the 401, and the next request has the new token.
  ///
  /// A body that is signed is read into memory as a whole, once.
  ///
  /// @throws IllegalArgumentException for a request to another origin, for one that already has a
  ///   field that this client sets, and for one that cannot be signed
  /// @throws BodyTooLargeException if a body is too large to be signed
  /// @throws SignInException if a token is needed and the gate gives none
  /// @throws IOException if there is no response
  /// @throws InterruptedException if the thread is interrupted; the exchange is then cancelled
  public <T> HttpResponse<T> send(HttpRequest request, BodyHandler<T> handler)
      throws IOException, InterruptedException {
    CompletableFuture<HttpResponse<T>> answer = sendAsync(request, handler);
    try {
      return answer.get();
    } catch (InterruptedException interrupted) {
      answer.cancel(true);
      throw interrupted;
    } catch (ExecutionException failed) {
      Throwable cause = failed.getCause();
      if (cause instanceof IOException io) {
        throw io;
      }
      if (cause instanceof RuntimeException unchecked) {
        throw unchecked;
      }
      throw new IOException("The request failed", cause);
    }
  }

  /// As [#send], without blocking, except that the calling thread reads a body that is to be
  /// signed.
  ///
  /// The future fails with what [#send] throws. A request to another origin is refused with an
  /// exception at once. Cancelling the future ends the exchange with the gate, but not the renewal
  /// of a token.
  public <T> CompletableFuture<HttpResponse<T>> sendAsync(
      HttpRequest request, BodyHandler<T> handler) {
    HttpRequest own =
        HttpRequest.newBuilder(request, (name, value) -> true)
            .uri(origin.own(request.uri()))
            .build();
    return new Call<>(http, credentials, tokens, own, handler).begin(maxSignedBodyBytes);
  }

  /// Ends the sign-in of this client's [Grant] at the gate with all tokens that resulted from it,
  /// and forgets them. A later request signs in again, if the grant can. Does nothing without a
  /// grant. Does not block.
  public CompletableFuture<Void> signOut() {
    return tokens == null ? CompletableFuture.completedFuture(null) : tokens.end();
  }

  /// Blocks until all responses are complete, then closes the connections. Does not sign out.
  @Override
  public void close() {
    http.close();
  }

  @Override
  public String toString() {
    return "GatehouseClient[" + origin + "]";
  }

  /// Builds a client. Not thread-safe.
  public static final class Builder {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration TOKEN_TIMEOUT = Duration.ofSeconds(30);
    private static final int MAX_SIGNED_BODY_BYTES = 1024 * 1024;

    private final Origin origin;
    private final List<Credential> credentials = new ArrayList<>();
    private @Nullable Grant grant;
    private @Nullable List<X509Certificate> trusted;
    private @Nullable List<X509Certificate> chain;
    private @Nullable PrivateKey key;
    private String prefix = "";
    private int maxSignedBodyBytes = MAX_SIGNED_BODY_BYTES;
    private Duration connectTimeout = CONNECT_TIMEOUT;
    private Duration tokenTimeout = TOKEN_TIMEOUT;
    private Clock clock = Clock.systemUTC();

    private Builder(Origin origin) {
      this.origin = origin;
    }

    /// Sends that credential with every request. Call this several times for routes that require
    /// several credentials.
    public Builder with(Credential credential) {
      credentials.add(credential);
      return this;
    }

    /// Gets tokens for that grant, and sends them as `Authorization: Bearer`.
    public Builder with(Grant tokensFor) {
      grant = tokensFor;
      return this;
    }

    /// Trusts the CAs of that PEM file and no others. By default, those of the JDK are trusted.
    ///
    /// @throws IOException if the file cannot be read or contains anything else
    public Builder trusting(Path caFile) throws IOException {
      trusted = Pem.certificates(caFile);
      return this;
    }

    /// Presents a client certificate if the gate asks for one.
    ///
    /// @param certificateFile PEM: the client's certificate first, then those between it and the CA
    /// @param keyFile PEM: its private key in PKCS#8, not encrypted
    /// @throws IOException if a file cannot be read or contains anything else
    public Builder certificate(Path certificateFile, Path keyFile) throws IOException {
      chain = Pem.certificates(certificateFile);
      key = Pem.privateKey(keyFile);
      return this;
    }

    /// Sets the prefix of the gate's own paths, if its configuration has one (`prefix`): `/gate`.
    ///
    /// @throws IllegalArgumentException if it does not begin with a slash, or ends with one
    public Builder prefix(String path) {
      String own = path.equals("/") ? "" : path;
      if (!own.isEmpty() && (!own.startsWith("/") || own.endsWith("/"))) {
        throw new IllegalArgumentException("A prefix begins with a slash and ends without one");
      }
      prefix = origin.resolve(own + "/").getRawPath().replaceFirst("/$", "");
      return this;
    }

    /// Sets how large a body may be that is signed, and is therefore held in memory. The default is
    /// 1 MiB, as at the gate.
    public Builder maxSignedBodyBytes(int bytes) {
      if (bytes < 0) {
        throw new IllegalArgumentException("A limit is not negative");
      }
      maxSignedBodyBytes = bytes;
      return this;
    }

    /// Sets how long it may take to open a connection; ten seconds by default.
    public Builder connectTimeout(Duration timeout) {
      connectTimeout = timeout;
      return this;
    }

    Builder tokenTimeout(Duration timeout) {
      tokenTimeout = timeout;
      return this;
    }

    Builder clock(Clock other) {
      clock = other;
      return this;
    }

    /// Builds the client.
    ///
    /// @throws IOException if the certificates cannot be used, or the key is not that of the
    ///   certificate
    public GatehouseClient build() throws IOException {
      HttpClient.Builder http =
          HttpClient.newBuilder()
              .followRedirects(HttpClient.Redirect.NEVER)
              .connectTimeout(connectTimeout);
      if (origin.isHttps()) {
        http.sslContext(Tls.context(trusted, chain, key)).sslParameters(Tls.parameters());
      } else {
        http.version(HttpClient.Version.HTTP_1_1);
      }
      HttpClient client = http.build();
      Tokens tokens =
          grant == null
              ? null
              : new Tokens(new TokenEndpoint(client, origin, prefix, tokenTimeout), grant, clock);
      return new GatehouseClient(
          origin, client, List.copyOf(credentials), tokens, maxSignedBodyBytes);
    }
  }
}
