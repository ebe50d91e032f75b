package dev.gatehouse.server.gateway;

import dev.gatehouse.Decision;
import dev.gatehouse.Reason;
import dev.gatehouse.Refusal;
import dev.gatehouse.route.Route;
import dev.gatehouse.route.Routes;
import dev.gatehouse.server.listen.Arrival;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks the gate about every request and carries those that it admits to their upstreams.
///
/// Give it to a [dev.gatehouse.server.listen.Listener]: each event loop gets a part of it that
/// shares nothing with the others. Thread-safe.
public final class Gateway implements Supplier<Arrival.Handler>, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Gateway.class);

  private final Vertx vertx;
  final GatewaySettings settings;
  final Routes<Destination> routes;
  final List<Upstream> upstreams = new ArrayList<>();
  final Map<String, OwnPath> ownPaths;
  final Doorkeeper doorkeeper;
  final FieldPolicy fields;
  final int eventLoops;
  private final Semaphore admissions;
  private final ExecutorService waiting = Executors.newVirtualThreadPerTaskExecutor();

  /// @param ownPaths what the gate serves itself, by normalised path, before any route
  /// @param eventLoops how many a listener uses: the upstreams' connections are divided among them
  public Gateway(
      Vertx vertx,
      GatewaySettings settings,
      Routes<Upstream> routes,
      Map<String, OwnPath> ownPaths,
      Doorkeeper doorkeeper,
      IdentitySource identities,
      int eventLoops) {
    this.vertx = vertx;
    this.settings = settings;
    this.routes = new Routes<>(routes.all().stream().map(this::withDestination).toList());
    this.ownPaths = Map.copyOf(ownPaths);
    this.doorkeeper = doorkeeper;
    this.fields = new FieldPolicy(settings, identities);
    this.eventLoops = eventLoops;
    this.admissions = new Semaphore(settings.maxAdmissions());
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
        new Destination(route.destination(), client, new CorsAnswer(route)));
  }

  /// The part for the event loop on which it is called.
  @Override
  public Arrival.Handler get() {
    return new GatewayLoop(this, vertx);
  }

  /// Asks the gate on a virtual thread. Too many at once are refused and not queued.
  ///
  /// @param then gets the decision, on the virtual thread
  void ask(Arrival arrival, Route<Destination> route, Consumer<Decision> then) {
    if (!admissions.tryAcquire()) {
      then.accept(
          unavailable("Too many requests wait to be judged", "too many admissions at once"));
      return;
    }
    waiting.execute(
        () -> {
          Decision decision;
          try {
            decision = doorkeeper.admit(arrival.auth(), route.policy());
          } catch (RuntimeException failed) {
            LOG.error("The gate failed on {}", arrival, failed);
            decision = unavailable("The request could not be judged now", "the gate failed");
          } finally {
            admissions.release();
          }
          then.accept(decision);
        });
  }

  private static Decision unavailable(String detail, String cause) {
    return new Decision.Refused(Refusal.of(Reason.UNAVAILABLE, detail, cause));
  }

  /// Waits for nothing: what is still being judged is refused with its connection.
  @Override
  public void close() {
    waiting.shutdownNow();
  }
}
