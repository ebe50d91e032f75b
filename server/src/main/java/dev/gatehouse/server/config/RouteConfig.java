package dev.gatehouse.server.config;

import dev.gatehouse.Deprecation;
import dev.gatehouse.Method;
import dev.gatehouse.Network;
import dev.gatehouse.Policy;
import dev.gatehouse.Scopes;
import dev.gatehouse.Webhook;
import dev.gatehouse.server.gateway.ClientFields;
import dev.gatehouse.server.tls.TrustedCertificates;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// A route: the upstream behind a path, and which callers may use it.
///
/// @param path a prefix in whole segments, where `*` is any one segment
/// @param host the host that it holds for, in lower case; empty for every host
/// @param upstream scheme, host and perhaps port, nothing else: what is forwarded is what was
///   matched
/// @param upstreamCa who vouches for an `https` upstream; empty for the public CAs
/// @param passHost whether the upstream gets the caller's `Host`; otherwise its own
/// @param accept which callers count
/// @param require scopes by HTTP method, `*` for the rest; empty when it is enough to be known
/// @param passAuthorization whether schemes of `Authorization` that are none of the gate's reach
///   the upstream
/// @param cors empty when other origins get nothing
/// @param timeout until the head of the upstream's response
/// @param connectTimeout until the upstream takes the connection
/// @param idleTimeout how long an open answer or WebSocket may stand still
/// @param webhook whose signed events `hmac` stands for here; empty for callers' own signatures
/// @param ends the methods whose end it announces
/// @param providerToken what of a provider the upstream gets for its callers; empty: nothing
/// @param clientFields which fields of clients reach the upstream or not, beside those for which
///   the gate decides
public record RouteConfig(
    String path,
    Optional<String> host,
    URI upstream,
    Optional<TrustedCertificates> upstreamCa,
    boolean passHost,
    Accept accept,
    Map<String, Scopes> require,
    boolean passAuthorization,
    Optional<CorsConfig> cors,
    Duration timeout,
    Duration connectTimeout,
    Duration idleTimeout,
    Optional<Webhook> webhook,
    Map<Method, Deprecation> ends,
    Optional<ProviderTokenNeed> providerToken,
    ClientFields clientFields) {

  // WHATWG URL: a host that ends in a number is an IPv4 address. Readers differ over 0177 and 0x7f.
  private static final Pattern NUMBER_AT_THE_END =
      Pattern.compile("(.*\\.)?([0-9]+|0[xX][0-9A-Fa-f]*)\\.?");

  static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(30);
  static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(5);
  static final Duration DEFAULT_IDLE_TIMEOUT = Duration.ofMinutes(10);

  public RouteConfig {
    require = Map.copyOf(require);
    ends = Map.copyOf(ends);
  }

  /// A route with the usual idle time that no vendor sends events to, and that announces the end of
  /// nothing.
  public RouteConfig(
      String path,
      Optional<String> host,
      URI upstream,
      Optional<TrustedCertificates> upstreamCa,
      boolean passHost,
      Accept accept,
      Map<String, Scopes> require,
      boolean passAuthorization,
      Optional<CorsConfig> cors,
      Duration timeout,
      Duration connectTimeout) {
    this(
        path,
        host,
        upstream,
        upstreamCa,
        passHost,
        accept,
        require,
        passAuthorization,
        cors,
        timeout,
        connectTimeout,
        DEFAULT_IDLE_TIMEOUT,
        Optional.empty(),
        Map.of(),
        Optional.empty(),
        ClientFields.DEFAULT);
  }

  /// A kept token that an upstream needs.
  ///
  /// @param provider what the configuration calls it
  /// @param scopes that the provider must have granted
  public record ProviderTokenNeed(String provider, Set<String> scopes) {
    public ProviderTokenNeed {
      scopes = Set.copyOf(scopes);
    }
  }

  /// Which callers count.
  public sealed interface Accept {}

  /// Everybody, unasked.
  public record Public() implements Accept {}

  /// Whoever passes one of the alternatives; each is a list of methods that must all pass, in the
  /// order given, for the first gives the scopes.
  public record AnyOf(List<List<Method>> alternatives) implements Accept {
    public AnyOf {
      alternatives = alternatives.stream().map(List::copyOf).toList();
    }
  }

  /// The address of an upstream; throws [IllegalArgumentException] whose message follows the
  /// address's name and never quotes the address, which may hold a password.
  static URI upstream(String text) {
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("is no URL: write http://host:port or https://host:port");
    }
    String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    if (!scheme.equals("http") && !scheme.equals("https")) {
      throw new IllegalArgumentException(
          "does not begin with http:// or https://: write http://host:port or https://host:port");
    }
    if (uri.getRawUserInfo() != null || (uri.getHost() == null && text.contains("@"))) {
      throw new IllegalArgumentException(
          "holds a user name or password: take it out; the gate sends upstreams no credentials");
    }
    refuseUnderscore(uri);
    if (uri.getHost() == null) {
      throw new IllegalArgumentException(
          "names no host: write http://host:port or https://host:port");
    }
    if (NUMBER_AT_THE_END.matcher(uri.getHost()).matches() && !isIpv4(uri.getHost())) {
      throw new IllegalArgumentException(
          "has an address that can be read in two ways: write four numbers from 0 to 255, without"
              + " zeros before them");
    }
    if (uri.getPort() == 0 || uri.getPort() > 65535) {
      throw new IllegalArgumentException("has an impossible port: a port is 1 to 65535");
    }
    String path = uri.getRawPath();
    if ((path != null && !path.isEmpty() && !path.equals("/"))
        || uri.getRawQuery() != null
        || uri.getRawFragment() != null) {
      throw new IllegalArgumentException(
          "has a path or query: give scheme, host and port only; the caller's path is forwarded"
              + " as it was matched");
    }
    String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
    return URI.create(scheme + "://" + uri.getHost().toLowerCase(Locale.ROOT) + port);
  }

  /// Throws [IllegalArgumentException], whose message follows the name of the address, when its
  /// host is missing because of an underscore: host names have none (RFC 1123 §2.1).
  static void refuseUnderscore(URI uri) {
    if (uri.getHost() == null
        && uri.getRawAuthority() != null
        && uri.getRawAuthority().contains("_")) {
      throw new IllegalArgumentException(
          "has an underscore in its host, which no host name has: give the host another name, or"
              + " write its address");
    }
  }

  private static boolean isIpv4(String host) {
    try {
      Network.address(host);
      return true;
    } catch (IllegalArgumentException none) {
      return false;
    }
  }

  /// An upstream's address with its port, also where that is the scheme's own.
  static URI origin(URI upstream) {
    if (upstream.getPort() >= 0) {
      return upstream;
    }
    return URI.create(upstream + (upstream.getScheme().equals("https") ? ":443" : ":80"));
  }

  /// What the route asks of its callers.
  public Policy policy() {
    return switch (accept) {
      case Public() -> Policy.openToAll();
      case AnyOf(List<List<Method>> alternatives) ->
          new Policy(false, alternatives, require, webhook.orElse(null), ends);
    };
  }

  /// The methods that it accepts, one way or another; none when it is public.
  public Set<Method> methods() {
    return methods(accept);
  }

  static Set<Method> methods(Accept accept) {
    return switch (accept) {
      case Public() -> Set.of();
      case AnyOf(List<List<Method>> alternatives) ->
          alternatives.stream().flatMap(List::stream).collect(Collectors.toSet());
    };
  }
}
