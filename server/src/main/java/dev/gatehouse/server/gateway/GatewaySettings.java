package dev.gatehouse.server.gateway;

import java.time.Duration;

/// What holds for every route.
///
/// @param cookie the name of the gate's cookie
/// @param minBodyBytesPerSecond what a client must send on average while the gateway waits for its
///   body
/// @param slowBodyGrace how long it may send less; six times as long it may take nothing of an
///   answer or a WebSocket that has more for it
public record GatewaySettings(String cookie, int minBodyBytesPerSecond, Duration slowBodyGrace) {

  /// What is right for most.
  public static final GatewaySettings DEFAULT =
      new GatewaySettings("__Host-gatehouse", 100, Duration.ofSeconds(10));

  /// The same, with that much patience.
  public GatewaySettings withSlowBodyGrace(Duration grace) {
    return new GatewaySettings(cookie, minBodyBytesPerSecond, grace);
  }
}
