package dev.gatehouse.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.gatehouse.account.Account;
import dev.gatehouse.credential.IssuedCredential;
import dev.gatehouse.revocation.FeedEntry;
import dev.gatehouse.revocation.RevocationFeed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The contract suite of [RevocationFeed]. Tests the order of the rows, that a follower misses no
/// row, that listeners get each row before the change returns, and the removal of old rows.
public abstract class RevocationFeedContract extends StoreContract {

  /// A suite. JUnit makes an instance for each test, and each instance has its own empty stores.
  protected RevocationFeedContract() {}

  private RevocationFeed feed() {
    return stores().feed();
  }

  @BeforeEach
  final void addOwner() {
    stores().accounts().add(service("o1"));
  }

  /// Adds one feed row, which names a new credential with this id.
  private void writeRow(String id) {
    stores().apiKeys().add(new IssuedCredential<>(id, "o1", terms(id, null), apiKey(id), START));
    stores().apiKeys().revoke(id, START);
  }

  private void writeRows(String... ids) {
    for (String id : ids) {
      writeRow(id);
    }
  }

  @Test
  void emptyFeedHasNoRow() {
    assertThat(feed().newest()).isZero();
    assertThat(feed().after(0, 10)).isEmpty();
  }

  @Test
  void sequenceGrowsWithEveryRow() {
    List<Long> newest = new ArrayList<>();
    for (String id : List.of("k1", "k2", "k3")) {
      writeRow(id);
      newest.add(feed().newest());
    }

    assertThat(newest).doesNotHaveDuplicates().isSorted().allMatch(sequence -> sequence > 0);
    assertThat(feed().after(0, 10)).extracting(FeedEntry::sequence).isEqualTo(newest);
  }

  @Test
  void rowTellsSubjectsFromCredentials() {
    Account owner = stores().accounts().byId("o1").orElseThrow();
    stores().accounts().replace(owner.withDisabled(true));
    writeRow("k1");

    assertThat(feed().after(0, 10))
        .extracting(FeedEntry::kind, FeedEntry::name)
        .containsExactly(
            tuple(FeedEntry.Kind.SUBJECT, "o1"), tuple(FeedEntry.Kind.CREDENTIAL, "k1"));
  }

  @Test
  void followerReadsRowAfterRowInPages() {
    writeRows("k1", "k2", "k3", "k4", "k5");

    List<String> followed = new ArrayList<>();
    long last = 0;
    List<FeedEntry> page = feed().after(last, 2);
    while (!page.isEmpty()) {
      assertThat(page).hasSizeLessThanOrEqualTo(2);
      page.forEach(row -> followed.add(row.name()));
      last = page.getLast().sequence();
      page = feed().after(last, 2);
    }

    assertThat(followed).containsExactly("k1", "k2", "k3", "k4", "k5");
    assertThat(last).isEqualTo(feed().newest());
  }

  @Test
  void pageOfNothingIsRefused() {
    assertThatThrownBy(() -> feed().after(0, 0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> feed().after(0, -1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void everyListenerHearsEveryRowOnceAndInOrder() {
    List<FeedEntry> other = new CopyOnWriteArrayList<>();
    writeRow("k1");
    feed().onCommit(other::add);

    writeRows("k2", "k3");

    assertThat(heard).isEqualTo(feed().after(0, 10));
    assertThat(other).extracting(FeedEntry::name).containsExactly("k2", "k3");
  }

  @Test
  void listenerFindsTheRowThatItHearsOf() {
    List<FeedEntry> found = new ArrayList<>();
    feed().onCommit(row -> found.addAll(feed().after(row.sequence() - 1, 1)));

    writeRows("k1", "k2");

    assertThat(found).isEqualTo(heard).hasSize(2);
  }

  @Test
  void purgeRemovesWhatWasWrittenBeforeTheInstant() {
    writeRow("k1");
    clock.advance(Duration.ofMillis(1));
    writeRow("k2");
    clock.advance(Duration.ofMillis(1));
    writeRow("k3");
    long newest = feed().newest();

    feed().purgeBefore(START.plusMillis(1));

    assertThat(feed().after(0, 10)).extracting(FeedEntry::name).containsExactly("k2", "k3");
    assertThat(feed().newest()).isEqualTo(newest);
    assertThat(heard).hasSize(3);
  }

  @Test
  void sequenceGoesOnAfterEveryRowWasPurged() {
    writeRows("k1", "k2");
    long before = feed().newest();
    clock.advance(Duration.ofHours(2));

    feed().purgeBefore(clock.instant());
    assertThat(feed().after(0, 10)).isEmpty();
    writeRow("k3");

    assertThat(feed().newest()).isGreaterThan(before);
    assertThat(feed().after(before, 10)).extracting(FeedEntry::name).containsExactly("k3");
  }

  @Test
  void followerMissesNoneOfManyRowsThatAreWrittenAtOnce() {
    int each = 10;
    // One thread follows the feed while the others write. No row with a lower number may appear
    // later.
    List<List<String>> names =
        Race.of(
            RUNNERS,
            number -> {
              List<String> seen = new ArrayList<>();
              if (number > 0) {
                for (int i = 0; i < each; i++) {
                  writeRow("k" + number + "-" + i);
                }
                return seen;
              }
              long last = 0;
              long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
              while (seen.size() < (RUNNERS - 1) * each && System.nanoTime() < deadline) {
                for (FeedEntry row : feed().after(last, 7)) {
                  assertThat(row.sequence()).isGreaterThan(last);
                  last = row.sequence();
                  seen.add(row.name());
                }
              }
              return seen;
            });

    assertThat(names.getFirst()).hasSize((RUNNERS - 1) * each).doesNotHaveDuplicates();
    assertThat(heard).extracting(FeedEntry::name).isEqualTo(names.getFirst());
  }
}
