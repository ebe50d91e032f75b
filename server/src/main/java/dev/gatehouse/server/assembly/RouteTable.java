package dev.gatehouse.server.assembly;

import dev.gatehouse.route.CorsPolicy;
import dev.gatehouse.route.Route;
import dev.gatehouse.route.Routes;
import dev.gatehouse.server.config.CorsConfig;
import dev.gatehouse.server.config.GatehouseConfig;
import dev.gatehouse.server.config.RouteConfig;
import dev.gatehouse.server.config.UpstreamConfig;
import dev.gatehouse.server.gateway.Upstream;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/// The routes of a configuration, as the gateway matches them.
final class RouteTable {

  private RouteTable() {}

  /// All of them.
  ///
  /// @param providers whose tokens some routes send to their upstreams
  static Routes<Upstream> of(GatehouseConfig config, ProviderSignIn providers) {
    return new Routes<>(
        config.routes().stream().map(route -> route(route, config, providers)).toList());
  }

  private static Route<Upstream> route(
      RouteConfig route, GatehouseConfig config, ProviderSignIn providers) {
    UpstreamConfig upstream = config.upstreamOf(route);
    return new Route<>(
        route.host().orElse(null),
        route.path(),
        route.policy(),
        route.cors().map(RouteTable::cors).orElse(CorsPolicy.NONE),
        new Upstream(
            route.upstream(),
            route.connectTimeout(),
            route.timeout(),
            route.idleTimeout(),
            route.passAuthorization(),
            route.passHost(),
            config.limits().bodyBytes().orElse(Long.MAX_VALUE),
            upstream.requests(),
            upstream.webSockets(),
            new Upstream.Queue(upstream.queue(), upstream.queueTimeout()),
            route.upstreamCa().orElse(null),
            providers.tokens(route),
            route.clientFields()));
  }

  static CorsPolicy cors(CorsConfig cors) {
    return new CorsPolicy(
        Set.copyOf(cors.origins()),
        cors.headers().stream()
            .map(name -> name.toLowerCase(Locale.ROOT))
            .collect(Collectors.toSet()),
        new HashSet<>(cors.exposed()),
        cors.credentials(),
        cors.maxAge());
  }
}
