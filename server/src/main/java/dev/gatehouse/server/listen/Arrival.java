package dev.gatehouse.server.listen;

import dev.gatehouse.AuthRequest;
import io.vertx.core.http.HttpServerRequest;

/// A request that has passed every check on its form.
///
/// @param http to read its body from and to answer
/// @param auth what the gate may know of it
/// @param host the host alone
/// @param target in origin form (RFC 9112 §3.2.1), else as sent
/// @param mayHaveBody false: no byte of a body will come
public record Arrival(
    HttpServerRequest http, AuthRequest auth, String host, String target, boolean mayHaveBody) {

  /// What serves requests, on the event loop on which they came. Must not block.
  @FunctionalInterface
  public interface Handler {

    /// Answers the request, now or later on the same event loop.
    void handle(Arrival arrival);
  }

  /// Whether it came by HTTP/1, where the connection is all there is to end a message with.
  public boolean isHttp1() {
    return isHttp1(http);
  }

  static boolean isHttp1(HttpServerRequest http) {
    return switch (http.version()) {
      case HTTP_1_0, HTTP_1_1 -> true;
      default -> false;
    };
  }

  /// The same as text as its [AuthRequest], which holds no secret.
  @Override
  public String toString() {
    return auth.toString();
  }
}
