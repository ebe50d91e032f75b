package dev.gatehouse.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.hmac.UsedSignatures;
import dev.gatehouse.hmac.UsedSignatures.Recorded;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/// What every [UsedSignatures] keeps to.
public abstract class UsedSignaturesContract extends StoreContract {

  /// A suite for fresh stores, one set for each test.
  protected UsedSignaturesContract() {}

  private static final Instant LATER = START.plus(Duration.ofHours(1));

  private UsedSignatures used() {
    return stores().usedSignatures();
  }

  @Test
  void useIsTheFirstOnce() {
    assertThat(used().record(digest("a"), LATER)).isEqualTo(Recorded.FIRST);
    assertThat(used().record(digest("b"), LATER)).isEqualTo(Recorded.FIRST);

    assertThat(used().record(digest("a"), LATER)).isEqualTo(Recorded.AGAIN);
    assertThat(used().record(digest("a"), LATER.plusSeconds(1))).isEqualTo(Recorded.AGAIN);
  }

  @Test
  void oneOfManyWhoRecordTheSameUseAtOnceIsTheFirst() {
    assertThat(Race.of(RUNNERS, number -> used().record(digest("a"), LATER)))
        .containsOnlyOnce(Recorded.FIRST)
        .containsOnly(Recorded.FIRST, Recorded.AGAIN);
  }

  @Test
  void fullRecordForgetsNothingAndTakesNothing() {
    for (int i = 0; i < Stores.MAX_USES; i++) {
      assertThat(used().record(digest("use" + i), LATER)).isEqualTo(Recorded.FIRST);
    }

    assertThat(used().record(digest("one more"), LATER)).isEqualTo(Recorded.FULL);
    assertThat(used().record(digest("use0"), LATER)).isEqualTo(Recorded.AGAIN);
    assertThat(used().record(digest("one more"), LATER)).isEqualTo(Recorded.FULL);
  }

  @Test
  void whatIsRefusedForItsAgeMakesRoomAndNothingElseDoes() {
    for (int i = 0; i < Stores.MAX_USES; i++) {
      used().record(digest("use" + i), i % 2 == 0 ? START : LATER);
    }

    used().purge(START);
    assertThat(used().record(digest("one more"), LATER)).isEqualTo(Recorded.FULL);
    used().purge(START.plusMillis(1));

    assertThat(used().record(digest("use0"), LATER)).isEqualTo(Recorded.FIRST);
    assertThat(used().record(digest("use1"), LATER)).isEqualTo(Recorded.AGAIN);
    assertThat(used().record(digest("one more"), LATER)).isEqualTo(Recorded.FIRST);
  }
}
