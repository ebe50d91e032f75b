package dev.gatehouse.server.config;

import java.time.Duration;

/// What may be under way to an upstream, over all routes that lead there.
///
/// @param requests at once
/// @param webSockets open at once
/// @param queue how many more requests may wait for their turn
/// @param queueTimeout how long each of them waits
public record UpstreamConfig(int requests, int webSockets, int queue, Duration queueTimeout) {

  static final UpstreamConfig DEFAULT = new UpstreamConfig(256, 256, 1024, Duration.ofSeconds(1));
}
