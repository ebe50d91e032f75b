package dev.gatehouse.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.account.Account;
import dev.gatehouse.revocation.FeedEntry;
import dev.gatehouse.session.SessionStore;
import dev.gatehouse.session.StoredSession;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The contract suite of [SessionStore]. Tests how sessions are found, listed, used and ended, that
/// the end of a session adds a feed row, and that a use does not bring back a session that ended.
public abstract class SessionStoreContract extends StoreContract {

  /// A suite. JUnit makes an instance for each test, and each instance has its own empty stores.
  protected SessionStoreContract() {}

  private static final Instant LATER = START.plus(Duration.ofHours(1));

  private final Account alice = person("a1");

  private SessionStore sessions() {
    return stores().sessions();
  }

  private Optional<StoredSession> stored(String id) {
    return sessions().byDigest(digest(id)).map(SessionStore.Owned::session);
  }

  private static StoredSession session(String id, String account) {
    return session(id, account, LATER, START, 0);
  }

  /// Returns a session. Its digest is derived from its id.
  private static StoredSession session(
      String id, String account, Instant expiresAt, Instant lastSeenAt, long generation) {
    return new StoredSession(
        id,
        digest(id),
        account,
        generation,
        START,
        START.minusSeconds(7),
        expiresAt,
        lastSeenAt,
        "Browser/1.0 (“quoted”; it's)",
        "2001:db8::1",
        "pw_1");
  }

  @BeforeEach
  final void addOwners() {
    stores().accounts().add(alice);
    stores().accounts().add(person("a2"));
  }

  @Test
  void sessionIsFoundAsItWasAdded() {
    StoredSession other =
        new StoredSession(
            "s2",
            digest("s2"),
            "a2",
            7,
            START,
            null,
            LATER,
            START.plusMillis(1),
            "",
            "127.0.0.1",
            null);
    sessions().add(session("s1", "a1"));
    sessions().add(other);

    assertThat(sessions().byDigest(digest("s1")))
        .contains(new SessionStore.Owned(session("s1", "a1"), alice));
    assertThat(sessions().byDigest(digest("s2")))
        .contains(new SessionStore.Owned(other, person("a2")));
    assertThat(sessions().byDigest(digest("s3"))).isEmpty();
    assertThat(sessions().byId("s2")).contains(new SessionStore.Owned(other, person("a2")));
    assertThat(sessions().byId("s3")).isEmpty();
  }

  @Test
  void addingWritesNoFeedRow() {
    sessions().add(session("s1", "a1"));

    assertThat(heard).isEmpty();
    assertThat(stores().feed().newest()).isZero();
  }

  @Test
  void timesAreKeptToTheMillisecond() {
    Instant fine = START.plusNanos(999_999);
    sessions()
        .add(
            new StoredSession("s1", digest("s1"), "a1", 0, fine, fine, fine, fine, "", "", "pw_1"));

    StoredSession session = stored("s1").orElseThrow();
    assertThat(
            Arrays.asList(
                session.createdAt(),
                session.authenticatedAt(),
                session.expiresAt(),
                session.lastSeenAt()))
        .containsOnly(START);

    sessions().touch(Map.of("s1", fine.plusMillis(1)));
    assertThat(stored("s1"))
        .contains(
            new StoredSession(
                "s1",
                digest("s1"),
                "a1",
                0,
                START,
                START,
                START,
                START.plusMillis(1),
                "",
                "",
                "pw_1"));
  }

  @Test
  void sessionOfNoAccountIsRefused() {
    assertThatThrownBy(() -> sessions().add(session("s1", "nobody")))
        .isInstanceOf(IllegalArgumentException.class);

    assertThat(stored("s1")).isEmpty();
  }

  @Test
  void secondSessionOfAnIdOrDigestIsRefusedAndChangesNothing() {
    StoredSession first = session("s1", "a1");
    sessions().add(first);
    StoredSession sameId =
        new StoredSession("s1", digest("other"), "a2", 0, START, null, LATER, START, "", "", null);
    StoredSession sameDigest =
        new StoredSession("s2", digest("s1"), "a2", 0, START, null, LATER, START, "", "", null);

    assertThatThrownBy(() -> sessions().add(sameId)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> sessions().add(sameDigest))
        .isInstanceOf(IllegalArgumentException.class);

    assertThat(stored("s1")).contains(first);
    assertThat(stored("other")).isEmpty();
    assertThat(ids(null, null, 10)).containsExactly("s1");
  }

  @Test
  void sessionComesWithItsOwnerAsTheOwnerIsNowAndWhetherOrNotItIsStillGood() {
    sessions().add(session("s1", "a1", START.minusMillis(1), START.minusSeconds(9), 0));
    Account disabled = alice.withDisabled(true);

    stores().accounts().replace(disabled);

    SessionStore.Owned owned =
        new SessionStore.Owned(
            session("s1", "a1", START.minusMillis(1), START.minusSeconds(9), 0), disabled);
    assertThat(sessions().byDigest(digest("s1"))).contains(owned);
    assertThat(sessions().list("a1", null, 10)).containsExactly(owned);
  }

  @Test
  void endIsFinalAndItsRowIsHeardBeforeTheCallReturns() {
    sessions().add(session("s1", "a1"));
    sessions().add(session("s2", "a1"));
    clock.advance(Duration.ofSeconds(5));

    assertThat(sessions().end("s1")).isTrue();

    FeedEntry row =
        new FeedEntry(
            stores().feed().newest(), FeedEntry.Kind.CREDENTIAL, "s1", START.plusSeconds(5));
    assertThat(heard).containsExactly(row);
    assertThat(stores().feed().after(0, 10)).containsExactly(row);
    assertThat(stored("s1")).isEmpty();
    assertThat(ids("a1", null, 10)).containsExactly("s2");
    assertThat(stores().accounts().byId("a1")).contains(alice);
  }

  @Test
  void listenerAlreadySeesTheEndThatItHearsOf() {
    sessions().add(session("s1", "a1"));
    List<Boolean> seen = new ArrayList<>();
    stores().feed().onCommit(row -> seen.add(stored(row.name()).isPresent()));

    sessions().end("s1");

    assertThat(seen).containsExactly(false);
  }

  @Test
  void secondEndChangesNothingAndWritesNoRow() {
    sessions().add(session("s1", "a1"));
    sessions().end("s1");
    heard.clear();
    final long newest = stores().feed().newest();

    assertThat(sessions().end("s1")).isFalse();
    assertThat(sessions().end("none")).isFalse();

    assertThat(heard).isEmpty();
    assertThat(stores().feed().newest()).isEqualTo(newest);
  }

  @Test
  void lastUseNeverGoesBackwards() {
    sessions().add(session("s1", "a1"));

    for (int millis : new int[] {2, 1, 3}) {
      sessions().touch(Map.of("s1", START.plusMillis(millis)));
      assertThat(stored("s1").orElseThrow().lastSeenAt())
          .isEqualTo(START.plusMillis(Math.max(2, millis)));
    }
    sessions().touch(Map.of("s1", START.minusSeconds(1)));

    assertThat(stored("s1")).contains(session("s1", "a1", LATER, START.plusMillis(3), 0));
  }

  @Test
  void touchingBringsNoSessionBackAndWritesNoFeedRow() {
    sessions().add(session("s1", "a1"));
    sessions().add(session("s2", "a1"));
    sessions().end("s2");
    heard.clear();
    final long newest = stores().feed().newest();

    sessions().touch(Map.of("s1", LATER, "s2", LATER, "none", LATER));
    sessions().touch(Map.of());

    assertThat(stored("s1").orElseThrow().lastSeenAt()).isEqualTo(LATER);
    assertThat(stored("s2")).isEmpty();
    assertThat(ids(null, null, 10)).containsExactly("s1");
    assertThat(heard).isEmpty();
    assertThat(stores().feed().newest()).isEqualTo(newest);
  }

  @Test
  void pagesOfOneAccountOrOfAllComeInTheOrderOfTheirIds() {
    for (String id : List.of("s3", "s1", "s5")) {
      sessions().add(session(id, "a1"));
    }
    for (String id : List.of("s4", "s2")) {
      sessions().add(session(id, "a2"));
    }

    assertThat(ids(null, null, 3)).containsExactly("s1", "s2", "s3");
    assertThat(ids(null, "s3", 3)).containsExactly("s4", "s5");
    assertThat(ids(null, "s5", 3)).isEmpty();
    assertThat(ids("a1", null, 2)).containsExactly("s1", "s3");
    assertThat(ids("a1", "s3", 2)).containsExactly("s5");
    assertThat(ids("a2", "s2", 2)).containsExactly("s4");
    assertThat(ids("a3", null, 2)).isEmpty();
    assertThat(sessions().list("a2", null, 1))
        .containsExactly(new SessionStore.Owned(session("s2", "a2"), person("a2")));
  }

  @Test
  void pageOfNothingIsRefused() {
    assertThatThrownBy(() -> sessions().list(null, null, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> sessions().list("a1", "s1", -1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void purgeRemovesWhatIsOverAndNothingElse() {
    Instant now = START.plusSeconds(60);
    Instant idleSince = START.plusSeconds(30);
    stores().accounts().replace(alice.withoutSignIns());
    sessions().add(session("good", "a1", now.plusMillis(1), idleSince, 1));
    sessions().add(session("later", "a1", LATER, now, 2));
    sessions().add(session("other", "a2", LATER, now, 0));
    sessions().add(session("past its limit", "a1", now, now, 1));
    sessions().add(session("idle", "a1", LATER, idleSince.minusMillis(1), 1));
    sessions().add(session("earlier", "a1", LATER, now, 0));
    heard.clear();
    final long newest = stores().feed().newest();

    sessions().purge(now, idleSince);

    assertThat(ids(null, null, 10)).containsExactly("good", "later", "other");
    assertThat(stored("idle")).isEmpty();
    assertThat(stored("good")).isPresent();
    assertThat(heard).isEmpty();
    assertThat(stores().feed().newest()).isEqualTo(newest);
  }

  @Test
  void purgeOfAnEmptyStoreDoesNothing() {
    sessions().purge(LATER, START);

    assertThat(ids(null, null, 10)).isEmpty();
  }

  @Test
  void oneOfManyWhoEndASessionAtOnceEndsIt() {
    sessions().add(session("s1", "a1"));

    List<Boolean> ended = Race.of(RUNNERS, number -> sessions().end("s1"));

    assertThat(ended).containsOnlyOnce(true);
    assertThat(heard).hasSize(1);
  }

  @Test
  void sessionThatIsTouchedWhileItEndsStaysGone() {
    for (int round = 0; round < 10; round++) {
      String id = "s" + round;
      sessions().add(session(id, "a1"));

      Race.of(
          RUNNERS,
          number -> {
            if (number == 0) {
              return sessions().end(id);
            }
            sessions().touch(Map.of(id, START.plusSeconds(number)));
            return true;
          });

      assertThat(stored(id)).isEmpty();
    }
    assertThat(ids(null, null, 10)).isEmpty();
  }

  private List<String> ids(@Nullable String account, @Nullable String afterId, int limit) {
    return sessions().list(account, afterId, limit).stream()
        .map(owned -> owned.session().id())
        .toList();
  }
}
