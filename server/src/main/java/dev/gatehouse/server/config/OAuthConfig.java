package dev.gatehouse.server.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The settings of the method `oauth`.
///
/// @param providers with whom people may sign in, by the name in the path
/// @param issuers whose access tokens count
/// @param codeReturnPaths the paths of this origin to which a page's one-time code may go, each as
///   the gate forwards it and without a query; none: no page gets a code
public record OAuthConfig(
    Map<String, ProviderConfig> providers,
    List<IssuerConfig> issuers,
    Set<String> codeReturnPaths) {

  static final OAuthConfig DEFAULT = new OAuthConfig(Map.of(), List.of(), Set.of());

  public OAuthConfig {
    providers = Collections.unmodifiableMap(new LinkedHashMap<>(providers)); // as buttons stand
    issuers = List.copyOf(issuers);
    codeReturnPaths = Set.copyOf(codeReturnPaths);
  }
}
