package dev.gatehouse.server.gateway;

import dev.gatehouse.Policy;
import dev.gatehouse.route.CorsPolicy;
import dev.gatehouse.route.Route;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// Tells browsers which origins may call a route with scripts (Fetch standard, CORS protocol).
/// There is one for each route. Thread-safe; does not block.
public final class CorsAnswer {

  private static final List<String> USUAL_METHODS =
      List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE");

  private final CorsPolicy policy;
  private final boolean active;
  private final String methods;
  private final String requestFields;
  private final String exposedFields;

  CorsAnswer(Route<?> route) {
    this(route.cors(), methods(route.policy()));
  }

  /// For a path that takes these methods.
  public CorsAnswer(CorsPolicy policy, Set<String> methods) {
    this.policy = policy;
    this.active = !policy.origins().isEmpty();
    this.methods = String.join(", ", methods);
    this.requestFields = String.join(", ", new TreeSet<>(policy.requestFields()));
    this.exposedFields = String.join(", ", new TreeSet<>(policy.exposedFields()));
  }

  /// Whether the route has a policy at all; the upstream's own fields are replaced then.
  boolean isActive() {
    return active;
  }

  /// Whether the request is a preflight, which the gate answers.
  public boolean isPreflight(HttpServerRequest request) {
    return active
        && request.method().name().equals("OPTIONS")
        && request.headers().contains("Origin")
        && request.headers().contains("Access-Control-Request-Method");
  }

  /// Answers a preflight: 204 with what is allowed, or with nothing for an origin that is not
  /// listed.
  public void answerPreflight(HttpServerRequest request) {
    MultiMap fields = request.response().headers();
    if (addTo(request, fields)) {
      fields.set("Access-Control-Allow-Methods", methods);
      if (!requestFields.isEmpty()) {
        fields.set("Access-Control-Allow-Headers", requestFields);
      }
      fields.set("Access-Control-Max-Age", Long.toString(policy.maxAge().toSeconds()));
    }
    fields.add(HttpHeaders.VARY, "Access-Control-Request-Method, Access-Control-Request-Headers");
    request.response().setStatusCode(204);
  }

  /// Adds the fields of any other answer.
  ///
  /// @return whether the origin is listed
  public boolean addTo(HttpServerRequest request, MultiMap answer) {
    if (!active) {
      return false;
    }
    answer.add(HttpHeaders.VARY, "Origin");
    List<String> origin = request.headers().getAll("Origin");
    if (origin.size() != 1 || !policy.origins().contains(origin.getFirst())) {
      return false;
    }
    answer.set("Access-Control-Allow-Origin", origin.getFirst());
    if (policy.credentials()) {
      answer.set("Access-Control-Allow-Credentials", "true");
    }
    if (!exposedFields.isEmpty()) {
      answer.set("Access-Control-Expose-Headers", exposedFields);
    }
    return true;
  }

  private static Set<String> methods(Policy policy) {
    Set<String> listed = new TreeSet<>(policy.require().keySet());
    if (listed.isEmpty() || listed.remove(Policy.ANY_OTHER)) {
      listed.addAll(USUAL_METHODS);
    }
    if (listed.contains("GET")) {
      listed.add("HEAD");
    }
    return listed;
  }
}
