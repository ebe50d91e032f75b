package dev.gatehouse.server.config;

import dev.gatehouse.server.listen.Admissions;
import java.time.Duration;
import java.util.OptionalLong;

/// The bounds of what a caller may send, and how long it may take.
///
/// @param headerBytes of the whole header section
/// @param headerCount fields in it
/// @param targetBytes of the request target
/// @param bodyBytes of a body; empty for no bound
/// @param headerTimeout from the first byte of a request to the end of its header section
/// @param idleTimeout of a connection on which nothing happens
/// @param bodyTimeout for how long a body may come more slowly than 100 bytes a second
/// @param connections open at once
/// @param connectionsPerAddress of those, from one IPv4 address or IPv6 /64
/// @param http2Streams open at once on one HTTP/2 connection
/// @param bodyMemory bytes of all bodies together that the gate reads itself
public record LimitsConfig(
    int headerBytes,
    int headerCount,
    int targetBytes,
    OptionalLong bodyBytes,
    Duration headerTimeout,
    Duration idleTimeout,
    Duration bodyTimeout,
    int connections,
    int connectionsPerAddress,
    int http2Streams,
    int bodyMemory) {

  static final LimitsConfig DEFAULT =
      new LimitsConfig(
          16 * 1024,
          100,
          8 * 1024,
          OptionalLong.empty(),
          Duration.ofSeconds(10),
          Duration.ofSeconds(60),
          Duration.ofSeconds(10),
          10_000,
          defaultPerAddress(10_000),
          100,
          Admissions.DEFAULT_BODY_MEMORY);

  /// The default limit of one address, for that many connections: a quarter of them.
  static int defaultPerAddress(int connections) {
    return Math.ceilDiv(connections, 4);
  }
}
