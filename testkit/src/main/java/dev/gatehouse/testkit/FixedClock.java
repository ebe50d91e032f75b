package dev.gatehouse.testkit;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicReference;

/// A clock that shows the same time until a test moves it. Thread-safe; does not block.
public final class FixedClock extends Clock {

  private final AtomicReference<Instant> now;
  private final ZoneId zone;

  private FixedClock(AtomicReference<Instant> now, ZoneId zone) {
    this.now = now;
    this.zone = zone;
  }

  /// Returns a clock that shows this instant, in UTC.
  public static FixedClock at(Instant instant) {
    return new FixedClock(new AtomicReference<>(instant), ZoneOffset.UTC);
  }

  /// Returns a clock that shows this instant, for example `2026-01-01T00:00:00Z`. Throws
  /// [java.time.format.DateTimeParseException] for another form.
  public static FixedClock at(String instant) {
    return at(Instant.parse(instant));
  }

  /// Moves the clock, and returns the new time. A negative duration moves it back, like a
  /// correction of the system's clock.
  public Instant advance(Duration by) {
    return now.updateAndGet(instant -> instant.plus(by));
  }

  /// Sets the clock to this instant.
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

  /// Returns a view of this clock in another zone. Both show the same instant, also after a move.
  @Override
  public Clock withZone(ZoneId other) {
    return new FixedClock(now, other);
  }

  @Override
  public String toString() {
    return "FixedClock[" + instant() + "]";
  }
}
