package dev.gatehouse.server.config;

import dev.gatehouse.Method;
import dev.gatehouse.Scopes;
import dev.gatehouse.route.CorsPolicy;
import dev.gatehouse.route.Route;
import dev.gatehouse.route.Routes;
import java.net.URI;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// The whole configuration of a gate.
///
/// @param listen where callers come in
/// @param data the data folder
/// @param realm the protection space that challenges name (RFC 9110 §11.5)
/// @param publicUrl the origin by which clients reach the gate, if it is not the one it listens on
/// @param prefix under which the gate's own paths lie: empty, or `/` and segments
/// @param admin where the admin API listens
/// @param limits the bounds of what callers may send
/// @param failedAttemptsPerMinute refused credentials that one address may send in a minute
/// @param retention how much is kept of what grows with use
/// @param passwords how they are kept
/// @param methods the settings of each
/// @param roles named sets of scopes
/// @param upstreams what may be under way to them, by origin; those that are missing have the
///   defaults
/// @param routes at least one, no two alike
public record GatehouseConfig(
    ListenConfig listen,
    Path data,
    String realm,
    Optional<String> publicUrl,
    String prefix,
    AdminConfig admin,
    LimitsConfig limits,
    int failedAttemptsPerMinute,
    RetentionConfig retention,
    PasswordConfig passwords,
    MethodsConfig methods,
    Map<String, Scopes> roles,
    Map<URI, UpstreamConfig> upstreams,
    List<RouteConfig> routes) {

  /// The methods by which callers with an account of the gate authenticate. [Method#OAUTH] needs an
  /// issuer in addition.
  public static final List<Method> OWN_METHODS =
      List.of(Method.API_KEY, Method.BASIC, Method.JWT, Method.HMAC, Method.SESSION, Method.MTLS);

  static final String DEFAULT_DATA = "gatehouse-data";
  static final String DEFAULT_REALM = "gatehouse";
  static final String DEFAULT_PREFIX = "";
  static final int DEFAULT_FAILED_ATTEMPTS_PER_MINUTE = 200;

  public GatehouseConfig {
    roles = Map.copyOf(roles);
    upstreams = Map.copyOf(upstreams);
    routes = List.copyOf(routes);
  }

  /// The issuer that tokens name: the origin by which clients reach the gate. If the gate listens
  /// on any free port, the issuer has no port, so tokens stay valid after a restart.
  public String issuer() {
    return publicUrl.orElseGet(
        () ->
            (listen.transport() instanceof ListenConfig.PlainHttp ? "http" : "https")
                + "://localhost"
                + (listen.port() == 0 ? "" : ":" + listen.port()));
  }

  /// The limits of the upstream of that route.
  public UpstreamConfig upstreamOf(RouteConfig route) {
    return upstreams.getOrDefault(RouteConfig.origin(route.upstream()), UpstreamConfig.DEFAULT);
  }

  /// How many connections to upstreams may be open. As many connections as there may be requests in
  /// progress may be idle in addition.
  public long maxUpstreamConnections() {
    return routes.stream()
        .map(route -> RouteConfig.origin(route.upstream()))
        .distinct()
        .map(origin -> upstreams.getOrDefault(origin, UpstreamConfig.DEFAULT))
        .mapToLong(upstream -> 2L * upstream.requests() + upstream.webSockets())
        .sum();
  }

  /// The routes, ready to be matched with requests.
  public Routes<RouteConfig> matching() {
    return new Routes<>(
        routes.stream()
            .map(
                route ->
                    new Route<>(
                        route.host().orElse(null),
                        route.path(),
                        route.policy(),
                        CorsPolicy.NONE,
                        route))
            .toList());
  }

  /// The same configuration with that data folder and free ports of loopback for the gate and its
  /// admin API.
  public GatehouseConfig onAnyPortOfLoopback(Path otherData) {
    return new GatehouseConfig(
        new ListenConfig(
            ListenConfig.DEFAULT_ADDRESS,
            0,
            listen.transport(),
            listen.tlsTerminators(),
            listen.clientCertificates(),
            listen.certificateField(),
            listen.hsts()),
        otherData,
        realm,
        publicUrl,
        prefix,
        AdminConfig.DEFAULT,
        limits,
        failedAttemptsPerMinute,
        retention,
        passwords,
        methods,
        roles,
        upstreams,
        routes);
  }

  /// The methods that some route accepts.
  public Set<Method> accepted() {
    return routes.stream()
        .flatMap(route -> route.methods().stream())
        .collect(Collectors.toCollection(() -> EnumSet.noneOf(Method.class)));
  }

  /// The configuration of `serve --upstream`: one route for all paths that accepts each of these
  /// methods, with the development certificate on loopback.
  ///
  /// Throws [IllegalArgumentException] if the upstream is no address of an API. The message is to
  /// be read after the name of the upstream, and does not quote it.
  public static GatehouseConfig forUpstream(
      String upstream, int port, Path data, List<Method> accept) {
    URI checked = RouteConfig.upstream(upstream);
    return onLoopback(port, data, List.of(route("/", checked, anyOf(accept), Map.of())));
  }

  /// The configuration of `demo`: orders behind every method, with scopes, and a public greeting.
  /// It needs an issuer in addition: [#withOAuth].
  public static GatehouseConfig forDemo(URI orders, int port, Path data) {
    Map<String, Scopes> require =
        Map.of(
            "GET", Scopes.of("orders:read"),
            "POST", Scopes.of("orders:write"),
            "*", Scopes.of("orders:admin"));
    return onLoopback(
        port,
        data,
        List.of(
            route("/orders", orders, anyOf(List.of(Method.values())), require),
            route("/hello", orders, new RouteConfig.Public(), Map.of())));
  }

  /// The same configuration with these providers and issuers.
  public GatehouseConfig withOAuth(OAuthConfig oauth) {
    return new GatehouseConfig(
        listen,
        data,
        realm,
        publicUrl,
        prefix,
        admin,
        limits,
        failedAttemptsPerMinute,
        retention,
        passwords,
        methods.withOAuth(oauth),
        roles,
        upstreams,
        routes);
  }

  private static RouteConfig.Accept anyOf(List<Method> methods) {
    return new RouteConfig.AnyOf(methods.stream().map(List::of).toList());
  }

  private static RouteConfig route(
      String path, URI upstream, RouteConfig.Accept accept, Map<String, Scopes> require) {
    return new RouteConfig(
        path,
        Optional.empty(),
        upstream,
        Optional.empty(),
        true,
        accept,
        require,
        false,
        Optional.empty(),
        RouteConfig.DEFAULT_TIMEOUT,
        RouteConfig.DEFAULT_CONNECT_TIMEOUT);
  }

  private static GatehouseConfig onLoopback(int port, Path data, List<RouteConfig> routes) {
    return new GatehouseConfig(
        new ListenConfig(
            ListenConfig.DEFAULT_ADDRESS, port, new ListenConfig.DevelopmentTls(), List.of()),
        data,
        DEFAULT_REALM,
        Optional.empty(),
        DEFAULT_PREFIX,
        AdminConfig.DEFAULT,
        LimitsConfig.DEFAULT,
        DEFAULT_FAILED_ATTEMPTS_PER_MINUTE,
        RetentionConfig.DEFAULT,
        PasswordConfig.DEFAULT,
        MethodsConfig.DEFAULT,
        Map.of(),
        Map.of(),
        routes);
  }
}
