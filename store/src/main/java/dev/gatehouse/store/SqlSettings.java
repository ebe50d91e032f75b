package dev.gatehouse.store;

import java.time.Duration;

/// How a database is used.
///
/// @param timeout how long a caller waits for an answer before the store counts as unavailable
/// @param readers how many threads read; one more writes
/// @param maxWaiting how many callers may wait for the readers, and as many for the writer; one
///   more is turned away at once
public record SqlSettings(Duration timeout, int readers, int maxWaiting) {

  /// Five seconds, three readers, 1024 waiting.
  public static final SqlSettings DEFAULTS = new SqlSettings(Duration.ofSeconds(5), 3, 1024);

  private static final int MAX_READERS = 64;

  /// Throws [IllegalArgumentException] that says which setting is out of its range.
  public SqlSettings {
    if (timeout.compareTo(Duration.ofMillis(1)) < 0 || timeout.compareTo(Duration.ofHours(1)) > 0) {
      throw new IllegalArgumentException("timeout is between 1 ms and 1 h, not " + timeout);
    }
    if (readers < 1 || readers > MAX_READERS) {
      throw new IllegalArgumentException(
          "readers is between 1 and " + MAX_READERS + ", not " + readers);
    }
    if (maxWaiting < 1) {
      throw new IllegalArgumentException("maxWaiting is at least 1, not " + maxWaiting);
    }
  }

  /// These settings with another time limit.
  public SqlSettings withTimeout(Duration newTimeout) {
    return new SqlSettings(newTimeout, readers, maxWaiting);
  }
}
