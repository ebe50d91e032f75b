package dev.gatehouse.server.gateway;

import dev.gatehouse.server.tls.TrustedCertificates;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Where a route's admitted requests go.
///
/// @param base scheme, host and port, and a path that is put before the request's; `http` or
///   `https`
/// @param connectTimeout for a connection, TLS included; later is 502
/// @param responseTimeout for the head of the answer, since the last byte of the request; later is
///   504
/// @param idleTimeout how long an open answer or WebSocket may stand still before it is cut
/// @param passAuthorization whether `Authorization` passes when its scheme is none of the gate's
/// @param passHost whether the upstream gets the client's host, from which most frameworks build
///   their links and judge origins; otherwise its own authority, as virtual hosts need it
/// @param maxBodyBytes of a request; more is 413
/// @param maxRequests under way to its [#origin] at once, over all event loops and routes
/// @param maxWebSockets open to its [#origin] at once; more is 503
/// @param queue where more requests wait for their turn; what finds no room there, or no turn, is
///   503
/// @param trust who alone vouches for the upstream; null: the platform's CAs
/// @param providerToken where a caller's token at a provider comes from that goes along; null: none
///   does
/// @param clientFields which fields of clients go there or not, beside those for which the gate
///   decides
public record Upstream(
    URI base,
    Duration connectTimeout,
    Duration responseTimeout,
    Duration idleTimeout,
    boolean passAuthorization,
    boolean passHost,
    long maxBodyBytes,
    int maxRequests,
    int maxWebSockets,
    Queue queue,
    @Nullable TrustedCertificates trust,
    @Nullable ProviderTokenSource providerToken,
    ClientFields clientFields) {

  /// Requests that wait for their turn.
  ///
  /// @param maxWaiting at once; 0: none waits
  /// @param timeout how long each waits at most
  public record Queue(int maxWaiting, Duration timeout) {

    /// What is right for most.
    public static final Queue DEFAULT = new Queue(1_024, Duration.ofSeconds(1));

    /// Checks both; throws [IllegalArgumentException].
    public Queue {
      if (maxWaiting < 0 || !timeout.isPositive()) {
        throw new IllegalArgumentException("a queue holds 0 or more, for a time above zero");
      }
    }
  }

  /// An upstream with the usual queue that gets no provider tokens, and the usual fields of
  /// clients.
  public Upstream(
      URI base,
      Duration connectTimeout,
      Duration responseTimeout,
      Duration idleTimeout,
      boolean passAuthorization,
      boolean passHost,
      long maxBodyBytes,
      int maxRequests,
      int maxWebSockets,
      @Nullable TrustedCertificates trust) {
    this(
        base,
        connectTimeout,
        responseTimeout,
        idleTimeout,
        passAuthorization,
        passHost,
        maxBodyBytes,
        maxRequests,
        maxWebSockets,
        Queue.DEFAULT,
        trust,
        null,
        ClientFields.DEFAULT);
  }

  /// Checks the base; throws [IllegalArgumentException] that says what is wrong with it.
  public Upstream {
    boolean known = "http".equals(base.getScheme()) || "https".equals(base.getScheme());
    if (!known
        || base.getHost() == null
        || base.getRawUserInfo() != null
        || base.getRawQuery() != null
        || base.getRawFragment() != null) {
      throw new IllegalArgumentException(
          "'" + base.getScheme() + "://…' is no upstream: write http://host:port or https://host");
    }
    if (!connectTimeout.isPositive()
        || !responseTimeout.isPositive()
        || !idleTimeout.isPositive()) {
      throw new IllegalArgumentException("every timeout of an upstream must be above zero");
    }
    if (maxBodyBytes < 0 || maxRequests < 1 || maxWebSockets < 1) {
      throw new IllegalArgumentException("every limit of an upstream must be above zero");
    }
  }

  /// An upstream with what is right for most.
  public static Upstream of(URI base) {
    return new Upstream(
        base,
        Duration.ofSeconds(5),
        Duration.ofSeconds(60),
        Duration.ofMinutes(10),
        false,
        true,
        Long.MAX_VALUE,
        256,
        256,
        null);
  }

  boolean tls() {
    return base.getScheme().equals("https");
  }

  int port() {
    return base.getPort() >= 0 ? base.getPort() : tls() ? 443 : 80;
  }

  /// Scheme, host and port, spelled in one way (RFC 6454 §4): what connections lead to.
  String origin() {
    return base.getScheme() + "://" + host().toLowerCase(Locale.ROOT) + ":" + port();
  }

  /// The host without the brackets of an IPv6 literal.
  String host() {
    String host = base.getHost();
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  /// Host and, unless it is the scheme's own, port.
  String authority() {
    return base.getPort() < 0 ? base.getHost() : base.getHost() + ":" + base.getPort();
  }

  /// What is put before a request's target; empty or `/v1`.
  String prefix() {
    String path = base.getRawPath() == null ? "" : base.getRawPath();
    return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }

  /// The audience of its identity tokens: scheme and authority.
  public String audience() {
    return base.getScheme() + "://" + authority();
  }
}
