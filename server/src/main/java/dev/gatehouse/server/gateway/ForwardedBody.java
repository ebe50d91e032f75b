package dev.gatehouse.server.gateway;

import dev.gatehouse.BodyDigest;
import io.vertx.core.http.HttpClientRequest;
import org.jspecify.annotations.Nullable;

/// The body of a request on its way from the client to the upstream. Belongs to the event loop of
/// its exchange.
sealed interface ForwardedBody permits NoBody, StreamedBody {

  /// The body of that exchange's request, of which nothing is read yet.
  static ForwardedBody of(Exchange exchange) {
    return exchange.arrival.mayHaveBody() ? new StreamedBody(exchange) : NoBody.INSTANCE;
  }

  /// Promises the gate to withhold its end from the upstream until it was seen to have the digest
  /// that was signed. To be called before the gate is asked.
  void withhold();

  /// Begins to take what comes, as far as one piece. From now on the gate can't read it.
  void take();

  /// Leaves it to the gate, which may read it while it decides.
  void leaveToGate();

  /// The gate has decided: takes all of it if the gate has read it, and begins to take it
  /// otherwise.
  void takeFromGate();

  /// Demands that all of it has that digest; null: demands nothing. To be called before anything is
  /// sent.
  ///
  /// @return false when all of it is here and has another
  boolean mayMeet(@Nullable BodyDigest digest);

  /// Whether it is longer than the route takes, by what was announced and by what has come.
  boolean isTooLarge();

  /// Whether all of it came.
  boolean isEnded();

  /// Whether all of it came, and not a byte.
  boolean isEmpty();

  /// Whether all of it was sent to the upstream: no byte of it is queued.
  boolean isSent();

  /// Sends the head of the request, whose other fields are set, then what came of the body, and
  /// from now on all that comes.
  void sendTo(HttpClientRequest upstream);

  /// Whether the client has sent less than it must while it was waited for.
  ///
  /// @param now as [GatewayLoop#now]
  boolean isTooSlow(long now, GatewaySettings settings);

  /// Takes no more. What still comes is for another reader.
  void stop();
}
