package dev.gatehouse.server.signin;

import dev.gatehouse.server.gateway.OwnPath;
import dev.gatehouse.server.listen.Admissions;
import dev.gatehouse.server.provider.Provider;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The paths of all providers, and of invitations.
public final class ProviderSignIns {

  private final ProviderPaths.Services services;
  private final AttemptCookies attempts;
  private final ProviderSite site;
  private final Clock clock;
  private final List<Provider> providers = new ArrayList<>();
  private final Map<String, OwnPath> paths = new HashMap<>();

  /// Has no provider yet.
  public ProviderSignIns(
      ProviderPaths.Services services, AttemptCookies attempts, ProviderSite site, Clock clock) {
    this.services = services;
    this.attempts = attempts;
    this.site = site;
    this.clock = clock;
  }

  /// Adds the paths of a provider.
  ///
  /// @param admissions for this provider alone: requests that wait for it take no place from others
  public void add(Provider provider, ProviderPaths.Terms terms, Admissions admissions) {
    providers.add(provider);
    paths.putAll(
        new ProviderPaths(
                new ProviderContext(provider, terms, services, attempts, admissions, site, clock))
            .paths());
  }

  /// The links to the providers that were added.
  public ProviderButtons buttons() {
    return new ProviderButtons(site.prefix(), providers);
  }

  /// Every path with its handler; none if there is no provider.
  ///
  /// @param admissions for requests that do not wait for a provider
  public Map<String, OwnPath> paths(Admissions admissions) {
    if (providers.isEmpty()) {
      return Map.of();
    }
    Map<String, OwnPath> all = new HashMap<>(paths);
    all.putAll(new InvitedPath(admissions, services.invitations(), buttons(), site.pages()).path());
    return all;
  }
}
