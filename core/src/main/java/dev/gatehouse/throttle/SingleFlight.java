package dev.gatehouse.throttle;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Does work once for all callers that ask for it at the same time.
///
/// A caller joins work that is in progress. If it cannot use that answer, it joins the next work,
/// which begins after the first has ended and is shared by all callers that waited for the first.
/// If it cannot use that answer either, it does its own work. So a caller waits for at most two
/// others. The memory is proportional to the number of callers that wait. Thread-safe.
///
/// @param <K> the key of the work; has `equals` and `hashCode`
/// @param <V> the answer
public final class SingleFlight<K, V> {

  private final ConcurrentHashMap<K, Flight<V>> underWay = new ConcurrentHashMap<>();

  private static final class Flight<V> {

    final CompletableFuture<Optional<V>> answer = new CompletableFuture<>();
    final AtomicReference<@Nullable Flight<V>> next = new AtomicReference<>();

    Optional<V> usableAnswer(Usable<V> usable, Begun begun) {
      return answer.join().filter(each -> usable.isUsable(each, begun));
    }
  }

  /// When another caller's work began.
  public enum Begun {
    /// Before this caller asked: the answer may be older than what this caller knows.
    BEFORE,
    /// After this caller asked.
    SINCE
  }

  /// Says whether a caller can use an answer.
  @FunctionalInterface
  public interface Usable<V> {

    /// Called with the answer of another caller's work. Must not block.
    boolean isUsable(V answer, Begun begun);
  }

  /// Nothing is in progress.
  public SingleFlight() {}

  /// Returns the answer of the work: of this caller's own, or of another caller's if it is usable.
  /// Blocks as long as the work does. Throws what this caller's own work throws; work of another
  /// caller that throws has no answer.
  public V answer(K key, Supplier<V> work, Usable<V> usable) {
    Flight<V> mine = new Flight<>();
    Flight<V> first = underWay.putIfAbsent(key, mine);
    if (first == null) {
      return run(key, mine, work);
    }
    Optional<V> answer = first.usableAnswer(usable, Begun.BEFORE);
    if (answer.isPresent()) {
      return answer.get();
    }
    Flight<V> next = first.next.compareAndExchange(null, mine);
    if (next == null) {
      // Of all callers that waited for the first, this one begins the next work, unless another
      // caller has come.
      next = underWay.putIfAbsent(key, mine);
      if (next == null) {
        return run(key, mine, work);
      }
      mine.answer.complete(next.answer.join());
    }
    return next.usableAnswer(usable, Begun.SINCE).orElseGet(work);
  }

  private V run(K key, Flight<V> mine, Supplier<V> work) {
    Optional<V> answer = Optional.empty();
    try {
      V own = work.get();
      answer = Optional.of(own);
      return own;
    } finally {
      // In this order: a caller that cannot use this answer must not find this work again.
      underWay.remove(key, mine);
      mine.answer.complete(answer);
    }
  }
}
