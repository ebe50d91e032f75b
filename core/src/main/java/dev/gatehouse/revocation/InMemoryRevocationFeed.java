package dev.gatehouse.revocation;

import dev.gatehouse.StoreUnavailableException;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/// The revocation feed in memory, and the transaction that the in-memory stores share. Thread-safe;
/// a call blocks only while another one is in progress.
///
/// A store must change its state only inside [#change], so that the change and its rows are seen
/// together or not at all. Nothing survives the process.
public final class InMemoryRevocationFeed implements RevocationFeed {

  private final Clock clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final TreeMap<Long, FeedEntry> rows = new TreeMap<>();
  private final List<Consumer<FeedEntry>> listeners = new CopyOnWriteArrayList<>();
  private long lastSequence;

  /// An empty feed whose rows have the time of that clock.
  public InMemoryRevocationFeed(Clock clock) {
    this.clock = clock;
  }

  /// A change in progress. What it names goes into the feed when it returns.
  public static final class Change {

    private record Named(FeedEntry.Kind kind, String name) {}

    private final List<Named> named = new ArrayList<>();

    private Change() {}

    /// Names what must be forgotten after this change.
    public void forget(FeedEntry.Kind kind, String name) {
      named.add(new Named(kind, name));
    }
  }

  /// Makes the change while nothing else reads or changes, appends the rows that it names, and
  /// calls the listeners before it returns the result. A change that throws must have changed
  /// nothing; then no row is written.
  ///
  /// Throws [StoreUnavailableException] if a listener failed: the change was made, but a listener
  /// that had to hear of it may not have.
  public <T> T change(Function<Change, T> work) {
    lock.lock();
    try {
      Change change = new Change();
      T answer = work.apply(change);
      Instant at = clock.instant().truncatedTo(ChronoUnit.MILLIS);
      List<FeedEntry> written = new ArrayList<>();
      for (Change.Named named : change.named) {
        FeedEntry row = new FeedEntry(++lastSequence, named.kind(), named.name(), at);
        rows.put(row.sequence(), row);
        written.add(row);
      }
      // Under the lock, so that listeners hear the rows in their order.
      written.forEach(this::announce);
      return answer;
    } finally {
      lock.unlock();
    }
  }

  /// Reads while nothing changes.
  public <T> T read(Supplier<T> question) {
    lock.lock();
    try {
      return question.get();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public long newest() {
    return read(() -> rows.isEmpty() ? 0 : rows.lastKey());
  }

  @Override
  public List<FeedEntry> after(long sequence, int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("a page has at least one row, not " + limit);
    }
    return read(() -> rows.tailMap(sequence, false).values().stream().limit(limit).toList());
  }

  @Override
  public void onCommit(Consumer<FeedEntry> listener) {
    listeners.add(listener);
  }

  @Override
  public void purgeBefore(Instant instant) {
    read(
        () ->
            rows.entrySet()
                .removeIf(
                    (Map.Entry<Long, FeedEntry> row) -> row.getValue().at().isBefore(instant)));
  }

  private void announce(FeedEntry row) {
    RuntimeException failure = null;
    for (Consumer<FeedEntry> listener : listeners) {
      try {
        listener.accept(row);
      } catch (RuntimeException deaf) {
        failure = deaf;
      }
    }
    if (failure != null) {
      throw new StoreUnavailableException(
          "the change stands, but a listener to the revocation feed failed", failure);
    }
  }
}
