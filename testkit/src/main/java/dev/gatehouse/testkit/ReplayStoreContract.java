package dev.gatehouse.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.replay.ReplayStore;
import dev.gatehouse.replay.ReplayStore.Kind;
import dev.gatehouse.replay.ReplayStore.Recorded;
import dev.gatehouse.replay.ReplayStore.Use;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/// What every [ReplayStore] keeps to.
public abstract class ReplayStoreContract extends StoreContract {

  /// A suite for fresh stores, one set for each test.
  protected ReplayStoreContract() {}

  private static final Duration WINDOW = Duration.ofMinutes(5);
  private static final Instant LATER = START.plus(Duration.ofHours(1));

  private static final Recorded FIRST = new Recorded.First();
  private static final Recorded AGAIN = new Recorded.Again();
  private static final Recorded FULL = new Recorded.Full();
  private static final Recorded SHARE_TAKEN = new Recorded.ShareTaken();

  private ReplayStore used() {
    return stores().replayStore();
  }

  /// A signature of that time.
  private static Use signed(String name, Instant time) {
    return signed(name, time, WINDOW);
  }

  private static Use signed(String name, Instant time, Duration window) {
    return used(Kind.SIGNATURE, name, time, time.plus(window));
  }

  /// A use of a holder of its own.
  private static Use used(Kind kind, String name, Instant time, Instant until) {
    return new Use(kind, "holder of " + name, digest(name), time, until);
  }

  /// A signature of that holder.
  private static Use of(String holder, String name) {
    return new Use(Kind.SIGNATURE, holder, digest(name), START, START.plus(WINDOW));
  }

  /// An event that arrives at that time.
  private static Use arrived(String name, Instant time) {
    return used(Kind.UNTIMED_EVENT, name, time, time.plus(WINDOW));
  }

  private static Recorded beforeHorizon(Instant horizon) {
    return new Recorded.BeforeHorizon(horizon);
  }

  @Test
  void useIsTheFirstOnce() {
    assertThat(used().record(signed("a", START))).isEqualTo(FIRST);
    assertThat(used().record(signed("b", START))).isEqualTo(FIRST);

    assertThat(used().record(signed("a", START))).isEqualTo(AGAIN);
    assertThat(used().record(signed("a", START.plusSeconds(1)))).isEqualTo(AGAIN);
  }

  @Test
  void oneOfManyWhoRecordTheSameUseAtOnceIsTheFirst() {
    assertThat(Race.of(RUNNERS, number -> used().record(signed("a", START))))
        .containsOnlyOnce(FIRST)
        .containsOnly(FIRST, AGAIN);
  }

  @Test
  void fullRecordForgetsNothingAndTakesNothing() {
    for (int i = 0; i < Stores.MAX_USES; i++) {
      assertThat(used().record(signed("use" + i, START))).isEqualTo(FIRST);
    }

    assertThat(used().record(signed("one more", START))).isEqualTo(FULL);
    assertThat(used().record(signed("use0", START))).isEqualTo(AGAIN);
    assertThat(used().record(signed("one more", START))).isEqualTo(FULL);
  }

  @Test
  void whatIsRefusedForItsAgeMakesRoomAndNothingElseDoes() {
    for (int i = 0; i < Stores.MAX_USES; i++) {
      used().record(signed("use" + i, i % 2 == 0 ? START : LATER));
    }

    used().purge(START.plus(WINDOW));
    assertThat(used().record(signed("one more", LATER))).isEqualTo(FULL);
    used().purge(START.plus(WINDOW).plusMillis(1));

    for (int i = 0; i < Stores.MAX_USES / 2; i++) {
      assertThat(used().record(signed("new" + i, LATER))).isEqualTo(FIRST);
    }
    assertThat(used().record(signed("one more", LATER))).isEqualTo(FULL);
    assertThat(used().record(signed("use1", LATER))).isEqualTo(AGAIN);
    assertThat(used().record(signed("use0", START)))
        .as("what is before the horizon is so in a full record too")
        .isEqualTo(beforeHorizon(START));
  }

  @Test
  void nothingAtOrBeforeTheHorizonOfItsKindIsEverTheFirst() {
    for (Kind kind : Kind.values()) {
      Use use = used(kind, kind + " a", START, START);
      assertThat(used().record(use)).isEqualTo(FIRST);
      used().purge(START.plusMillis(1));

      assertThat(used().record(use)).isEqualTo(beforeHorizon(START));
      assertThat(used().record(used(kind, "never used", START, LATER)))
          .isEqualTo(beforeHorizon(START));
      assertThat(used().record(used(kind, "older", START.minusSeconds(1), LATER)))
          .isEqualTo(beforeHorizon(START));
      assertThat(used().record(used(kind, kind + " b", START.plusMillis(1), LATER)))
          .isEqualTo(FIRST);
    }
  }

  @Test
  void horizonOfOneKindIsNoneOfAnother() {
    used().record(signed("a", START));
    used().purge(LATER);

    for (Kind kind : Kind.values()) {
      assertThat(used().record(used(kind, "of " + kind, START, LATER)))
          .isEqualTo(kind == Kind.SIGNATURE ? beforeHorizon(START) : FIRST);
    }
  }

  @Test
  void horizonIsTheLatestTimeThatWasForgottenAndNeverGoesBack() {
    used().record(signed("a", START));
    used().record(signed("b", START.plusSeconds(60)));
    used().record(signed("kept", START.plusSeconds(120)));
    used().purge(START.plus(WINDOW).plusSeconds(61));
    // Of the same times as before, with an end that comes sooner.
    assertThat(used().record(signed("c", START.plusSeconds(61), Duration.ZERO))).isEqualTo(FIRST);
    used().purge(START.minusSeconds(1));
    used().purge(START.plusSeconds(62));

    assertThat(used().record(signed("b", START.plusSeconds(60))))
        .isEqualTo(beforeHorizon(START.plusSeconds(61)));
    assertThat(used().record(signed("kept", START.plusSeconds(120)))).isEqualTo(AGAIN);
    assertThat(used().record(signed("d", START.plusSeconds(62)))).isEqualTo(FIRST);
  }

  @Test
  void purgeThatForgetsNothingMovesNoHorizon() {
    used().purge(LATER);
    assertThat(used().record(signed("a", START))).isEqualTo(FIRST);
  }

  @Test
  void longerWindowMakesNoForgottenUseTheFirst() {
    used().record(signed("a", START, Duration.ofSeconds(5)));
    used().purge(START.plusSeconds(6));

    assertThat(used().record(signed("a", START, Duration.ofHours(1))))
        .isEqualTo(beforeHorizon(START));
    assertThat(used().record(signed("b", START.plusMillis(1), Duration.ofHours(1))))
        .isEqualTo(FIRST);
  }

  @Test
  void shorterWindowForgetsNoUseOfTheLongerOneSooner() {
    used().record(signed("a", START, Duration.ofHours(1)));
    used().purge(START.plusSeconds(6));

    assertThat(used().record(signed("a", START, Duration.ofSeconds(5)))).isEqualTo(AGAIN);
  }

  @Test
  void useFromTheFutureIsForgottenAtItsOwnEndOnly() {
    Instant ahead = START.plus(WINDOW);
    used().record(signed("ahead", ahead));
    used().record(signed("now", START));
    used().purge(START.plus(WINDOW).plusMillis(1));

    assertThat(used().record(signed("ahead", ahead))).isEqualTo(AGAIN);
    assertThat(used().record(signed("also ahead", ahead))).isEqualTo(FIRST);
    used().purge(ahead.plus(WINDOW).plusMillis(1));
    assertThat(used().record(signed("ahead", ahead))).isEqualTo(beforeHorizon(ahead));
  }

  @Test
  void eventWithoutATimeIsForgottenAsOfItsOwnTimeAndNothingElseIs() {
    used().record(signed("signed", START));
    used().record(arrived("arrived", START));

    used().purge(LATER, START.plus(WINDOW));
    assertThat(used().record(signed("signed", START))).isEqualTo(beforeHorizon(START));
    assertThat(used().record(arrived("arrived", LATER))).isEqualTo(AGAIN);

    Instant over = START.plus(WINDOW).plusMillis(1);
    used().purge(START, over);
    assertThat(used().record(arrived("arrived", LATER))).isEqualTo(AGAIN);
    used().purge(over, over);
    assertThat(used().record(arrived("arrived", LATER))).isEqualTo(FIRST);
  }

  @Test
  void eventWithoutATimeIsForgottenForItsMemoryAndNotBeforeThat() {
    used().record(arrived("a", START));
    Instant over = START.plus(WINDOW).plusMillis(1);

    // A clock that was ahead for one purge.
    used().purge(over);
    assertThat(used().record(arrived("a", START.plusSeconds(1))))
        .isEqualTo(beforeHorizon(START.plus(WINDOW)));
    assertThat(used().record(arrived("a", START.plus(WINDOW))))
        .isEqualTo(beforeHorizon(START.plus(WINDOW)));
    assertThat(used().record(arrived("a", over))).isEqualTo(FIRST);
  }

  @Test
  void noUseIsTheFirstAgainWhileItIsForgotten() {
    for (int i = 0; i < RUNNERS; i++) {
      Use use = signed("use" + i, START.plusSeconds(i));
      assertThat(used().record(use)).isEqualTo(FIRST);
      assertThat(
              Race.of(
                  RUNNERS,
                  number -> {
                    if (number % 2 == 0) {
                      used().purge(use.until().plusMillis(1));
                    }
                    return used().record(use);
                  }))
          .isSubsetOf(AGAIN, beforeHorizon(use.time()));
    }
  }

  // Shares.

  @Test
  void holderThatTakesItsShareLeavesRoomForTheOthers() {
    for (int i = 0; i < Stores.MAX_USES_PER_HOLDER; i++) {
      assertThat(used().record(of("busy", "use" + i))).isEqualTo(FIRST);
    }

    assertThat(used().record(of("busy", "one more"))).isEqualTo(SHARE_TAKEN);
    assertThat(used().reserve(of("busy", "one more"))).isEqualTo(SHARE_TAKEN);
    assertThat(used().record(of("busy", "use0"))).isEqualTo(AGAIN);
    assertThat(used().record(of("other", "one more"))).isEqualTo(FIRST);
  }

  @Test
  void holderGetsNoMorePlacesThanAreFree() {
    for (int holder = 0; holder < 2; holder++) {
      for (int i = 0; i < Stores.MAX_USES_PER_HOLDER; i++) {
        used().record(of("busy" + holder, holder + " use " + i));
      }
    }
    int free = Stores.MAX_USES - 2 * Stores.MAX_USES_PER_HOLDER;
    for (int i = 0; i < free / 2; i++) {
      assertThat(used().record(of("late", "late " + i))).isEqualTo(FIRST);
    }

    assertThat(used().record(of("late", "one more"))).isEqualTo(SHARE_TAKEN);
    assertThat(used().record(of("later", "another"))).isEqualTo(FIRST);
  }

  @Test
  void forgottenAndReleasedUsesGiveTheirPlacesBackToTheirHolder() {
    for (int i = 0; i < Stores.MAX_USES_PER_HOLDER; i++) {
      used().record(of("busy", "use" + i));
    }
    used().release(of("busy", "use0"));
    assertThat(used().record(of("busy", "use0"))).isEqualTo(FIRST);
    assertThat(used().record(of("busy", "one more"))).isEqualTo(SHARE_TAKEN);

    used().purge(LATER);

    for (int i = 0; i < Stores.MAX_USES_PER_HOLDER; i++) {
      Use use = new Use(Kind.SIGNATURE, "busy", digest("new" + i), LATER, LATER.plus(WINDOW));
      assertThat(used().record(use)).isEqualTo(FIRST);
    }
  }

  // Reservations.

  @Test
  void reservedUseIsRefusedUntilItIsReleasedAndForGoodOnceItIsConfirmed() {
    Use use = arrived("a", START);
    assertThat(used().reserve(use)).isEqualTo(FIRST);
    assertThat(used().reserve(use)).isEqualTo(AGAIN);
    assertThat(used().reserve(arrived("a", START.plusSeconds(1)))).isEqualTo(AGAIN);
    assertThat(used().record(use)).isEqualTo(AGAIN);

    used().release(use);
    Use second = arrived("a", START.plusSeconds(2));
    assertThat(used().reserve(second)).isEqualTo(FIRST);
    used().confirm(second);
    assertThat(used().reserve(arrived("a", START.plusSeconds(3)))).isEqualTo(AGAIN);
  }

  @Test
  void recordedUseThatIsReleasedMayBeRecordedAgain() {
    Use use = signed("a", START);
    used().record(use);
    used().release(use);

    assertThat(used().record(use)).isEqualTo(FIRST);
  }

  @Test
  void oneOfManyWhoReserveTheSameUseAtOnceIsTheFirst() {
    assertThat(Race.of(RUNNERS, number -> used().reserve(signed("a", START))))
        .containsOnlyOnce(FIRST)
        .containsOnly(FIRST, AGAIN);
  }

  @Test
  void releasedUseMovesNoHorizonAndIsNotTheFirstBeforeTheHorizonOfOthers() {
    Use use = signed("a", START);
    used().reserve(use);
    used().release(use);
    used().purge(LATER);
    assertThat(used().record(signed("b", START.minusSeconds(1)))).isEqualTo(FIRST);
    used().record(signed("c", START.plusSeconds(1)));
    used().purge(LATER);

    assertThat(used().record(use)).isEqualTo(beforeHorizon(START.plusSeconds(1)));
  }

  @Test
  void reservedUseThatIsForgottenMovesTheHorizon() {
    Use use = signed("a", START);
    used().reserve(use);
    used().purge(LATER);

    assertThat(used().record(use)).isEqualTo(beforeHorizon(START));
  }

  @Test
  void lateReleaseTakesNoUseOffTheRecordThatIsAnother() {
    Use forgotten = arrived("a", START);
    Use anew = arrived("a", LATER);
    used().reserve(forgotten);
    used().purge(LATER);
    assertThat(used().reserve(anew)).isEqualTo(FIRST);

    used().release(forgotten);

    assertThat(used().reserve(anew)).isEqualTo(AGAIN);
  }
}
