package dev.gatehouse.throttle;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.TimeMeter;
import java.time.Duration;

/// The ticker of everything else in the gate, as the buckets want it.
record TickerMeter(Ticker ticker) implements TimeMeter {

  /// A bucket that holds that many, and gains as many in a minute.
  Bucket bucket(int perMinute) {
    return bucket(perMinute, Duration.ofMinutes(1));
  }

  /// A bucket that holds that many, and gains as many in that time.
  Bucket bucket(int capacity, Duration time) {
    return Bucket.builder()
        .addLimit(limit -> limit.capacity(capacity).refillGreedy(capacity, time))
        .withCustomTimePrecision(this)
        .build();
  }

  @Override
  public long currentTimeNanos() {
    return ticker.read();
  }

  @Override
  public boolean isWallClockBased() {
    return false;
  }
}
