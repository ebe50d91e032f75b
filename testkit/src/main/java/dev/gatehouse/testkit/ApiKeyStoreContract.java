package dev.gatehouse.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.Network;
import dev.gatehouse.Scopes;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.EndedRetention;
import dev.gatehouse.apikey.ApiKeyStore;
import dev.gatehouse.apikey.StoredApiKey;
import dev.gatehouse.revocation.FeedEntry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What every [ApiKeyStore] keeps to.
public abstract class ApiKeyStoreContract extends StoreContract {

  /// A suite for fresh stores, one set for each test.
  protected ApiKeyStoreContract() {}

  private static final Instant LATER = START.plus(Duration.ofHours(1));

  private final Account owner = service("o1");

  private ApiKeyStore keys() {
    return stores().apiKeys();
  }

  private StoredApiKey stored(String id) {
    return keys().byId(id).orElseThrow();
  }

  @BeforeEach
  final void addOwners() {
    stores().accounts().add(owner);
    stores().accounts().add(service("o2"));
  }

  @Test
  void keyIsFoundAsItWasAdded() {
    StoredApiKey full =
        new StoredApiKey(
            "k1",
            digest("k1"),
            "sk_live_abcd",
            "o1",
            "deploy",
            Scopes.of("orders:read", "orders:write"),
            LATER,
            List.of(Network.parse("10.0.0.0/8"), Network.parse("2001:db8::/32")),
            600,
            START,
            START.plusMillis(1),
            START.plusMillis(2),
            null,
            "k0");
    StoredApiKey bare = key("k2", "o1");

    keys().add(full);
    keys().add(bare);

    assertThat(keys().byId("k1")).contains(full);
    assertThat(keys().byId("k2")).contains(bare);
    assertThat(keys().byDigest(digest("k1"))).contains(new ApiKeyStore.Owned(full, owner));
    assertThat(keys().byDigest(digest("k2"))).contains(new ApiKeyStore.Owned(bare, owner));
    assertThat(keys().byId("k3")).isEmpty();
    assertThat(keys().byDigest(digest("k3"))).isEmpty();
  }

  @Test
  void keyOfNoScopeIsFoundAsItWasAdded() {
    StoredApiKey idle = withScopes(key("k1", "o1"), Scopes.NONE);

    keys().add(idle);

    assertThat(keys().byId("k1")).contains(idle);
  }

  @Test
  void addingWritesNoFeedRow() {
    keys().add(key("k1", "o1"));

    assertThat(heard).isEmpty();
    assertThat(stores().feed().newest()).isZero();
  }

  @Test
  void timesAreKeptToTheMillisecond() {
    Instant fine = START.plusNanos(999_999);
    keys()
        .add(
            new StoredApiKey(
                "k1",
                digest("k1"),
                "sk_live_abcd",
                "o1",
                "key k1",
                Scopes.NONE,
                fine,
                List.of(),
                null,
                fine,
                fine,
                null,
                null,
                null));
    keys().revoke("k1", fine);

    StoredApiKey key = stored("k1");
    assertThat(List.of(key.createdAt(), key.expiresAt(), key.lastUsedAt(), key.revokedAt()))
        .containsOnly(START);
  }

  @Test
  void keyOfNoAccountIsRefused() {
    assertThatThrownBy(() -> keys().add(key("k1", "nobody")))
        .isInstanceOf(IllegalArgumentException.class);

    assertThat(keys().byId("k1")).isEmpty();
  }

  @Test
  void secondKeyOfAnIdOrDigestIsRefusedAndChangesNothing() {
    StoredApiKey first = key("k1", "o1");
    keys().add(first);

    assertThatThrownBy(() -> keys().add(key("k1", "o2")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> keys().add(withId(first, "k2")))
        .isInstanceOf(IllegalArgumentException.class);

    assertThat(keys().byId("k1")).contains(first);
    assertThat(keys().byId("k2")).isEmpty();
  }

  @Test
  void keyComesWithItsOwnerAsTheOwnerIsNow() {
    keys().add(key("k1", "o1"));
    Account disabled = owner.withDisabled(true);

    stores().accounts().replace(disabled);

    assertThat(keys().byDigest(digest("k1")).map(ApiKeyStore.Owned::owner)).contains(disabled);
  }

  @Test
  void revocationIsKeptAndItsRowIsHeardBeforeTheCallReturns() {
    keys().add(key("k1", "o1"));
    clock.advance(Duration.ofSeconds(5));

    assertThat(keys().revoke("k1", LATER)).isTrue();

    FeedEntry row =
        new FeedEntry(
            stores().feed().newest(), FeedEntry.Kind.CREDENTIAL, "k1", START.plusSeconds(5));
    assertThat(heard).containsExactly(row);
    assertThat(stores().feed().after(0, 10)).containsExactly(row);
    assertThat(stored("k1").revokedAt()).isEqualTo(LATER);
    assertThat(keys().byDigest(digest("k1")).orElseThrow().key()).isEqualTo(stored("k1"));
  }

  @Test
  void secondRevocationChangesNothingAndWritesNoRow() {
    keys().add(key("k1", "o1"));
    keys().revoke("k1", START);
    heard.clear();
    long newest = stores().feed().newest();

    assertThat(keys().revoke("k1", LATER)).isFalse();
    assertThat(keys().revoke("none", LATER)).isFalse();

    assertThat(stored("k1").revokedAt()).isEqualTo(START);
    assertThat(heard).isEmpty();
    assertThat(stores().feed().newest()).isEqualTo(newest);
  }

  @Test
  void rotationEndsTheKeyAddsItsSuccessorAndIsHeardBeforeTheCallReturns() {
    keys().add(key("k1", "o1"));
    StoredApiKey successor = key("k2", "o1");

    assertThat(keys().rotate("k1", LATER, successor)).isTrue();

    FeedEntry row = new FeedEntry(stores().feed().newest(), FeedEntry.Kind.CREDENTIAL, "k1", START);
    assertThat(heard).containsExactly(row);
    assertThat(stores().feed().after(0, 10)).containsExactly(row);
    assertThat(keys().byDigest(digest("k2"))).contains(new ApiKeyStore.Owned(successor, owner));
    assertThat(stored("k1").expiresAt()).isEqualTo(LATER);
    assertThat(stored("k1").successor()).isEqualTo("k2");
    assertThat(stored("k1").revokedAt()).isNull();
  }

  @Test
  void rotationNeverPutsOffTheEndOfAKey() {
    keys().add(key("k1", "o1", START.plusSeconds(1)));
    keys().add(key("k2", "o1", LATER.plusSeconds(1)));

    keys().rotate("k1", LATER, key("k1b", "o1"));
    keys().rotate("k2", LATER, key("k2b", "o1"));

    assertThat(stored("k1").expiresAt()).isEqualTo(START.plusSeconds(1));
    assertThat(stored("k2").expiresAt()).isEqualTo(LATER);
  }

  @Test
  void successorCanBeRotatedInItsTurn() {
    keys().add(key("k1", "o1"));

    assertThat(keys().rotate("k1", LATER, key("k2", "o1"))).isTrue();
    assertThat(keys().rotate("k2", LATER, key("k3", "o1"))).isTrue();

    assertThat(stored("k2").successor()).isEqualTo("k3");
    assertThat(heard).extracting(FeedEntry::name).containsExactly("k1", "k2");
  }

  @Test
  void lostRotationChangesNothingAndWritesNoRow() {
    keys().add(key("revoked", "o1"));
    keys().revoke("revoked", START);
    keys().add(key("rotated", "o1"));
    keys().rotate("rotated", LATER, key("next", "o1"));
    final StoredApiKey revoked = stored("revoked");
    final StoredApiKey rotated = stored("rotated");
    heard.clear();
    final long newest = stores().feed().newest();

    assertThat(keys().rotate("revoked", LATER, key("new", "o1"))).isFalse();
    assertThat(keys().rotate("rotated", START, key("new", "o1"))).isFalse();
    assertThat(keys().rotate("none", LATER, key("new", "o1"))).isFalse();

    assertThat(keys().byId("new")).isEmpty();
    assertThat(stored("revoked")).isEqualTo(revoked);
    assertThat(stored("rotated")).isEqualTo(rotated);
    assertThat(heard).isEmpty();
    assertThat(stores().feed().newest()).isEqualTo(newest);
  }

  @Test
  void rotationToAKeyThatIsStoredAlreadyIsRefusedAndChangesNothing() {
    StoredApiKey first = key("k1", "o1");
    StoredApiKey other = key("k2", "o1");
    keys().add(first);
    keys().add(other);

    assertThatThrownBy(() -> keys().rotate("k1", LATER, other))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> keys().rotate("k1", LATER, withId(other, "k3")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> keys().rotate("k1", LATER, key("k3", "nobody")))
        .isInstanceOf(IllegalArgumentException.class);

    assertThat(keys().byId("k1")).contains(first);
    assertThat(keys().byId("k2")).contains(other);
    assertThat(keys().byId("k3")).isEmpty();
    assertThat(heard).isEmpty();
    assertThat(stores().feed().newest()).isZero();
  }

  @Test
  void rotatedKeyCanStillBeRevoked() {
    keys().add(key("k1", "o1"));
    keys().rotate("k1", LATER, key("k2", "o1"));

    assertThat(keys().revoke("k1", START)).isTrue();

    assertThat(stored("k1").successor()).isEqualTo("k2");
    assertThat(stored("k1").revokedAt()).isEqualTo(START);
    assertThat(stored("k2").revokedAt()).isNull();
  }

  @Test
  void lastUseNeverGoesBackwards() {
    keys().add(key("k1", "o1"));

    keys().touch(Map.of("k1", START.plusMillis(2)));
    assertThat(stored("k1").lastUsedAt()).isEqualTo(START.plusMillis(2));
    keys().touch(Map.of("k1", START.plusMillis(1)));
    assertThat(stored("k1").lastUsedAt()).isEqualTo(START.plusMillis(2));
    keys().touch(Map.of("k1", START.plusMillis(3)));
    assertThat(stored("k1").lastUsedAt()).isEqualTo(START.plusMillis(3));
  }

  @Test
  void touchingPassesOverKeysThatAreGoneAndWritesNoFeedRow() {
    keys().add(key("k1", "o1"));
    keys().add(key("k2", "o1"));
    keys().revoke("k2", START);
    heard.clear();
    long newest = stores().feed().newest();

    keys().touch(Map.of("k1", LATER, "gone", LATER, "k2", LATER));
    keys().touch(Map.of());

    assertThat(stored("k1").lastUsedAt()).isEqualTo(LATER);
    assertThat(stored("k2").revokedAt()).isEqualTo(START);
    assertThat(keys().byId("gone")).isEmpty();
    assertThat(heard).isEmpty();
    assertThat(stores().feed().newest()).isEqualTo(newest);
  }

  @Test
  void pagesOfOneOwnerOrOfAllComeInTheOrderOfTheirIds() {
    for (String id : List.of("k3", "k1", "k5")) {
      keys().add(key(id, "o1"));
    }
    for (String id : List.of("k4", "k2")) {
      keys().add(key(id, "o2"));
    }

    assertThat(ids(null, null, 3)).containsExactly("k1", "k2", "k3");
    assertThat(ids(null, "k3", 3)).containsExactly("k4", "k5");
    assertThat(ids(null, "k5", 3)).isEmpty();
    assertThat(ids("o1", null, 2)).containsExactly("k1", "k3");
    assertThat(ids("o1", "k3", 2)).containsExactly("k5");
    assertThat(ids("o2", "k2", 2)).containsExactly("k4");
    assertThat(ids("o3", null, 2)).isEmpty();
    assertThat(keys().list("o2", null, 1)).containsExactly(key("k2", "o2"));
  }

  @Test
  void pageOfNothingIsRefused() {
    assertThatThrownBy(() -> keys().list(null, null, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> keys().list("o1", "k1", -1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void oneOfManyWhoRevokeAtOnceWins() {
    keys().add(key("k1", "o1"));

    List<Boolean> won = Race.of(RUNNERS, number -> keys().revoke("k1", START.plusMillis(number)));

    assertThat(won).containsOnlyOnce(true);
    assertThat(stored("k1").revokedAt()).isEqualTo(START.plusMillis(won.indexOf(true)));
    assertThat(heard).hasSize(1);
    assertThat(stores().feed().after(0, 100)).hasSize(1);
  }

  @Test
  void oneOfManyWhoRotateAtOnceWins() {
    keys().add(key("k1", "o1"));

    List<Boolean> won =
        Race.of(RUNNERS, number -> keys().rotate("k1", LATER, key("next" + number, "o1")));

    assertThat(won).containsOnlyOnce(true);
    String winner = "next" + won.indexOf(true);
    assertThat(stored("k1").successor()).isEqualTo(winner);
    assertThat(ids(null, null, 100)).containsExactly("k1", winner);
    assertThat(heard).hasSize(1);
    assertThat(stores().feed().after(0, 100)).hasSize(1);
  }

  @Test
  void everyOneOfManyChangesAtOnceIsHeardOnceAndInOrder() {
    for (int i = 0; i < RUNNERS; i++) {
      keys().add(key("k" + i, "o1"));
    }

    List<Boolean> heardBeforeReturn =
        Race.of(
            RUNNERS,
            number -> {
              keys().revoke("k" + number, START);
              return heard.stream().anyMatch(row -> row.name().equals("k" + number));
            });

    assertThat(heardBeforeReturn).containsOnly(true);
    assertThat(heard).hasSize(RUNNERS).isEqualTo(stores().feed().after(0, 100));
  }

  @Test
  void lastUseNeverGoesBackwardsWhenManyTouchAtOnce() {
    keys().add(key("k1", "o1"));

    Race.of(
        RUNNERS,
        number -> {
          keys().touch(Map.of("k1", START.plusMillis(number)));
          return number;
        });

    assertThat(stored("k1").lastUsedAt()).isEqualTo(START.plusMillis(RUNNERS - 1));
  }

  @Test
  void refusedChangesTakeNoneOfTheOthersDownWithThem() {
    keys().add(key("taken", "o1"));

    List<Optional<String>> outcomes =
        Race.of(
            RUNNERS,
            number -> {
              StoredApiKey key = number % 2 == 0 ? key("taken", "o1") : key("k" + number, "o1");
              try {
                keys().add(key);
                return Optional.of(key.id());
              } catch (IllegalArgumentException refused) {
                return Optional.empty();
              }
            });

    for (int i = 0; i < RUNNERS; i++) {
      assertThat(outcomes.get(i)).isEqualTo(i % 2 == 0 ? Optional.empty() : Optional.of("k" + i));
      assertThat(keys().byId("k" + i).isPresent()).isEqualTo(i % 2 == 1);
    }
  }

  private List<String> ids(@Nullable String ofOwner, @Nullable String afterId, int limit) {
    return keys().list(ofOwner, afterId, limit).stream().map(StoredApiKey::id).toList();
  }

  private static StoredApiKey withId(StoredApiKey key, String id) {
    return new StoredApiKey(
        id,
        key.digest(),
        key.hint(),
        key.owner(),
        key.name(),
        key.scopes(),
        key.expiresAt(),
        key.networks(),
        key.requestsPerMinute(),
        key.createdAt(),
        key.lastUsedAt(),
        key.revokedAt(),
        key.successor(),
        key.origin());
  }

  private static StoredApiKey withScopes(StoredApiKey key, Scopes scopes) {
    return new StoredApiKey(
        key.id(),
        key.digest(),
        key.hint(),
        key.owner(),
        key.name(),
        scopes,
        key.expiresAt(),
        key.networks(),
        key.requestsPerMinute(),
        key.createdAt(),
        key.lastUsedAt(),
        key.revokedAt(),
        key.successor(),
        key.origin());
  }

  @Test
  void purgeForgetsWhatEndedLongAgoAndNothingElse() {
    keys().add(key("revoked", "o1"));
    keys().revoke("revoked", START);
    keys().add(key("revoked-later", "o1"));
    keys().revoke("revoked-later", LATER);
    keys().add(key("rotated", "o1"));
    keys().rotate("rotated", START, key("successor", "o1"));
    keys().add(key("good", "o1"));
    Instant now = LATER.plus(Duration.ofDays(30));

    keys().purgeEnded(new EndedRetention(now, Duration.ofDays(30), 1_000));

    assertThat(keys().list(null, null, 10))
        .extracting(StoredApiKey::id)
        .containsExactly("good", "revoked-later", "successor");
  }

  @Test
  void purgeForgetsWhatEndedFirstOfTooMany() {
    for (int i = 0; i < 250; i++) {
      keys().add(key("k" + i, "o1"));
      keys().revoke("k" + i, START.plusSeconds(i));
    }
    keys().add(key("good", "o1"));
    Duration lately = Duration.ofDays(1);

    keys().purgeEnded(new EndedRetention(START.plus(lately), Duration.ofDays(30), 10));
    assertThat(keys().list(null, null, 1_000)).as("of the last day").hasSize(251);

    keys()
        .purgeEnded(
            new EndedRetention(START.plus(lately).plusSeconds(250), Duration.ofDays(30), 10));
    assertThat(keys().list(null, null, 1_000))
        .hasSize(11)
        .extracting(StoredApiKey::id)
        .contains("good", "k240", "k249")
        .doesNotContain("k239");
  }

  @Test
  void successorStaysAsLongAsItsPredecessor() {
    keys().add(key("old", "o1"));
    keys().rotate("old", LATER.plus(Duration.ofDays(50)), key("new", "o1"));
    keys().revoke("new", START);
    Instant now = LATER.plus(Duration.ofDays(60));

    keys().purgeEnded(new EndedRetention(now, Duration.ofDays(30), 1_000));
    assertThat(keys().list(null, null, 10)).hasSize(2);

    keys().purgeEnded(new EndedRetention(now.plus(Duration.ofDays(30)), Duration.ofDays(30), 9));
    keys().purgeEnded(new EndedRetention(now.plus(Duration.ofDays(30)), Duration.ofDays(30), 9));
    assertThat(keys().list(null, null, 10)).isEmpty();
  }
}
