package dev.gatehouse.server.cli;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.gatehouse.Authenticator;
import dev.gatehouse.Method;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.Roles;
import dev.gatehouse.bearer.BearerTokens;
import dev.gatehouse.oauth.DeniedTokens;
import dev.gatehouse.oauth.ForeignTokenAuthenticator;
import dev.gatehouse.oauth.LinkStore;
import dev.gatehouse.oauth.OAuthSettings;
import dev.gatehouse.oauth.TrustedIssuer;
import dev.gatehouse.revocation.Revocations;
import dev.gatehouse.route.Routes;
import dev.gatehouse.secret.OwnSecrets;
import dev.gatehouse.server.config.GatehouseConfig;
import dev.gatehouse.server.config.IssuerConfig;
import dev.gatehouse.server.gateway.OwnPath;
import dev.gatehouse.server.provider.Discovery;
import dev.gatehouse.server.provider.Introspector;
import dev.gatehouse.server.provider.IssuerKeys;
import dev.gatehouse.server.provider.OutboundHttp;
import dev.gatehouse.server.status.ResourceMetadataPath;
import dev.gatehouse.store.SqlDatabase;
import io.vertx.core.Vertx;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// The part of [Wiring] that is about access tokens of other issuers.
///
/// @param sorting tells the gate's own tokens from theirs
/// @param open connections to issuers
record ForeignTokens(
    GatehouseConfig config,
    SqlDatabase database,
    OAuthSettings settings,
    BearerTokens sorting,
    DeniedTokens denied,
    List<OutboundHttp> open,
    Clock clock)
    implements AutoCloseable {

  private static final Duration CLOCK_SKEW = Duration.ofSeconds(5);

  // A clock that was ahead of a denial's end must not remove the denial before its time.
  private static final Duration DENIAL_RETENTION = Duration.ofDays(30);

  /// Makes what the configured issuers need; asks none of them yet.
  static ForeignTokens in(
      GatehouseConfig config,
      SqlDatabase database,
      OwnSecrets ownSecrets,
      Vertx vertx,
      Clock clock,
      Ticker ticker) {
    List<OutboundHttp> open = new ArrayList<>();
    List<TrustedIssuer> issuers =
        config.methods().oauth().issuers().stream()
            .map(issuer -> issuer(issuer, open, vertx, ticker))
            .toList();
    BearerTokens sorting =
        new BearerTokens(
            config.issuer(),
            config.accepted().contains(Method.JWT),
            issuers.stream().map(TrustedIssuer::issuer).collect(Collectors.toSet()),
            issuers.stream()
                .anyMatch(issuer -> issuer.judgement() instanceof TrustedIssuer.ByAsking),
            ownSecrets);
    return new ForeignTokens(
        config,
        database,
        new OAuthSettings(
            config.realm(),
            config.issuer(),
            CLOCK_SKEW,
            config.retention().acceptedCredentials(),
            issuers),
        sorting,
        new DeniedTokens(database.deniedTokens(), clock),
        open,
        clock);
  }

  private static TrustedIssuer issuer(
      IssuerConfig issuer, List<OutboundHttp> open, Vertx vertx, Ticker ticker) {
    OutboundHttp http = to(issuer.issuer(), issuer, open, vertx);
    Discovery discovery =
        new Discovery(
            issuer.issuer(),
            issuer.introspection().isPresent() ? Discovery.Need.INTROSPECTION : Discovery.Need.KEYS,
            http,
            ticker);
    TrustedIssuer.Judgement judgement =
        issuer
            .introspection()
            .<TrustedIssuer.Judgement>map(
                asking ->
                    new TrustedIssuer.ByAsking(
                        new Introspector(
                            discovery,
                            asking.endpoint().orElse(null),
                            asking.clientId(),
                            asking.clientSecret().value(),
                            asking.secretInBody(),
                            asking.endpoint().map(at -> to(at, issuer, open, vertx)).orElse(http)),
                        asking.remember()))
            .orElseGet(
                () ->
                    new TrustedIssuer.BySignature(
                        new IssuerKeys(
                            discovery,
                            issuer.keys().orElse(null),
                            issuer.keys().map(at -> to(at, issuer, open, vertx)).orElse(http),
                            ticker),
                        issuer.untyped()));
    return new TrustedIssuer(
        issuer.issuer().toString(),
        issuer.audience(),
        judgement,
        issuer.subjects(),
        issuer.scopes());
  }

  private static OutboundHttp to(
      URI address, IssuerConfig issuer, List<OutboundHttp> open, Vertx vertx) {
    OutboundHttp http =
        OutboundHttp.to(
            new OutboundHttp.Peer(address, issuer.addresses(), issuer.ca().orElse(null)), vertx);
    open.add(http);
    return http;
  }

  void tells(Revocations revocations) {
    DeniedTokens.forgetOnDenial(revocations);
  }

  Authenticator authenticator(Roles roles) {
    return new ForeignTokenAuthenticator(
        settings, database.deniedTokens(), this::account, roles, sorting, clock);
  }

  private Optional<Account> account(String issuer, String subject) {
    return database.links().byIdentity(issuer, subject).map(LinkStore.Owned::owner);
  }

  /// Where it is said whose tokens count; nowhere without an issuer.
  Map<String, OwnPath> paths(Routes<?> routes) {
    return settings.issuers().isEmpty()
        ? Map.of()
        : new ResourceMetadataPath(
                settings.origin(),
                settings.issuers().stream().map(TrustedIssuer::issuer).toList(),
                scopes(),
                (host, path) ->
                    routes
                        .match(host, path)
                        .map(route -> route.policy().names(Method.OAUTH))
                        .orElse(false))
            .paths();
  }

  // What their scopes are called is known where the map says it.
  private Set<String> scopes() {
    Set<String> scopes = new TreeSet<>();
    for (TrustedIssuer issuer : settings.issuers()) {
      if (Set.of("scope", "scp").contains(issuer.scopes().claim())) {
        scopes.addAll(issuer.scopes().map().keySet());
      }
    }
    return scopes;
  }

  void purge() {
    database.deniedTokens().purge(clock.instant().minus(DENIAL_RETENTION));
  }

  @Override
  public void close() {
    open.forEach(OutboundHttp::close);
  }
}
