package dev.gatehouse.server.gateway;

import java.time.Duration;
import java.util.Set;

/// What holds for every route.
///
/// @param credentialFields in which a method of the gate looks for credentials, beside
///   `Authorization` and the cookie: `X-API-Key`
/// @param credentialSchemes of `Authorization` that are the gate's: `ApiKey`
/// @param cookie the name of the gate's cookie
/// @param minBodyBytesPerSecond what a client must send on average while the gateway waits for its
///   body
/// @param slowBodyGrace how long it may send less; six times as long it may take nothing of an
///   answer or a WebSocket that has more for it
public record GatewaySettings(
    Set<String> credentialFields,
    Set<String> credentialSchemes,
    String cookie,
    int minBodyBytesPerSecond,
    Duration slowBodyGrace) {

  /// Every field and scheme that the seven methods use.
  public static final GatewaySettings DEFAULT =
      new GatewaySettings(
          Set.of(
              "X-API-Key",
              "X-Signature",
              "X-Key-Id",
              "X-Timestamp",
              "X-Nonce",
              "Signature",
              "Signature-Input",
              "X-CSRF-Token"),
          Set.of("ApiKey", "Basic", "Bearer", "Signature", "AWS4-HMAC-SHA256"),
          "__Host-gatehouse",
          100,
          Duration.ofSeconds(10));

  /// Copies the sets.
  public GatewaySettings {
    credentialFields = Set.copyOf(credentialFields);
    credentialSchemes = Set.copyOf(credentialSchemes);
  }
}
