package dev.gatehouse.hmac;

import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/// The time as of which events without a time are forgotten ([UsedSignatures#purge]).
///
/// It is what the clock shows. But when the clock was set forward, it goes on from what the clock
/// showed before, by the ticker, until such events have been remembered for their time. So an event
/// that was recorded before the step is remembered as long as any other. Steps are seen when the
/// time is asked for: two that cancel each other in between are not. Thread-safe; does not block.
public final class UntimedEventTime {

  // More than a clock that is adjusted gains between two readings.
  private static final Duration MAX_GAIN = Duration.ofSeconds(1);

  private final Duration memory;
  private final Clock clock;
  private final Ticker ticker;
  private Instant clockBefore;
  private long tickBefore;
  private Instant time;
  private Duration held = Duration.ZERO;

  /// @param memory how long such an event is remembered
  public UntimedEventTime(Duration memory, Clock clock, Ticker ticker) {
    this.memory = memory;
    this.clock = clock;
    this.ticker = ticker;
    this.clockBefore = clock.instant();
    this.tickBefore = ticker.read();
    this.time = clockBefore;
  }

  /// The time now; never after what the clock shows.
  public synchronized Instant now() {
    Instant now = clock.instant();
    long tick = ticker.read();
    Duration passed = Duration.ofNanos(tick - tickBefore);
    held = held.minus(passed);
    if (Duration.between(clockBefore, now).minus(passed).compareTo(MAX_GAIN) > 0) {
      held = memory;
    }
    Instant paced = time.plus(passed);
    time = held.isPositive() && paced.isBefore(now) ? paced : now;
    clockBefore = now;
    tickBefore = tick;
    return time;
  }
}
