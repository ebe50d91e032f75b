package dev.gatehouse.testkit;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicReference;

/// A clock that stands still until a test moves it. Thread-safe.
public final class FixedClock extends Clock {

  private final AtomicReference<Instant> now;
  private final ZoneId zone;

  private FixedClock(AtomicReference<Instant> now, ZoneId zone) {
    this.now = now;
    this.zone = zone;
  }

  /// A clock that shows that instant, in UTC.
  public static FixedClock at(Instant instant) {
    return new FixedClock(new AtomicReference<>(instant), ZoneOffset.UTC);
  }

  /// A clock that shows that instant, as in `2026-01-01T00:00:00Z`.
  public static FixedClock at(String instant) {
    return at(Instant.parse(instant));
  }

  /// Moves the clock by that much, and answers what it shows then. A negative duration moves it
  /// back, as a correction of the system's time would.
  public Instant advance(Duration by) {
    return now.updateAndGet(instant -> instant.plus(by));
  }

  /// Puts the clock to that instant.
  public void set(Instant instant) {
    now.set(instant);
  }

  @Override
  public Instant instant() {
    return now.get();
  }

  @Override
  public ZoneId getZone() {
    return zone;
  }

  /// The same clock, moving with this one, in that zone.
  @Override
  public Clock withZone(ZoneId other) {
    return new FixedClock(now, other);
  }

  @Override
  public String toString() {
    return "FixedClock[" + instant() + "]";
  }
}
