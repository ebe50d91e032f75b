package dev.gatehouse.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.replay.ReplayStore.Kind;
import dev.gatehouse.replay.ReplayStore.Limits;
import dev.gatehouse.replay.ReplayStore.Recorded;
import dev.gatehouse.replay.ReplayStore.Use;
import dev.gatehouse.testkit.ReplayStoreContract;
import dev.gatehouse.testkit.Stores;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class SqlReplayStoreTest extends ReplayStoreContract {

  private static final SqlSettings PATIENT =
      SqlSettings.DEFAULTS.withTimeout(Duration.ofMinutes(1));
  private static final Limits TEN = Limits.of(10);
  private static final int KILLS = Integer.getInteger("gatehouse.kills", 2);

  @TempDir private Path folder;

  @Override
  protected Stores open(Clock feedClock) {
    return SqliteStores.open(folder, feedClock);
  }

  @Test
  void usesAndHorizonsAreKnownAfterARestart() {
    Path file = folder.resolve("restarted.db");
    Use kept =
        new Use(Kind.SIGNATURE, "k", digest("kept"), START.plusSeconds(1), START.plusSeconds(2));
    try (SqlReplayStore used = SqlReplayStore.open(file, PATIENT, clock, TEN)) {
      used.record(kept);
      for (Kind kind : Kind.values()) {
        used.record(new Use(kind, kind.name(), digest(kind.name()), START, START));
      }
      used.purge(START.plusMillis(1));
    }

    try (SqlReplayStore used = SqlReplayStore.open(file, PATIENT, clock, TEN)) {
      assertThat(used.record(kept)).isEqualTo(new Recorded.Again());
      for (Kind kind : Kind.values()) {
        assertThat(used.record(new Use(kind, kind.name(), digest(kind.name()), START, START)))
            .isEqualTo(new Recorded.BeforeHorizon(START));
      }
    }
  }

  @Test
  void reservedUseIsReleasedByARestartAndAConfirmedOrRecordedOneIsNot() {
    Path file = folder.resolve("reserved.db");
    Use reserved = event("reserved");
    Use confirmed = event("confirmed");
    Use recorded = event("recorded");
    Limits four = Limits.of(4);
    try (SqlReplayStore used = SqlReplayStore.open(file, PATIENT, clock, four)) {
      used.reserve(reserved);
      used.reserve(confirmed);
      used.confirm(confirmed);
      used.record(recorded);
    }

    try (SqlReplayStore used = SqlReplayStore.open(file, PATIENT, clock, four)) {
      assertThat(used.reserve(confirmed)).isEqualTo(new Recorded.Again());
      assertThat(used.reserve(recorded)).isEqualTo(new Recorded.Again());
      assertThat(used.reserve(reserved)).isEqualTo(new Recorded.First());
      assertThat(used.reserve(event("one more"))).isEqualTo(new Recorded.First());
      assertThat(used.reserve(event("too many"))).isEqualTo(new Recorded.Full());
    }
  }

  private static Use event(String name) {
    return new Use(Kind.UNTIMED_EVENT, name, digest(name), START, START.plusSeconds(300));
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
      try (SqlReplayStore used = SqlReplayStore.open(file, PATIENT, clock, UseMaker.LIMITS)) {
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
