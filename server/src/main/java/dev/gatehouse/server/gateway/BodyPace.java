package dev.gatehouse.server.gateway;

/// Measures how fast a client sends a body that the gateway waits for. A client that sends too
/// slowly keeps a place at the upstream from other callers, so its body is refused. Belongs to the
/// event loop of its exchange.
final class BodyPace {

  private long since;
  private long bytesThen;

  /// @param now in nanoseconds
  /// @param bytes that came before
  BodyPace(long now, long bytes) {
    restart(now, bytes);
  }

  /// Counts from now on only, after the client was held back.
  void restart(long now, long bytes) {
    since = now;
    bytesThen = bytes;
  }

  /// Whether the client has sent less than it must for as long as it may. Otherwise, when that time
  /// is over, counts anew.
  boolean isTooSlow(long now, long bytes, GatewaySettings settings) {
    long elapsed = now - since;
    if (elapsed < settings.slowBodyGrace().toNanos()) {
      return false;
    }
    if (bytes - bytesThen < settings.minBodyBytesPerSecond() * (elapsed / 1e9)) {
      return true;
    }
    restart(now, bytes);
    return false;
  }
}
