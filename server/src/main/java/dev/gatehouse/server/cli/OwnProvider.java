package dev.gatehouse.server.cli;

import dev.gatehouse.Network;
import dev.gatehouse.Scopes;
import dev.gatehouse.account.Account;
import dev.gatehouse.oauth.AllowList;
import dev.gatehouse.oauth.Link;
import dev.gatehouse.oauth.Links;
import dev.gatehouse.oauth.ScopeMapping;
import dev.gatehouse.oauth.TrustedIssuer;
import dev.gatehouse.oauth.VerifiedIdentity;
import dev.gatehouse.server.StartupException;
import dev.gatehouse.server.config.IssuerConfig;
import dev.gatehouse.server.config.OAuthConfig;
import dev.gatehouse.server.config.ProviderConfig;
import dev.gatehouse.server.demo.DemoPerson;
import dev.gatehouse.server.demo.DemoProvider;
import dev.gatehouse.server.folder.DataFolder;
import dev.gatehouse.server.provider.AllowedAddresses;
import dev.gatehouse.server.tls.DevelopmentCa;
import dev.gatehouse.server.tls.TrustedCertificates;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// The provider that runs beside the demo, and what the gate is told of it: people sign in with it,
/// and its access tokens count.
///
/// Whoever comes from it gets an account, which may do nothing yet. Its Alice is the demo's.
final class OwnProvider implements AutoCloseable {

  private static final String NAME = "demo";
  private static final String LABEL = "the demo provider";
  private static final AllowedAddresses LOOPBACK =
      new AllowedAddresses(List.of(Network.parse("127.0.0.0/8")));

  private final DemoProvider provider;
  private final TrustedCertificates ca;

  private OwnProvider(DemoProvider provider, TrustedCertificates ca) {
    this.provider = provider;
    this.ca = ca;
  }

  /// Takes its place beside that folder's gate, whose development CA vouches for both.
  static OwnProvider in(DataFolder folder, Clock clock) {
    DevelopmentCa ca = DevelopmentCa.in(folder.path(), clock);
    try {
      return new OwnProvider(
          DemoProvider.in(folder, ca.server(), clock),
          TrustedCertificates.read(ca.certificateFile()));
    } catch (IOException failed) {
      throw new StartupException(
          "the demo's provider could not start: " + failed.getMessage(), failed);
    }
  }

  /// The gate's settings.
  ///
  /// @param audience that access tokens for its API name
  OAuthConfig settings(String audience) {
    return new OAuthConfig(
        Map.of(
            NAME,
            new ProviderConfig(
                ProviderConfig.Type.OIDC,
                LABEL,
                provider.issuer(),
                Optional.empty(),
                DemoProvider.GATE,
                Optional.of(new ProviderConfig.ClientSecret(provider.gateSecret())),
                List.of("email", "profile"),
                Map.of(),
                new AllowList(true, Set.of(), Set.of(), Set.of(), false),
                false,
                LOOPBACK,
                Optional.of(ca))),
        List.of(
            new IssuerConfig(
                provider.issuer(),
                audience,
                TrustedIssuer.Subjects.FOREIGN,
                new ScopeMapping(
                    "scope",
                    Map.of(
                        "orders.read", Scopes.of("orders:read"),
                        "orders.write", Scopes.of("orders:write")),
                    false),
                false,
                Optional.empty(),
                Optional.empty(),
                LOOPBACK,
                Optional.of(ca))),
        Set.of());
  }

  /// Begins to answer.
  ///
  /// @param gate by which browsers reach the gate
  /// @param audience of access tokens for its API
  void serve(URI gate, String audience) {
    provider.serve(gate.resolve("/auth/" + NAME + "/callback"), audience);
  }

  /// Lets its Alice sign in to that account, and to no other.
  void link(Account account, Links links) {
    String issuer = provider.issuer().toString();
    String subject = DemoPerson.ALICE.subject();
    links
        .accountOf(issuer, subject)
        .filter(before -> !before.id().equals(account.id()))
        .ifPresent(
            before ->
                links.of(before.id()).stream()
                    .filter(link -> is(link, issuer, subject))
                    .forEach(link -> links.unlink(before.id(), link.id(), true)));
    VerifiedIdentity alice =
        new VerifiedIdentity(
            NAME,
            issuer,
            subject,
            account.email(),
            true,
            DemoPerson.ALICE.label(),
            new TreeSet<>());
    switch (links.link(account, alice)) {
      case Links.LinkResult.Linked _, Links.LinkResult.AlreadyLinked _ -> {}
      default ->
          throw new StartupException(
              "'" + account.name() + "' could not be linked to the demo's provider");
    }
  }

  private static boolean is(Link link, String issuer, String subject) {
    return link.issuer().equals(issuer) && link.subject().equals(subject);
  }

  /// What scripts are told.
  ///
  /// @param gate by which browsers reach the gate
  JsonObject file(URI gate) {
    return new JsonObject()
        .put("provider", NAME)
        .put("issuer", provider.issuer().toString())
        .put("clientId", DemoProvider.SERVICE)
        .put("clientSecret", provider.serviceSecret())
        .put("tokenEndpoint", provider.tokenEndpoint().toString())
        .put("signIn", gate.resolve("/auth/" + NAME).toString());
  }

  /// The words of a shell's command line that get a token of its client's own.
  String curl() {
    return "-u '"
        + DemoProvider.SERVICE
        + ":"
        + provider.serviceSecret()
        + "' -d grant_type=client_credentials -d scope=orders.read "
        + DemoCommand.quoted(provider.tokenEndpoint().toString());
  }

  /// As the button says it.
  static String label() {
    return LABEL;
  }

  @Override
  public void close() {
    provider.close();
  }

  @Override
  public String toString() {
    return "OwnProvider[" + provider.issuer() + "]";
  }
}
