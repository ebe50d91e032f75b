package dev.gatehouse.server.assembly;

import dev.gatehouse.Authenticator;
import dev.gatehouse.Method;
import dev.gatehouse.account.Account;
import dev.gatehouse.bearer.BearerTokenClassifier;
import dev.gatehouse.oauth.DeniedTokenStore;
import dev.gatehouse.oauth.DeniedTokens;
import dev.gatehouse.oauth.LinkStore;
import dev.gatehouse.oauth.OAuthAuthenticator;
import dev.gatehouse.oauth.OAuthSettings;
import dev.gatehouse.oauth.TrustedIssuer;
import dev.gatehouse.server.admin.AccountCalls;
import dev.gatehouse.server.admin.CallGroup;
import dev.gatehouse.server.admin.DeniedTokenCalls;
import dev.gatehouse.server.config.GatehouseConfig;
import dev.gatehouse.server.gateway.OwnPath;
import dev.gatehouse.server.status.ResourceMetadataPath;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Access tokens of other issuers, and which of them are denied. Sign-ins with providers are
/// [ProviderSignIn].
final class OAuthMethod implements MethodPart {

  private static final Duration CLOCK_SKEW = Duration.ofSeconds(5);

  // A clock that was ahead of a denial's end must not remove the denial before its time.
  private static final Duration DENIAL_RETENTION = Duration.ofDays(30);

  private final Services services;
  private final OAuthSettings settings;
  private final BearerTokenClassifier sorting;
  private final DeniedTokenStore deniedTokens;
  private final @Nullable Authenticator authenticator;

  OAuthMethod(Services services) {
    this.services = services;
    GatehouseConfig config = services.config;
    List<TrustedIssuer> issuers = new ForeignIssuers(services).trusted();
    settings =
        new OAuthSettings(
            config.realm(),
            config.issuer(),
            CLOCK_SKEW,
            config.retention().acceptedCredentials(),
            issuers);
    sorting =
        new BearerTokenClassifier(
            config.issuer(),
            services.accepts(Method.JWT),
            issuers.stream().map(TrustedIssuer::issuer).collect(Collectors.toSet()),
            issuers.stream()
                .anyMatch(issuer -> issuer.validation() instanceof TrustedIssuer.ByIntrospection),
            services.ownSecrets);
    deniedTokens = services.lasting.database.deniedTokens();
    authenticator =
        services.accepts(Method.OAUTH)
            ? new OAuthAuthenticator(
                settings, deniedTokens, this::account, services.roles, sorting, services.clock)
            : null;
  }

  private Optional<Account> account(String issuer, String subject) {
    return services
        .lasting
        .database
        .links()
        .byIdentity(issuer, subject)
        .map(LinkStore.Owned::owner);
  }

  /// Tells the gate's own tokens from those of the issuers.
  BearerTokenClassifier sorting() {
    return sorting;
  }

  @Override
  public Method method() {
    return Method.OAUTH;
  }

  @Override
  public @Nullable Authenticator authenticator() {
    return authenticator;
  }

  /// Where clients learn whose tokens count (RFC 9728). There is no such path without an issuer.
  @Override
  public Map<String, OwnPath> ownPaths(Serving serving) {
    return settings.issuers().isEmpty()
        ? Map.of()
        : new ResourceMetadataPath(
                settings.origin(),
                settings.issuers().stream().map(TrustedIssuer::issuer).toList(),
                scopes(),
                (host, path) ->
                    serving
                        .routes
                        .match(host, path)
                        .map(route -> route.policy().accepts(Method.OAUTH))
                        .orElse(false))
            .paths();
  }

  // The issuers' names of scopes are known where a mapping lists them.
  private Set<String> scopes() {
    Set<String> scopes = new TreeSet<>();
    for (TrustedIssuer issuer : settings.issuers()) {
      if (Set.of("scope", "scp").contains(issuer.scopes().claim())) {
        scopes.addAll(issuer.scopes().map().keySet());
      }
    }
    return scopes;
  }

  @Override
  public List<CallGroup> adminCalls(AccountCalls accounts) {
    return List.of(new DeniedTokenCalls(new DeniedTokens(deniedTokens, services.clock)));
  }

  @Override
  public boolean comesAndGoes(String credential) {
    return true;
  }

  @Override
  public void purge() {
    deniedTokens.purge(services.clock.instant().minus(DENIAL_RETENTION));
  }
}
