package dev.gatehouse.server.listen;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.Decision;
import dev.gatehouse.Gate;
import dev.gatehouse.Policy;
import dev.gatehouse.Reason;
import dev.gatehouse.Refusal;
import dev.gatehouse.throttle.Shares;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs on virtual threads what a request has to wait for, so that no event loop waits.
///
/// The number of requests that wait at once is bounded. More requests get 503. Requests that wait
/// for slow hashes, for an issuer of tokens, or for their own bodies have separate places, so a
/// slow issuer takes no places from the tokens of another one. Callers from different addresses
/// share the places ([Shares]), so callers from a few addresses never take the last ones.
/// Thread-safe.
public final class Admissions implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Admissions.class);

  /// What bodies may take together unless it is said: 2048 of the longest that a sign-in takes.
  public static final int DEFAULT_BODY_MEMORY = 32 << 20;

  /// The places of those who wait, and their threads. A later gate may use the places of an earlier
  /// one, at the same time, so that both together have no more.
  public static final class Places implements AutoCloseable {

    private final Shares places;
    private final Shares slowPlaces;
    // By issuer: those that the gates are configured with, and no other.
    private final ConcurrentHashMap<String, Shares> issuerPlaces = new ConcurrentHashMap<>();
    private final int maxWaiting;
    private final Shares bodyPlaces;
    private final Shares bodyBytes;
    private final ExecutorService waiting = Executors.newVirtualThreadPerTaskExecutor();

    /// @param maxWaiting how many requests may wait at once; half as many more for slow hashes, as
    ///   many more for each issuer, and as many more for bodies
    /// @param bodyMemory bytes: see [Admissions#bodyBytes]
    public Places(int maxWaiting, int bodyMemory) {
      this.places = new Shares(maxWaiting);
      this.slowPlaces = new Shares(Math.max(1, maxWaiting / 2));
      this.maxWaiting = maxWaiting;
      this.bodyPlaces = new Shares(maxWaiting);
      this.bodyBytes = new Shares(bodyMemory);
    }

    /// Waits for nothing: what is still being judged ends with its connection.
    @Override
    public void close() {
      waiting.shutdownNow();
    }
  }

  private final Gate gate;
  private final Places at;

  /// Admissions with places of their own, and the default bound of bodies.
  ///
  /// @param maxWaiting see [Places]
  public Admissions(Gate gate, int maxWaiting) {
    this(gate, maxWaiting, DEFAULT_BODY_MEMORY);
  }

  /// The same with another bound of bodies.
  ///
  /// @param bodyMemory bytes: see [#bodyBytes]
  public Admissions(Gate gate, int maxWaiting, int bodyMemory) {
    this(gate, new Places(maxWaiting, bodyMemory));
  }

  /// Admissions to that gate, for which requests wait at these places. Closing them closes the
  /// places.
  public Admissions(Gate gate, Places at) {
    this.gate = gate;
    this.at = at;
  }

  /// The gate whose memory is to be asked first.
  public Gate gate() {
    return gate;
  }

  /// The bytes that bodies may take together while they are read for what waits here, which the
  /// addresses of their senders share: see [WholeBody#read].
  public Shares bodyBytes() {
    return at.bodyBytes;
  }

  /// Asks the gate and whatever it has to ask. To be called on an event loop, with the request
  /// paused when its body is what is waited for.
  ///
  /// @param then gets the decision on that event loop
  public void ask(AuthRequest request, Policy policy, Consumer<Decision> then) {
    work(
        placesFor(gate.waitsFor(request, policy)),
        request,
        () -> gate.admit(request, policy),
        Decision.Refused::new,
        decision -> {
          try {
            then.accept(decision);
          } finally {
            if (request.body() instanceof ArrivedBody body) {
              body.release();
            }
          }
        });
  }

  /// Asks about a request that was admitted, whose admission no longer holds by itself: see
  /// [Gate#review]. To be called on an event loop.
  ///
  /// @param then gets the decision on that event loop
  public void review(
      Decision.Admitted admitted, AuthRequest request, Policy policy, Consumer<Decision> then) {
    work(
        placesFor(gate.waitsFor(request, policy)),
        request,
        () -> gate.review(admitted, request, policy),
        Decision.Refused::new,
        then);
  }

  private Shares placesFor(Gate.Wait wait) {
    return switch (wait) {
      case Gate.Wait.Here.STORE -> at.places;
      case Gate.Wait.Here.BODY -> at.bodyPlaces;
      case Gate.Wait.Here.SLOW_HASH -> at.slowPlaces;
      case Gate.Wait.OnIssuer(String issuer) ->
          at.issuerPlaces.computeIfAbsent(issuer, first -> new Shares(at.maxWaiting));
    };
  }

  /// Does something for a request that may block. To be called on an event loop.
  ///
  /// @param refused makes a result of a refusal: when there is no place, or the work failed
  /// @param then gets the result on that event loop
  public <T> void work(
      AuthRequest request, Supplier<T> work, Function<Refusal, T> refused, Consumer<T> then) {
    work(at.places, request, work, refused, then);
  }

  private <T> void work(
      Shares from,
      AuthRequest request,
      Supplier<T> work,
      Function<Refusal, T> refused,
      Consumer<T> then) {
    Context eventLoop = Objects.requireNonNull(Vertx.currentContext(), "on an event loop only");
    Shares.Place place = from.tryAcquire(request.peer()).orElse(null);
    if (place == null) {
      T result = refused.apply(unavailable(request, "Too many requests wait", "no place left"));
      eventLoop.runOnContext(next -> then.accept(result));
      return;
    }
    at.waiting.execute(
        () -> {
          T result;
          try {
            result = work.get();
          } catch (RuntimeException | Error failed) { // without an answer it would wait for ever
            LOG.error("The gate failed on {}", request, withoutMessage(failed));
            result =
                refused.apply(unavailable(request, "Something failed here", "the gate failed"));
          } finally {
            place.release();
          }
          T done = result;
          eventLoop.runOnContext(next -> then.accept(done));
        });
  }

  /// Confirms or releases the single use of a request that was admitted. Takes no place: each such
  /// request settles once. To be called on an event loop.
  ///
  /// @param settle may block
  /// @param then is called on that event loop, when it is done or has failed
  public void settle(Runnable settle, Runnable then) {
    Context eventLoop = Objects.requireNonNull(Vertx.currentContext(), "on an event loop only");
    try {
      at.waiting.execute(
          () -> {
            try {
              settle.run();
            } catch (RuntimeException | Error failed) {
              LOG.error("A use was not settled", withoutMessage(failed));
            } finally {
              eventLoop.runOnContext(next -> then.run());
            }
          });
    } catch (RejectedExecutionException closed) {
      then.run();
    }
  }

  /// What failed and where, without the message: that may quote what it failed on.
  public static RuntimeException withoutMessage(Throwable failed) {
    RuntimeException bare = new RuntimeException(failed.getClass().getName());
    bare.setStackTrace(failed.getStackTrace());
    return bare;
  }

  private static Refusal unavailable(AuthRequest request, String detail, String cause) {
    return Refusal.of(request, Reason.UNAVAILABLE, detail, cause);
  }

  /// Closes the places: see [Places#close].
  @Override
  public void close() {
    at.close();
  }
}
