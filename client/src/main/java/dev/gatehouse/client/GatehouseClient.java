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

/// Calls an API behind a gate, and proves with each request who calls.
///
/// It wraps the JDK's HTTP client, which it makes itself, so that three things always hold. It
/// sends to the origin that it was made for, and nowhere else. It follows no redirect: the caller
/// gets the 3xx. It verifies the gate's certificate and the name in it. One client serves many
/// threads, and holds its connections until it is closed.
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

  /// A client of the gate at that base URL: `https://` with a host and perhaps a port; on loopback
  /// `http://` too.
  public static Builder at(URI baseUrl) {
    return new Builder(Origin.of(baseUrl));
  }

  /// A request to that path of the API, with a query if there is one: `/orders?open=true`.
  public HttpRequest.Builder request(String target) {
    return HttpRequest.newBuilder(origin.resolve(target));
  }

  /// Sends a request with everything that this client proves itself with, and waits for the answer.
  ///
  /// When the gate refuses a token of a [Grant], it is renewed and the request sent once more;
  /// unless its body is of unknown length, as such a body may be there only once. Then the caller
  /// gets the 401, and the next request has the new token.
  ///
  /// A body that is signed is read into memory as a whole, once.
  ///
  /// @throws IllegalArgumentException for a request to another origin, one that has a field already
  ///   that this client sets, and one that can't be signed
  /// @throws BodyTooLargeException for a body that is too large to be signed
  /// @throws SignInException when a token is needed and the gate gives none
  /// @throws IOException when there is no answer
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

  /// The same, without waiting. The thread of the caller reads a body that is to be signed.
  ///
  /// The future fails with what [#send] throws; but a request to another origin is an exception at
  /// once. Whoever cancels it ends the exchange with the gate, but no renewal of a token.
  public <T> CompletableFuture<HttpResponse<T>> sendAsync(
      HttpRequest request, BodyHandler<T> handler) {
    HttpRequest own =
        HttpRequest.newBuilder(request, (name, value) -> true)
            .uri(origin.own(request.uri()))
            .build();
    return new Call<>(http, credentials, tokens, own, handler).begin(maxSignedBodyBytes);
  }

  /// Ends the sign-in of this client's [Grant] at the gate, with all tokens that came of it, and
  /// forgets them. A later request signs in again, if the grant can. Without a grant, nothing
  /// happens.
  public CompletableFuture<Void> signOut() {
    return tokens == null ? CompletableFuture.completedFuture(null) : tokens.end();
  }

  /// Waits for the answers that are due, then closes the connections. It does not sign out.
  @Override
  public void close() {
    http.close();
  }

  @Override
  public String toString() {
    return "GatehouseClient[" + origin + "]";
  }

  /// What a client is made of. Not for several threads.
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

    /// Sends that credential with every request. Several are sent together, for routes that demand
    /// more than one.
    public Builder with(Credential credential) {
      credentials.add(credential);
      return this;
    }

    /// Gets tokens for that grant, and sends them as `Authorization: Bearer`.
    public Builder with(Grant tokensFor) {
      grant = tokensFor;
      return this;
    }

    /// Trusts the CAs of that PEM file, and no others. Without this, those of the JDK.
    ///
    /// @throws IOException when the file can't be read or holds anything else
    public Builder trusting(Path caFile) throws IOException {
      trusted = Pem.certificates(caFile);
      return this;
    }

    /// Proves itself with a client certificate, where the gate asks for one.
    ///
    /// @param certificateFile PEM: the client's certificate first, then those between it and the CA
    /// @param keyFile PEM: its key in PKCS#8, not encrypted
    /// @throws IOException when a file can't be read or holds anything else
    public Builder certificate(Path certificateFile, Path keyFile) throws IOException {
      chain = Pem.certificates(certificateFile);
      key = Pem.privateKey(keyFile);
      return this;
    }

    /// Where the gate has its own paths, if its configuration moves them (`prefix`): `/gate`.
    public Builder prefix(String path) {
      String own = path.equals("/") ? "" : path;
      if (!own.isEmpty() && (!own.startsWith("/") || own.endsWith("/"))) {
        throw new IllegalArgumentException("A prefix begins with a slash and ends without one");
      }
      prefix = origin.resolve(own + "/").getRawPath().replaceFirst("/$", "");
      return this;
    }

    /// How large a body may be that is signed, and so held in memory: 1 MiB by default, as at the
    /// gate.
    public Builder maxSignedBodyBytes(int bytes) {
      if (bytes < 0) {
        throw new IllegalArgumentException("A limit is not negative");
      }
      maxSignedBodyBytes = bytes;
      return this;
    }

    /// How long a connection may take to be made; ten seconds by default.
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

    /// The client.
    ///
    /// @throws IOException when the certificates can't be used, or the key is another's
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
