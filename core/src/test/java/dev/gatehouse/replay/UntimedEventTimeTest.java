package dev.gatehouse.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.Time;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class UntimedEventTimeTest {

  private static final Duration TEN_SECONDS = Duration.ofSeconds(10);
  private static final Duration HOUR = Duration.ofHours(1);

  private final Time clock = new Time();
  private final UntimedEventTime time = new UntimedEventTime(HOUR, clock.clock(), clock.ticker());

  private Instant after(Duration passed) {
    clock.pass(passed);
    return time.now();
  }

  @Test
  void goesWithTheClock() {
    assertThat(time.now()).isEqualTo(Time.START);
    assertThat(after(TEN_SECONDS)).isEqualTo(clock.now());
    assertThat(after(Duration.ofDays(1))).isEqualTo(clock.now());
  }

  @Test
  void goesByTheTickerForTheMemoryAfterTheClockWasSetForward() {
    clock.setClock(Duration.ofDays(20_000));
    assertThat(after(TEN_SECONDS)).isEqualTo(Time.START.plus(TEN_SECONDS));
    assertThat(after(HOUR.minusMillis(1)))
        .isEqualTo(Time.START.plus(TEN_SECONDS).plus(HOUR).minusMillis(1));
    assertThat(after(Duration.ofMillis(1))).isEqualTo(clock.now());
  }

  @Test
  void eachStepForwardHoldsItAnew() {
    clock.setClock(HOUR);
    after(Duration.ofMinutes(50));
    clock.setClock(HOUR);
    assertThat(after(TEN_SECONDS)).isEqualTo(clock.now().minus(HOUR.multipliedBy(2)));
    assertThat(after(HOUR.minus(TEN_SECONDS))).isEqualTo(clock.now().minus(HOUR.multipliedBy(2)));
    assertThat(after(TEN_SECONDS)).isEqualTo(clock.now());
  }

  @Test
  void goesBackWithTheClockAndNotForwardWithItAgain() {
    clock.setClock(HOUR.negated());
    assertThat(after(TEN_SECONDS)).isEqualTo(clock.now());
    clock.setClock(HOUR);
    assertThat(after(TEN_SECONDS)).isEqualTo(clock.now().minus(HOUR));
  }

  @Test
  void clockThatGainsALittleIsFollowed() {
    clock.setClock(Duration.ofSeconds(1));
    assertThat(after(TEN_SECONDS)).isEqualTo(clock.now());
  }
}
