package dev.gatehouse.server.config;

import dev.gatehouse.Method;
import dev.gatehouse.Scopes;
import dev.gatehouse.server.admin.AdminApi;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.snakeyaml.engine.v2.nodes.Node;

/// Finds scopes that probably do not mean what was intended.
final class ScopeWarnings {

  private static final String WILDCARD = "*";
  private static final String LITERAL_WILDCARD = "a '*' in a scope is no wildcard";

  // Scopes with this prefix come only from grants of this gate. The scopes of its admin API need no
  // role.
  private static final String LOCAL_PREFIX = "gatehouse:";

  private final GatehouseConfig config;
  private final Node root;
  private final Problems warnings;

  ScopeWarnings(GatehouseConfig config, Node root, Problems warnings) {
    this.config = config;
    this.root = root;
    this.warnings = warnings;
  }

  /// Warns of `*` in the scopes that the tokens of issuers are given.
  void wildcardsInMaps() {
    config
        .methods()
        .oauth()
        .issuers()
        .forEach(
            issuer ->
                tokens(issuer.scopes().map().values()).stream()
                    .filter(scope -> scope.contains(WILDCARD))
                    .sorted()
                    .forEach(
                        scope ->
                            warnings.add(
                                Yaml.at(root, "methods", "oauth", "issuers"),
                                "the issuer "
                                    + issuer.issuer()
                                    + " is given the scope "
                                    + Problems.quoted(scope)
                                    + ", and "
                                    + LITERAL_WILDCARD,
                                "name each scope")));
  }

  /// Warns of `*` in the scopes of roles.
  void wildcardsInRoles() {
    config
        .roles()
        .forEach(
            (role, scopes) -> {
              for (String scope : scopes.tokens()) {
                if (scope.contains(WILDCARD)) {
                  warnings.add(
                      Yaml.at(root, "roles", role),
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

  /// Warns of scopes that a route requires and that no caller of it can have.
  void requiredScopes(RouteConfig route, Node node) {
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
      if (scope.contains(WILDCARD)) {
        warnings.add(node, quoted + "and " + LITERAL_WILDCARD, "name each scope");
      } else if (ofMaps.contains(scope) || ofRole || (passes && foreignOnly)) {
        // some caller may have it
      } else if (config.roles().containsKey(scope)) {
        warnings.add(
            node,
            quoted + "which is a role: what is required are scopes",
            "write a scope of that role");
      } else if (scope.startsWith(LOCAL_PREFIX) && !scope.equals(AdminApi.SCOPE)) {
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
      } else if (!config.roles().isEmpty() && !scope.startsWith(LOCAL_PREFIX)) {
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
}
