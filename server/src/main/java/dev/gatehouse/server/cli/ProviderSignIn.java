package dev.gatehouse.server.cli;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.gatehouse.AuthRequest;
import dev.gatehouse.FailureText;
import dev.gatehouse.Gate;
import dev.gatehouse.Method;
import dev.gatehouse.Principal;
import dev.gatehouse.Reason;
import dev.gatehouse.Refusal;
import dev.gatehouse.StoreUnavailableException;
import dev.gatehouse.account.Accounts;
import dev.gatehouse.oauth.Invitations;
import dev.gatehouse.oauth.Links;
import dev.gatehouse.oauth.ProviderTokens;
import dev.gatehouse.replay.ReplayStore;
import dev.gatehouse.secret.OwnSecrets;
import dev.gatehouse.secret.Seal;
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
import dev.gatehouse.server.signin.OneTimeCodes;
import dev.gatehouse.server.signin.Pages;
import dev.gatehouse.server.signin.ProviderButtons;
import dev.gatehouse.server.signin.ProviderPaths;
import dev.gatehouse.server.signin.ProviderSignIns;
import dev.gatehouse.server.signin.ProviderSite;
import dev.gatehouse.session.Sessions;
import dev.gatehouse.throttle.FailedAttempts;
import io.vertx.core.Vertx;
import java.net.URI;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The part of [Wiring] that is about signing in with providers.
///
/// @param codes for pages that hold tokens; null: no page may get one
/// @param keptTokens of people at providers
/// @param waiting for each provider whose tokens are kept, by its name: a provider that hangs takes
///   no place of another
/// @param endings of its parts
record ProviderSignIn(
    ProviderSignIns signIns,
    @Nullable OneTimeCodes codes,
    ProviderTokenFinder keptTokens,
    Map<String, Admissions> waiting,
    List<Runnable> endings)
    implements AutoCloseable {

  // Each may wait for several answers of five seconds.
  private static final int MAX_WAITING = 64;

  // Beginnings and returns from one address in a minute: an office may arrive at once.
  private static final int VISITS_PER_MINUTE = 600;

  /// What it is made of.
  ///
  /// @param outbound whose event loops wait for providers
  record Rooms(
      Accounts accounts,
      Links links,
      Invitations invitations,
      ProviderTokens tokens,
      Sessions sessions,
      ReplayStore uses,
      Seal seal,
      OwnSecrets ownSecrets,
      Vertx outbound,
      Pages pages) {}

  /// Makes what the configured providers need; asks none of them yet.
  ///
  /// @param origin by which browsers reach the gate: known once it listens
  static ProviderSignIn in(
      GatehouseConfig config,
      Gate gate,
      Rooms rooms,
      Supplier<String> origin,
      Clock clock,
      Ticker ticker) {
    Map<String, ProviderConfig> configured = config.methods().oauth().providers();
    List<Runnable> endings = new ArrayList<>();
    OneTimeCodes codes = new OneTimeCodes(rooms.seal, rooms.uses, clock);
    ProviderSignIns signIns =
        new ProviderSignIns(
            new ProviderPaths.Services(
                rooms.accounts,
                rooms.links,
                rooms.tokens,
                rooms.sessions,
                rooms.uses,
                new FailedAttempts(VISITS_PER_MINUTE, ticker)),
            rooms.invitations,
            codes,
            rooms.seal,
            rooms.pages,
            new ProviderSite(
                config.prefix(),
                config.realm(),
                origin,
                config.accepted().contains(Method.SESSION),
                config.methods().oauth().codeReturnPaths(),
                config.methods().session().strict()),
            config.limits().headerBytes(),
            clock);
    Map<String, Provider> keeping = new LinkedHashMap<>();
    Map<String, Admissions> waiting = new HashMap<>();
    configured.forEach(
        (name, settings) -> {
          Provider provider = provider(name, settings, rooms, endings, clock, ticker);
          Admissions admissions = new Admissions(gate, MAX_WAITING, config.limits().bodyMemory());
          endings.add(admissions::close);
          signIns.add(
              provider,
              new ProviderPaths.Terms(settings.allow(), settings.keepTokens()),
              admissions);
          if (settings.keepTokens()) {
            keeping.put(name, provider);
            Admissions forTokens = new Admissions(gate, MAX_WAITING);
            endings.add(forTokens::close);
            waiting.put(name, forTokens);
          }
        });
    return new ProviderSignIn(
        signIns,
        config.methods().oauth().codeReturnPaths().isEmpty() ? null : codes,
        new ProviderTokenFinder(rooms.tokens, keeping, clock),
        waiting,
        endings);
  }

  private static Provider provider(
      String name,
      ProviderConfig settings,
      Rooms rooms,
      List<Runnable> endings,
      Clock clock,
      Ticker ticker) {
    OutboundHttp http = to(settings.issuer(), settings, rooms.outbound);
    endings.add(http::close);
    if (settings.type() != ProviderConfig.Type.GITHUB) {
      return new OpenIdProvider(
          client(name, settings, openIdScopes(settings), rooms.ownSecrets),
          http,
          settings.type() == ProviderConfig.Type.GOOGLE,
          clock,
          ticker);
    }
    OutboundHttp apiHttp = to(settings.apiUrl().orElseThrow(), settings, rooms.outbound);
    endings.add(apiHttp::close);
    Set<String> scopes =
        new LinkedHashSet<>(GitHubProvider.scopes(!settings.allow().organisations().isEmpty()));
    scopes.addAll(settings.scopes());
    return new GitHubProvider(
        client(name, settings, scopes, rooms.ownSecrets),
        settings.apiUrl().orElseThrow(),
        http,
        apiHttp,
        clock);
  }

  private static OutboundHttp to(URI address, ProviderConfig settings, Vertx vertx) {
    return OutboundHttp.to(
        new OutboundHttp.Peer(address, settings.addresses(), settings.ca().orElse(null)), vertx);
  }

  // OpenID Connect Core §3.1.2.1: without `openid` it is another protocol.
  private static Set<String> openIdScopes(ProviderConfig settings) {
    Set<String> scopes = new LinkedHashSet<>(List.of("openid"));
    scopes.addAll(settings.scopes().isEmpty() ? List.of("email", "profile") : settings.scopes());
    return scopes;
  }

  private static Client client(
      String name, ProviderConfig settings, Set<String> scopes, OwnSecrets ownSecrets) {
    return new Client(
        name,
        settings.label(),
        settings.issuer(),
        settings.clientId(),
        settings.clientSecret().map(ProviderConfig.ClientSecret::value).orElse(null),
        List.copyOf(scopes),
        settings.authorizationParameters(),
        ownSecrets);
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
      return keptTokens
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

  /// Ends what waits for providers.
  @Override
  public void close() {
    endings.forEach(Runnable::run);
  }
}
