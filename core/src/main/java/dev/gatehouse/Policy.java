package dev.gatehouse;

import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a route asks of its callers.
///
/// @param open whether callers without credentials are let in; a wrong credential is refused all
///   the same where the route accepts its method
/// @param accept the ways in, any of which will do; each is a list of methods that must all pass,
///   name the same principal and rest on different credentials ([RootCredential]), of which the
///   first gives the scopes
/// @param require the scopes by HTTP method, `*` for the rest; empty: any principal will do
/// @param webhook whose signature [Method#HMAC] stands for here; null: a caller's own
/// @param deprecations the methods whose end the route announces
public record Policy(
    boolean open,
    List<List<Method>> accept,
    Map<String, Scopes> require,
    @Nullable Webhook webhook,
    Map<Method, Deprecation> deprecations) {

  /// The key of [#require()] that stands for every HTTP method that is not listed.
  public static final String ANY_OTHER = "*";

  /// Checks that the policy is whole; throws [IllegalArgumentException] when it is not.
  public Policy {
    accept = accept.stream().map(List::copyOf).toList();
    require = Map.copyOf(require);
    deprecations = Map.copyOf(deprecations);
    if (!open && accept.isEmpty()) {
      throw new IllegalArgumentException("a policy accepts at least one method, or is open");
    }
    if (open && !require.isEmpty()) {
      throw new IllegalArgumentException("an open policy can't require a scope");
    }
    if (accept.stream().anyMatch(way -> way.isEmpty() || Set.copyOf(way).size() != way.size())) {
      throw new IllegalArgumentException("a way in names one or more different methods");
    }
    for (Method method : deprecations.keySet()) {
      if (accept.stream().noneMatch(way -> way.contains(method))) {
        throw new IllegalArgumentException(
            "a policy can't announce the end of " + method + ", which it does not accept");
      }
    }
  }

  /// A policy that announces the end of nothing.
  public Policy(
      boolean open,
      List<List<Method>> accept,
      Map<String, Scopes> require,
      @Nullable Webhook webhook) {
    this(open, accept, require, webhook, Map.of());
  }

  /// A policy for callers who sign for themselves, if they sign.
  public Policy(boolean open, List<List<Method>> accept, Map<String, Scopes> require) {
    this(open, accept, require, null, Map.of());
  }

  /// Lets everyone in.
  public static Policy openToAll() {
    return new Policy(true, List.of(), Map.of());
  }

  /// Accepts any of the methods; requires no scope.
  public static Policy accepting(Method... methods) {
    return new Policy(false, List.of(methods).stream().map(List::of).toList(), Map.of());
  }

  /// The same, with scopes required by HTTP method.
  public Policy requiring(Map<String, Scopes> byMethod) {
    return new Policy(open, accept, byMethod, webhook, deprecations);
  }

  /// The same, for events that a vendor signs.
  public Policy forWebhook(Webhook sender) {
    return new Policy(open, accept, require, sender, deprecations);
  }

  /// The same, announcing the end of these methods.
  public Policy withDeprecations(Map<Method, Deprecation> endings) {
    return new Policy(open, accept, require, webhook, endings);
  }

  /// What uses of the method are counted under: the route that announces its end; else empty.
  String usageRoute(Method method) {
    Deprecation ending = deprecations.get(method);
    return ending == null ? "" : ending.route();
  }

  /// Whether some way in names that method.
  public boolean accepts(Method method) {
    for (List<Method> way : accept) {
      if (way.contains(method)) {
        return true;
      }
    }
    return false;
  }

  /// Every method that some way in names.
  Set<Method> methods() {
    Set<Method> methods = EnumSet.noneOf(Method.class);
    accept.forEach(methods::addAll);
    return methods;
  }

  /// The first way in that needs this method alone, or else all of whose methods are present.
  Optional<List<Method>> alternativeFor(Method method, Collection<Method> present) {
    List<Method> needsMore = null;
    for (List<Method> way : accept) {
      if (way.size() == 1 && way.getFirst() == method) {
        return Optional.of(way);
      }
      if (needsMore == null && way.contains(method) && present.containsAll(way)) {
        needsMore = way;
      }
    }
    return Optional.ofNullable(needsMore);
  }

  /// The scopes that a request of this HTTP method needs; empty when it is not allowed at all.
  public Optional<Scopes> requiredScopes(String httpMethod) {
    if (require.isEmpty()) {
      return Optional.of(Scopes.NONE);
    }
    Scopes listed = require.get(httpMethod);
    if (listed == null && httpMethod.equals("HEAD")) {
      listed = require.get("GET"); // RFC 9110 §9.3.2: HEAD is GET without the content
    }
    // RFC 9110 §9.1 tells methods apart by case; many an upstream does not, and `delete` must not
    // pass as any other method where `DELETE` has a rule of its own.
    if (listed == null && (isListedInAnotherCase(httpMethod) || isHeadInAnotherCase(httpMethod))) {
      return Optional.empty();
    }
    return Optional.ofNullable(listed == null ? require.get(ANY_OTHER) : listed);
  }

  private boolean isListedInAnotherCase(String httpMethod) {
    return require.keySet().stream().anyMatch(httpMethod::equalsIgnoreCase);
  }

  // It is listed wherever GET is.
  private boolean isHeadInAnotherCase(String httpMethod) {
    return httpMethod.equalsIgnoreCase("HEAD")
        && !httpMethod.equals("HEAD")
        && require.containsKey("GET");
  }
}
