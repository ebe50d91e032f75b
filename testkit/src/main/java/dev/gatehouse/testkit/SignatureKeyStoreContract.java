package dev.gatehouse.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.Network;
import dev.gatehouse.Scopes;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.EndedRetention;
import dev.gatehouse.hmac.SignatureAlgorithm;
import dev.gatehouse.hmac.SignatureKeyStore;
import dev.gatehouse.hmac.StoredSignatureKey;
import dev.gatehouse.revocation.FeedEntry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What every [SignatureKeyStore] keeps to.
public abstract class SignatureKeyStoreContract extends StoreContract {

  /// A suite for fresh stores, one set for each test.
  protected SignatureKeyStoreContract() {}

  private static final Instant LATER = START.plus(Duration.ofHours(1));

  private final Account owner = service("o1");

  private SignatureKeyStore keys() {
    return stores().signatureKeys();
  }

  private StoredSignatureKey stored(String id) {
    return keys().byId(id).orElseThrow().key();
  }

  @BeforeEach
  final void addOwners() {
    stores().accounts().add(owner);
    stores().accounts().add(service("o2"));
  }

  @Test
  void keyIsFoundAsItWasAdded() {
    StoredSignatureKey full =
        new StoredSignatureKey(
            "k1",
            SignatureAlgorithm.ED25519,
            "MCowBQYDK2VwAyEA",
            "payments",
            "o1",
            "deploy",
            Set.of("api.example.com", "localhost"),
            Scopes.of("orders:read", "orders:write"),
            LATER,
            List.of(Network.parse("10.0.0.0/8"), Network.parse("2001:db8::/32")),
            600,
            START,
            START.plusMillis(1),
            START.plusMillis(2),
            null);
    StoredSignatureKey bare = signatureKey("k2", "o1");

    keys().add(full);
    keys().add(bare);

    assertThat(keys().byId("k1")).contains(new SignatureKeyStore.Owned(full, owner));
    assertThat(keys().byId("k2")).contains(new SignatureKeyStore.Owned(bare, owner));
    assertThat(keys().byId("k3")).isEmpty();
    assertThat(heard).isEmpty();
  }

  @Test
  void everyAlgorithmIsKept() {
    for (SignatureAlgorithm algorithm : SignatureAlgorithm.values()) {
      StoredSignatureKey key = signatureKey(algorithm.id(), "o1");
      keys()
          .add(
              new StoredSignatureKey(
                  key.id(),
                  algorithm,
                  key.material(),
                  null,
                  key.owner(),
                  key.name(),
                  key.hosts(),
                  key.scopes(),
                  null,
                  key.networks(),
                  null,
                  START,
                  null,
                  null,
                  null));

      assertThat(stored(algorithm.id()).algorithm()).isEqualTo(algorithm);
    }
  }

  @Test
  void timesAreKeptToTheMillisecond() {
    Instant fine = START.plusNanos(999_999);
    keys().add(signatureKey("k1", "o1", null, fine, fine));
    keys().touch(Map.of("k1", fine));
    keys().revoke("k1", fine);

    StoredSignatureKey key = stored("k1");
    assertThat(List.of(key.createdAt(), key.expiresAt(), key.lastUsedAt(), key.revokedAt()))
        .containsOnly(START);
  }

  @Test
  void keyOfNoAccountAndSecondKeyOfAnIdAreRefused() {
    StoredSignatureKey first = signatureKey("k1", "o1");
    keys().add(first);

    assertThatThrownBy(() -> keys().add(signatureKey("k2", "nobody")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> keys().add(signatureKey("k1", "o2")))
        .isInstanceOf(IllegalArgumentException.class);

    assertThat(keys().byId("k2")).isEmpty();
    assertThat(stored("k1")).isEqualTo(first);
  }

  @Test
  void keyComesWithItsOwnerAsTheOwnerIsNow() {
    keys().add(signatureKey("k1", "o1"));
    Account disabled = owner.withDisabled(true);

    stores().accounts().replace(disabled);

    assertThat(keys().byId("k1").map(SignatureKeyStore.Owned::owner)).contains(disabled);
  }

  @Test
  void keysOfAWebhookComeNewestFirstWithoutThoseThatAreOver() {
    keys().add(signatureKey("old", "o1", "payments", LATER, START));
    keys().add(signatureKey("new", "o1", "payments", null, START.plusSeconds(1)));
    keys().add(signatureKey("other", "o1", "orders", null, START));
    keys().add(signatureKey("request", "o1"));
    keys().add(signatureKey("over", "o1", "payments", START, START));
    keys().add(signatureKey("revoked", "o1", "payments", null, START));
    keys().revoke("revoked", START);

    assertThat(webhook(START, 9)).containsExactly("new", "old");
    assertThat(webhook(START, 1)).containsExactly("new");
    assertThat(webhook(LATER, 9)).containsExactly("new");
    assertThat(keys().ofWebhook("payments", START, 1).getFirst().owner()).isEqualTo(owner);
    assertThat(keys().ofWebhook("none", START, 9)).isEmpty();
    assertThatThrownBy(() -> keys().ofWebhook("payments", START, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private List<String> webhook(Instant now, int limit) {
    return keys().ofWebhook("payments", now, limit).stream()
        .map(owned -> owned.key().id())
        .toList();
  }

  @Test
  void revocationIsKeptAndItsRowIsHeardBeforeTheCallReturns() {
    keys().add(signatureKey("k1", "o1"));
    clock.advance(Duration.ofSeconds(5));

    assertThat(keys().revoke("k1", LATER)).isTrue();
    assertThat(keys().revoke("k1", START)).isFalse();
    assertThat(keys().revoke("none", START)).isFalse();

    FeedEntry row =
        new FeedEntry(
            stores().feed().newest(), FeedEntry.Kind.CREDENTIAL, "k1", START.plusSeconds(5));
    assertThat(heard).containsExactly(row);
    assertThat(stores().feed().after(0, 10)).containsExactly(row);
    assertThat(stored("k1").revokedAt()).isEqualTo(LATER);
  }

  @Test
  void rotationEndsTheKeyAddsItsSuccessorAndIsHeardBeforeTheCallReturns() {
    keys().add(signatureKey("k1", "o1"));
    keys().add(signatureKey("short", "o1", null, START.plusSeconds(1), START));
    StoredSignatureKey successor = signatureKey("k2", "o1");

    assertThat(keys().rotate("k1", LATER, successor)).isTrue();
    assertThat(keys().rotate("short", LATER, signatureKey("k3", "o1"))).isTrue();

    assertThat(heard).extracting(FeedEntry::name).containsExactly("k1", "short");
    assertThat(stored("k1").expiresAt()).isEqualTo(LATER);
    assertThat(stored("k1").successor()).isEqualTo("k2");
    assertThat(stored("k1").revokedAt()).isNull();
    assertThat(stored("k2")).isEqualTo(successor);
    assertThat(stored("short").expiresAt()).isEqualTo(START.plusSeconds(1));
  }

  @Test
  void lostRotationChangesNothingAndWritesNoRow() {
    keys().add(signatureKey("revoked", "o1"));
    keys().revoke("revoked", START);
    keys().add(signatureKey("rotated", "o1"));
    keys().rotate("rotated", LATER, signatureKey("next", "o1"));
    heard.clear();
    final StoredSignatureKey rotated = stored("rotated");
    final long newest = stores().feed().newest();

    assertThat(keys().rotate("revoked", LATER, signatureKey("new", "o1"))).isFalse();
    assertThat(keys().rotate("rotated", START, signatureKey("new", "o1"))).isFalse();
    assertThat(keys().rotate("none", LATER, signatureKey("new", "o1"))).isFalse();
    assertThatThrownBy(() -> keys().rotate("next", LATER, rotated))
        .isInstanceOf(IllegalArgumentException.class);

    assertThat(keys().byId("new")).isEmpty();
    assertThat(stored("rotated")).isEqualTo(rotated);
    assertThat(stored("next").successor()).isNull();
    assertThat(heard).isEmpty();
    assertThat(stores().feed().newest()).isEqualTo(newest);
  }

  @Test
  void lastUseNeverGoesBackwardsAndKeysThatAreGoneArePassedOver() {
    keys().add(signatureKey("k1", "o1"));

    keys().touch(Map.of("k1", START.plusMillis(2), "gone", LATER));
    keys().touch(Map.of("k1", START.plusMillis(1)));

    assertThat(stored("k1").lastUsedAt()).isEqualTo(START.plusMillis(2));
    assertThat(keys().byId("gone")).isEmpty();
    assertThat(heard).isEmpty();
  }

  @Test
  void pagesOfOneOwnerOrOfAllComeInTheOrderOfTheirIds() {
    for (String id : List.of("k3", "k1", "k5")) {
      keys().add(signatureKey(id, "o1"));
    }
    for (String id : List.of("k4", "k2")) {
      keys().add(signatureKey(id, "o2"));
    }

    assertThat(ids(null, null, 3)).containsExactly("k1", "k2", "k3");
    assertThat(ids(null, "k3", 3)).containsExactly("k4", "k5");
    assertThat(ids("o1", "k3", 2)).containsExactly("k5");
    assertThat(ids("o3", null, 2)).isEmpty();
    assertThatThrownBy(() -> keys().list(null, null, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private List<String> ids(@Nullable String of, @Nullable String after, int limit) {
    return keys().list(of, after, limit).stream().map(StoredSignatureKey::id).toList();
  }

  @Test
  void oneOfManyWhoRevokeOrRotateAtOnceWins() {
    keys().add(signatureKey("k1", "o1"));
    keys().add(signatureKey("k2", "o1"));

    assertThat(Race.of(RUNNERS, number -> keys().revoke("k1", START.plusMillis(number))))
        .containsOnlyOnce(true);
    assertThat(
            Race.of(
                RUNNERS, number -> keys().rotate("k2", LATER, signatureKey("next" + number, "o1"))))
        .containsOnlyOnce(true);

    assertThat(heard).hasSize(2);
  }

  @Test
  void purgeForgetsWhatEndedLongAgoAndNothingElse() {
    keys().add(signatureKey("revoked", "o1"));
    keys().revoke("revoked", START);
    keys().add(signatureKey("revoked-later", "o1"));
    keys().revoke("revoked-later", LATER);
    keys().add(signatureKey("rotated", "o1"));
    keys().rotate("rotated", START, signatureKey("successor", "o1"));
    keys().add(signatureKey("good", "o1"));
    Instant now = LATER.plus(Duration.ofDays(30));

    keys().purgeEnded(new EndedRetention(now, Duration.ofDays(30), 1_000));

    assertThat(keys().list(null, null, 10))
        .extracting(StoredSignatureKey::id)
        .containsExactly("good", "revoked-later", "successor");
  }

  @Test
  void purgeForgetsWhatEndedFirstOfTooMany() {
    for (int i = 0; i < 250; i++) {
      keys().add(signatureKey("k" + i, "o1"));
      keys().revoke("k" + i, START.plusSeconds(i));
    }
    keys().add(signatureKey("good", "o1"));
    Duration lately = Duration.ofDays(1);

    keys().purgeEnded(new EndedRetention(START.plus(lately), Duration.ofDays(30), 10));
    assertThat(keys().list(null, null, 1_000)).as("of the last day").hasSize(251);

    keys()
        .purgeEnded(
            new EndedRetention(START.plus(lately).plusSeconds(250), Duration.ofDays(30), 10));
    assertThat(keys().list(null, null, 1_000))
        .hasSize(11)
        .extracting(StoredSignatureKey::id)
        .contains("good", "k240", "k249")
        .doesNotContain("k239");
  }

  @Test
  void successorStaysAsLongAsItsPredecessor() {
    keys().add(signatureKey("old", "o1"));
    keys().rotate("old", LATER.plus(Duration.ofDays(50)), signatureKey("new", "o1"));
    keys().revoke("new", START);
    Instant now = LATER.plus(Duration.ofDays(60));

    keys().purgeEnded(new EndedRetention(now, Duration.ofDays(30), 1_000));
    assertThat(keys().list(null, null, 10)).hasSize(2);

    keys().purgeEnded(new EndedRetention(now.plus(Duration.ofDays(30)), Duration.ofDays(30), 9));
    keys().purgeEnded(new EndedRetention(now.plus(Duration.ofDays(30)), Duration.ofDays(30), 9));
    assertThat(keys().list(null, null, 10)).isEmpty();
  }
}
