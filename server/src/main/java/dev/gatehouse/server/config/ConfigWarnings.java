package dev.gatehouse.server.config;

import dev.gatehouse.Method;
import dev.gatehouse.Network;
import dev.gatehouse.server.gateway.ClientFields;
import dev.gatehouse.server.provider.SpecialPurposeAddresses;
import java.net.InetAddress;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.nodes.Node;

/// Finds settings that are valid and probably wrong: they let in more callers than was meant, or
/// they have no effect.
final class ConfigWarnings {

  private static final List<Method> METHODS_OF_PEOPLE =
      List.of(Method.SESSION, Method.JWT, Method.BASIC);

  private final GatehouseConfig config;
  private final Node root;
  private final List<Node> routeNodes;
  private final Problems warnings;

  /// @param config a configuration without mistakes
  /// @param routeNodes the nodes of its routes, in their order
  ConfigWarnings(GatehouseConfig config, Node root, List<Node> routeNodes, Problems warnings) {
    this.config = config;
    this.root = root;
    this.routeNodes = List.copyOf(routeNodes);
    this.warnings = warnings;
  }

  /// Adds all warnings.
  void find() {
    ScopeWarnings scopes = new ScopeWarnings(config, root, warnings);
    RouteOverlapWarnings overlaps = new RouteOverlapWarnings(config, warnings);
    terminatorsOfEveryAddress();
    peopleOnPlainHttp();
    scopes.wildcardsInRoles();
    scopes.wildcardsInMaps();
    credentialsForPlainOrigins(
        config.methods().jwt().cors(), Yaml.at(root, "methods", "jwt", "cors", "origins"));
    for (int i = 0; i < routeNodes.size(); i++) {
      RouteConfig route = config.routes().get(i);
      Node node = routeNodes.get(i);
      gateAsUpstream(route, Yaml.at(node, "upstream"));
      credentialsForPlainOrigins(route.cors(), Yaml.at(node, "cors", "origins"));
      scopes.requiredScopes(route, Yaml.at(node, "require"));
      voidAllOfs(route, Yaml.at(node, "accept"));
      keptFieldsOfSeveralGateways(route, Yaml.at(node, "keepFields"));
      if (route.accept() instanceof RouteConfig.Public) {
        overlaps.pathsOfGuardedRoutes(route, Yaml.at(node, "path"));
      } else {
        overlaps.parentsOfWildcards(route, Yaml.at(node, "path"));
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
          Yaml.at(root, "listen", "tlsTerminator"),
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
    METHODS_OF_PEOPLE.stream()
        .filter(config.accepted()::contains)
        .findFirst()
        .ifPresent(
            method ->
                warnings.add(
                    Yaml.at(root, "publicUrl"),
                    "'publicUrl' is plain http, and a route accepts "
                        + method
                        + ": people send passwords and follow links for new ones in the clear",
                    "write https://"));
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
                        + ", whose scripts can be changed on the network",
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

  // Whether clients reach the gate by that name and port: the name of 'publicUrl' with its port, or
  // the host of a route with a port of the gate.
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

  // The beginning of the name that all fields of one gateway share, for example X-Remote or Remote.
  private static String family(String field) {
    String[] parts = field.split("-", -1);
    return parts[0].equals("X") ? "X-" + parts[1] : parts[0];
  }
}
