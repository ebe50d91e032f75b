package dev.gatehouse.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.gatehouse.Method;
import dev.gatehouse.Principal;
import dev.gatehouse.Scopes;
import dev.gatehouse.StoreUnavailableException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class UsageWriterTest {

  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

  private final Usage usage = new Usage();
  private final InMemoryUsageStore kept = new InMemoryUsageStore();
  private final List<Map<String, Instant>> touched = new ArrayList<>();

  // What adding does, beside or instead of keeping it.
  private Consumer<Runnable> adding = Runnable::run;

  private final UsageWriter writer = writer(List.of(touched::add));

  private UsageWriter writer(List<Consumer<Map<String, Instant>>> credentials) {
    UsageStore store =
        new UsageStore() {
          @Override
          public void add(String writer, long batch, List<UsageRecord> uses) {
            adding.accept(() -> kept.add(writer, batch, uses));
          }

          @Override
          public List<UsageRecord> list(Filter filter, UsageRecord.@Nullable Key after, int limit) {
            return kept.list(filter, after, limit);
          }

          @Override
          public void purge(Instant unusedSince, int most) {
            kept.purge(unusedSince, most);
          }
        };
    return new UsageWriter(
        usage, store, credentials, principal -> principal.method() == Method.SESSION);
  }

  private void used(Method method, String credential, int seconds) {
    usage.note(
        new Principal("u_1", method, credential, Scopes.NONE),
        "",
        NOON.plusSeconds(seconds).toEpochMilli());
  }

  private List<UsageRecord> kept() {
    return kept.list(UsageStore.Filter.ALL, null, 10_000);
  }

  private static StoreUnavailableException down() {
    return new StoreUnavailableException("down", new Exception());
  }

  @Test
  void whatWasNotedIsWrittenOnceForItsOwnerAndForItsCredential() {
    used(Method.SESSION, "ses_1", 0);
    used(Method.SESSION, "ses_2", 1);
    used(Method.API_KEY, "k_1", 2);

    writer.write();
    writer.write();

    assertThat(kept())
        .extracting(UsageRecord::method, UsageRecord::credential, UsageRecord::count)
        .containsExactly(tuple(Method.API_KEY, "k_1", 1L), tuple(Method.SESSION, "", 2L));
    assertThat(touched)
        .containsExactly(
            Map.of("ses_1", NOON, "ses_2", NOON.plusSeconds(1), "k_1", NOON.plusSeconds(2)),
            Map.of());
  }

  @Test
  void nothingIsLostWhenTheStoreIsDownNorCountedTwiceWhenOnlyItsAnswerIs() {
    used(Method.API_KEY, "k_1", 0);
    adding =
        add -> {
          throw down();
        };
    assertThatThrownBy(writer::write).isInstanceOf(StoreUnavailableException.class);
    used(Method.API_KEY, "k_1", 1);
    adding =
        add -> {
          add.run();
          throw down();
        };
    assertThatThrownBy(writer::write).isInstanceOf(StoreUnavailableException.class);
    used(Method.API_KEY, "k_1", 2);
    adding = Runnable::run;
    writer.write();
    writer.write();

    assertThat(kept())
        .extracting(UsageRecord::count, UsageRecord::last)
        .containsExactly(tuple(3L, NOON.plusSeconds(2)));
  }

  @Test
  void whatCanNotBeCountedNowKeepsNoSessionFromBeingNotedAsUsed() {
    adding =
        add -> {
          throw down();
        };
    used(Method.SESSION, "ses_1", 0);
    assertThatThrownBy(writer::write).isInstanceOf(StoreUnavailableException.class);
    used(Method.SESSION, "ses_1", 1);
    used(Method.SESSION, "ses_2", 2);
    assertThatThrownBy(writer::write).isInstanceOf(StoreUnavailableException.class);

    assertThat(touched)
        .containsExactly(
            Map.of("ses_1", NOON),
            Map.of("ses_1", NOON.plusSeconds(1), "ses_2", NOON.plusSeconds(2)));
  }

  @Test
  void whatOneStoreOfCredentialsCouldNotWriteIsWrittenNextTimeUnlessANewerUseCame() {
    List<Map<String, Instant>> keys = new ArrayList<>();
    List<RuntimeException> failures = new ArrayList<>(List.of(down()));
    UsageWriter both =
        writer(
            List.of(
                uses -> {
                  if (!failures.isEmpty()) {
                    used(Method.SESSION, "ses_1", 1);
                    throw failures.removeFirst();
                  }
                  keys.add(uses);
                },
                touched::add));
    used(Method.API_KEY, "k_1", 0);
    used(Method.SESSION, "ses_1", 0);

    assertThatThrownBy(both::write).isInstanceOf(StoreUnavailableException.class);
    assertThat(touched).as("the other is written all the same").hasSize(1);
    both.write();

    assertThat(keys).containsExactly(Map.of("k_1", NOON, "ses_1", NOON.plusSeconds(1)));
    both.write();
    assertThat(keys.getLast()).as("once written, it is not kept").isEmpty();
    assertThat(kept()).extracting(UsageRecord::count).containsExactly(1L, 2L);
  }

  @Test
  void whatTheStoreWillNeverTakeHoldsUpNothingElse() {
    used(Method.API_KEY, "k_1", 0);
    adding =
        add -> {
          throw new IllegalArgumentException("refused");
        };
    assertThatThrownBy(writer::write).isInstanceOf(IllegalArgumentException.class);
    adding = Runnable::run;
    used(Method.API_KEY, "k_2", 1);
    writer.write();

    assertThat(kept()).extracting(UsageRecord::credential).containsExactly("k_2");
  }

  @Test
  void muchIsWrittenInManySmallChanges() {
    List<Integer> changes = new ArrayList<>();
    adding =
        add -> {
          int before = kept().size();
          add.run();
          changes.add(kept().size() - before);
        };
    for (int i = 0; i < 250; i++) {
      used(Method.API_KEY, "k_" + i, i);
    }
    writer.write();

    assertThat(changes).containsExactly(100, 100, 50);
  }
}
