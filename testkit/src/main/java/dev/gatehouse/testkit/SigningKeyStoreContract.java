package dev.gatehouse.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.revocation.FeedEntry;
import dev.gatehouse.signing.SigningKeyStore;
import dev.gatehouse.signing.StoredSigningKey;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The contract suite of [SigningKeyStore]. Tests the order of the keys, that a new key retires the
/// others, that of several nodes only one adds a key, and that a replacement adds feed rows.
public abstract class SigningKeyStoreContract extends StoreContract {

  /// A suite. JUnit makes an instance for each test, and each instance has its own empty stores.
  protected SigningKeyStoreContract() {}

  private static final Instant LATER = START.plus(Duration.ofDays(30));

  private SigningKeyStore keys() {
    return stores().signingKeys();
  }

  /// Adds a key that signs at once. Returns the result of the store.
  private boolean add(StoredSigningKey key, String newestKnown) {
    return keys().add(key, newestKnown, key.createdAt());
  }

  private static StoredSigningKey retired(StoredSigningKey key, Instant at) {
    return new StoredSigningKey(
        key.id(), key.purpose(), key.publicJwk(), key.sealedPrivateJwk(), key.createdAt(), at);
  }

  @Test
  void purposeWithoutKeysHasNone() {
    assertThat(keys().list("identity")).isEmpty();
  }

  @Test
  void keyIsFoundAsItWasAdded() {
    StoredSigningKey key = signingKey("k1", "identity", START);

    assertThat(add(key, "")).isTrue();

    assertThat(keys().list("identity")).containsExactly(key);
    assertThat(keys().list("access")).isEmpty();
  }

  @Test
  void timesAreKeptToTheMillisecond() {
    Instant fine = START.plusNanos(999_999);

    add(retired(signingKey("k1", "identity", fine), fine), "");

    StoredSigningKey key = keys().list("identity").getFirst();
    assertThat(List.of(key.createdAt(), key.retiredAt())).containsOnly(START);
  }

  @Test
  void newKeyRetiresTheOneBeforeAtTheInstantThatIsGiven() {
    StoredSigningKey first = signingKey("k1", "identity", START);
    StoredSigningKey second = signingKey("k2", "identity", LATER);
    StoredSigningKey third = signingKey("k3", "identity", LATER.plusSeconds(1));
    Instant soon = LATER.plusSeconds(60);
    add(first, "");

    assertThat(keys().add(second, "k1", soon)).isTrue();
    assertThat(keys().list("identity")).containsExactly(second, retired(first, soon));
    assertThat(keys().add(third, "k2", soon.plusSeconds(1))).isTrue();

    assertThat(keys().list("identity"))
        .containsExactly(third, retired(second, soon.plusSeconds(1)), retired(first, soon));
  }

  @Test
  void keyThatWouldSignPastThatInstantIsRetiredThen() {
    StoredSigningKey first = retired(signingKey("k1", "identity", START), LATER.plusSeconds(60));
    add(first, "");

    add(signingKey("k2", "identity", LATER), "k1");

    assertThat(keys().list("identity").getLast()).isEqualTo(retired(first, LATER));
  }

  @Test
  void newestIsTheOneAddedLastWhateverItsTimeOfCreation() {
    add(signingKey("z", "identity", START), "");
    add(signingKey("a", "identity", START), "z");
    add(signingKey("m", "identity", START.minusSeconds(1)), "a");

    assertThat(keys().list("identity"))
        .extracting(StoredSigningKey::id)
        .containsExactly("m", "a", "z");
  }

  @Test
  void purposesKnowNothingOfEachOther() {
    StoredSigningKey identity = signingKey("k1", "identity", START);
    StoredSigningKey access = signingKey("k2", "access", LATER);

    assertThat(add(identity, "")).isTrue();
    assertThat(add(access, "")).isTrue();

    assertThat(keys().list("identity")).containsExactly(identity);
    assertThat(keys().list("access")).containsExactly(access);
  }

  @Test
  void keyOfACallerWhoDoesNotKnowTheNewestIsRefusedAndChangesNothing() {
    StoredSigningKey first = signingKey("k1", "identity", START);
    StoredSigningKey second = signingKey("k2", "identity", LATER);
    add(first, "");
    add(second, "k1");
    List<StoredSigningKey> before = keys().list("identity");

    assertThat(add(signingKey("k3", "identity", LATER), "")).isFalse();
    assertThat(add(signingKey("k3", "identity", LATER), "k1")).isFalse();

    assertThat(keys().list("identity")).isEqualTo(before);
  }

  @Test
  void secondKeyOfAnIdIsRefusedAndChangesNothing() {
    StoredSigningKey first = signingKey("k1", "identity", START);
    add(first, "");

    assertThatThrownBy(() -> add(signingKey("k1", "identity", LATER), "k1"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> add(signingKey("k1", "access", LATER), ""))
        .isInstanceOf(IllegalArgumentException.class);

    assertThat(keys().list("identity")).containsExactly(first);
    assertThat(keys().list("access")).isEmpty();
  }

  @Test
  void replacingLeavesTheNewKeyAloneAndItsRowsAreHeardBeforeTheCallReturns() {
    add(signingKey("k1", "identity", START), "");
    add(signingKey("k2", "identity", LATER), "k1");
    add(signingKey("other", "access", START), "");
    StoredSigningKey third = signingKey("k3", "identity", LATER.plusSeconds(1));
    assertThat(heard).isEmpty();

    keys().replaceAll(third);

    assertThat(keys().list("identity")).containsExactly(third);
    assertThat(keys().list("access")).hasSize(1);
    assertThat(heard)
        .allMatch(row -> row.kind() == FeedEntry.Kind.CREDENTIAL)
        .extracting(FeedEntry::name)
        .containsExactlyInAnyOrder("k1", "k2");
    assertThat(stores().feed().after(0, 10)).isEqualTo(heard);
    assertThat(add(signingKey("k4", "identity", LATER.plusSeconds(2)), "k3")).isTrue();
  }

  @Test
  void replacingByAKeyOfAnIdThatIsTakenIsRefusedAndChangesNothing() {
    add(signingKey("k1", "identity", START), "");
    add(signingKey("other", "access", START), "");

    assertThatThrownBy(() -> keys().replaceAll(signingKey("other", "identity", LATER)))
        .isInstanceOf(IllegalArgumentException.class);

    assertThat(keys().list("identity")).hasSize(1);
    assertThat(heard).isEmpty();
  }

  @Test
  void purgeRemovesOnlyWhatWasRetiredBeforeTheInstant() {
    add(signingKey("k1", "identity", START), "");
    add(signingKey("k2", "identity", START.plusMillis(1)), "k1");
    add(signingKey("k3", "identity", START.plusMillis(2)), "k2");

    keys().purgeRetiredBefore("identity", START.plusMillis(1));
    assertThat(keys().list("identity")).hasSize(3);
    keys().purgeRetiredBefore("identity", START.plusMillis(2));
    assertThat(keys().list("identity"))
        .extracting(StoredSigningKey::id)
        .containsExactly("k3", "k2");
    keys().purgeRetiredBefore("identity", LATER);
    assertThat(keys().list("identity")).extracting(StoredSigningKey::id).containsExactly("k3");

    assertThat(add(signingKey("k4", "identity", LATER), "k3")).isTrue();
  }

  @Test
  void purgeLeavesTheKeysOfOtherPurposes() {
    add(signingKey("k1", "access", START), "");
    add(signingKey("k2", "access", START.plusMillis(1)), "k1");

    keys().purgeRetiredBefore("identity", LATER);

    assertThat(keys().list("access")).hasSize(2);
  }

  @Test
  void oneOfManyWhoAddTheirFirstKeyAtOnceWins() {
    List<Boolean> won =
        Race.of(RUNNERS, number -> add(signingKey("k" + number, "identity", START), ""));

    assertThat(won).containsOnlyOnce(true);
    assertThat(keys().list("identity"))
        .containsExactly(signingKey("k" + won.indexOf(true), "identity", START));
  }

  @Test
  void oneOfManyWhoSucceedTheSameKeyAtOnceWins() {
    add(signingKey("first", "identity", START), "");

    List<Boolean> won =
        Race.of(RUNNERS, number -> add(signingKey("k" + number, "identity", LATER), "first"));

    assertThat(won).containsOnlyOnce(true);
    assertThat(keys().list("identity"))
        .containsExactly(
            signingKey("k" + won.indexOf(true), "identity", LATER),
            retired(signingKey("first", "identity", START), LATER));
  }
}
