package dev.gatehouse.server.assembly;

import dev.gatehouse.FailureText;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Does what has to be done again and again, on one thread. A chore that fails, in whatever way,
/// waits for its next round.
final class Housekeeper implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Housekeeper.class);
  private static final int CLOSE_SECONDS = 10;

  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("housekeeper").daemon().factory());

  /// Does the chore after that time, and again and again.
  void every(Duration time, Runnable chore) {
    schedule(time, time, chore);
  }

  /// Does the chore now, and again and again after that time: for a process that does not live
  /// long.
  void atOnceAndEvery(Duration time, Runnable chore) {
    schedule(Duration.ZERO, time, chore);
  }

  private void schedule(Duration first, Duration time, Runnable chore) {
    var _ =
        thread.scheduleWithFixedDelay(
            () -> {
              try {
                chore.run();
              } catch (Throwable failed) { // what gets out would end the chore for good, unsaid
                LOG.warn("A chore failed and will be tried again: {}", FailureText.of(failed));
              }
            },
            first.toNanos(),
            time.toNanos(),
            TimeUnit.NANOSECONDS);
  }

  /// Begins no chore any more, and waits a while for one that was begun.
  @Override
  public void close() {
    thread.shutdown();
    try {
      if (!thread.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("A chore has not ended within {} seconds", CLOSE_SECONDS);
      }
    } catch (InterruptedException hurry) {
      Thread.currentThread().interrupt();
    }
  }
}
