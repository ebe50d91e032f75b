package dev.gatehouse.server.assembly;

import dev.gatehouse.oauth.TrustedIssuer;
import dev.gatehouse.server.config.IssuerConfig;
import dev.gatehouse.server.provider.Discovery;
import dev.gatehouse.server.provider.Introspector;
import dev.gatehouse.server.provider.IssuerKeys;
import dev.gatehouse.server.provider.OutboundHttp;
import java.net.URI;
import java.util.List;

/// Makes what the configured issuers of access tokens need. Asks none of them yet.
final class ForeignIssuers {

  private final Services services;

  ForeignIssuers(Services services) {
    this.services = services;
  }

  /// All of them. Connections to them are closed with [Services#opened].
  List<TrustedIssuer> trusted() {
    return services.config.methods().oauth().issuers().stream().map(this::trusted).toList();
  }

  private TrustedIssuer trusted(IssuerConfig issuer) {
    OutboundHttp http = to(issuer.issuer(), issuer);
    Discovery discovery =
        new Discovery(
            issuer.issuer(),
            issuer.introspection().isPresent() ? Discovery.Need.INTROSPECTION : Discovery.Need.KEYS,
            http,
            services.lasting.ticker);
    TrustedIssuer.Validation judgement =
        issuer
            .introspection()
            .<TrustedIssuer.Validation>map(
                asking ->
                    new TrustedIssuer.ByIntrospection(
                        new Introspector(
                            discovery,
                            asking.endpoint().orElse(null),
                            new Introspector.Credentials(
                                asking.clientId(),
                                asking.clientSecret().value(),
                                asking.secretInBody()),
                            asking.endpoint().map(at -> to(at, issuer)).orElse(http)),
                        asking.remember()))
            .orElseGet(
                () ->
                    new TrustedIssuer.BySignature(
                        new IssuerKeys(
                            discovery,
                            issuer.keys().orElse(null),
                            issuer.keys().map(at -> to(at, issuer)).orElse(http),
                            services.lasting.ticker),
                        issuer.untyped()));
    return new TrustedIssuer(
        issuer.issuer().toString(),
        issuer.audience(),
        judgement,
        issuer.subjects(),
        issuer.scopes());
  }

  private OutboundHttp to(URI address, IssuerConfig issuer) {
    return services.opened.add(
        OutboundHttp.to(
            new OutboundHttp.Peer(address, issuer.addresses(), issuer.ca().orElse(null)),
            services.lasting.outbound));
  }
}
