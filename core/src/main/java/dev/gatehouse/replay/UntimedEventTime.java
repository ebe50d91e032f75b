package dev.gatehouse.replay;

import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/// The time by which events without a time are forgotten ([ReplayStore#purge]).
///
/// Normally this is the time of the clock. If the clock is set forward, this time continues from
/// the old time of the clock, and advances with the ticker for the retention of such events. So an
/// event that was recorded before the step is remembered as long as every other event. A step is
/// noticed when [#now] is called. Two steps between two calls that cancel each other are not
/// noticed. Thread-safe; does not block.
public final class UntimedEventTime {

  // A clock that is only adjusted gains less than this between two readings.
  private static final Duration MAX_ADJUSTMENT = Duration.ofSeconds(1);

  private final Duration memory;
  private final Clock clock;
  private final Ticker ticker;
  private Instant clockBefore;
  private long tickBefore;
  private Instant time;
  private Duration held = Duration.ZERO;

  /// @param memory how long an event without a time is remembered
  public UntimedEventTime(Duration memory, Clock clock, Ticker ticker) {
    this.memory = memory;
    this.clock = clock;
    this.ticker = ticker;
    this.clockBefore = clock.instant();
    this.tickBefore = ticker.read();
    this.time = clockBefore;
  }

  /// The time now. It is never after the time of the clock.
  public synchronized Instant now() {
    Instant now = clock.instant();
    long tick = ticker.read();
    Duration passed = Duration.ofNanos(tick - tickBefore);
    held = held.minus(passed);
    if (Duration.between(clockBefore, now).minus(passed).compareTo(MAX_ADJUSTMENT) > 0) {
      held = memory;
    }
    Instant paced = time.plus(passed);
    time = held.isPositive() && paced.isBefore(now) ? paced : now;
    clockBefore = now;
    tickBefore = tick;
    return time;
  }
}
