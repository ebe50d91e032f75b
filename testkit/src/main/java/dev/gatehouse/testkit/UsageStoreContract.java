package dev.gatehouse.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.Method;
import dev.gatehouse.usage.UsageRecord;
import dev.gatehouse.usage.UsageStore;
import dev.gatehouse.usage.UsageStore.Filter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// The contract suite of [UsageStore]. Tests that uses are counted, that a batch which is sent
/// twice counts once, how counts are listed and filtered, and which counts are removed.
public abstract class UsageStoreContract extends StoreContract {

  /// A suite. JUnit makes an instance for each test, and each instance has its own empty stores.
  protected UsageStoreContract() {}

  private UsageStore usage() {
    return stores().usage();
  }

  private static UsageRecord uses(String owner, Method method, String credential, String route) {
    return uses(owner, method, credential, route, 1, START, START);
  }

  private static UsageRecord uses(
      String owner,
      Method method,
      String credential,
      String route,
      long count,
      Instant first,
      Instant last) {
    return new UsageRecord(owner, method, credential, route, count, first, last);
  }

  private List<UsageRecord> all() {
    return usage().list(Filter.ALL, null, 1_000);
  }

  @Test
  void whatSeveralWritersAddIsAddedUpForEachByItself() {
    UsageRecord bare = uses("u_1", Method.BASIC, "p_1", "", 3, START, START.plusSeconds(1));
    UsageRecord announced = uses("u_1", Method.BASIC, "p_1", "/old", 5, START, START);
    UsageRecord several = uses("u_1", Method.SESSION, "", "", 1, START, START);
    usage().add("w_1", 1, List.of(bare, announced, several));
    usage()
        .add(
            "w_2",
            1,
            List.of(
                uses("u_1", Method.BASIC, "p_1", "", 4, START.minusSeconds(9), START),
                uses("u_1", Method.BASIC, "p_1", "/new", 1, START, START)));

    assertThat(all())
        .containsExactly(
            uses("u_1", Method.BASIC, "p_1", "", 7, START.minusSeconds(9), START.plusSeconds(1)),
            uses("u_1", Method.BASIC, "p_1", "/new", 1, START, START),
            announced,
            several);
  }

  @Test
  void batchThatIsSentAgainIsNotAddedAgain() {
    UsageRecord uses = uses("u_1", Method.BASIC, "p_1", "");
    usage().add("w_1", 7, List.of(uses));
    usage().add("w_1", 7, List.of(uses));
    usage().add("w_1", 6, List.of(uses));
    assertThat(all()).containsExactly(uses);

    usage().add("w_1", 8, List.of(uses));
    usage().add("w_2", 7, List.of(uses));
    usage().add("w_1", 9, List.of());
    assertThat(all()).extracting(UsageRecord::count).containsExactly(3L);
  }

  @Test
  void nothingOfManyWritersAtOnceIsLost() {
    Race.of(
        RUNNERS,
        number -> {
          for (int batch = 1; batch <= 5; batch++) {
            usage()
                .add(
                    "w_" + number,
                    batch,
                    List.of(
                        uses("u_1", Method.JWT, "", ""),
                        uses("u_1", Method.JWT, "k_" + number, "")));
          }
          return number;
        });

    assertThat(all().getFirst().count()).isEqualTo(RUNNERS * 5L);
    assertThat(all().subList(1, RUNNERS + 1)).extracting(UsageRecord::count).containsOnly(5L);
  }

  @Test
  void timesAreKeptToTheMillisecond() {
    Instant fine = START.plusNanos(999_999);
    usage().add("w_1", 1, List.of(uses("u_1", Method.HMAC, "h_1", "", 1, fine, fine)));

    assertThat(all()).containsExactly(uses("u_1", Method.HMAC, "h_1", ""));
    assertThat(usage().list(new Filter(null, null, null, false, fine), null, 10)).hasSize(1);
  }

  @Test
  void strangersAndNobodyInParticularAreKeptAsTheyAre() {
    List<UsageRecord> strange =
        List.of(
            uses("", Method.API_KEY, "", "/old"),
            uses("https://id.example|it's “me”; %_\\", Method.OAUTH, "", ""));
    usage().add("w_1", 1, strange);

    assertThat(all()).containsExactlyElementsOf(strange);
    assertThat(usage().list(filter(strange.getLast().owner()), null, 10))
        .containsExactly(strange.getLast());
    assertThat(usage().list(filter("https://id.example|it's “me”; %x\\"), null, 10)).isEmpty();
    assertThat(usage().list(filter(""), null, 10)).containsExactly(strange.getFirst());
  }

  private static Filter filter(String owner) {
    return new Filter(owner, null, null, false, Instant.EPOCH);
  }

  @Test
  void filtersNarrowTheListAndPagesBeginBehindTheOneBefore() {
    List<UsageRecord> sorted =
        List.of(
            uses("u_1", Method.API_KEY, "k_1", ""),
            uses("u_1", Method.API_KEY, "k_1", "/old"),
            uses("u_1", Method.BASIC, "p_1", "", 1, START, START.plusMillis(1)),
            uses("u_2", Method.API_KEY, "k_2", "/older"),
            uses("u_2", Method.BASIC, "p_2", "/old", 1, START, START.plusMillis(1)));
    usage().add("w_1", 1, sorted.reversed());

    assertThat(all()).containsExactlyElementsOf(sorted);
    assertThat(list(null, null, null, false, START)).isEqualTo(sorted);
    assertThat(list(null, null, null, false, START.plusMillis(1)))
        .containsExactly(sorted.get(2), sorted.get(4));
    assertThat(list("u_1", null, null, false, START)).isEqualTo(sorted.subList(0, 3));
    assertThat(list(null, Method.API_KEY, null, false, START))
        .containsExactly(sorted.get(0), sorted.get(1), sorted.get(3));
    assertThat(list(null, null, "/old", false, START))
        .containsExactly(sorted.get(1), sorted.get(4));
    assertThat(list(null, null, null, true, START))
        .containsExactly(sorted.get(1), sorted.get(3), sorted.get(4));
    assertThat(list("u_2", Method.BASIC, "/old", true, START.plusMillis(1)))
        .containsExactly(sorted.get(4));

    List<UsageRecord> paged = new ArrayList<>();
    List<UsageRecord> page = usage().list(Filter.ALL, null, 2);
    while (!page.isEmpty()) {
      paged.addAll(page);
      page = usage().list(Filter.ALL, page.getLast().key(), 2);
    }
    assertThat(paged).isEqualTo(sorted);
    assertThat(usage().list(filter("u_1"), sorted.get(0).key(), 10))
        .isEqualTo(sorted.subList(1, 3));
  }

  private List<UsageRecord> list(
      @Nullable String owner,
      @Nullable Method method,
      @Nullable String route,
      boolean announced,
      Instant since) {
    return usage().list(new Filter(owner, method, route, announced, since), null, 10);
  }

  @Test
  void pageOfNothingIsRefused() {
    assertThatThrownBy(() -> usage().list(Filter.ALL, null, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void purgeForgetsWhatIsNotUsedAnyMoreAndNothingElse() {
    List<UsageRecord> old = new ArrayList<>();
    for (int i = 0; i < 250; i++) {
      old.add(uses("u_" + i, Method.JWT, "", ""));
    }
    UsageRecord later = uses("u_0", Method.JWT, "", "/old", 1, START, START.plusMillis(1));
    usage().add("w_1", 1, old);
    usage().add("w_1", 2, List.of(later));

    usage().purge(START, 1_000);
    assertThat(all()).hasSize(251);
    usage().purge(START.plusMillis(1), 1_000);
    assertThat(all()).containsExactly(later);

    usage().add("w_1", 2, List.of(later));
    assertThat(all()).as("whoever writes still is remembered").containsExactly(later);
  }

  @Test
  void purgeForgetsWhatWasUsedLongestAgoOfTooMany() {
    List<UsageRecord> many = new ArrayList<>();
    for (int i = 0; i < 250; i++) {
      Instant used = START.plusMillis(i);
      many.add(uses("u_" + i, Method.JWT, "", "", 1, used, used));
    }
    usage().add("w_1", 1, many);

    usage().purge(START, 250);
    assertThat(all()).hasSize(250);
    usage().purge(START, 40);
    assertThat(all()).containsExactlyInAnyOrderElementsOf(many.subList(210, 250));
  }

  @Test
  void countingWritesNoFeedRow() {
    usage().add("w_1", 1, List.of(uses("u_1", Method.JWT, "", "")));

    assertThat(heard).isEmpty();
    assertThat(stores().feed().newest()).isZero();
  }
}
