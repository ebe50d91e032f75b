package dev.gatehouse.server.config;

/// Somebody with whom people may sign in.
///
/// @param label as people know it
public record ProviderConfig(String label) {}
