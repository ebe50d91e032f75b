package dev.gatehouse.server.gateway;

import dev.gatehouse.session.SessionAuthenticator;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// What holds for every route.
///
/// @param cookie the name of the gate's cookie; what begins so and goes on with `-` is the gate's
///   too
/// @param minBodyBytesPerSecond what a client must send on average while the gateway waits for its
///   body
/// @param slowBodyGrace how long it may send less; six times as long it may take nothing of an
///   answer or a WebSocket that has more for it
/// @param signInPath where a browser is sent whose person has to sign in; null: nowhere
public record GatewaySettings(
    String cookie, int minBodyBytesPerSecond, Duration slowBodyGrace, @Nullable String signInPath) {

  /// What is right for most.
  public static final GatewaySettings DEFAULT =
      new GatewaySettings(SessionAuthenticator.COOKIE, 100, Duration.ofSeconds(10), null);

  /// The same, with that much patience.
  public GatewaySettings withSlowBodyGrace(Duration grace) {
    return new GatewaySettings(cookie, minBodyBytesPerSecond, grace, signInPath);
  }

  /// The same, with a sign-in page at that path.
  public GatewaySettings withSignInPath(@Nullable String path) {
    return new GatewaySettings(cookie, minBodyBytesPerSecond, slowBodyGrace, path);
  }
}
