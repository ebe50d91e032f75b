package dev.gatehouse.revocation;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.gatehouse.FailureText;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads the revocation feed at short intervals on a separate thread. So the revocations of another
/// process are heard within an interval, and a feed that can no longer be read is noticed.
///
/// It starts at the newest row: nothing was remembered before. A row that this process heard when
/// it committed it is not heard again when it is read, because a question between the two has seen
/// the change.
public final class FeedFollower implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(FeedFollower.class);
  private static final int BATCH_SIZE = 1_000;

  // If there are more, rows are heard twice. Then what was remembered between the two is forgotten.
  private static final int MAX_ROWS_HEARD_AT_COMMIT = 10_000;

  private final RevocationFeed feed;
  private final Revocations revocations;
  private final Duration interval;
  private final Ticker ticker;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;
  private long seen;

  // Rows that this process committed and has not read yet. These are whole rows, because a sequence
  // alone could be that of a row of another process.
  private final ConcurrentSkipListMap<Long, FeedEntry> heardAtCommits =
      new ConcurrentSkipListMap<>();

  /// Starts to follow. Blocks until the feed was read; throws
  /// [dev.gatehouse.StoreUnavailableException] if it cannot be read now.
  ///
  /// @param interval the time between two reads
  public FeedFollower(
      RevocationFeed feed, Revocations revocations, Duration interval, Ticker ticker) {
    this.feed = feed;
    this.revocations = revocations;
    this.interval = interval;
    this.ticker = ticker;
    feed.onCommit(this::hearAtCommit);
    long sent = ticker.read();
    this.seen = feed.newest();
    revocations.alive(sent);
    this.thread = Thread.ofPlatform().name("feed-follower").daemon().unstarted(this::follow);
    thread.start();
  }

  private void hearAtCommit(FeedEntry row) {
    revocations.hear(row);
    // Only now: a row at which that failed is heard when it is read.
    if (heardAtCommits.size() < MAX_ROWS_HEARD_AT_COMMIT) {
      heardAtCommits.put(row.sequence(), row);
    }
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
          // The feed counts as not read, so nothing is answered from memory until it is read again.
          // The thread continues after any failure; otherwise the gate would never recall again.
          if (!failing) {
            LOG.warn("The revocation feed can't be read: {}", FailureText.of(failed));
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
      List<FeedEntry> rows = feed.after(seen, BATCH_SIZE);
      for (FeedEntry row : rows) {
        if (!row.equals(heardAtCommits.get(row.sequence()))) {
          revocations.hear(row);
        }
        seen = row.sequence();
      }
      heardAtCommits.headMap(seen, true).clear();
      if (rows.size() < BATCH_SIZE) {
        revocations.alive(sent);
        return;
      }
    }
  }

  /// Stops following, and blocks until the thread has ended.
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
