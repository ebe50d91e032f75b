package dev.gatehouse.server.config;

import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/// Reads how much the gate and its upstreams take at once: `limits`, `throttle` and `upstreams`.
final class LimitsReader {

  private static final Duration MIN_TIMEOUT = Duration.ofMillis(1);
  private static final Duration MAX_TIMEOUT = Duration.ofHours(1);
  private static final int MIN_BODY_MEMORY_BYTES = 128 << 10;
  private static final int MAX_BODY_MEMORY_BYTES = 1 << 30;

  private final Problems problems;

  LimitsReader(Problems problems) {
    this.problems = problems;
  }

  /// The limits of the listener.
  static LimitsConfig limits(Section limits) {
    LimitsConfig otherwise = LimitsConfig.DEFAULT;
    int connections = limits.integer("connections", otherwise.connections(), 1, 1_000_000);
    LimitsConfig read =
        new LimitsConfig(
            Math.toIntExact(
                limits.size("headerBytes", 1024, 1 << 20).orElse((long) otherwise.headerBytes())),
            limits.integer("headerCount", otherwise.headerCount(), 10, 1000),
            Math.toIntExact(
                limits.size("targetBytes", 256, 1 << 16).orElse((long) otherwise.targetBytes())),
            limits
                .size("bodyBytes", 0, Long.MAX_VALUE)
                .map(OptionalLong::of)
                .orElse(otherwise.bodyBytes()),
            limits.duration("headerTimeout", otherwise.headerTimeout(), MIN_TIMEOUT, MAX_TIMEOUT),
            limits.duration("idleTimeout", otherwise.idleTimeout(), MIN_TIMEOUT, MAX_TIMEOUT),
            limits.duration("bodyTimeout", otherwise.bodyTimeout(), MIN_TIMEOUT, MAX_TIMEOUT),
            connections,
            limits.integer(
                "connectionsPerAddress", LimitsConfig.defaultPerAddress(connections), 1, 1_000_000),
            limits.integer("http2Streams", otherwise.http2Streams(), 1, 10_000),
            bodyMemory(limits, otherwise.bodyMemory()));
    limits.refuseUnknown();
    return read;
  }

  /// How many failed attempts of one address count before it must wait, per minute.
  static int failedAttempts(Section throttle) {
    int read =
        throttle.integer(
            "failedAttemptsPerMinute",
            GatehouseConfig.DEFAULT_FAILED_ATTEMPTS_PER_MINUTE,
            1,
            1_000_000);
    throttle.refuseUnknown();
    return read;
  }

  /// The limits of each upstream, by its origin.
  Map<URI, UpstreamConfig> upstreams(Section upstreams) {
    Map<URI, UpstreamConfig> read = new LinkedHashMap<>();
    for (ScalarNode key : upstreams.keys()) {
      String name = Problems.quoted(key.getValue());
      Optional<URI> address = Section.parsed(key, name, RouteConfig::upstream, problems);
      Optional<Section> limits =
          upstreams.take(key.getValue()).map(node -> Section.of(node, name, problems));
      if (address.isEmpty() || limits.isEmpty()) {
        continue;
      }
      UpstreamConfig otherwise = UpstreamConfig.DEFAULT;
      UpstreamConfig its =
          new UpstreamConfig(
              limits.get().integer("requests", otherwise.requests(), 1, 1_000_000),
              limits.get().integer("webSockets", otherwise.webSockets(), 1, 1_000_000),
              limits.get().integer("queue", otherwise.queue(), 0, 100_000),
              limits
                  .get()
                  .duration("queueTimeout", otherwise.queueTimeout(), MIN_TIMEOUT, MAX_TIMEOUT));
      limits.get().refuseUnknown();
      if (read.put(RouteConfig.origin(address.get()), its) != null) {
        problems.add(key, name + " is repeated here", "keep one");
      }
    }
    return read;
  }

  /// How many bytes all bodies that are being read may take together. One address gets at most half
  /// of it, which is at least the longest body that the admin API takes.
  static int bodyMemory(Section section, int otherwise) {
    return Math.toIntExact(
        section
            .size("bodyMemory", MIN_BODY_MEMORY_BYTES, MAX_BODY_MEMORY_BYTES)
            .orElse((long) otherwise));
  }
}
