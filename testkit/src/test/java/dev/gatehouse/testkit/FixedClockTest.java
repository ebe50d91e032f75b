package dev.gatehouse.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;

class FixedClockTest {

  private final FixedClock clock = FixedClock.at("2026-01-01T00:00:00Z");

  @Test
  void clockStandsStillUntilItIsMoved() {
    assertThat(List.of(clock.instant(), clock.instant()))
        .containsOnly(Instant.parse("2026-01-01T00:00:00Z"));

    assertThat(clock.advance(Duration.ofSeconds(1))).isEqualTo("2026-01-01T00:00:01Z");
    assertThat(clock.instant()).isEqualTo("2026-01-01T00:00:01Z");

    clock.set(Instant.EPOCH);
    assertThat(clock.millis()).isZero();
  }

  @Test
  void clockInAnotherZoneMovesWithIt() {
    Clock tokyo = clock.withZone(ZoneId.of("Asia/Tokyo"));

    clock.advance(Duration.ofHours(1));

    assertThat(tokyo.instant()).isEqualTo(clock.instant());
    assertThat(tokyo.getZone()).isEqualTo(ZoneId.of("Asia/Tokyo"));
  }

  @Test
  void noStepOfManyAtOnceIsLost() {
    Race.of(16, number -> clock.advance(Duration.ofMillis(1)));

    assertThat(clock.instant()).isEqualTo("2026-01-01T00:00:00.016Z");
  }
}
