package dev.gatehouse.server.status;

import dev.gatehouse.Method;
import dev.gatehouse.Reason;
import dev.gatehouse.Refusal;
import dev.gatehouse.oauth.OAuthAuthenticator;
import dev.gatehouse.route.RequestPath;
import dev.gatehouse.server.gateway.OwnPath;
import dev.gatehouse.server.listen.Answers;
import dev.gatehouse.server.listen.Arrival;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;

/// Serves the metadata of this API as an OAuth 2.0 protected resource (RFC 9728): whose access
/// tokens it accepts.
///
/// There is a document for the origin, and one for each path that accepts such tokens, since a
/// client accepts a document only for the URL that it asked about (RFC 9728 §3.3).
public final class ResourceMetadataPath {

  private static final String PATH = OAuthAuthenticator.METADATA_PATH;

  private final String origin;
  private final List<String> issuers;
  private final Set<String> scopes;
  private final BiPredicate<String, String> takes;

  /// @param origin of the resources
  /// @param issuers whose tokens are accepted
  /// @param scopes that their tokens may have, as far as they are known
  /// @param takes whether a path at a host accepts such tokens
  public ResourceMetadataPath(
      String origin, List<String> issuers, Set<String> scopes, BiPredicate<String, String> takes) {
    this.origin = origin;
    this.issuers = List.copyOf(issuers);
    this.scopes = Set.copyOf(scopes);
    this.takes = takes;
  }

  /// The paths with their handlers. RFC 8615 §3: a well-known path is at the root.
  public Map<String, OwnPath> paths() {
    return Map.of(PATH, this::serve, PATH + OwnPath.BELOW, this::serve);
  }

  private void serve(Arrival arrival, RequestPath path) {
    String method = arrival.auth().method();
    if (!method.equals("GET") && !method.equals("HEAD")) {
      arrival.http().response().putHeader("Allow", "GET, HEAD");
      refuse(arrival, Reason.METHOD_NOT_ALLOWED, "This path is read with GET");
      return;
    }
    // RFC 9728 §3.1: the well-known part is between the host and the path of the resource.
    String resource = path.path().substring(PATH.length());
    if (!resource.isEmpty() && !takes.test(arrival.host(), resource)) {
      refuse(arrival, Reason.NOT_FOUND, "No such path takes tokens by the method " + Method.OAUTH);
      return;
    }
    // RFC 9728 §2.
    JsonObject document =
        new JsonObject()
            .put("resource", origin + resource)
            .put("authorization_servers", new JsonArray(issuers))
            .put("bearer_methods_supported", new JsonArray().add("header"));
    if (!scopes.isEmpty()) {
      document.put("scopes_supported", new JsonArray(scopes.stream().sorted().toList()));
    }
    arrival
        .http()
        .response()
        .putHeader("Content-Type", "application/json")
        .putHeader("Access-Control-Allow-Origin", "*") // it is for everybody to read
        .putHeader("Cache-Control", "public, max-age=300");
    Answers.end(arrival.http(), document.encode());
  }

  private static void refuse(Arrival arrival, Reason reason, String detail) {
    Answers.refuse(arrival.http(), Refusal.of(arrival.auth(), reason, detail, detail));
  }
}
