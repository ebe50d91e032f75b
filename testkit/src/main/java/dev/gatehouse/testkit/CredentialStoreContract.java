package dev.gatehouse.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.Network;
import dev.gatehouse.Scopes;
import dev.gatehouse.account.Account;
import dev.gatehouse.credential.CredentialStore;
import dev.gatehouse.credential.CredentialTerms;
import dev.gatehouse.credential.EndedRetention;
import dev.gatehouse.credential.IssuedCredential;
import dev.gatehouse.credential.OwnedCredential;
import dev.gatehouse.revocation.FeedEntry;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The contract suite of [CredentialStore], for every kind of credential. Tests the lifecycle:
/// adding, rotation, revocation, last use, lists, and the removal of credentials that ended, also
/// with concurrent callers.
///
/// @param <M> the type of what the kind adds to the lifecycle
public abstract class CredentialStoreContract<M> extends StoreContract {

  /// A suite. JUnit makes an instance for each test, and each instance has its own empty stores.
  protected CredentialStoreContract() {}

  protected static final Instant LATER = START.plus(Duration.ofHours(1));

  protected final Account owner = service("o1");

  /// The store under test.
  protected abstract CredentialStore<M> store();

  /// Returns a material for this name. The materials of two names must not share a unique value.
  protected abstract M material(String name);

  /// Returns the stored credential with this id. Fails if there is none.
  protected final IssuedCredential<M> stored(String id) {
    return store().byId(id).orElseThrow().credential();
  }

  /// Returns a credential of this owner without an end. Its material is derived from its id.
  protected final IssuedCredential<M> credential(String id, String ofOwner) {
    return credential(id, ofOwner, null);
  }

  protected final IssuedCredential<M> credential(
      String id, String ofOwner, @Nullable Instant expiresAt) {
    return new IssuedCredential<>(id, ofOwner, terms(id, expiresAt), material(id), START);
  }

  private IssuedCredential<M> of(String id, M material) {
    return new IssuedCredential<>(id, "o1", terms(id, null), material, START);
  }

  @BeforeEach
  final void addOwners() {
    stores().accounts().add(owner);
    stores().accounts().add(service("o2"));
  }

  @Test
  void credentialIsFoundAsItWasAdded() {
    IssuedCredential<M> full =
        new IssuedCredential<>(
            "k1",
            "o1",
            new CredentialTerms(
                "deploy",
                Scopes.of("orders:read", "orders:write"),
                LATER,
                List.of(Network.parse("10.0.0.0/8"), Network.parse("2001:db8::/32")),
                600),
            material("k1"),
            START,
            START.plusMillis(1),
            START.plusMillis(2),
            null,
            "k0");
    IssuedCredential<M> bare = credential("k2", "o1");

    store().add(full);
    store().add(bare);

    assertThat(store().byId("k1")).contains(new OwnedCredential<>(full, owner));
    assertThat(store().byId("k2")).contains(new OwnedCredential<>(bare, owner));
    assertThat(store().byId("k3")).isEmpty();
  }

  @Test
  void credentialOfNoScopeIsFoundAsItWasAdded() {
    IssuedCredential<M> idle =
        new IssuedCredential<>(
            "k1",
            "o1",
            new CredentialTerms("idle", Scopes.NONE, null, List.of(), null),
            material("k1"),
            START);

    store().add(idle);

    assertThat(stored("k1")).isEqualTo(idle);
  }

  @Test
  void addingWritesNoFeedRow() {
    store().add(credential("k1", "o1"));

    assertThat(heard).isEmpty();
    assertThat(stores().feed().newest()).isZero();
  }

  @Test
  void timesAreKeptToTheMillisecond() {
    Instant fine = START.plusNanos(999_999);
    store().add(new IssuedCredential<>("k1", "o1", terms("k1", fine), material("k1"), fine));
    store().touch(Map.of("k1", fine));
    store().revoke("k1", fine);

    IssuedCredential<M> credential = stored("k1");
    assertThat(
            Arrays.asList(
                credential.createdAt(),
                credential.terms().expiresAt(),
                credential.lastUsedAt(),
                credential.revokedAt()))
        .containsOnly(START);
  }

  @Test
  void credentialOfNoAccountIsRefused() {
    assertThatThrownBy(() -> store().add(credential("k1", "nobody")))
        .isInstanceOf(IllegalArgumentException.class);

    assertThat(store().byId("k1")).isEmpty();
  }

  @Test
  void secondCredentialOfAnIdIsRefusedAndChangesNothing() {
    IssuedCredential<M> first = credential("k1", "o1");
    store().add(first);

    assertThatThrownBy(
            () ->
                store()
                    .add(
                        new IssuedCredential<>(
                            "k1", "o2", terms("other", null), material("other"), START)))
        .isInstanceOf(IllegalArgumentException.class);

    assertThat(stored("k1")).isEqualTo(first);
  }

  @Test
  void credentialsOfOtherKindsAreNotFoundAndNotChanged() {
    store().add(credential("k1", "o1", START));

    for (Kind<?> other :
        List.of(
            new Kind<>(stores().apiKeys(), apiKey("new")),
            new Kind<>(stores().signatureKeys(), signatureKey("new")),
            new Kind<>(stores().clientCertificates(), certificate("new")))) {
      if (!other.store.equals(store())) {
        assertThat(other.store.byId("k1")).isEmpty();
        assertThat(other.store.list(null, null, 9)).isEmpty();
        assertThat(other.store.list("o1", null, 9)).isEmpty();
        assertThat(other.store.revoke("k1", START)).isFalse();
        assertThat(other.rotates("k1")).isFalse();
        other.store.touch(Map.of("k1", LATER));
        other.store.purgeEnded(
            new EndedRetention(START.plus(Duration.ofDays(99)), Duration.ofDays(30), 9));
      }
    }

    assertThat(stored("k1")).isEqualTo(credential("k1", "o1", START));
    assertThat(heard).isEmpty();
  }

  private record Kind<N>(CredentialStore<N> store, N material) {

    boolean rotates(String id) {
      return store.rotate(
          id, LATER, new IssuedCredential<>("new", "o1", terms("new", null), material, START));
    }
  }

  @Test
  void credentialComesWithItsOwnerAsTheOwnerIsNow() {
    store().add(credential("k1", "o1"));
    Account disabled = owner.withDisabled(true);

    stores().accounts().replace(disabled);

    assertThat(store().byId("k1").map(OwnedCredential::owner)).contains(disabled);
  }

  @Test
  void revocationIsKeptAndItsRowIsHeardBeforeTheCallReturns() {
    store().add(credential("k1", "o1"));
    clock.advance(Duration.ofSeconds(5));

    assertThat(store().revoke("k1", LATER)).isTrue();

    FeedEntry row =
        new FeedEntry(
            stores().feed().newest(), FeedEntry.Kind.CREDENTIAL, "k1", START.plusSeconds(5));
    assertThat(heard).containsExactly(row);
    assertThat(stores().feed().after(0, 10)).containsExactly(row);
    assertThat(stored("k1").revokedAt()).isEqualTo(LATER);
  }

  @Test
  void secondRevocationChangesNothingAndWritesNoRow() {
    store().add(credential("k1", "o1"));
    store().revoke("k1", START);
    heard.clear();
    long newest = stores().feed().newest();

    assertThat(store().revoke("k1", LATER)).isFalse();
    assertThat(store().revoke("none", LATER)).isFalse();

    assertThat(stored("k1").revokedAt()).isEqualTo(START);
    assertThat(heard).isEmpty();
    assertThat(stores().feed().newest()).isEqualTo(newest);
  }

  @Test
  void rotationEndsTheCredentialAddsItsSuccessorAndIsHeardBeforeTheCallReturns() {
    store().add(credential("k1", "o1"));
    IssuedCredential<M> successor = credential("k2", "o1");

    assertThat(store().rotate("k1", LATER, successor)).isTrue();

    FeedEntry row = new FeedEntry(stores().feed().newest(), FeedEntry.Kind.CREDENTIAL, "k1", START);
    assertThat(heard).containsExactly(row);
    assertThat(stores().feed().after(0, 10)).containsExactly(row);
    assertThat(store().byId("k2")).contains(new OwnedCredential<>(successor, owner));
    assertThat(stored("k1").terms().expiresAt()).isEqualTo(LATER);
    assertThat(stored("k1").successor()).isEqualTo("k2");
    assertThat(stored("k1").revokedAt()).isNull();
  }

  @Test
  void rotationNeverPutsOffTheEndOfACredential() {
    store().add(credential("k1", "o1", START.plusSeconds(1)));
    store().add(credential("k2", "o1", LATER.plusSeconds(1)));

    store().rotate("k1", LATER, credential("k1b", "o1"));
    store().rotate("k2", LATER, credential("k2b", "o1"));

    assertThat(stored("k1").terms().expiresAt()).isEqualTo(START.plusSeconds(1));
    assertThat(stored("k2").terms().expiresAt()).isEqualTo(LATER);
  }

  @Test
  void successorCanBeRotatedInItsTurn() {
    store().add(credential("k1", "o1"));

    assertThat(store().rotate("k1", LATER, credential("k2", "o1"))).isTrue();
    assertThat(store().rotate("k2", LATER, credential("k3", "o1"))).isTrue();

    assertThat(stored("k2").successor()).isEqualTo("k3");
    assertThat(heard).extracting(FeedEntry::name).containsExactly("k1", "k2");
  }

  @Test
  void lostRotationChangesNothingAndWritesNoRow() {
    store().add(credential("revoked", "o1"));
    store().revoke("revoked", START);
    store().add(credential("rotated", "o1"));
    store().rotate("rotated", LATER, credential("next", "o1"));
    final IssuedCredential<M> revoked = stored("revoked");
    final IssuedCredential<M> rotated = stored("rotated");
    heard.clear();
    final long newest = stores().feed().newest();

    assertThat(store().rotate("revoked", LATER, credential("new", "o1"))).isFalse();
    assertThat(store().rotate("rotated", START, credential("new", "o1"))).isFalse();
    assertThat(store().rotate("none", LATER, credential("new", "o1"))).isFalse();

    assertThat(store().byId("new")).isEmpty();
    assertThat(stored("revoked")).isEqualTo(revoked);
    assertThat(stored("rotated")).isEqualTo(rotated);
    assertThat(heard).isEmpty();
    assertThat(stores().feed().newest()).isEqualTo(newest);
  }

  @Test
  void rotationToACredentialThatIsStoredAlreadyIsRefusedAndChangesNothing() {
    IssuedCredential<M> first = credential("k1", "o1");
    IssuedCredential<M> other = credential("k2", "o1");
    store().add(first);
    store().add(other);

    assertThatThrownBy(() -> store().rotate("k1", LATER, other))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> store().rotate("k1", LATER, of("k1", material("k3"))))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> store().rotate("k1", LATER, credential("k3", "nobody")))
        .isInstanceOf(IllegalArgumentException.class);

    assertThat(stored("k1")).isEqualTo(first);
    assertThat(stored("k2")).isEqualTo(other);
    assertThat(store().byId("k3")).isEmpty();
    assertThat(heard).isEmpty();
    assertThat(stores().feed().newest()).isZero();
  }

  @Test
  void rotatedCredentialCanStillBeRevoked() {
    store().add(credential("k1", "o1"));
    store().rotate("k1", LATER, credential("k2", "o1"));

    assertThat(store().revoke("k1", START)).isTrue();

    assertThat(stored("k1").successor()).isEqualTo("k2");
    assertThat(stored("k1").revokedAt()).isEqualTo(START);
    assertThat(stored("k2").revokedAt()).isNull();
  }

  @Test
  void lastUseNeverGoesBackwards() {
    store().add(credential("k1", "o1"));

    store().touch(Map.of("k1", START.plusMillis(2)));
    assertThat(stored("k1").lastUsedAt()).isEqualTo(START.plusMillis(2));
    store().touch(Map.of("k1", START.plusMillis(1)));
    assertThat(stored("k1").lastUsedAt()).isEqualTo(START.plusMillis(2));
    store().touch(Map.of("k1", START.plusMillis(3)));
    assertThat(stored("k1").lastUsedAt()).isEqualTo(START.plusMillis(3));
  }

  @Test
  void touchingPassesOverCredentialsThatAreGoneAndWritesNoFeedRow() {
    store().add(credential("k1", "o1"));
    store().add(credential("k2", "o1"));
    store().revoke("k2", START);
    heard.clear();
    long newest = stores().feed().newest();

    store().touch(Map.of("k1", LATER, "gone", LATER, "k2", LATER));
    store().touch(Map.of());

    assertThat(stored("k1").lastUsedAt()).isEqualTo(LATER);
    assertThat(stored("k2").revokedAt()).isEqualTo(START);
    assertThat(store().byId("gone")).isEmpty();
    assertThat(heard).isEmpty();
    assertThat(stores().feed().newest()).isEqualTo(newest);
  }

  @Test
  void pagesOfOneOwnerOrOfAllComeInTheOrderOfTheirIds() {
    for (String id : List.of("k3", "k1", "k5")) {
      store().add(credential(id, "o1"));
    }
    for (String id : List.of("k4", "k2")) {
      store().add(credential(id, "o2"));
    }

    assertThat(ids(null, null, 3)).containsExactly("k1", "k2", "k3");
    assertThat(ids(null, "k3", 3)).containsExactly("k4", "k5");
    assertThat(ids(null, "k5", 3)).isEmpty();
    assertThat(ids("o1", null, 2)).containsExactly("k1", "k3");
    assertThat(ids("o1", "k3", 2)).containsExactly("k5");
    assertThat(ids("o2", "k2", 2)).containsExactly("k4");
    assertThat(ids("o3", null, 2)).isEmpty();
    assertThat(store().list("o2", null, 1)).containsExactly(credential("k2", "o2"));
  }

  @Test
  void pageOfNothingIsRefused() {
    assertThatThrownBy(() -> store().list(null, null, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> store().list("o1", "k1", -1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void oneOfManyWhoRevokeAtOnceWins() {
    store().add(credential("k1", "o1"));

    List<Boolean> won = Race.of(RUNNERS, number -> store().revoke("k1", START.plusMillis(number)));

    assertThat(won).containsOnlyOnce(true);
    assertThat(stored("k1").revokedAt()).isEqualTo(START.plusMillis(won.indexOf(true)));
    assertThat(heard).hasSize(1);
    assertThat(stores().feed().after(0, 100)).hasSize(1);
  }

  @Test
  void oneOfManyWhoRotateAtOnceWins() {
    store().add(credential("k1", "o1"));

    List<Boolean> won =
        Race.of(RUNNERS, number -> store().rotate("k1", LATER, credential("next" + number, "o1")));

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
      store().add(credential("k" + i, "o1"));
    }

    List<Boolean> heardBeforeReturn =
        Race.of(
            RUNNERS,
            number -> {
              store().revoke("k" + number, START);
              return heard.stream().anyMatch(row -> row.name().equals("k" + number));
            });

    assertThat(heardBeforeReturn).containsOnly(true);
    assertThat(heard).hasSize(RUNNERS).isEqualTo(stores().feed().after(0, 100));
  }

  @Test
  void lastUseNeverGoesBackwardsWhenManyTouchAtOnce() {
    store().add(credential("k1", "o1"));

    Race.of(
        RUNNERS,
        number -> {
          store().touch(Map.of("k1", START.plusMillis(number)));
          return number;
        });

    assertThat(stored("k1").lastUsedAt()).isEqualTo(START.plusMillis(RUNNERS - 1));
  }

  @Test
  void refusedChangesTakeNoneOfTheOthersDownWithThem() {
    store().add(credential("taken", "o1"));

    List<Optional<String>> outcomes =
        Race.of(
            RUNNERS,
            number -> {
              IssuedCredential<M> added =
                  number % 2 == 0 ? credential("taken", "o1") : credential("k" + number, "o1");
              try {
                store().add(added);
                return Optional.of(added.id());
              } catch (IllegalArgumentException refused) {
                return Optional.empty();
              }
            });

    for (int i = 0; i < RUNNERS; i++) {
      assertThat(outcomes.get(i)).isEqualTo(i % 2 == 0 ? Optional.empty() : Optional.of("k" + i));
      assertThat(store().byId("k" + i).isPresent()).isEqualTo(i % 2 == 1);
    }
  }

  private List<String> ids(@Nullable String ofOwner, @Nullable String afterId, int limit) {
    return store().list(ofOwner, afterId, limit).stream().map(IssuedCredential::id).toList();
  }

  @Test
  void purgeForgetsWhatEndedLongAgoAndNothingElse() {
    store().add(credential("revoked", "o1"));
    store().revoke("revoked", START);
    store().add(credential("revoked-later", "o1"));
    store().revoke("revoked-later", LATER);
    store().add(credential("rotated", "o1"));
    store().rotate("rotated", START, credential("successor", "o1"));
    store().add(credential("good", "o1"));
    Instant now = LATER.plus(Duration.ofDays(30));

    store().purgeEnded(new EndedRetention(now, Duration.ofDays(30), 1_000));

    assertThat(store().list(null, null, 10))
        .extracting(IssuedCredential::id)
        .containsExactly("good", "revoked-later", "successor");
  }

  @Test
  void purgeForgetsWhatEndedFirstOfTooMany() {
    for (int i = 0; i < 250; i++) {
      store().add(credential("k" + i, "o1"));
      store().revoke("k" + i, START.plusSeconds(i));
    }
    store().add(credential("good", "o1"));
    Duration lately = Duration.ofDays(1);

    store().purgeEnded(new EndedRetention(START.plus(lately), Duration.ofDays(30), 10));
    assertThat(store().list(null, null, 1_000)).as("of the last day").hasSize(251);

    store()
        .purgeEnded(
            new EndedRetention(START.plus(lately).plusSeconds(250), Duration.ofDays(30), 10));
    assertThat(store().list(null, null, 1_000))
        .hasSize(11)
        .extracting(IssuedCredential::id)
        .contains("good", "k240", "k249")
        .doesNotContain("k239");
  }

  @Test
  void successorStaysAsLongAsItsPredecessor() {
    store().add(credential("old", "o1"));
    store().rotate("old", LATER.plus(Duration.ofDays(50)), credential("new", "o1"));
    store().revoke("new", START);
    Instant now = LATER.plus(Duration.ofDays(60));

    store().purgeEnded(new EndedRetention(now, Duration.ofDays(30), 1_000));
    assertThat(store().list(null, null, 10)).hasSize(2);

    store().purgeEnded(new EndedRetention(now.plus(Duration.ofDays(30)), Duration.ofDays(30), 9));
    store().purgeEnded(new EndedRetention(now.plus(Duration.ofDays(30)), Duration.ofDays(30), 9));
    assertThat(store().list(null, null, 10)).isEmpty();
  }
}
