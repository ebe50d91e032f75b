package dev.gatehouse.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.hmac.UsedSignatures.Kind;
import dev.gatehouse.hmac.UsedSignatures.Recorded;
import dev.gatehouse.hmac.UsedSignatures.Use;
import dev.gatehouse.testkit.Stores;
import dev.gatehouse.testkit.UsedSignaturesContract;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class SqlUsedSignaturesTest extends UsedSignaturesContract {

  private static final SqlSettings PATIENT =
      SqlSettings.DEFAULTS.withTimeout(Duration.ofMinutes(1));
  private static final int KILLS = 3;

  @TempDir private Path folder;

  @Override
  protected Stores open(Clock feedClock) {
    return SqliteStores.open(folder, feedClock);
  }

  @Test
  void usesAndHorizonsAreKnownAfterARestart() {
    Path file = folder.resolve("restarted.db");
    Use kept = new Use(Kind.SIGNATURE, digest("kept"), START.plusSeconds(1), START.plusSeconds(2));
    try (SqlUsedSignatures used = SqlUsedSignatures.open(file, PATIENT, clock, 10)) {
      used.record(kept);
      for (Kind kind : Kind.values()) {
        used.record(new Use(kind, digest(kind.name()), START, START));
      }
      used.purge(START.plusMillis(1));
    }

    try (SqlUsedSignatures used = SqlUsedSignatures.open(file, PATIENT, clock, 10)) {
      assertThat(used.record(kept)).isEqualTo(new Recorded.Again());
      for (Kind kind : Kind.values()) {
        assertThat(used.record(new Use(kind, digest(kind.name()), START, START)))
            .isEqualTo(new Recorded.BeforeHorizon(START));
      }
    }
  }

  @Test
  @Timeout(120)
  void noAcknowledgedUseIsTheFirstAgainWhenTheProcessIsKilledWhileItForgets() throws Exception {
    Path file = folder.resolve("killed.db");
    int number = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      List<String> acknowledged =
          KilledProcess.linesOf(UseMaker.class, 200, 1, file, Integer.toString(number));

      KilledProcess.checkFile(file);
      try (SqlUsedSignatures used =
          SqlUsedSignatures.open(file, PATIENT, clock, UseMaker.MAX_USES)) {
        List<Recorded> again =
            acknowledged.stream()
                .map(line -> used.record(UseMaker.use(Integer.parseInt(line))))
                .toList();
        assertThat(again).doesNotContain(new Recorded.First());
        assertThat(again).hasAtLeastOneElementOfType(Recorded.BeforeHorizon.class);
      }
      number += 1_000_000;
    }
  }
}
