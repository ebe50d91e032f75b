package dev.gatehouse.server.gateway;

import dev.gatehouse.ConnectionOptions;
import dev.gatehouse.server.listen.Arrival;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;

/// Reads and writes the opening handshake of a WebSocket (RFC 6455 §4). The fields that begin with
/// `Sec-WebSocket-` pass like other fields: client and upstream check them.
final class WebSocketHandshake {

  private static final String WEBSOCKET = "websocket";

  private WebSocketHandshake() {}

  /// Whether the request asks for a WebSocket (RFC 6455 §4.1). Any other upgrade is not passed on.
  static boolean isAskedForBy(Arrival arrival) {
    HttpServerRequest request = arrival.http();
    if (arrival.mayHaveBody() || !request.method().name().equals("GET")) {
      return false;
    }
    String upgrade = request.getHeader(HttpHeaders.UPGRADE);
    return upgrade != null
        && upgrade.equalsIgnoreCase(WEBSOCKET)
        && ConnectionOptions.contains(request.headers().getAll(HttpHeaders.CONNECTION), "upgrade")
        && request.version() == HttpVersion.HTTP_1_1;
  }

  /// Sends the head of a request that asks the upstream for a WebSocket. Its other fields are set
  /// already.
  static void ask(HttpClientRequest upstream) {
    putUpgrade(upstream.headers());
    upstream.connect();
  }

  /// Whether an answer of 101 switches to WebSocket, and to no other protocol.
  static boolean isCompletedBy(HttpClientResponse switching) {
    return WEBSOCKET.equalsIgnoreCase(switching.getHeader(HttpHeaders.UPGRADE));
  }

  /// Completes the head of the answer of 101 to the client. Its other fields are set already.
  static void complete(MultiMap answer) {
    answer.remove(HttpHeaders.CONTENT_LENGTH);
    putUpgrade(answer);
  }

  private static void putUpgrade(MultiMap fields) {
    fields.set(HttpHeaders.CONNECTION, "Upgrade").set(HttpHeaders.UPGRADE, WEBSOCKET);
  }
}
