package dev.gatehouse.server.config;

import dev.gatehouse.Method;
import dev.gatehouse.Scopes;
import dev.gatehouse.server.StartupException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Everything that a gate is told before it starts.
///
/// @param listen where callers come in
/// @param data the data folder
/// @param realm the protection space that challenges name (RFC 9110 §11.5)
/// @param prefix under which the gate's own paths lie: empty, or `/` and segments
/// @param admin where the admin API listens
/// @param limits the bounds of what callers may send
/// @param failedAttemptsPerMinute refused credentials that one address may send in a minute
/// @param apiKey the settings of the method `apikey`
/// @param roles named sets of scopes
/// @param routes at least one, no two alike
public record GatehouseConfig(
    ListenConfig listen,
    Path data,
    String realm,
    String prefix,
    AdminConfig admin,
    LimitsConfig limits,
    int failedAttemptsPerMinute,
    ApiKeyConfig apiKey,
    Map<String, Scopes> roles,
    List<RouteConfig> routes) {

  static final String DEFAULT_DATA = "gatehouse-data";
  static final String DEFAULT_REALM = "gatehouse";
  static final String DEFAULT_PREFIX = "";
  static final int DEFAULT_FAILED_ATTEMPTS_PER_MINUTE = 200;

  public GatehouseConfig {
    roles = Map.copyOf(roles);
    routes = List.copyOf(routes);
  }

  /// The gate of `serve --upstream`: one route for everything, an API key to pass it, the
  /// development certificate on loopback.
  ///
  /// Throws [StartupException] when the upstream is no address of an API.
  public static GatehouseConfig forUpstream(URI upstream, int port, Path data) {
    URI checked;
    try {
      checked = RouteConfig.upstream(upstream.toString());
    } catch (IllegalArgumentException e) {
      throw new StartupException("the upstream " + e.getMessage(), e);
    }
    return onLoopback(port, data, List.of(route("/", checked, ACCEPT_API_KEY, Map.of())));
  }

  /// The gate of `demo`: orders behind API keys with scopes, and a greeting for everybody.
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
            route("/orders", orders, ACCEPT_API_KEY, require),
            route("/hello", orders, new RouteConfig.Public(), Map.of())));
  }

  private static final RouteConfig.Accept ACCEPT_API_KEY =
      new RouteConfig.AnyOf(List.of(List.of(Method.API_KEY)));

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
        DEFAULT_PREFIX,
        AdminConfig.DEFAULT,
        LimitsConfig.DEFAULT,
        DEFAULT_FAILED_ATTEMPTS_PER_MINUTE,
        ApiKeyConfig.DEFAULT,
        Map.of(),
        routes);
  }
}
