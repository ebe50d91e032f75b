package dev.gatehouse.throttle;

import com.github.benmanes.caffeine.cache.Ticker;
import io.github.bucket4j.TimeMeter;

/// The ticker of everything else in the gate, as the buckets want it.
record TickerMeter(Ticker ticker) implements TimeMeter {

  @Override
  public long currentTimeNanos() {
    return ticker.read();
  }

  @Override
  public boolean isWallClockBased() {
    return false;
  }
}
