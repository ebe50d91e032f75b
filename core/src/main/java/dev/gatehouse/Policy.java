package dev.gatehouse;

import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a route requires of its callers. Immutable.
///
/// @param open whether callers without credentials may pass. A wrong credential is refused
///   nevertheless if the route accepts its method
/// @param accept the alternatives, any of which is enough. Each is a list of methods that must all
///   succeed, name the same principal and rest on different credentials ([RootCredential]). The
///   first method of the list gives the scopes
/// @param require the required scopes by HTTP method, with `*` for all other methods; empty: every
///   principal may pass
/// @param webhook the sender whose signatures [Method#HMAC] stands for on this route; null: callers
///   sign for themselves
/// @param deprecations the methods whose end the route announces
public record Policy(
    boolean open,
    List<List<Method>> accept,
    Map<String, Scopes> require,
    @Nullable Webhook webhook,
    Map<Method, Deprecation> deprecations) {

  /// The key of [#require()] for all HTTP methods that are not listed.
  public static final String ANY_OTHER = "*";

  /// Copies the collections. Throws [IllegalArgumentException] if the policy is contradictory.
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

  /// A policy that announces no deprecation.
  public Policy(
      boolean open,
      List<List<Method>> accept,
      Map<String, Scopes> require,
      @Nullable Webhook webhook) {
    this(open, accept, require, webhook, Map.of());
  }

  /// A policy without a webhook and without deprecations.
  public Policy(boolean open, List<List<Method>> accept, Map<String, Scopes> require) {
    this(open, accept, require, null, Map.of());
  }

  /// Returns a policy that lets every caller pass.
  public static Policy openToAll() {
    return new Policy(true, List.of(), Map.of());
  }

  /// Returns a policy that accepts any of the methods and requires no scope.
  public static Policy accepting(Method... methods) {
    return new Policy(false, List.of(methods).stream().map(List::of).toList(), Map.of());
  }

  /// Returns this policy with scopes required by HTTP method.
  public Policy requiring(Map<String, Scopes> byMethod) {
    return new Policy(open, accept, byMethod, webhook, deprecations);
  }

  /// Returns this policy for the events of that sender.
  public Policy forWebhook(Webhook sender) {
    return new Policy(open, accept, require, sender, deprecations);
  }

  /// Returns this policy with these deprecations.
  public Policy withDeprecations(Map<Method, Deprecation> endings) {
    return new Policy(open, accept, require, webhook, endings);
  }

  /// Returns the route under which uses of the method are counted: the one that announces its end;
  /// empty if none is announced.
  String usageRoute(Method method) {
    Deprecation ending = deprecations.get(method);
    return ending == null ? "" : ending.route();
  }

  /// Whether an alternative contains that method.
  public boolean accepts(Method method) {
    for (List<Method> way : accept) {
      if (way.contains(method)) {
        return true;
      }
    }
    return false;
  }

  /// Returns all methods of all alternatives.
  Set<Method> methods() {
    Set<Method> methods = EnumSet.noneOf(Method.class);
    accept.forEach(methods::addAll);
    return methods;
  }

  /// Returns the first alternative that consists of this method alone; otherwise the first that
  /// contains it and all of whose methods are present.
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

  /// Returns the scopes that a request with this HTTP method needs; empty if the method is not
  /// allowed. HEAD needs what GET needs (RFC 9110 §9.3.2).
  public Optional<Scopes> requiredScopes(String httpMethod) {
    if (require.isEmpty()) {
      return Optional.of(Scopes.NONE);
    }
    Scopes listed = require.get(httpMethod);
    if (listed == null && httpMethod.equals("HEAD")) {
      listed = require.get("GET"); // RFC 9110 §9.3.2: HEAD is GET without the content
    }
    // RFC 9110 §9.1: methods are case-sensitive. Many upstreams do not treat them so: `delete` must
    // not pass under another rule if there is a rule for `DELETE`.
    if (listed == null && (isListedInAnotherCase(httpMethod) || isHeadInAnotherCase(httpMethod))) {
      return Optional.empty();
    }
    return Optional.ofNullable(listed == null ? require.get(ANY_OTHER) : listed);
  }

  private boolean isListedInAnotherCase(String httpMethod) {
    return require.keySet().stream().anyMatch(httpMethod::equalsIgnoreCase);
  }

  // HEAD is listed wherever GET is.
  private boolean isHeadInAnotherCase(String httpMethod) {
    return httpMethod.equalsIgnoreCase("HEAD")
        && !httpMethod.equals("HEAD")
        && require.containsKey("GET");
  }
}
