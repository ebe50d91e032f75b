package dev.gatehouse.server.config;

import dev.gatehouse.Method;
import dev.gatehouse.Network;
import dev.gatehouse.Scopes;
import dev.gatehouse.route.Routes;
import dev.gatehouse.server.admin.AdminApi;
import dev.gatehouse.server.gateway.ClientFields;
import dev.gatehouse.server.provider.SpecialPurposeAddresses;
import java.net.InetAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/// Finds settings that are valid and probably wrong: they let in more callers than was meant, or
/// they have no effect.
final class ConfigWarnings {

  private static final String ANY_SEGMENT = "*";
  private static final String LITERAL_WILDCARD = "a '*' in a scope stands for nothing but itself";

  // A segment and a host that no configuration names.
  private static final String OTHER_SEGMENT = "gatehouse.any-other-segment";
  private static final String OTHER_HOST = "any-other-host.invalid"; // RFC 6761 §6.4

  // Scopes that come from grants of this gate only. Those of its own API need no role.
  private static final String LOCAL = "gatehouse:";

  private static final List<Method> PEOPLES = List.of(Method.SESSION, Method.JWT, Method.BASIC);

  private final GatehouseConfig config;
  private final Node root;
  private final List<Node> routeNodes;
  private final Problems warnings;
  private final Routes<RouteConfig> routes;

  /// @param config in which there is no mistake
  /// @param routeNodes where its routes stand, in their order
  ConfigWarnings(GatehouseConfig config, Node root, List<Node> routeNodes, Problems warnings) {
    this.config = config;
    this.root = root;
    this.routeNodes = List.copyOf(routeNodes);
    this.warnings = warnings;
    this.routes = config.matching();
  }

  /// Adds all of them to the warnings.
  void find() {
    terminatorsOfEveryAddress();
    peopleOnPlainHttp();
    wildcardsInRoles();
    wildcardsInMaps();
    credentialsForPlainOrigins(
        config.methods().jwt().cors(), at(root, "methods", "jwt", "cors", "origins"));
    for (int i = 0; i < routeNodes.size(); i++) {
      RouteConfig route = config.routes().get(i);
      Node node = routeNodes.get(i);
      gateAsUpstream(route, at(node, "upstream"));
      credentialsForPlainOrigins(route.cors(), at(node, "cors", "origins"));
      requiredScopes(route, at(node, "require"));
      voidAllOfs(route, at(node, "accept"));
      keptFieldsOfSeveralGateways(route, at(node, "keepFields"));
      if (route.accept() instanceof RouteConfig.Public) {
        pathsOfGuardedRoutes(route, at(node, "path"));
      } else {
        parentsOfWildcards(route, at(node, "path"));
      }
    }
  }

  private void terminatorsOfEveryAddress() {
    List<Network> terminators = config.listen().tlsTerminators();
    everyAddress(SpecialPurposeAddresses.holdAllPublicIpv4(terminators), "IPv4");
    everyAddress(SpecialPurposeAddresses.holdAllPublicIpv6(terminators), "IPv6");
  }

  private void everyAddress(boolean held, String family) {
    if (held) {
      warnings.add(
          at(root, "listen", "tlsTerminator"),
          "the blocks of 'tlsTerminator' together are every public "
              + family
              + " address, so every client may say who it is in X-Forwarded-For",
          "name the proxies alone");
    }
  }

  private void peopleOnPlainHttp() {
    if (config.publicUrl().filter(url -> url.startsWith("http://")).isEmpty()) {
      return;
    }
    PEOPLES.stream()
        .filter(config.accepted()::contains)
        .findFirst()
        .ifPresent(
            method ->
                warnings.add(
                    at(root, "publicUrl"),
                    "'publicUrl' is plain http, and a route accepts "
                        + method
                        + ": people send passwords and follow links for new ones in the clear",
                    "write https://"));
  }

  private void wildcardsInMaps() {
    config
        .methods()
        .oauth()
        .issuers()
        .forEach(
            issuer ->
                tokens(issuer.scopes().map().values()).stream()
                    .filter(scope -> scope.contains(ANY_SEGMENT))
                    .sorted()
                    .forEach(
                        scope ->
                            warnings.add(
                                at(root, "methods", "oauth", "issuers"),
                                "the issuer "
                                    + issuer.issuer()
                                    + " is given the scope "
                                    + Problems.quoted(scope)
                                    + ", and "
                                    + LITERAL_WILDCARD,
                                "name each scope")));
  }

  private void wildcardsInRoles() {
    config
        .roles()
        .forEach(
            (role, scopes) -> {
              for (String scope : scopes.tokens()) {
                if (scope.contains(ANY_SEGMENT)) {
                  warnings.add(
                      at(root, "roles", role),
                      "the role "
                          + Problems.quoted(role)
                          + " has the scope "
                          + Problems.quoted(scope)
                          + ", and "
                          + LITERAL_WILDCARD,
                      "name each scope");
                }
              }
            });
  }

  private void credentialsForPlainOrigins(Optional<CorsConfig> cors, Node node) {
    cors.filter(CorsConfig::credentials)
        .flatMap(
            with -> with.origins().stream().filter(one -> one.startsWith("http://")).findFirst())
        .ifPresent(
            origin ->
                warnings.add(
                    node,
                    "'cors' allows credentials for "
                        + origin
                        + ", whose scripts anybody on the way can write",
                    "write https://, or credentials: false"));
  }

  private void gateAsUpstream(RouteConfig route, Node node) {
    URI upstream = RouteConfig.origin(route.upstream());
    if (isListener(upstream, config.listen().address(), config.listen().port())
        || isPublicPlace(upstream)) {
      warnings.add(
          node,
          "the upstream " + route.upstream() + " is this gate itself",
          "write the address of the API");
    } else if (isListener(upstream, config.admin().address(), config.admin().port())) {
      warnings.add(
          node,
          "the upstream " + route.upstream() + " is the admin API of this gate",
          "write the address of the API, or choose another 'admin.port'");
    }
  }

  // By the name of 'publicUrl' on its port, or of a route on a port by which clients reach the
  // gate.
  private boolean isPublicPlace(URI upstream) {
    UpstreamHost host = UpstreamHost.of(upstream);
    Optional<URI> publicUrl = config.publicUrl().map(url -> RouteConfig.origin(URI.create(url)));
    boolean publicPort = publicUrl.filter(url -> url.getPort() == upstream.getPort()).isPresent();
    if (publicPort && publicUrl.map(UpstreamHost::of).filter(host::equals).isPresent()) {
      return true;
    }
    return (publicPort || config.listen().port() == upstream.getPort())
        && config.routes().stream()
            .flatMap(route -> route.host().stream())
            .anyMatch(name -> UpstreamHost.of(name).equals(host));
  }

  private static boolean isListener(URI upstream, InetAddress address, int port) {
    return port != 0 && upstream.getPort() == port && UpstreamHost.of(upstream).reaches(address);
  }

  private void voidAllOfs(RouteConfig route, Node node) {
    if (!(route.accept() instanceof RouteConfig.AnyOf(List<List<Method>> alternatives))) {
      return;
    }
    for (List<Method> all : alternatives) {
      alternatives.stream()
          .filter(other -> other.size() < all.size() && all.containsAll(other))
          .findFirst()
          .ifPresent(
              enough ->
                  warnings.add(
                      node,
                      all
                          + " in 'accept' demands nothing, as "
                          + (enough.size() == 1 ? enough.getFirst() : enough)
                          + " alone opens the route",
                      "remove one of the two"));
    }
  }

  private void keptFieldsOfSeveralGateways(RouteConfig route, Node node) {
    for (String kept : route.clientFields().kept()) {
      List<String> fields = ClientFields.identityFields(kept);
      if (fields.stream().map(ConfigWarnings::family).distinct().count() > 1) {
        warnings.add(
            node,
            "'keepFields' keeps fields of several gateways by "
                + kept
                + ": "
                + String.join(", ", fields)
                + ", which every client may write",
            "name those that the upstream reads from clients");
      }
    }
  }

  // The name as far as one gateway's fields have it in common: X-Remote, or Remote.
  private static String family(String field) {
    String[] parts = field.split("-", -1);
    return parts[0].equals("X") ? "X-" + parts[1] : parts[0];
  }

  private void requiredScopes(RouteConfig route, Node node) {
    Set<String> required = new TreeSet<>();
    route.require().values().forEach(scopes -> required.addAll(scopes.tokens()));
    Set<String> ofRoles = tokens(config.roles().values());
    Set<String> ofMaps =
        config.methods().oauth().issuers().stream()
            .flatMap(issuer -> tokens(issuer.scopes().map().values()).stream())
            .collect(Collectors.toSet());
    boolean passed =
        config.methods().oauth().issuers().stream().anyMatch(issuer -> issuer.scopes().pass());
    boolean foreignOnly = takesForeignTokensOnly(route);
    for (String scope : required) {
      String quoted = "'require' names " + Problems.quoted(scope) + ", ";
      boolean passes = passed && route.methods().contains(Method.OAUTH);
      boolean ofRole = !foreignOnly && ofRoles.contains(scope);
      if (scope.contains(ANY_SEGMENT)) {
        warnings.add(node, quoted + "and " + LITERAL_WILDCARD, "name each scope");
      } else if (ofMaps.contains(scope) || ofRole || (passes && foreignOnly)) {
        // some caller may have it
      } else if (config.roles().containsKey(scope)) {
        warnings.add(
            node,
            quoted + "which is a role: what is required are scopes",
            "write a scope of that role");
      } else if (scope.startsWith(LOCAL) && !scope.equals(AdminApi.SCOPE)) {
        warnings.add(
            node,
            quoted + "which is no scope of the gate's own",
            advice(scope, Set.of(AdminApi.SCOPE), "write another scope, or add it to a role"));
      } else if (passes) {
        // an issuer may give it
      } else if (foreignOnly) {
        warnings.add(
            node,
            quoted + "which no token of an issuer has: no 'scopes.map' gives it",
            advice(scope, ofMaps, "add it to the issuer's 'scopes.map'"));
      } else if (!config.roles().isEmpty() && !scope.startsWith(LOCAL)) {
        Set<String> known = new TreeSet<>(ofRoles);
        known.addAll(ofMaps);
        warnings.add(
            node,
            quoted
                + "which no role gives: only an account has it that was granted the scope itself",
            advice(scope, known, "add it to a role"));
      }
    }
  }

  private static String advice(String scope, Set<String> known, String otherwise) {
    return Nearest.to(scope, known)
        .map(near -> "did you mean " + Problems.quoted(near) + "?")
        .orElse(otherwise);
  }

  private static Set<String> tokens(Collection<Scopes> all) {
    return all.stream().flatMap(scopes -> scopes.tokens().stream()).collect(Collectors.toSet());
  }

  // Of an all-of, the first method gives the scopes.
  private static boolean takesForeignTokensOnly(RouteConfig route) {
    return route.accept() instanceof RouteConfig.AnyOf(List<List<Method>> alternatives)
        && alternatives.stream().allMatch(all -> all.getFirst() == Method.OAUTH);
  }

  // `/x/*` is for what lies below `/x`, and not for `/x` itself. For scopes, this counts only where
  // both lead to one upstream: there `/x` is probably the list of what lies below it.
  private void parentsOfWildcards(RouteConfig guarded, Node node) {
    List<String> segments = segments(guarded);
    while (!segments.isEmpty() && segments.getLast().equals(ANY_SEGMENT)) {
      segments = segments.subList(0, segments.size() - 1);
      String parent = "/" + String.join("/", segments);
      RouteConfig taking = taking(guarded.host(), segments).orElse(null);
      String advice =
          "write path: "
              + parent
              + ", which is for everything below it too, or add a route for "
              + parent;
      if (taking != null && taking.accept() instanceof RouteConfig.Public) {
        warnings.add(
            node,
            "the route "
                + name(guarded)
                + " is guarded, and "
                + parent
                + " is not: the public route "
                + name(taking)
                + " takes it",
            advice);
      } else if (taking != null
          && requiresScopes(guarded)
          && !requiresScopes(taking)
          && haveOneUpstream(guarded, taking)) {
        warnings.add(
            node,
            "the route "
                + name(guarded)
                + " requires scopes, and "
                + parent
                + " does not: the route "
                + name(taking)
                + " takes it to the same upstream",
            advice);
      }
    }
  }

  private static boolean requiresScopes(RouteConfig route) {
    return route.require().values().stream().anyMatch(scopes -> !scopes.isEmpty());
  }

  // A public route may carve a part out of a guarded one: then all of its paths are paths of the
  // guarded route, and not the other way round. Otherwise it probably takes more than was meant.
  private void pathsOfGuardedRoutes(RouteConfig open, Node node) {
    for (RouteConfig guarded : config.routes()) {
      if (guarded.accept() instanceof RouteConfig.Public
          || !haveOneUpstream(guarded, open)
          || areTwoHostsOfTheUpstream(guarded, open)) {
        continue;
      }
      List<String> of = segments(guarded);
      List<String> both = common(segments(open), of).orElse(null);
      boolean carvedOut = covers(of, segments(open)) && !covers(segments(open), of);
      if (both == null || carvedOut) {
        continue;
      }
      if (taking(open.host(), both).filter(open::equals).isPresent()) {
        warnings.add(
            node,
            "the public route "
                + name(open)
                + " takes requests for /"
                + String.join("/", both)
                + (guarded.host().equals(open.host()) ? "" : ", where a client chooses the Host,")
                + " from the guarded route "
                + name(guarded)
                + " to the same upstream",
            "guard both, or name the paths that are public one by one");
      }
    }
  }

  private static boolean haveOneUpstream(RouteConfig one, RouteConfig other) {
    URI first = RouteConfig.origin(one.upstream());
    URI second = RouteConfig.origin(other.upstream());
    return first.getPort() == second.getPort()
        && UpstreamHost.of(first).mayBe(UpstreamHost.of(second));
  }

  // The upstream can tell the hosts apart, unless both routes send it its own.
  private static boolean areTwoHostsOfTheUpstream(RouteConfig one, RouteConfig other) {
    return one.host().isPresent()
        && other.host().isPresent()
        && !one.host().equals(other.host())
        && (one.passHost() || other.passHost());
  }

  private Optional<RouteConfig> taking(Optional<String> host, List<String> segments) {
    String path =
        segments.stream()
            .map(segment -> segment.equals(ANY_SEGMENT) ? OTHER_SEGMENT : segment)
            .collect(Collectors.joining("/", "/", ""));
    return routes.match(host.orElse(OTHER_HOST), path).map(route -> route.destination());
  }

  /// The paths that two patterns have in common, as a pattern; empty: there are none.
  private static Optional<List<String>> common(List<String> one, List<String> other) {
    List<String> both = new ArrayList<>();
    for (int i = 0; i < Math.max(one.size(), other.size()); i++) {
      String first = i < one.size() ? one.get(i) : ANY_SEGMENT;
      String second = i < other.size() ? other.get(i) : ANY_SEGMENT;
      if (first.equals(ANY_SEGMENT)) {
        both.add(second);
      } else if (second.equals(ANY_SEGMENT) || second.equalsIgnoreCase(first)) {
        both.add(first);
      } else {
        return Optional.empty();
      }
    }
    return Optional.of(both);
  }

  /// Whether every path of the second pattern is one of the first.
  private static boolean covers(List<String> pattern, List<String> other) {
    for (int i = 0; i < pattern.size(); i++) {
      boolean same = i < other.size() && pattern.get(i).equalsIgnoreCase(other.get(i));
      if (i >= other.size() || !(same || pattern.get(i).equals(ANY_SEGMENT))) {
        return false;
      }
    }
    return true;
  }

  private static List<String> segments(RouteConfig route) {
    return route.path().equals("/") ? List.of() : List.of(route.path().substring(1).split("/", -1));
  }

  private static String name(RouteConfig route) {
    return route.host().orElse("") + route.path();
  }

  // The value behind these keys, as far down as they go.
  private static Node at(Node from, String... keys) {
    Node node = from;
    for (String key : keys) {
      node = value(node, key).orElse(node);
    }
    return node;
  }

  private static Optional<Node> value(Node node, String key) {
    if (node instanceof MappingNode mapping) {
      for (NodeTuple entry : mapping.getValue()) {
        if (entry.getKeyNode() instanceof ScalarNode name && name.getValue().equals(key)) {
          return Optional.of(entry.getValueNode());
        }
      }
    }
    return Optional.empty();
  }
}
