package dev.gatehouse.server.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The settings of the method `oauth`.
///
/// @param providers with whom people may sign in, by the name in the path
/// @param issuers whose access tokens count
public record OAuthConfig(Map<String, ProviderConfig> providers, List<IssuerConfig> issuers) {

  static final OAuthConfig DEFAULT = new OAuthConfig(Map.of(), List.of());

  public OAuthConfig {
    providers = Collections.unmodifiableMap(new LinkedHashMap<>(providers)); // as buttons stand
    issuers = List.copyOf(issuers);
  }
}
