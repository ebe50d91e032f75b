package dev.gatehouse.server.gateway;

import dev.gatehouse.Reason;
import dev.gatehouse.Refusal;
import dev.gatehouse.route.RequestPath;
import dev.gatehouse.route.RequestPath.MalformedTargetException;
import dev.gatehouse.route.Route;
import dev.gatehouse.server.listen.Admissions;
import dev.gatehouse.server.listen.Answers;
import dev.gatehouse.server.listen.Arrival;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The part of the gateway that belongs to one event loop: its connections to upstreams and its
/// open exchanges. It must be called on that event loop only.
final class GatewayLoop implements Arrival.Handler {

  private static final Logger LOG = LoggerFactory.getLogger(GatewayLoop.class);

  // The status of a gRPC call is in its trailers, and trailers do not pass.
  private static final String NO_GRPC = "The gate does not carry gRPC";
  private static final String GRPC = "application/grpc";
  private static final int GRPC_UNIMPLEMENTED = 12;

  /// How often what is open is looked at.
  static final long SWEEP_INTERVAL_MILLIS = 250;

  final Gateway gateway;
  final Context context;
  private final List<UpstreamClient> clients;
  private final Vertx vertx;
  private final long sweeps;
  private final Promise<Void> over = Promise.promise();
  private boolean retiring;

  // The open exchanges, linked through themselves so that coming and going costs nothing.
  private @Nullable Exchange first;
  private long now = System.nanoTime();

  GatewayLoop(Gateway gateway, Vertx vertx) {
    this.gateway = gateway;
    this.vertx = vertx;
    this.context = Objects.requireNonNull(Vertx.currentContext(), "on an event loop only");
    this.clients =
        gateway.upstreams.stream()
            .map(upstream -> new UpstreamClient(vertx, upstream, gateway.places(upstream)))
            .toList();
    this.sweeps = vertx.setPeriodic(SWEEP_INTERVAL_MILLIS, id -> sweep());
  }

  /// Gives up what it has once nothing is open here any more. To be called on the event loop.
  void retire() {
    retiring = true;
    endIfIdle();
  }

  /// Tells the event loop to [#retire].
  ///
  /// @return completed when it has given up what it has
  Future<Void> retired() {
    context.runOnContext(next -> retire());
    return over.future();
  }

  private void endIfIdle() {
    if (retiring && first == null && over.tryComplete()) {
      vertx.cancelTimer(sweeps);
      clients.forEach(UpstreamClient::close);
    }
  }

  /// The time of the last sweep, in nanoseconds: exact enough for timeouts, and free.
  long now() {
    return now;
  }

  Vertx vertx() {
    return vertx;
  }

  UpstreamClient client(Destination destination) {
    return clients.get(destination.client());
  }

  @Override
  public void handle(Arrival arrival) {
    try {
      route(arrival);
    } catch (RuntimeException failed) {
      failed(arrival, failed);
    }
  }

  /// What is left when something here is broken: 503, and in the log no more of the request than
  /// its text form has.
  static void failed(Arrival arrival, RuntimeException failed) {
    LOG.error("The gateway failed on {}", arrival, Admissions.withoutMessage(failed));
    Answers.refuse(
        arrival.http(),
        Refusal.of(
            arrival.auth(),
            Reason.UNAVAILABLE,
            "The request could not be served",
            "the gateway failed"));
  }

  private void route(Arrival arrival) {
    RequestPath path;
    try {
      path = RequestPath.parse(arrival.target());
    } catch (MalformedTargetException malformed) {
      refuse(arrival, Reason.MALFORMED_REQUEST, String.valueOf(malformed.getMessage()));
      return;
    }
    OwnPath own = gateway.ownPath(path.path());
    if (own != null) {
      own.handle(arrival, path);
      return;
    }
    Route<Destination> route = gateway.routes.match(arrival.host(), path.path()).orElse(null);
    if (route == null) {
      refuse(arrival, Reason.NOT_FOUND, "No route leads there");
      return;
    }
    CorsAnswer cors = route.destination().cors();
    if (cors.isPreflight(arrival.http())) {
      cors.answerPreflight(arrival.http());
      Answers.end(arrival.http(), "");
      return;
    }
    if (FieldPolicy.namesTooMuch(arrival.http().headers())) {
      refuse(arrival, Reason.MALFORMED_REQUEST, "The Connection field names too many fields");
      return;
    }
    if (gateway.holdsOwnSecret(arrival.auth(), path.path())) {
      refuse(arrival, Reason.MALFORMED_REQUEST, Gateway.OWN_SECRET);
      return;
    }
    if (isGrpc(arrival.http())) {
      Answers.refuseGrpc(
          arrival.http(),
          Refusal.of(arrival.auth(), Reason.NOT_FOUND, NO_GRPC, NO_GRPC),
          GRPC_UNIMPLEMENTED);
      return;
    }
    new Exchange(this, arrival, path, route).begin();
  }

  // gRPC over HTTP2, "Requests": Content-Type is application/grpc, with a format behind + or
  // without.
  // The content of gRPC-Web (application/grpc-web) holds its trailers itself, and passes.
  // RFC 9110 §8.3: of several types, a recipient may take any. So one that is gRPC decides.
  private static boolean isGrpc(HttpServerRequest request) {
    for (String line : request.headers().getAll(HttpHeaders.CONTENT_TYPE)) {
      int from = 0;
      while (from <= line.length()) {
        int comma = line.indexOf(',', from);
        int end = comma < 0 ? line.length() : comma;
        if (isGrpc(line.substring(from, end).strip())) {
          return true;
        }
        from = end + 1;
      }
    }
    return false;
  }

  private static boolean isGrpc(String type) {
    return type.regionMatches(true, 0, GRPC, 0, GRPC.length())
        && (type.length() == GRPC.length() || "+; \t".indexOf(type.charAt(GRPC.length())) >= 0);
  }

  private static void refuse(Arrival arrival, Reason reason, String detail) {
    Answers.refuse(arrival.http(), Refusal.of(arrival.auth(), reason, detail, detail));
  }

  void add(Exchange exchange) {
    exchange.next = first;
    if (first != null) {
      first.previous = exchange;
    }
    first = exchange;
  }

  void remove(Exchange exchange) {
    Exchange before = exchange.previous;
    Exchange after = exchange.next;
    if (before != null) {
      before.next = after;
    } else if (first == exchange) {
      first = after;
    }
    if (after != null) {
      after.previous = before;
    }
    exchange.previous = null;
    exchange.next = null;
    if (retiring) { // not now: what ends the exchange is not finished with it
      context.runOnContext(ended -> endIfIdle());
    }
  }

  private void sweep() {
    now = System.nanoTime();
    Exchange exchange = first;
    while (exchange != null) {
      Exchange next = exchange.next;
      try {
        exchange.sweep(now);
      } catch (RuntimeException failed) {
        exchange.fail(failed);
      }
      exchange = next;
    }
  }
}
