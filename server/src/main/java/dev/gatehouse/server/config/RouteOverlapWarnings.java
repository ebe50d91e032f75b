package dev.gatehouse.server.config;

import dev.gatehouse.route.Routes;
import java.net.URI;
import java.util.Optional;
import java.util.stream.Collectors;
import org.snakeyaml.engine.v2.nodes.Node;

/// Finds routes that take requests which another route was probably meant to guard.
final class RouteOverlapWarnings {

  // A segment and a host that no configuration names.
  private static final String OTHER_SEGMENT = "gatehouse.any-other-segment";

  private static final String OTHER_HOST = "any-other-host.invalid"; // RFC 6761 §6.4

  private final GatehouseConfig config;
  private final Problems warnings;
  private final Routes<RouteConfig> routes;

  RouteOverlapWarnings(GatehouseConfig config, Problems warnings) {
    this.config = config;
    this.warnings = warnings;
    this.routes = config.matching();
  }

  // `/x/*` is for what lies below `/x`, and not for `/x` itself. For scopes, this counts only where
  // both lead to one upstream: there `/x` is probably the list of what lies below it.
  /// Warns of a guarded route `/x/*` where another route takes `/x` itself without guarding it.
  void parentsOfWildcards(RouteConfig guarded, Node node) {
    PathPattern pattern = PathPattern.of(guarded);
    while (pattern.endsInWildcard()) {
      pattern = pattern.parent();
      String parent = pattern.toString();
      RouteConfig taking = taking(guarded.host(), pattern).orElse(null);
      String advice =
          "write path: "
              + parent
              + ", which is for everything below it too, or add a route for "
              + parent;
      if (taking != null && taking.accept() instanceof RouteConfig.Public) {
        warnings.add(
            node,
            "the route "
                + name(guarded)
                + " is guarded, and "
                + parent
                + " is not: the public route "
                + name(taking)
                + " takes it",
            advice);
      } else if (taking != null
          && requiresScopes(guarded)
          && !requiresScopes(taking)
          && haveOneUpstream(guarded, taking)) {
        warnings.add(
            node,
            "the route "
                + name(guarded)
                + " requires scopes, and "
                + parent
                + " does not: the route "
                + name(taking)
                + " takes it to the same upstream",
            advice);
      }
    }
  }

  // A public route may carve a part out of a guarded one: then all of its paths are paths of the
  // guarded route, and not the other way round. Otherwise it probably takes more than was meant.
  /// Warns of a public route that takes requests from a guarded route to the same upstream.
  void pathsOfGuardedRoutes(RouteConfig open, Node node) {
    for (RouteConfig guarded : config.routes()) {
      if (guarded.accept() instanceof RouteConfig.Public
          || !haveOneUpstream(guarded, open)
          || areTwoHostsOfTheUpstream(guarded, open)) {
        continue;
      }
      PathPattern of = PathPattern.of(guarded);
      PathPattern both = PathPattern.of(open).intersect(of).orElse(null);
      boolean carvedOut = of.covers(PathPattern.of(open)) && !PathPattern.of(open).covers(of);
      if (both == null || carvedOut) {
        continue;
      }
      if (taking(open.host(), both).filter(open::equals).isPresent()) {
        warnings.add(
            node,
            "the public route "
                + name(open)
                + " takes requests for "
                + both
                + (guarded.host().equals(open.host()) ? "" : ", where a client chooses the Host,")
                + " from the guarded route "
                + name(guarded)
                + " to the same upstream",
            "guard both, or name the paths that are public one by one");
      }
    }
  }

  private static boolean requiresScopes(RouteConfig route) {
    return route.require().values().stream().anyMatch(scopes -> !scopes.isEmpty());
  }

  private static boolean haveOneUpstream(RouteConfig one, RouteConfig other) {
    URI first = RouteConfig.origin(one.upstream());
    URI second = RouteConfig.origin(other.upstream());
    return first.getPort() == second.getPort()
        && UpstreamHost.of(first).mayBe(UpstreamHost.of(second));
  }

  // The upstream can tell the hosts apart, unless both routes send it its own.
  private static boolean areTwoHostsOfTheUpstream(RouteConfig one, RouteConfig other) {
    return one.host().isPresent()
        && other.host().isPresent()
        && !one.host().equals(other.host())
        && (one.passHost() || other.passHost());
  }

  private Optional<RouteConfig> taking(Optional<String> host, PathPattern pattern) {
    String path =
        pattern.segments().stream()
            .map(segment -> segment.equals(PathPattern.ANY_SEGMENT) ? OTHER_SEGMENT : segment)
            .collect(Collectors.joining("/", "/", ""));
    return routes.match(host.orElse(OTHER_HOST), path).map(route -> route.destination());
  }

  private static String name(RouteConfig route) {
    return route.host().orElse("") + route.path();
  }
}
