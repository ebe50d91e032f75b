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

  /// A feed that another process writes, and that fails when it is told to.
  private static final class ElsewhereFeed implements RevocationFeed {

    final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    final AtomicReference<@Nullable Throwable> failed = new AtomicReference<>();
    private final ConcurrentSkipListMap<Long, FeedEntry> rows = new ConcurrentSkipListMap<>();

    synchronized void write(String credential) {
      long sequence = newestRow() + 1;
      rows.put(
          sequence, new FeedEntry(sequence, FeedEntry.Kind.CREDENTIAL, credential, Time.START));
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
    public void onCommit(Consumer<FeedEntry> listener) {}

    @Override
    public void purgeBefore(Instant instant) {}
  }
}
