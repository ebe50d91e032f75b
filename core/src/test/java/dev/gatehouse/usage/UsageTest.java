package dev.gatehouse.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.gatehouse.Method;
import dev.gatehouse.Principal;
import dev.gatehouse.Scopes;
import java.time.Instant;
import java.util.ArrayList;
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
  private static final long NOON_MILLIS = NOON.toEpochMilli();

  private final Usage usage = new Usage();

  private static Principal principal(String credential) {
    return new Principal("u_1", Method.API_KEY, credential, Scopes.of("a", "b"));
  }

  private static UsageRecord uses(
      String credential, String route, long count, Instant first, Instant last) {
    return new UsageRecord("u_1", Method.API_KEY, credential, route, count, first, last);
  }

  @Test
  void theUsesOfEachAreDrainedOnce() {
    usage.note(principal("k_1"), "", NOON_MILLIS);
    usage.note(principal("k_2"), "", NOON_MILLIS + 1);
    usage.note(principal("k_1"), "", NOON_MILLIS + 2);
    usage.note(principal("k_1"), "/old", NOON_MILLIS + 3);

    Usage.Drained drained = usage.drain();
    assertThat(drained.uses())
        .containsExactly(
            uses("k_1", "", 2, NOON, NOON.plusMillis(2)),
            uses("k_1", "/old", 1, NOON.plusMillis(3), NOON.plusMillis(3)),
            uses("k_2", "", 1, NOON.plusMillis(1), NOON.plusMillis(1)));
    assertThat(drained.lastUsed())
        .isEqualTo(Map.of("k_1", NOON.plusMillis(3), "k_2", NOON.plusMillis(1)));
    assertThat(usage.drain()).isEqualTo(new Usage.Drained(List.of(), Map.of()));
  }

  @Test
  void whoWasIdleIsForgottenAndCountedAnew() {
    for (int round = 0; round < 5; round++) {
      usage.note(principal("k_1"), "", NOON_MILLIS + round);
      assertThat(usage.drain().uses())
          .extracting(UsageRecord::count, UsageRecord::last)
          .containsExactly(tuple(1L, NOON.plusMillis(round)));
      for (int idle = 0; idle < round % 3; idle++) {
        assertThat(usage.drain().uses()).isEmpty();
      }
    }
  }

  @Test
  void whatDiffersInItsScopesOnlyOrComesAndGoesIsDrainedAsOne() {
    Principal session = new Principal("u_1", Method.SESSION, "ses_1", Scopes.NONE);
    usage.note(session, "", NOON_MILLIS);
    usage.note(new Principal("u_1", Method.SESSION, "ses_2", Scopes.NONE), "", NOON_MILLIS);
    usage.note(principal("k_1"), "", NOON_MILLIS);
    usage.note(new Principal("u_1", Method.API_KEY, "k_1", Scopes.NONE), "", NOON_MILLIS - 1);

    Usage.Drained drained = usage.drain(principal -> principal.method() == Method.SESSION);

    assertThat(drained.uses())
        .containsExactly(
            uses("k_1", "", 2, NOON.minusMillis(1), NOON),
            new UsageRecord("u_1", Method.SESSION, "", "", 2, NOON, NOON));
    assertThat(drained.lastUsed()).containsOnlyKeys("k_1", "ses_1", "ses_2");
  }

  @Test
  void pastItsBoundItCountsWhatItCanNotTellApartAndHasRoomAgainWhenTheOthersAreIdle() {
    for (int i = 0; i < Usage.MAX_PRINCIPALS + 100; i++) {
      usage.note(principal("k_" + i), "", NOON_MILLIS);
    }
    usage.note(new Principal("u_1", Method.BASIC, "p_1", Scopes.NONE), "/old", NOON_MILLIS);
    usage.note(principal("k_7"), "", NOON_MILLIS);

    Usage.Drained full = usage.drain();
    assertThat(full.uses()).hasSize(Usage.MAX_PRINCIPALS + 2);
    assertThat(full.uses().subList(0, 2))
        .extracting(UsageRecord::owner, UsageRecord::method, UsageRecord::route, UsageRecord::count)
        .containsExactly(tuple("", Method.API_KEY, "", 100L), tuple("", Method.BASIC, "/old", 1L));
    assertThat(full.uses().stream().mapToLong(UsageRecord::count).sum())
        .isEqualTo(Usage.MAX_PRINCIPALS + 102);

    usage.drain();
    usage.note(principal("new"), "", NOON_MILLIS);
    assertThat(usage.drain().uses()).extracting(UsageRecord::credential).containsExactly("new");
  }

  @Test
  void noUseIsLostNorCountedTwiceHoweverOftenItIsDrainedMeanwhile() throws Exception {
    int noters = 3;
    int uses = 200_000;
    AtomicInteger running = new AtomicInteger(noters);
    List<Callable<List<UsageRecord>>> tasks = new ArrayList<>();
    for (int n = 0; n < noters; n++) {
      int number = n;
      tasks.add(
          () -> {
            for (int i = 1; i <= uses; i++) {
              usage.note(principal("shared"), "", NOON_MILLIS + i);
              usage.note(principal("k_" + number), i % 2 == 0 ? "" : "/old", NOON_MILLIS + i);
            }
            running.decrementAndGet();
            return List.of();
          });
    }
    tasks.add(
        () -> {
          List<UsageRecord> drained = new ArrayList<>();
          while (running.get() > 0) {
            drained.addAll(usage.drain().uses());
          }
          return drained;
        });
    List<UsageRecord> all = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(tasks.size())) {
      for (Future<List<UsageRecord>> done : threads.invokeAll(tasks)) {
        all.addAll(done.get());
      }
    }
    all.addAll(usage.drain().uses());
    InMemoryUsageStore sum = new InMemoryUsageStore();
    sum.add("test", 1, all);

    List<UsageRecord> sums = sum.list(UsageStore.Filter.ALL, null, 10);
    assertThat(sums)
        .extracting(UsageRecord::credential, UsageRecord::route, UsageRecord::count)
        .containsExactly(
            tuple("k_0", "", uses / 2L),
            tuple("k_0", "/old", uses / 2L),
            tuple("k_1", "", uses / 2L),
            tuple("k_1", "/old", uses / 2L),
            tuple("k_2", "", uses / 2L),
            tuple("k_2", "/old", uses / 2L),
            tuple("shared", "", (long) noters * uses));
    assertThat(sums.getLast().last()).isEqualTo(NOON.plusMillis(uses));
  }
}
