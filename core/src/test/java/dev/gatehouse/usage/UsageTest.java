package dev.gatehouse.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.StoreUnavailableException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class UsageTest {

  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

  private final Usage usage = new Usage();

  @Test
  void theLastUseOfEachIsDrainedOnce() {
    usage.note("k_1", NOON);
    usage.note("k_2", NOON);
    usage.note("k_1", NOON.plusSeconds(1));

    assertThat(usage.drain())
        .containsOnly(Map.entry("k_1", NOON.plusSeconds(1)), Map.entry("k_2", NOON));
    assertThat(usage.drain()).isEmpty();
  }

  @Test
  void whatOneStoreCouldNotWriteIsWrittenNextTimeUnlessANewerUseCame() {
    List<Map<String, Instant>> keys = new ArrayList<>();
    List<Map<String, Instant>> sessions = new ArrayList<>();
    usage.note("k_1", NOON);
    usage.note("ses_1", NOON);

    assertThatThrownBy(
            () ->
                usage.drainTo(
                    List.of(
                        uses -> {
                          usage.note("ses_1", NOON.plusSeconds(1));
                          throw new StoreUnavailableException("down", new Exception());
                        },
                        sessions::add)))
        .isInstanceOf(StoreUnavailableException.class);
    assertThat(sessions).as("the other is written all the same").hasSize(1);
    usage.drainTo(List.of(keys::add, sessions::add));

    assertThat(keys).containsExactly(Map.of("k_1", NOON, "ses_1", NOON.plusSeconds(1)));
    usage.drainTo(List.of(keys::add));
    assertThat(keys.getLast()).as("once written, it is not kept").isEmpty();
  }

  @Test
  void itIsBounded() {
    for (int i = 0; i < 100_100; i++) {
      usage.note("k_" + i, NOON);
    }

    assertThat(usage.drain()).hasSizeLessThanOrEqualTo(100_000);
  }

  @Test
  void noUseIsLostHoweverOftenItIsDrainedMeanwhile() throws Exception {
    int noters = 3;
    int uses = 200_000;
    AtomicInteger running = new AtomicInteger(noters);
    List<Callable<Map<String, Instant>>> tasks = new ArrayList<>();
    for (int n = 0; n < noters; n++) {
      String credential = "k_" + n;
      tasks.add(
          () -> {
            for (int i = 1; i <= uses; i++) {
              usage.note(credential, NOON.plusMillis(i));
            }
            running.decrementAndGet();
            return Map.of();
          });
    }
    tasks.add(
        () -> {
          Map<String, Instant> last = new HashMap<>();
          while (running.get() > 0) {
            usage.drain().forEach((key, at) -> last.merge(key, at, UsageTest::later));
          }
          return last;
        });
    Map<String, Instant> last = new HashMap<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(tasks.size())) {
      for (Future<Map<String, Instant>> done : threads.invokeAll(tasks)) {
        done.get().forEach((key, at) -> last.merge(key, at, UsageTest::later));
      }
    }
    usage.drain().forEach((key, at) -> last.merge(key, at, UsageTest::later));

    assertThat(last)
        .hasSize(noters)
        .allSatisfy((key, at) -> assertThat(at).isEqualTo(NOON.plusMillis(uses)));
  }

  private static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }
}
