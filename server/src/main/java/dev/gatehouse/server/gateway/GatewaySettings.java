package dev.gatehouse.server.gateway;

import dev.gatehouse.secret.OwnSecrets;
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
/// @param ownSecrets which go to no upstream, in whatever field they stand
/// @param signInPath where a browser is sent whose person has to sign in; null: nowhere
public record GatewaySettings(
    String cookie,
    int minBodyBytesPerSecond,
    Duration slowBodyGrace,
    OwnSecrets ownSecrets,
    @Nullable String signInPath) {

  /// What is right for most, for a gate whose secrets are not known.
  public static final GatewaySettings DEFAULT =
      new GatewaySettings(
          SessionAuthenticator.COOKIE, 100, Duration.ofSeconds(10), OwnSecrets.NONE, null);

  /// The same, for a gate with these secrets.
  public GatewaySettings withOwnSecrets(OwnSecrets secrets) {
    return new GatewaySettings(cookie, minBodyBytesPerSecond, slowBodyGrace, secrets, signInPath);
  }

  /// The same, with that much patience.
  public GatewaySettings withSlowBodyGrace(Duration grace) {
    return new GatewaySettings(cookie, minBodyBytesPerSecond, grace, ownSecrets, signInPath);
  }

  /// The same, with a sign-in page at that path.
  public GatewaySettings withSignInPath(@Nullable String path) {
    return new GatewaySettings(cookie, minBodyBytesPerSecond, slowBodyGrace, ownSecrets, path);
  }
}
