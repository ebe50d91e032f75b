package dev.gatehouse.server.listen;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class UnsentWritesTest {

  private static final long ALLOWED = 100;

  private final UnsentWrites writes = new UnsentWrites();

  @Test
  void writeThatIsNotTakenInTimeIsOverdue() {
    writes.give(0);
    assertThat(writes.isOverdue(ALLOWED, ALLOWED)).isFalse();
    assertThat(writes.isOverdue(ALLOWED + 1, ALLOWED)).isTrue();
  }

  @Test
  void whatIsTakenIsNotOverdue() {
    writes.give(0);
    writes.take(50);
    assertThat(writes.isEmpty()).isTrue();
    assertThat(writes.isOverdue(1_000, ALLOWED)).isFalse();
  }

  @Test
  void timeBeginsAnewForWhatIsGivenAfterTheQueueWasEmpty() {
    writes.give(0);
    writes.take(1);
    writes.give(1_000);
    assertThat(writes.isOverdue(1_000 + ALLOWED, ALLOWED)).isFalse();
    assertThat(writes.isOverdue(1_001 + ALLOWED, ALLOWED)).isTrue();
  }

  @Test
  void clientThatTakesAllThatWaitedInEachPeriodIsNeverOverdue() {
    writes.give(0);
    for (long now = 90; now < 1_000; now += 90) {
      writes.give(now);
      assertThat(writes.isOverdue(now, ALLOWED)).isFalse();
      writes.take(now);
    }
  }

  @Test
  void takingOneOfManyWritesInEachPeriodKeepsThemNoLonger() {
    writes.give(0);
    writes.take(0);
    for (int i = 0; i < 10; i++) {
      writes.give(0);
    }
    writes.take(90); // all that was there at the first mark
    assertThat(writes.isOverdue(90 + ALLOWED, ALLOWED)).isFalse();
    writes.take(180);
    assertThat(writes.isOverdue(91 + ALLOWED, ALLOWED)).isTrue();
  }
}
