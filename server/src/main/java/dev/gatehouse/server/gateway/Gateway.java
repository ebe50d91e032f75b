package dev.gatehouse.server.gateway;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.identity.IdentityTokens;
import dev.gatehouse.route.Route;
import dev.gatehouse.route.Routes;
import dev.gatehouse.secret.OwnSecrets;
import dev.gatehouse.server.listen.Admissions;
import dev.gatehouse.server.listen.Arrival;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Asks the gate about every request and carries those that it admits to their upstreams.
///
/// Give it to a [dev.gatehouse.server.listen.Listener]: each event loop gets a part of it that
/// shares nothing with the others. Thread-safe.
public final class Gateway implements Supplier<Arrival.Handler> {

  /// The message for a client whose address [#holdsOwnSecret].
  public static final String OWN_SECRET =
      "The address holds a secret of the gate: addresses end up in logs, so let it be revoked";

  private final Vertx vertx;
  final GatewaySettings settings;
  final Routes<Destination> routes;
  final List<Upstream> upstreams = new ArrayList<>();
  private final Map<String, UpstreamPlaces> places = new ConcurrentHashMap<>();
  private final Map<String, OwnPath> ownPaths;
  private final List<String> ownAbove;
  private final Set<GatewayLoop> loops = ConcurrentHashMap.newKeySet();
  private volatile boolean retired;
  final Admissions admissions;
  final IdentityTokens identities;
  final FieldPolicy fields;

  /// How callers are admitted, and how they are named to upstreams.
  public record Callers(Admissions admissions, IdentityTokens identities) {}

  /// What the gateway serves.
  ///
  /// @param own what the gate serves itself, by normalised path, before any route
  public record Paths(Routes<Upstream> routes, Map<String, OwnPath> own) {}

  /// Throws [IllegalArgumentException] when routes give one upstream different limits.
  public Gateway(Vertx vertx, GatewaySettings settings, Paths paths, Callers callers) {
    Map<String, OwnPath> ownPaths = paths.own;
    this.vertx = vertx;
    this.settings = settings;
    this.routes = new Routes<>(paths.routes.all().stream().map(this::withDestination).toList());
    this.ownPaths = Map.copyOf(ownPaths);
    this.ownAbove =
        ownPaths.keySet().stream()
            .filter(path -> path.endsWith(OwnPath.BELOW))
            .map(path -> path.substring(0, path.length() - 1))
            .toList();
    this.admissions = callers.admissions;
    this.identities = callers.identities;
    this.fields = new FieldPolicy(settings, admissions.gate());
  }

  /// What the gate serves itself under that path; null: nothing.
  @Nullable OwnPath ownPath(String path) {
    OwnPath own = ownPaths.get(path);
    for (String above : ownAbove) {
      if (own == null && path.startsWith(above)) {
        own = ownPaths.get(above + "*");
      }
    }
    return own;
  }

  /// Whether the gate serves that normalised path itself, before any route.
  public boolean servesItself(String path) {
    return ownPath(path) != null;
  }

  /// Whether the path, the query or the authority holds a secret of the gate. Both the target and
  /// the authority would be sent to the upstream. Does not block; thread-safe.
  ///
  /// @param path of the request, normalised
  public boolean holdsOwnSecret(AuthRequest request, String path) {
    OwnSecrets ownSecrets = settings.ownSecrets();
    return ownSecrets.isIn(path)
        || (settings.codeReturnPaths().contains(path)
            ? ownSecrets.isInPageQuery(request.query())
            : ownSecrets.isIn(request.query()))
        // The gate itself puts nothing into an authority.
        || ownSecrets.isIn(request.authority());
  }

  private Route<Destination> withDestination(Route<Upstream> route) {
    int client = upstreams.indexOf(route.destination());
    if (client < 0) {
      client = upstreams.size();
      upstreams.add(route.destination());
    }
    return new Route<>(
        route.host(),
        route.path(),
        route.policy(),
        route.cors(),
        new Destination(
            route.destination(),
            client,
            places(route.destination()),
            new CorsAnswer(route),
            new EndingFields(route.policy().deprecations()),
            route.destination().clientFields().rules()));
  }

  /// The places of an upstream of these routes.
  UpstreamPlaces places(Upstream upstream) {
    UpstreamPlaces its =
        places.computeIfAbsent(upstream.origin(), first -> new UpstreamPlaces(upstream));
    if (!its.areThoseOf(upstream)) {
      throw new IllegalArgumentException(upstream.origin() + " has different limits");
    }
    return its;
  }

  /// The part for the event loop on which it is called.
  @Override
  public Arrival.Handler get() {
    GatewayLoop loop = new GatewayLoop(this, vertx);
    loops.add(loop);
    if (retired) { // the request that is at hand comes first
      loop.context.runOnContext(next -> loop.retire());
    }
    return loop;
  }

  /// Gives up the connections to upstreams and everything else that each event loop has, once the
  /// requests and WebSockets that it carries are over. To be called when another gateway takes the
  /// requests from now on. Does not block; thread-safe.
  ///
  /// @return completed when no event loop carries anything any more
  public Future<Void> retire() {
    retired = true;
    return Future.all(loops.stream().map(GatewayLoop::retired).toList()).mapEmpty();
  }
}
