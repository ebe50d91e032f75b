package dev.gatehouse.store;

import java.time.Duration;

/// Settings for the use of a database. Immutable.
///
/// @param timeout how long a caller waits before the store counts as unavailable; from 1 ms to 1
///   hour
/// @param readers the number of threads that read, from 1 to 64; there is always one thread that
///   writes
/// @param maxWaiting how many callers may wait for the readers, and how many for the writer; at
///   least 1; a further caller is refused at once
public record SqlSettings(Duration timeout, int readers, int maxWaiting) {

  /// The default settings: 5 seconds, 3 readers, and 1024 waiting callers.
  public static final SqlSettings DEFAULTS = new SqlSettings(Duration.ofSeconds(5), 3, 1024);

  private static final int MAX_READERS = 64;

  /// Checks the values. Throws [IllegalArgumentException], whose message names the setting and its
  /// range.
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

  /// Returns these settings with another time limit.
  public SqlSettings withTimeout(Duration newTimeout) {
    return new SqlSettings(newTimeout, readers, maxWaiting);
  }
}
