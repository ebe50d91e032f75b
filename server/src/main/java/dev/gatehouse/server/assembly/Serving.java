package dev.gatehouse.server.assembly;

import dev.gatehouse.Gate;
import dev.gatehouse.Method;
import dev.gatehouse.route.Routes;
import dev.gatehouse.server.gateway.OwnPath;
import dev.gatehouse.server.gateway.Upstream;
import dev.gatehouse.server.listen.Admissions;
import dev.gatehouse.server.signin.Pages;
import dev.gatehouse.server.signin.SignInPaths;
import dev.gatehouse.server.signin.SignInServices;
import dev.gatehouse.server.signin.SignInSite;
import java.util.Map;

/// What the gate's own paths are made of, once a configuration has a gate.
final class Serving {

  private static final int MAX_ADMISSIONS = 1_000;
  private static final int MAX_OWN_ADMISSIONS = 64;
  private static final int MAX_SIGN_INS = 512;

  final Methods methods;

  /// For requests to upstreams.
  final Admissions admissions;

  /// For what the gate says of itself: it takes no places from callers.
  final Admissions own;

  /// For sign-ins, which wait for slow hashes.
  final Admissions signIns;

  final Pages pages;
  final ProviderSignIn providers;
  final SignInPaths signInPaths;
  final Routes<Upstream> routes;

  private final Services services;

  Serving(Services services, Methods methods, Gate gate) {
    this.services = services;
    this.methods = methods;
    PlacesByName places = services.lasting.places;
    int bodyMemory = services.config.limits().bodyMemory();
    admissions =
        new Admissions(gate, places.of("requests", MAX_ADMISSIONS, Admissions.DEFAULT_BODY_MEMORY));
    own = new Admissions(gate, places.of("own paths", MAX_OWN_ADMISSIONS, bodyMemory));
    signIns = new Admissions(gate, places.of("sign-ins", MAX_SIGN_INS, bodyMemory));
    pages = new Pages(services.config.prefix(), services.config.realm());
    providers = ProviderSignIn.of(services, this);
    signInPaths = new SignInPaths(signIns, signInServices(), signInSite(), providers.buttons());
    routes = RouteTable.of(services.config, providers);
  }

  /// Admissions for administrators: no caller, nor any probe, takes a place from them.
  Admissions toAdmin(Gate adminGate) {
    return new Admissions(
        adminGate,
        services.lasting.places.of(
            "admin calls", MAX_OWN_ADMISSIONS, services.config.limits().bodyMemory()));
  }

  /// The services behind the paths of the sign-in.
  SignInServices signInServices() {
    return new SignInServices(
        services.accounts, services.passwords, methods.session.sessions, services.clock);
  }

  /// The settings of the paths of the sign-in.
  SignInSite signInSite() {
    return new SignInSite(
        pages,
        services.config.prefix(),
        services.config.methods().session().strict(),
        services.passwordSettings.minLength());
  }

  /// Where a one-time link for a new password leads, for a gate whose people have passwords, but no
  /// sessions; none where there are sessions, since the sign-in's pages include it.
  Map<String, OwnPath> passwordResetPaths() {
    return services.accepts(Method.SESSION) ? Map.of() : signInPaths.resetPaths();
  }
}
