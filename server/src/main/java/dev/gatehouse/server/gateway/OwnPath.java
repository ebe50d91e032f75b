package dev.gatehouse.server.gateway;

import dev.gatehouse.route.RequestPath;
import dev.gatehouse.server.listen.Arrival;

/// What the gate serves itself under one path, before any route; one whose path ends with [#BELOW]
/// serves everything below it, too.
@FunctionalInterface
public interface OwnPath {

  /// The end of a path that stands for every path below it.
  String BELOW = "/*";

  /// Answers the request. Called on its event loop; must not block.
  void handle(Arrival arrival, RequestPath path);
}
