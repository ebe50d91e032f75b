package dev.gatehouse.server.assembly;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.FailureText;
import dev.gatehouse.Method;
import dev.gatehouse.Principal;
import dev.gatehouse.Reason;
import dev.gatehouse.Refusal;
import dev.gatehouse.StoreUnavailableException;
import dev.gatehouse.server.config.GatehouseConfig;
import dev.gatehouse.server.config.ProviderConfig;
import dev.gatehouse.server.config.RouteConfig;
import dev.gatehouse.server.gateway.OwnPath;
import dev.gatehouse.server.gateway.ProviderTokenSource;
import dev.gatehouse.server.gateway.ProviderTokenSource.Found;
import dev.gatehouse.server.listen.Admissions;
import dev.gatehouse.server.provider.Client;
import dev.gatehouse.server.provider.GitHubProvider;
import dev.gatehouse.server.provider.OpenIdProvider;
import dev.gatehouse.server.provider.OutboundHttp;
import dev.gatehouse.server.provider.Provider;
import dev.gatehouse.server.provider.ProviderException;
import dev.gatehouse.server.provider.ProviderTokenFinder;
import dev.gatehouse.server.signin.AttemptCookies;
import dev.gatehouse.server.signin.OneTimeCodes;
import dev.gatehouse.server.signin.ProviderButtons;
import dev.gatehouse.server.signin.ProviderPaths;
import dev.gatehouse.server.signin.ProviderSignIns;
import dev.gatehouse.server.signin.ProviderSite;
import java.net.URI;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Sign-ins with the providers of one configuration, and the tokens of people at providers that
/// upstreams get. Asks no provider before somebody signs in.
final class ProviderSignIn {

  // Each may wait for several answers of five seconds.
  private static final int MAX_WAITING = 64;

  private final Services services;
  private final ProviderSignIns signIns;
  private final @Nullable OneTimeCodes codes;
  private final ProviderTokenFinder tokenFinder;

  // For each provider whose tokens are kept, by its name: a provider that hangs takes no place of
  // another.
  private final Map<String, Admissions> waiting = new HashMap<>();

  private ProviderSignIn(Services services, Serving serving) {
    this.services = services;
    GatehouseConfig config = services.config;
    LastingParts lasting = services.lasting;
    OneTimeCodes allCodes =
        new OneTimeCodes(lasting.signInSeal, lasting.replayStore, services.clock);
    codes = config.methods().oauth().codeReturnPaths().isEmpty() ? null : allCodes;
    signIns =
        new ProviderSignIns(
            new ProviderPaths.Services(
                services.accounts,
                services.links,
                services.providerTokens,
                serving.methods.session.sessions,
                services.invitations,
                allCodes,
                lasting.replayStore,
                lasting.providerVisits),
            new AttemptCookies(lasting.signInSeal, config.limits().headerBytes(), services.clock),
            new ProviderSite(
                serving.pages,
                config.prefix(),
                config.realm(),
                services::origin,
                services.accepts(Method.SESSION),
                config.methods().oauth().codeReturnPaths(),
                config.methods().session().strict()),
            services.clock);
    Map<String, Provider> keeping = new LinkedHashMap<>();
    config
        .methods()
        .oauth()
        .providers()
        .forEach(
            (name, settings) -> {
              Provider provider = provider(name, settings);
              signIns.add(
                  provider,
                  new ProviderPaths.Terms(settings.allow(), settings.keepTokens()),
                  admissions(serving, "sign-ins with " + name, config.limits().bodyMemory()));
              if (settings.keepTokens()) {
                keeping.put(name, provider);
                waiting.put(
                    name, admissions(serving, "tokens of " + name, Admissions.DEFAULT_BODY_MEMORY));
              }
            });
    tokenFinder = new ProviderTokenFinder(services.providerTokens, keeping, services.clock);
  }

  /// What the configured providers need. Connections to them are closed with [Services#opened].
  static ProviderSignIn of(Services services, Serving serving) {
    return new ProviderSignIn(services, serving);
  }

  private Admissions admissions(Serving serving, String name, int bodyMemory) {
    return new Admissions(
        serving.own.gate(), services.lasting.places.of(name, MAX_WAITING, bodyMemory));
  }

  private Provider provider(String name, ProviderConfig settings) {
    OutboundHttp http = to(settings.issuer(), settings);
    if (settings.type() != ProviderConfig.Type.GITHUB) {
      return new OpenIdProvider(
          new OpenIdProvider.Settings(
              client(name, settings, openIdScopes(settings)),
              settings.type() == ProviderConfig.Type.GOOGLE),
          http,
          services.clock,
          services.lasting.ticker);
    }
    OutboundHttp apiHttp = to(settings.apiUrl().orElseThrow(), settings);
    Set<String> scopes =
        new LinkedHashSet<>(GitHubProvider.scopes(!settings.allow().organisations().isEmpty()));
    scopes.addAll(settings.scopes());
    return new GitHubProvider(
        client(name, settings, scopes),
        new GitHubProvider.Api(settings.apiUrl().orElseThrow(), apiHttp),
        http,
        services.clock);
  }

  private OutboundHttp to(URI address, ProviderConfig settings) {
    return services.opened.add(
        OutboundHttp.to(
            new OutboundHttp.Peer(address, settings.addresses(), settings.ca().orElse(null)),
            services.lasting.outbound));
  }

  // OpenID Connect Core §3.1.2.1: without `openid` it is another protocol.
  private static Set<String> openIdScopes(ProviderConfig settings) {
    Set<String> scopes = new LinkedHashSet<>(List.of("openid"));
    scopes.addAll(settings.scopes().isEmpty() ? List.of("email", "profile") : settings.scopes());
    return scopes;
  }

  private Client client(String name, ProviderConfig settings, Set<String> scopes) {
    return new Client(
        name,
        settings.label(),
        settings.issuer(),
        settings.clientId(),
        settings.clientSecret().map(ProviderConfig.ClientSecret::value).orElse(null),
        List.copyOf(scopes),
        settings.authorizationParameters(),
        services.ownSecrets);
  }

  /// One-time codes for pages that hold tokens; null: no page may get one.
  @Nullable OneTimeCodes codes() {
    return codes;
  }

  ProviderButtons buttons() {
    return signIns.buttons();
  }

  /// The paths; none without a provider.
  Map<String, OwnPath> paths(Admissions ownAdmissions) {
    return signIns.paths(ownAdmissions);
  }

  /// Where a route's tokens come from; null: it names none.
  @Nullable ProviderTokenSource tokens(RouteConfig route) {
    return route.providerToken().<ProviderTokenSource>map(this::tokens).orElse(null);
  }

  private ProviderTokenSource tokens(RouteConfig.ProviderTokenNeed need) {
    Admissions places = Objects.requireNonNull(waiting.get(need.provider()), "it keeps tokens");
    return (request, principal, then) ->
        places.work(request, () -> find(request, principal, need), Found.NotNow::new, then);
  }

  private Found find(AuthRequest request, Principal principal, RouteConfig.ProviderTokenNeed need) {
    try {
      return tokenFinder
          .find(principal.subject(), need.provider(), need.scopes())
          .<Found>map(Found.Token::new)
          .orElseGet(Found.None::new);
    } catch (ProviderException | StoreUnavailableException unavailable) {
      return new Found.NotNow(
          Refusal.of(
              request,
              Reason.UNAVAILABLE,
              "A token that the upstream needs can't be had now: try again",
              need.provider() + ": " + FailureText.of(unavailable)));
    }
  }
}
