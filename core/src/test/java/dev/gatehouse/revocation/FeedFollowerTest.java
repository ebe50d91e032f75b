package dev.gatehouse.revocation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.gatehouse.StoreUnavailableException;
import dev.gatehouse.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FeedFollowerTest {

  private static final Duration INTERVAL = Duration.ofMillis(5);
  private static final Duration SILENCE = Duration.ofSeconds(2);
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  private final Time time = new Time();
  private final ElsewhereFeed feed = new ElsewhereFeed();
  private final Ticker ticker = time.ticker();
  private final Revocations revocations =
      new Revocations(Duration.ofMinutes(1), 10_000, SILENCE, ticker);

  @Test
  void whatAnotherProcessRevokesIsHeard() {
    long stamp = revocations.stamp();
    try (FeedFollower follower = follower()) {
      assertThat(follower).isNotNull();
      assertThat(revocations.vouchesFor(stamp, "u", "k_1")).isTrue();
      feed.write("k_1");
      await(() -> !revocations.vouchesFor(stamp, "u", "k_1"));
      assertThat(revocations.vouchesFor(stamp, "u", "k_2")).isTrue();
    }
  }

  @Test
  void moreRowsThanOneReadTakesAreHeardToTheEnd() {
    long stamp = revocations.stamp();
    try (FeedFollower follower = follower()) {
      assertThat(follower).isNotNull();
      for (int i = 0; i < 2_500; i++) {
        feed.write("k_" + i);
      }
      await(() -> !revocations.vouchesFor(stamp, "u", "k_2499"));
      assertThat(revocations.vouchesFor(stamp, "u", "k_0")).isFalse();
    }
  }

  @Test
  void whileTheFeedFailsThereIsNoSignOfLifeAndAfterItsReturnNothingWasMissed() {
    for (Throwable failure :
        List.of(
            new StoreUnavailableException("down", new Exception()),
            new IllegalStateException("a defect"),
            new StackOverflowError("an error"))) {
      feed.failure.set(null);
      try (FeedFollower follower = follower()) {
        assertThat(follower).isNotNull();
        long stamp = revocations.stamp();
        String name = "k_" + failure.getMessage();
        feed.failure.set(failure);
        await(() -> feed.failed.getAndSet(null) != null);
        time.pass(SILENCE.plusNanos(1));
        assertThat(revocations.isAlive()).isFalse();
        feed.write(name);
        feed.failure.set(null);
        await(revocations::isAlive);
        assertThat(revocations.vouchesFor(stamp, "u", name)).isFalse();
        assertThat(revocations.vouchesFor(stamp, "u", "k_other")).isTrue();
      }
    }
  }

  @Test
  void aFeedThatCannotBeReadAtTheStartIsSaidAtOnce() {
    feed.failure.set(new StoreUnavailableException("down", new Exception()));

    assertThatThrownBy(this::follower).isInstanceOf(StoreUnavailableException.class);
    assertThat(revocations.isAlive()).isFalse();
  }

  @Test
  void whatThisProcessCommitsIsHeardBeforeItIsAcknowledged() {
    InMemoryRevocationFeed local = new InMemoryRevocationFeed(time.clock());
    try (FeedFollower follower = new FeedFollower(local, revocations, DEADLINE, ticker)) {
      assertThat(follower).isNotNull();
      long stamp = revocations.stamp();
      local.change(
          change -> {
            change.forget(FeedEntry.Kind.SUBJECT, "u_1");
            return true;
          });
      assertThat(revocations.vouchesFor(stamp, "u_1", "k")).isFalse();
    }
  }

  @Test
  void rowThatWasHeardAtTheCommitDoesNotMoveTheStampWhenItIsRead() {
    try (FeedFollower follower = follower()) {
      assertThat(follower).isNotNull();
      feed.commit("k_1");
      long atTheCommit = revocations.stamp();
      feed.write("k_2"); // by another process: its row shows that the one before it was read
      await(() -> revocations.stamp() != atTheCommit);
      assertThat(revocations.stamp()).isEqualTo(atTheCommit + 1);
      assertThat(revocations.vouchesFor(atTheCommit, "u", "k_1")).isTrue();
      assertThat(revocations.vouchesFor(atTheCommit, "u", "k_2")).isFalse();
    }
  }

  @Test
  void rowThatNobodyAnnouncedIsHeardWhenItIsRead() {
    try (FeedFollower follower = follower()) {
      assertThat(follower).isNotNull();
      feed.commit("k_1");
      long stamp = revocations.stamp();
      feed.write("k_1"); // committed, though its writer was told that the outcome is unknown
      await(() -> !revocations.vouchesFor(stamp, "u", "k_1"));
    }
  }

  @Test
  void rowOfAnotherNameIsHeardThoughItsSequenceWasHeardAtACommit() {
    try (FeedFollower follower = follower()) {
      assertThat(follower).isNotNull();
      feed.announce(new FeedEntry(1, FeedEntry.Kind.CREDENTIAL, "k_1", Time.START));
      long stamp = revocations.stamp();
      feed.write("k_2"); // with that sequence
      await(() -> !revocations.vouchesFor(stamp, "u", "k_2"));
    }
  }

  @Test
  void commitThatWasNotHeardIsHeardWhenItIsRead() {
    AtomicReference<@Nullable RuntimeException> defect =
        new AtomicReference<>(new IllegalStateException("a defect"));
    revocations.forgetAllOn(
        entry -> {
          RuntimeException once = defect.getAndSet(null);
          if (once != null) {
            throw once;
          }
          return false;
        });
    long stamp = revocations.stamp();
    try (FeedFollower follower = follower()) {
      assertThat(follower).isNotNull();
      assertThatThrownBy(() -> feed.commit("k_1")).hasMessage("a defect");
      await(() -> !revocations.vouchesFor(stamp, "u", "k_1"));
    }
  }

  private FeedFollower follower() {
    return new FeedFollower(feed, revocations, INTERVAL, ticker);
  }

  private static void await(BooleanSupplier condition) {
    long deadline = System.nanoTime() + DEADLINE.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - deadline).as("waited in vain").isNegative();
      Thread.onSpinWait();
    }
  }

  /// A feed that this process and another write, and that fails when it is told to.
  private static final class ElsewhereFeed implements RevocationFeed {

    final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    final AtomicReference<@Nullable Throwable> failed = new AtomicReference<>();
    private final ConcurrentSkipListMap<Long, FeedEntry> rows = new ConcurrentSkipListMap<>();

    private final List<Consumer<FeedEntry>> listeners = new CopyOnWriteArrayList<>();

    /// As another process does.
    synchronized void write(String credential) {
      FeedEntry row = next(credential);
      rows.put(row.sequence(), row);
    }

    /// As this process does. It can be read only after it was announced here, so that a test knows
    /// which comes first.
    synchronized void commit(String credential) {
      FeedEntry row = next(credential);
      try {
        announce(row);
      } finally {
        rows.put(row.sequence(), row);
      }
    }

    void announce(FeedEntry row) {
      listeners.forEach(listener -> listener.accept(row));
    }

    private FeedEntry next(String credential) {
      return new FeedEntry(newestRow() + 1, FeedEntry.Kind.CREDENTIAL, credential, Time.START);
    }

    private long newestRow() {
      return rows.isEmpty() ? 0 : rows.lastKey();
    }

    private void failIfTold() {
      Throwable told = failure.get();
      failed.set(told);
      switch (told) {
        case RuntimeException failing -> throw failing;
        case Error failing -> throw failing;
        case null, default -> {}
      }
    }

    @Override
    public long newest() {
      failIfTold();
      return newestRow();
    }

    @Override
    public List<FeedEntry> after(long sequence, int limit) {
      failIfTold();
      return rows.tailMap(sequence, false).values().stream().limit(limit).toList();
    }

    @Override
    public void onCommit(Consumer<FeedEntry> listener) {
      listeners.add(listener);
    }

    @Override
    public void purgeBefore(Instant instant) {}
  }
}
