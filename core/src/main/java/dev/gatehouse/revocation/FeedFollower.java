package dev.gatehouse.revocation;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.gatehouse.StoreUnavailableException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads the feed at short intervals, on a thread of its own, so that what another process revoked
/// is heard within an interval and a feed that fell silent is noticed.
///
/// It begins at the newest row of the moment when it is started: nothing was remembered before.
public final class FeedFollower implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(FeedFollower.class);
  private static final int BATCH = 1_000;

  private final RevocationFeed feed;
  private final Revocations revocations;
  private final Duration interval;
  private final Ticker ticker;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;
  private long seen;

  /// Begins to follow; throws [StoreUnavailableException] when the feed can't be read now.
  public FeedFollower(
      RevocationFeed feed, Revocations revocations, Duration interval, Ticker ticker) {
    this.feed = feed;
    this.revocations = revocations;
    this.interval = interval;
    this.ticker = ticker;
    feed.onCommit(revocations::hear);
    long sent = ticker.read();
    this.seen = feed.newest();
    revocations.alive(sent);
    this.thread = Thread.ofPlatform().name("feed-follower").daemon().unstarted(this::follow);
    thread.start();
  }

  private void follow() {
    boolean failing = false;
    try {
      while (!closed.await(interval.toMillis(), TimeUnit.MILLISECONDS)) {
        try {
          readToTheEnd();
          if (failing) {
            LOG.info("The revocation feed is heard again");
          }
          failing = false;
        } catch (Throwable failed) {
          // No sign of life: nothing is answered from memory until the feed is heard again.
          // Whatever
          // it was, the thread goes on, or the gate would never recall again.
          if (!failing && failed instanceof StoreUnavailableException) {
            LOG.warn("The revocation feed can't be read: {}", failed.getMessage());
          } else if (!failing) {
            LOG.warn("The revocation feed can't be read", failed);
          }
          failing = true;
        }
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private void readToTheEnd() {
    while (true) {
      long sent = ticker.read();
      List<FeedEntry> rows = feed.after(seen, BATCH);
      for (FeedEntry row : rows) {
        revocations.hear(row);
        seen = row.sequence();
      }
      if (rows.size() < BATCH) {
        revocations.alive(sent);
        return;
      }
    }
  }

  /// Stops following, and waits until the thread has ended.
  @Override
  public void close() {
    closed.countDown();
    try {
      thread.join();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
