package dev.gatehouse.server.config;

/// The settings of the method `apikey`.
///
/// @param prefix what every key begins with
public record ApiKeyConfig(String prefix) {

  static final ApiKeyConfig DEFAULT = new ApiKeyConfig("sk_live_");
}
