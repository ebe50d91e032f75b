package dev.gatehouse.server.config;

import java.util.List;
import java.util.Map;

/// The settings of the method `oauth`.
///
/// @param providers with whom people may sign in, by the name in the path
/// @param issuers whose access tokens count
public record OAuthConfig(Map<String, ProviderConfig> providers, List<IssuerConfig> issuers) {

  static final OAuthConfig DEFAULT = new OAuthConfig(Map.of(), List.of());

  public OAuthConfig {
    providers = Map.copyOf(providers);
    issuers = List.copyOf(issuers);
  }
}
