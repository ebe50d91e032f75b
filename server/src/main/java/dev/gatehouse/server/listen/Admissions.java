package dev.gatehouse.server.listen;

import dev.gatehouse.Decision;
import dev.gatehouse.Gate;
import dev.gatehouse.Policy;
import dev.gatehouse.Reason;
import dev.gatehouse.Refusal;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks the gate about requests without blocking an event loop: from memory on the spot, everything
/// else on a virtual thread. How many wait at once is bounded; more is 503. Thread-safe.
public final class Admissions implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Admissions.class);

  private final Gate gate;
  private final Semaphore places;
  private final ExecutorService waiting = Executors.newVirtualThreadPerTaskExecutor();

  /// @param maxWaiting how many requests may wait for an answer at once
  public Admissions(Gate gate, int maxWaiting) {
    this.gate = gate;
    this.places = new Semaphore(maxWaiting);
  }

  /// Decides about the request, to be called on its event loop.
  ///
  /// @param then gets the decision on that event loop, perhaps before this returns. While it waits
  ///   the request is paused; it is for `then` to resume it
  public void decide(Arrival arrival, Policy policy, Consumer<Decision> then) {
    Optional<Decision> recalled = gate.recall(arrival.auth(), policy);
    if (recalled.isPresent()) {
      then.accept(recalled.get());
      return;
    }
    arrival.http().pause();
    work(() -> gate.admit(arrival.auth(), policy), refusal -> new Decision.Refused(refusal), then);
  }

  /// Does something that may block on a virtual thread, and hands its result to the event loop on
  /// which this was called.
  ///
  /// @param refused makes a result of the refusal when there is no place, or the work failed
  public <T> void work(Supplier<T> work, Function<Refusal, T> refused, Consumer<T> then) {
    if (!places.tryAcquire()) {
      then.accept(refused.apply(unavailable("Too many requests wait", "no place left")));
      return;
    }
    Context eventLoop = Objects.requireNonNull(Vertx.currentContext());
    waiting.execute(
        () -> {
          T result;
          try {
            result = work.get();
          } catch (RuntimeException failed) {
            LOG.error("A request could not be judged", failed);
            result = refused.apply(unavailable("Something failed in the gate", failed.toString()));
          } finally {
            places.release();
          }
          T done = result;
          eventLoop.runOnContext(back -> then.accept(done));
        });
  }

  private static Refusal unavailable(String detail, String cause) {
    return Refusal.of(Reason.UNAVAILABLE, detail, cause);
  }

  /// Waits for nothing: what is still being judged ends with its connection.
  @Override
  public void close() {
    waiting.shutdownNow();
  }
}
