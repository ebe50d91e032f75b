package dev.gatehouse.server.listen;

import java.time.Duration;

/// What one caller may cost.
///
/// @param maxInitialLineBytes of the request line
/// @param maxHeaderBytes of all field lines together
/// @param maxFields field lines
/// @param headerTimeout from a head's first byte to its last; for the first on a connection, from
///   the connection's opening
/// @param bodyTimeout for the whole of a body that a method signs; a client that takes nothing of
///   what is sent to it for six times as long is cut off, and a stream of HTTP/2 that takes too
///   little is reset
/// @param maxSignedBytes of such bodies, of all that are in memory together, which the addresses of
///   their senders share; more is 503
/// @param maxUnsentBytes of answers that wait in memory until clients take them, of all connections
///   together; beyond, no more is read from upstreams for the connections that hold most
/// @param keepAliveTimeout how long a connection may lie idle between requests
/// @param maxConnections open at once, counted as they are accepted; those beyond are closed at
///   once
/// @param maxConnectionsPerAddress of those, from one IPv4 address or IPv6 /64 that is no listed
///   proxy's; a /56 may have twice and a /48 four times as many, up to half of all
/// @param maxConcurrentStreams of one HTTP/2 connection
/// @param maxResets streams that a caller may reset within 30 s before its HTTP/2 connection goes
public record ListenLimits(
    int maxInitialLineBytes,
    int maxHeaderBytes,
    int maxFields,
    Duration headerTimeout,
    Duration bodyTimeout,
    int maxSignedBytes,
    long maxUnsentBytes,
    Duration keepAliveTimeout,
    int maxConnections,
    int maxConnectionsPerAddress,
    int maxConcurrentStreams,
    int maxResets) {

  /// What is right for most.
  public static final ListenLimits DEFAULT =
      new ListenLimits(
          8192,
          32_768,
          100,
          Duration.ofSeconds(10),
          Duration.ofSeconds(30),
          64 << 20,
          Runtime.getRuntime().maxMemory() / 8,
          Duration.ofSeconds(75),
          10_000,
          2_500,
          100,
          200);

  /// What a client may send on one stream of HTTP/2 before the gate takes it.
  static final int STREAM_WINDOW_BYTES = 256 * 1024;

  /// A client may read nothing for this many times the timeout of a body: players and browsers
  /// pause on purpose.
  public static final int SEND_TIMEOUT_FACTOR = 6;

  /// Checks that every bound is one; throws [IllegalArgumentException] otherwise.
  public ListenLimits {
    if (maxInitialLineBytes < 1
        || maxHeaderBytes < 1
        || maxFields < 1
        || maxConnections < 1
        || maxConnectionsPerAddress < 1
        || maxConcurrentStreams < 1
        || maxResets < 1
        || maxSignedBytes < 1
        || maxUnsentBytes < 1
        || !headerTimeout.isPositive()
        || !bodyTimeout.isPositive()
        || !keepAliveTimeout.isPositive()) {
      throw new IllegalArgumentException("every limit of a listener must be above zero");
    }
  }

  /// How long a connection may take nothing of what is queued for it.
  Duration sendTimeout() {
    return bodyTimeout.multipliedBy(SEND_TIMEOUT_FACTOR);
  }
}
