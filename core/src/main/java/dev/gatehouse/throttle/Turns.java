package dev.gatehouse.throttle;

import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Lets a few callers at once do something slow, and others wait for their turns.
///
/// What is done at once is divided as [Shares] says, and turns are given as [TurnQueue] says. When
/// too many wait, the largest group of addresses loses its last. So callers from a few addresses
/// delay others little, and turn none of them away. Thread-safe.
public final class Turns {

  private record Waiting(InetAddress whose, CompletableFuture<Optional<Shares.Place>> turn) {}

  private final Shares atOnce;
  private final int maxWaiting;
  // Guarded by this. None of them could have a place now.
  private final TurnQueue<Waiting> waiting = new TurnQueue<>();

  /// @param atOnce how many have a turn at the same time
  /// @param maxWaiting how many may wait for one
  public Turns(int atOnce, int maxWaiting) {
    this.atOnce = new Shares(atOnce);
    this.maxWaiting = maxWaiting;
  }

  /// Waits for a turn; blocks.
  ///
  /// @return what is to be closed when the turn is over; empty when the turn did not come within
  ///   that time, when too many wait, or when the thread was interrupted (and it stays so)
  public Optional<Turn> take(InetAddress whose, Duration within) {
    Waiting mine = new Waiting(whose, new CompletableFuture<>());
    synchronized (this) {
      Optional<Shares.Place> place = atOnce.tryAcquire(whose);
      if (place.isPresent()) {
        return place.map(Turn::new);
      }
      waiting.add(whose, mine);
      if (waiting.size() > maxWaiting) {
        Waiting turnedAway = waiting.removeFromLargest(whose);
        if (turnedAway != null) {
          turnedAway.turn.complete(Optional.empty());
        }
      }
    }
    try {
      return mine.turn.get(within.toNanos(), TimeUnit.NANOSECONDS).map(Turn::new);
    } catch (TimeoutException | ExecutionException late) {
      return giveUp(mine).map(Turn::new);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      giveUp(mine).ifPresent(this::leave);
      return Optional.empty();
    }
  }

  // The turn may have come just now.
  private synchronized Optional<Shares.Place> giveUp(Waiting mine) {
    waiting.remove(mine.whose, mine);
    return mine.turn.getNow(Optional.empty());
  }

  private synchronized void leave(Shares.Place place) {
    place.release();
    while (waiting.poll(this::begins) != null) {
      // The next one has its turn, too.
    }
  }

  private boolean begins(Waiting next) {
    Optional<Shares.Place> place = atOnce.tryAcquire(next.whose);
    place.ifPresent(given -> next.turn.complete(place));
    return place.isPresent();
  }

  /// A turn, which is over when it is closed.
  public final class Turn implements AutoCloseable {

    private final Shares.Place place;

    private Turn(Shares.Place place) {
      this.place = place;
    }

    /// Ends the turn; the next callers have theirs. May be called more than once.
    @Override
    public void close() {
      leave(place);
    }
  }
}
