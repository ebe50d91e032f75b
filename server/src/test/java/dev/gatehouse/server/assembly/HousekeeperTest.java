package dev.gatehouse.server.assembly;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HousekeeperTest {

  @Test
  void aChoreThatFailsInWhateverWayIsDoneAgain() throws Exception {
    for (Throwable failure :
        List.of(new IllegalStateException("a defect"), new StackOverflowError())) {
      CountDownLatch again = new CountDownLatch(3);
      try (Housekeeper housekeeper = new Housekeeper()) {
        housekeeper.every(
            Duration.ofMillis(1),
            () -> {
              again.countDown();
              if (failure instanceof Error error) {
                throw error;
              }
              throw (RuntimeException) failure;
            });
        assertThat(again.await(30, TimeUnit.SECONDS)).as("%s", failure).isTrue();
      }
    }
  }

  @Test
  void whatIsToBeDoneAtOnceWaitsForNoRound() throws Exception {
    CountDownLatch done = new CountDownLatch(1);
    try (Housekeeper housekeeper = new Housekeeper()) {
      housekeeper.atOnceAndEvery(Duration.ofDays(1), done::countDown);
      assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
    }
  }
}
