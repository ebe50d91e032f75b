package dev.gatehouse.server.config;

import dev.gatehouse.Method;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.nodes.Node;

/// Finds settings that are valid by themselves and wrong together with others.
final class ConsistencyChecks {

  // By which people sign in. They get links that lead to the public address of the gate.
  private static final List<Method> METHODS_OF_PEOPLE =
      List.of(Method.JWT, Method.SESSION, Method.BASIC);

  private final GatehouseConfig config;
  private final Node root;
  private final Problems problems;

  /// @param root the place of problems that belong to no single key
  /// @param problems the problems that were found while the file was read
  ConsistencyChecks(GatehouseConfig config, Node root, Problems problems) {
    this.config = config;
    this.root = root;
    this.problems = problems;
  }

  /// Adds a problem for each contradiction.
  void run() {
    boolean development = config.listen().transport() instanceof ListenConfig.DevelopmentTls;
    if (config.publicUrl().isEmpty() && !development) {
      METHODS_OF_PEOPLE.stream()
          .filter(config.accepted()::contains)
          .findFirst()
          .ifPresent(
              method ->
                  problems.add(
                      root,
                      "a route accepts "
                          + method
                          + ", and nothing says by which address clients reach the gate, where"
                          + " links for a new password lead and which tokens name",
                      "add publicUrl: https://api.example.com"));
    }
    checkUpstreams();
    checkProviders();
    checkIssuers();
    checkAllOf();
    if (config.accepted().contains(Method.MTLS)
        && config.listen().transport() instanceof ListenConfig.PlainHttp
        && config.listen().certificateField().isEmpty()) {
      problems.add(
          root,
          "a route accepts mtls, and no certificate can reach a gate that speaks plain HTTP",
          "give 'tls', or name the proxy's field in 'clientCertificateField'");
    }
    if (config.accepted().contains(Method.SESSION)
        && config.listen().transport() instanceof ListenConfig.PlainHttp
        && config.listen().tlsTerminators().isEmpty()) {
      problems.add(
          root,
          "a route accepts session, whose cookie is for HTTPS only, and the gate speaks plain HTTP",
          "give 'tls', or name the proxies that end TLS in 'tlsTerminator'");
    }
  }

  private void checkUpstreams() {
    List<URI> used =
        config.routes().stream().map(route -> RouteConfig.origin(route.upstream())).toList();
    for (URI named : config.upstreams().keySet()) {
      // A route with a mistake may be the one that leads there.
      if (!used.contains(named) && problems.isEmpty()) {
        problems.add(
            root,
            "'upstreams' names " + named + ", and no route leads there",
            Nearest.to(named.toString(), used.stream().map(URI::toString).toList())
                .map(near -> "did you mean '" + near + "'?")
                .orElse("write it as in the route's 'upstream', or remove it"));
      }
    }
  }

  // Alternatives of `accept` that no request can satisfy.
  private void checkAllOf() {
    boolean onlyPasswords = config.methods().oauth().providers().isEmpty();
    List<IssuerConfig> issuers = config.methods().oauth().issuers();
    boolean noneLinked =
        !issuers.isEmpty() && issuers.stream().noneMatch(issuer -> issuer.subjects().linked());
    for (RouteConfig route : config.routes()) {
      if (!(route.accept() instanceof RouteConfig.AnyOf(List<List<Method>> alternatives))) {
        continue;
      }
      for (List<Method> all : alternatives) {
        if (onlyPasswords
            && all.contains(Method.SESSION)
            && (all.contains(Method.BASIC) || all.contains(Method.JWT))) {
          problems.add(
              root,
              "no request can pass the route "
                  + route.path()
                  + " by "
                  + all
                  + ": people sign in with a password only, and the methods of an all-of rest on"
                  + " different credentials",
              "add another method than "
                  + (all.contains(Method.BASIC) ? Method.BASIC : Method.JWT)
                  + ", as mtls, or add 'methods.oauth.providers'");
        }
        if (noneLinked && all.size() > 1 && all.contains(Method.OAUTH)) {
          problems.add(
              root,
              "no request can pass the route "
                  + route.path()
                  + " by "
                  + all
                  + ": the tokens of no issuer act for an account of this gate",
              "write subject: linked at an issuer, or accept oauth alone");
        }
      }
    }
  }

  private void checkIssuers() {
    List<IssuerConfig> issuers = config.methods().oauth().issuers();
    boolean accepted = config.accepted().contains(Method.OAUTH);
    // If an issuer has a mistake, that mistake is reported already.
    if (accepted && issuers.isEmpty() && problems.isEmpty()) {
      problems.add(
          root,
          "a route accepts oauth, which means access tokens of other issuers, and there are none",
          config.methods().oauth().providers().isEmpty()
              ? "add 'methods.oauth.issuers'"
              : "people who sign in with a provider get a session: write accept: [session]; or add"
                  + " 'methods.oauth.issuers'");
    }
    if (!accepted && !issuers.isEmpty()) {
      problems.add(
          root,
          "'issuers' have no effect, because no route accepts oauth",
          "write accept: [oauth] at a route, or remove them");
    }
    for (IssuerConfig issuer : issuers) {
      if (issuer.issuer().toString().equals(config.issuer())) {
        problems.add(
            root,
            "the issuer " + issuer.issuer() + " is this gate itself, whose tokens are jwt",
            "write accept: [jwt], or name another issuer");
      }
      // OpenID Connect Core §2: the audience of an ID token is the client.
      config.methods().oauth().providers().values().stream()
          .filter(
              provider ->
                  provider.issuer().equals(issuer.issuer())
                      && provider.clientId().equals(issuer.audience()))
          .findFirst()
          .ifPresent(
              provider ->
                  problems.add(
                      root,
                      "the audience of "
                          + issuer.issuer()
                          + " is the client id by which people sign in there, as in ID tokens",
                      "let the issuer name this API in its access tokens, and write that"));
    }
  }

  private void checkProviders() {
    Map<String, ProviderConfig> providers = config.methods().oauth().providers();
    boolean sessions = config.accepted().contains(Method.SESSION);
    boolean tokens = config.accepted().contains(Method.JWT);
    boolean codes = !config.methods().oauth().codeReturnPaths().isEmpty();
    if (codes && providers.isEmpty() && problems.isEmpty()) {
      problems.add(
          root,
          "'codeReturnPaths' have no effect, because there are no providers",
          "add 'methods.oauth.providers', or remove them");
    }
    if (codes && !tokens) {
      problems.add(
          root,
          "'codeReturnPaths' have no effect, because no route accepts jwt, and a page exchanges its code"
              + " for tokens",
          "write accept: [jwt] at a route, or remove them");
    }
    // If a path has a mistake, that mistake is reported already.
    if (!providers.isEmpty() && !sessions && tokens && !codes && problems.isEmpty()) {
      problems.add(
          root,
          "'providers' have no effect, because no route accepts session, and no page may get a code for"
              + " tokens",
          "write accept: [session] at a route, or name the pages in"
              + " 'methods.oauth.codeReturnPaths'");
    }
    if (!providers.isEmpty() && !sessions && !tokens) {
      problems.add(
          root,
          "'providers' have no effect, because no route accepts session or jwt, and a person who signs in with"
              + " one gets nothing else",
          "write accept: [session] at a route, or jwt for pages that hold tokens");
    }
    if (!providers.isEmpty()
        && !sessions
        && config.listen().transport() instanceof ListenConfig.PlainHttp
        && config.listen().tlsTerminators().isEmpty()) {
      problems.add(
          root,
          "'providers' send people back over HTTPS, and the gate speaks plain HTTP",
          "give 'tls', or name the proxies that end TLS in 'tlsTerminator'");
    }
    for (RouteConfig route : config.routes()) {
      route
          .providerToken()
          .ifPresent(
              need -> {
                ProviderConfig provider = providers.get(need.provider());
                if (provider == null) {
                  problems.add(
                      root,
                      "the route "
                          + route.path()
                          + " names the provider "
                          + Problems.quoted(need.provider())
                          + ", and there is none",
                      Nearest.to(need.provider(), providers.keySet())
                          .map(near -> "did you mean '" + near + "'?")
                          .orElse("add it to 'methods.oauth.providers'"));
                } else if (!provider.keepTokens()) {
                  problems.add(
                      root,
                      "the route "
                          + route.path()
                          + " needs a token of "
                          + Problems.quoted(need.provider())
                          + ", which keeps none",
                      "write keepTokens: true at that provider");
                }
              });
    }
  }
}
