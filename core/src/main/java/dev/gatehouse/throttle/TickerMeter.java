package dev.gatehouse.throttle;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.TimeMeter;
import java.time.Duration;

/// Adapts the gate's ticker to the buckets.
record TickerMeter(Ticker ticker) implements TimeMeter {

  /// Returns a bucket with that capacity, which refills completely in a minute.
  Bucket bucket(int perMinute) {
    return bucket(perMinute, Duration.ofMinutes(1));
  }

  /// Returns a bucket with that capacity, which refills completely in that time.
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
