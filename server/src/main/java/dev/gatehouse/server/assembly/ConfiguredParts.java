package dev.gatehouse.server.assembly;

import dev.gatehouse.Authenticator;
import dev.gatehouse.Gate;
import dev.gatehouse.Method;
import dev.gatehouse.Policy;
import dev.gatehouse.RecentRefusals;
import dev.gatehouse.identity.IdentityTokens;
import dev.gatehouse.server.admin.AccountCalls;
import dev.gatehouse.server.admin.AdminApi;
import dev.gatehouse.server.admin.AdminListener;
import dev.gatehouse.server.admin.CallGroup;
import dev.gatehouse.server.admin.MethodUsage;
import dev.gatehouse.server.admin.PasswordCalls;
import dev.gatehouse.server.admin.PeopleAdministration;
import dev.gatehouse.server.admin.PeopleCalls;
import dev.gatehouse.server.admin.RefusalCalls;
import dev.gatehouse.server.admin.SigningKeyCalls;
import dev.gatehouse.server.admin.UsageCalls;
import dev.gatehouse.server.config.GatehouseConfig;
import dev.gatehouse.server.config.RouteConfig;
import dev.gatehouse.server.gateway.Gateway;
import dev.gatehouse.server.gateway.GatewaySettings;
import dev.gatehouse.server.gateway.OwnPath;
import dev.gatehouse.server.gateway.SignInLink;
import dev.gatehouse.server.signin.SignInPaths;
import dev.gatehouse.server.status.StatusPaths;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The half of a gate that a configuration creates: services with their settings, authenticators,
/// the gate, routes, the gate's own paths, providers, issuers, and the calls of the admin API. It
/// rests on the [LastingParts], and listens to nothing itself: [Current] hands requests to it.
///
/// Closing it closes what it opened, and nothing that lasts.
final class ConfiguredParts implements AutoCloseable {

  private final Opened opened;
  private final Services services;
  private final Methods methods;
  private final List<Authenticator> authenticators;
  private final Gateway gateway;
  private final AdminListener adminListener;

  /// Builds them. When that fails, [Services#opened] is closed, and what lasts is as it was.
  ///
  /// @param morePaths that the gate serves itself
  static ConfiguredParts build(Services services, Map<String, OwnPath> morePaths) {
    boolean built = false;
    try {
      ConfiguredParts parts = new ConfiguredParts(services, morePaths);
      built = true;
      return parts;
    } finally {
      if (!built) {
        services.opened.close();
      }
    }
  }

  private ConfiguredParts(Services services, Map<String, OwnPath> morePaths) {
    this.services = services;
    opened = services.opened;
    methods = new Methods(services);
    authenticators = methods.authenticators();
    Serving serving =
        new Serving(
            services, methods, new Gate(authenticators, services.lasting.memory, services.clock));
    gateway = gateway(serving, morePaths);
    adminListener = adminListener(serving);
  }

  private Gateway gateway(Serving serving, Map<String, OwnPath> morePaths) {
    LastingParts lasting = services.lasting;
    GatehouseConfig config = services.config;
    Map<String, OwnPath> ownPaths = new HashMap<>(morePaths);
    ownPaths.putAll(
        new StatusPaths(
                serving.own,
                Policy.accepting(
                    authenticators.stream().map(Authenticator::method).toArray(Method[]::new)),
                new StatusPaths.Health(lasting.revocations, lasting.database::ping),
                lasting.signingKeys())
            .under(config.prefix()));
    ownPaths.putAll(serving.providers.paths(serving.own));
    ownPaths.putAll(methods.ownPaths(serving));
    return new Gateway(
        lasting.vertx,
        GatewaySettings.DEFAULT
            .withOwnSecrets(services.ownSecrets, config.issuer())
            .withCodeReturnPaths(config.methods().oauth().codeReturnPaths())
            .withSlowBodyGrace(config.limits().bodyTimeout())
            .withSignIn(
                services.accepts(Method.SESSION)
                    ? new SignInLink(
                        SignInPaths.signInPath(config.prefix()), config.limits().targetBytes())
                    : null),
        new Gateway.Paths(serving.routes, ownPaths),
        new Gateway.Callers(
            serving.admissions,
            new IdentityTokens(
                lasting.identityKeys, config.realm(), lasting.clock, lasting.ticker)));
  }

  private AdminListener adminListener(Serving serving) {
    LastingParts lasting = services.lasting;
    String prefix = services.config.prefix();
    Gate gate = new Gate(authenticators, lasting.adminMemory, services.clock);
    AccountCalls accounts = new AccountCalls(services.accounts);
    List<CallGroup> calls = new ArrayList<>();
    calls.add(accounts);
    calls.addAll(methods.adminCalls(accounts));
    calls.add(new RefusalCalls(RecentRefusals.ofThisProcess()));
    calls.add(new UsageCalls(methodUsage(), accounts));
    calls.add(
        new PasswordCalls(
            services.passwords, () -> services.origin() + SignInPaths.resetPath(prefix), accounts));
    calls.add(new SigningKeyCalls(lasting.tokenKeys, lasting.identityKeys));
    calls.add(
        new PeopleCalls(
            new PeopleAdministration(
                services.links,
                services.invitations,
                !services.config.methods().oauth().providers().isEmpty(),
                () -> services.origin() + SignInPaths.invitedPath(prefix)),
            services.accounts,
            accounts,
            services.clock));
    return new AdminListener(new AdminApi(gate, calls), serving.toAdmin(gate));
  }

  private MethodUsage methodUsage() {
    List<MethodUsage.Announced> announced = new ArrayList<>();
    for (RouteConfig route : services.config.routes()) {
      route
          .ends()
          .forEach((method, ending) -> announced.add(new MethodUsage.Announced(method, ending)));
    }
    return new MethodUsage(
        services.lasting.database.usage(), services.lasting.usageWriter, announced);
  }

  GatehouseConfig config() {
    return services.config;
  }

  Services services() {
    return services;
  }

  Methods methods() {
    return methods;
  }

  List<Authenticator> authenticators() {
    return authenticators;
  }

  Gateway gateway() {
    return gateway;
  }

  AdminListener adminListener() {
    return adminListener;
  }

  /// Forgets what is over: see [MethodPart#purge].
  void purge() {
    services.passwords.purgeResets();
    methods.purge();
    services.invitations.purge();
  }

  /// Closes what was opened for this configuration: connections to issuers and providers.
  @Override
  public void close() {
    opened.close();
  }
}
