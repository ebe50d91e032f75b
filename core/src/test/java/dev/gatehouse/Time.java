package dev.gatehouse;

import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicLong;

/// A time that stands still until a test moves it: its clock and its ticker go together.
public final class Time {

  /// When every test begins.
  public static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private final AtomicLong nanos = new AtomicLong();
  private final AtomicLong clockAhead = new AtomicLong();

  /// Stands at [#START].
  public Time() {}

  /// Lets that much time pass.
  public void pass(Duration by) {
    nanos.addAndGet(by.toNanos());
  }

  /// Sets the clock forward, or back. No time passes.
  public void setClock(Duration by) {
    clockAhead.addAndGet(by.toNanos());
  }

  /// What the clock shows.
  public Instant now() {
    return START.plusNanos(nanos.get() + clockAhead.get());
  }

  /// The ticker of this time.
  public Ticker ticker() {
    return nanos::get;
  }

  /// The clock of this time.
  public Clock clock() {
    return new Clock() {
      @Override
      public Instant instant() {
        return now();
      }

      @Override
      public ZoneId getZone() {
        return ZoneOffset.UTC;
      }

      @Override
      public Clock withZone(ZoneId zone) {
        throw new UnsupportedOperationException("nothing here asks for a zone");
      }
    };
  }
}
