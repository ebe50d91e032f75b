package dev.gatehouse.server.gateway;

import dev.gatehouse.route.RequestPath;
import dev.gatehouse.server.listen.Arrival;

/// What the gate serves itself under one path, before any route.
@FunctionalInterface
public interface OwnPath {

  /// Answers the request. Called on its event loop; must not block.
  void handle(Arrival arrival, RequestPath path);
}
