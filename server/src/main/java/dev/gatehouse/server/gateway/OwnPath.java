package dev.gatehouse.server.gateway;

import dev.gatehouse.route.RequestPath;
import dev.gatehouse.server.listen.Arrival;

/// Serves one path, or everything below a path that ends with [#BELOW], by the gate itself. Such
/// paths come before all routes.
@FunctionalInterface
public interface OwnPath {

  /// The ending of a path that includes every path below it.
  String BELOW = "/*";

  /// Answers the request. Called on its event loop; must not block.
  void handle(Arrival arrival, RequestPath path);
}
