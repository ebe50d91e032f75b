package dev.gatehouse.throttle;

import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Lets a few callers at a time do something slow, and gives turns to the others.
///
/// The turns at the same time are divided as [Shares] says, and callers that wait get turns as
/// [TurnQueue] says. If too many wait, the largest group of callers loses its last. So a few
/// callers delay the others little, and displace none of them. Thread-safe.
public final class Turns {

  private final Shares atOnce;
  private final int maxWaiting;
  // Guarded by this. None of them could have a place now.
  private final TurnQueue<Turn> waiting = new TurnQueue<>();

  /// @param atOnce how many turns there are at the same time
  /// @param maxWaiting how many callers may wait for one
  public Turns(int atOnce, int maxWaiting) {
    this.atOnce = new Shares(atOnce);
    this.maxWaiting = maxWaiting;
  }

  /// Asks for a turn. Never blocks.
  ///
  /// @param decided called once if the turn waits, and then begins or is refused because too many
  ///   wait. The thread that ends or asks for another turn calls it, so it must not block. It is
  ///   not called if the turn has begun or is over when this method returns
  /// @return a turn that has begun, waits, or is over because too many wait. Close it, also while
  ///   it waits
  public Turn ask(Caller whose, Runnable decided) {
    Turn turn = new Turn(whose, decided);
    synchronized (this) {
      if (!begins(turn)) {
        waiting.add(whose, turn);
        Turn turnedAway = waiting.size() > maxWaiting ? waiting.removeFromLargest(whose) : null;
        if (turnedAway != null) {
          turnedAway.state = State.OVER;
          if (turnedAway != turn) {
            turnedAway.decided.run();
          }
        }
      }
    }
    return turn;
  }

  /// Waits for a turn. Blocks.
  ///
  /// @return a turn that must be closed; empty if it did not come within that time, if too many
  ///   wait, or if the thread was interrupted (it stays interrupted)
  public Optional<Turn> take(InetAddress whose, Duration within) {
    CompletableFuture<Void> decided = new CompletableFuture<>();
    Turn mine = ask(new Caller.Address(whose), () -> decided.complete(null));
    try {
      if (mine.isWaiting()) {
        decided.get(within.toNanos(), TimeUnit.NANOSECONDS);
      }
    } catch (TimeoutException | ExecutionException late) {
      giveUp(mine); // unless the turn came just now
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      mine.close();
    }
    return mine.hasBegun() ? Optional.of(mine) : Optional.empty();
  }

  private synchronized void giveUp(Turn turn) {
    if (turn.state == State.WAITING) {
      waiting.remove(turn.whose, turn);
      turn.state = State.OVER;
    }
  }

  private synchronized void end(Turn turn) {
    giveUp(turn);
    Shares.Place place = turn.place;
    if (place == null) {
      return;
    }
    turn.state = State.OVER;
    turn.place = null;
    place.release();
    while (!atOnce.isFull()) {
      Turn next = waiting.poll(this::begins);
      if (next == null) {
        return;
      }
      next.decided.run();
    }
  }

  private boolean begins(Turn turn) {
    turn.place = atOnce.tryAcquire(turn.whose).orElse(null);
    if (turn.place == null) {
      return false;
    }
    turn.state = State.BEGUN;
    return true;
  }

  private enum State {
    WAITING,
    BEGUN,
    OVER
  }

  /// A turn, which is over when it is closed. Thread-safe.
  public final class Turn implements AutoCloseable {

    private final Caller whose;
    private final Runnable decided;
    // Written under the lock of the turns.
    private volatile State state = State.WAITING;
    private Shares.@Nullable Place place;

    private Turn(Caller whose, Runnable decided) {
      this.whose = whose;
      this.decided = decided;
    }

    /// Whether it waits.
    public boolean isWaiting() {
      return state == State.WAITING;
    }

    /// Whether it has begun and is not over.
    public boolean hasBegun() {
      return state == State.BEGUN;
    }

    /// Ends the turn, or the wait for it, so that other callers get theirs. May be called more than
    /// once. Never blocks.
    @Override
    public void close() {
      end(this);
    }
  }
}
