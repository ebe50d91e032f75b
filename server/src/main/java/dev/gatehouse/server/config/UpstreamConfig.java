package dev.gatehouse.server.config;

/// What may be under way to an upstream, over all routes that lead there.
///
/// @param requests at once
/// @param webSockets open at once
public record UpstreamConfig(int requests, int webSockets) {

  static final UpstreamConfig DEFAULT = new UpstreamConfig(256, 256);
}
