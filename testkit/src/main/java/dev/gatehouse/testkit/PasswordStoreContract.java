package dev.gatehouse.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.Scopes;
import dev.gatehouse.account.Account;
import dev.gatehouse.password.PasswordStore;
import dev.gatehouse.password.StoredPassword;
import dev.gatehouse.revocation.FeedEntry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The contract suite of [PasswordStore]. Tests how passwords are found and replaced, that a new
/// password ends the sign-ins of its account, and that a link to reset a password works once, also
/// with concurrent callers.
public abstract class PasswordStoreContract extends StoreContract {

  /// A suite. JUnit makes an instance for each test, and each instance has its own empty stores.
  protected PasswordStoreContract() {}

  private static final Instant LATER = START.plus(Duration.ofHours(1));

  private final Account alice = person("a1");

  private PasswordStore passwords() {
    return stores().passwords();
  }

  private PasswordStore.Owned of(String account) {
    return passwords().byAccount(account).orElseThrow();
  }

  private static StoredPassword password(String id, String account) {
    return new StoredPassword(id, account, "hash of " + id, START);
  }

  @BeforeEach
  final void addOwners() {
    stores().accounts().add(alice);
    stores().accounts().add(person("a2"));
  }

  @Test
  void passwordIsFoundWithItsOwnerByNameEmailAndId() {
    passwords().replace(password("p1", "a1"), null);
    passwords().replace(password("p2", "a2"), null);

    PasswordStore.Owned owned =
        new PasswordStore.Owned(alice.withoutSignIns(), password("p1", "a1"));
    assertThat(passwords().bySignInName("name of a1")).contains(owned);
    assertThat(passwords().bySignInName("a1@example.com")).contains(owned);
    assertThat(passwords().byAccount("a1")).contains(owned);
  }

  @Test
  void nameThatIsNotExactlyThatFindsNobody() {
    passwords().replace(password("p1", "a1"), null);

    for (String name :
        List.of("NAME OF A1", "A1@example.com", "name of", "a1", "@", "", "name of a1%", "p1")) {
      assertThat(passwords().bySignInName(name)).as(name).isEmpty();
    }
    assertThat(passwords().byAccount("A1")).isEmpty();
    assertThat(passwords().byAccount("name of a1")).isEmpty();
  }

  @Test
  void nameThatLooksLikeAnothersEmailTakesNobodysPlace() {
    Account mallory = account("a3", Account.Kind.PERSON, "a1@example.com", "m@example.com");
    stores().accounts().add(mallory);

    assertThat(passwords().bySignInName("a1@example.com"))
        .contains(new PasswordStore.Owned(alice, null));
  }

  @Test
  void accountWithoutAPasswordIsFoundWithNone() {
    PasswordStore.Owned none = new PasswordStore.Owned(alice, null);

    assertThat(passwords().byAccount("a1")).contains(none);
    assertThat(passwords().bySignInName("name of a1")).contains(none);
  }

  @Test
  void passwordComesWithItsOwnerAsTheOwnerIsNow() {
    Account disabled = alice.withDisabled(true);

    stores().accounts().replace(disabled);

    assertThat(passwords().bySignInName("name of a1").map(PasswordStore.Owned::owner))
        .contains(disabled);
  }

  @Test
  void changeEndsAllSignInsAndItsRowIsHeardBeforeTheCallReturns() {
    assertThat(passwords().replace(password("p1", "a1"), null)).isTrue();
    heard.clear();
    final long newest = stores().feed().newest();
    clock.advance(Duration.ofSeconds(5));

    assertThat(passwords().replace(password("p2", "a1"), "p1")).isTrue();

    FeedEntry row = new FeedEntry(newest + 1, FeedEntry.Kind.SUBJECT, "a1", START.plusSeconds(5));
    assertThat(heard).containsExactly(row);
    assertThat(stores().feed().after(newest, 10)).containsExactly(row);
    Account twice = alice.withoutSignIns().withoutSignIns();
    assertThat(of("a1")).isEqualTo(new PasswordStore.Owned(twice, password("p2", "a1")));
    assertThat(stores().accounts().byId("a1")).contains(twice);
    assertThat(of("a2")).isEqualTo(new PasswordStore.Owned(person("a2"), null));
  }

  @Test
  void listenerAlreadySeesTheChangeThatItHearsOf() {
    List<PasswordStore.Owned> seen = new ArrayList<>();
    stores().feed().onCommit(row -> seen.add(of(row.name())));

    passwords().replace(password("p1", "a1"), null);
    passwords().addReset("a1", digest("link"), LATER);
    passwords().reset(digest("link"), START, password("p2", "a1"));

    assertThat(seen)
        .containsExactly(
            new PasswordStore.Owned(alice.withoutSignIns(), password("p1", "a1")),
            new PasswordStore.Owned(alice.withoutSignIns().withoutSignIns(), password("p2", "a1")));
  }

  @Test
  void changeFromAnotherPasswordThanTheOneBeforeChangesNothing() {
    assertThat(passwords().replace(password("p1", "a1"), "p0")).isFalse();
    assertThat(passwords().replace(password("p1", "nobody"), null)).isFalse();
    assertThat(passwords().byAccount("nobody")).isEmpty();
    assertThat(of("a1")).isEqualTo(new PasswordStore.Owned(alice, null));
    assertThat(heard).isEmpty();

    passwords().replace(password("p1", "a1"), null);
    passwords().replace(password("p2", "a1"), "p1");
    passwords().replace(password("p3", "a2"), null);
    passwords().addReset("a1", digest("link"), LATER);
    final PasswordStore.Owned before = of("a1");
    heard.clear();
    final long newest = stores().feed().newest();

    assertThat(passwords().replace(password("p4", "a1"), null)).isFalse();
    assertThat(passwords().replace(password("p4", "a1"), "p1")).isFalse();
    assertThat(passwords().replace(password("p4", "a1"), "p3")).isFalse();

    assertThat(of("a1")).isEqualTo(before);
    assertThat(passwords().byReset(digest("link"), START)).isPresent();
    assertThat(heard).isEmpty();
    assertThat(stores().feed().newest()).isEqualTo(newest);
  }

  @Test
  void idThatIsTakenIsRefusedAndChangesNothing() {
    passwords().replace(password("p1", "a1"), null);
    passwords().replace(password("p2", "a2"), null);
    passwords().addReset("a2", digest("link"), LATER);
    final PasswordStore.Owned before = of("a2");
    heard.clear();

    assertThatThrownBy(() -> passwords().replace(password("p1", "a2"), "p2"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> passwords().reset(digest("link"), START, password("p1", "a2")))
        .isInstanceOf(IllegalArgumentException.class);

    assertThat(of("a2")).isEqualTo(before);
    assertThat(passwords().byReset(digest("link"), START)).isPresent();
    assertThat(heard).isEmpty();
  }

  @Test
  void timesAreKeptToTheMillisecond() {
    passwords()
        .replace(new StoredPassword("p1", "a1", "hash of p1", START.plusNanos(999_999)), null);
    passwords().addReset("a1", digest("link"), START.plusNanos(999_999));

    assertThat(of("a1").password()).isEqualTo(password("p1", "a1"));
    assertThat(passwords().byReset(digest("link"), START.minusMillis(1))).isPresent();
    assertThat(passwords().byReset(digest("link"), START)).isEmpty();
  }

  @Test
  void accountThatWasReadBeforeTheChangeCannotUndoIt() {
    passwords().replace(password("p1", "a1"), null);

    assertThat(stores().accounts().replace(alice.withGrants(new TreeSet<>(), Scopes.NONE)))
        .isFalse();

    assertThat(of("a1").owner().generation()).isEqualTo(1);
  }

  @Test
  void betterHashOfTheSamePasswordEndsNothing() {
    passwords().replace(password("p1", "a1"), null);
    passwords().addReset("a1", digest("link"), LATER);
    heard.clear();
    final long newest = stores().feed().newest();

    assertThat(passwords().rehash("p1", "hash of p1", "better")).isTrue();

    assertThat(of("a1"))
        .isEqualTo(
            new PasswordStore.Owned(
                alice.withoutSignIns(), new StoredPassword("p1", "a1", "better", START)));
    assertThat(passwords().byReset(digest("link"), START)).isPresent();
    assertThat(heard).isEmpty();
    assertThat(stores().feed().newest()).isEqualTo(newest);
  }

  @Test
  void betterHashOfAPasswordThatWasChangedMeanwhileIsDropped() {
    passwords().replace(password("p1", "a1"), null);
    passwords().rehash("p1", "hash of p1", "better");
    passwords().replace(password("p2", "a2"), null);
    final PasswordStore.Owned before = of("a1");

    assertThat(passwords().rehash("p1", "hash of p1", "worse")).isFalse();
    assertThat(passwords().rehash("p0", "better", "worse")).isFalse();
    assertThat(passwords().rehash("p2", "better", "worse")).isFalse();
    assertThat(of("a1")).isEqualTo(before);

    passwords().replace(password("p3", "a1"), "p1");
    assertThat(passwords().rehash("p1", "better", "best")).isFalse();
    assertThat(of("a1").password()).isEqualTo(password("p3", "a1"));
  }

  @Test
  void linkIsGoodUntilItsEnd() {
    assertThat(passwords().addReset("a1", digest("link"), LATER)).isTrue();

    assertThat(passwords().byReset(digest("link"), START)).contains(alice);
    assertThat(passwords().byReset(digest("link"), LATER.minusMillis(1))).contains(alice);
    assertThat(passwords().byReset(digest("link"), LATER)).isEmpty();
    assertThat(passwords().byReset(digest("other"), START)).isEmpty();
    assertThat(heard).isEmpty();
  }

  @Test
  void linkEndsWithTheSignInsOfItsAccount() {
    passwords().addReset("a1", digest("link"), LATER);

    assertThat(stores().accounts().replace(alice.withDisabled(true))).isTrue();
    assertThat(stores().accounts().replace(of("a1").owner().withDisabled(false))).isTrue();

    assertThat(passwords().byReset(digest("link"), START)).isEmpty();
    assertThat(passwords().reset(digest("link"), START, password("p1", "a1"))).isFalse();
    assertThat(of("a1").password()).isNull();
    assertThat(passwords().addReset("a1", digest("link"), LATER)).isTrue();
    assertThat(passwords().reset(digest("link"), START, password("p1", "a1"))).isTrue();
  }

  @Test
  void linkOfNoAccountIsNotKept() {
    assertThat(passwords().addReset("nobody", digest("link"), LATER)).isFalse();

    assertThat(passwords().byReset(digest("link"), START)).isEmpty();
    assertThat(passwords().reset(digest("link"), START, password("p1", "nobody"))).isFalse();
  }

  @Test
  void newLinkTakesThePlaceOfTheOneBefore() {
    passwords().addReset("a1", digest("first"), LATER);

    assertThat(passwords().addReset("a1", digest("second"), LATER.plusSeconds(1))).isTrue();

    assertThat(passwords().byReset(digest("first"), START)).isEmpty();
    assertThat(passwords().reset(digest("first"), START, password("p1", "a1"))).isFalse();
    assertThat(passwords().byReset(digest("second"), LATER)).contains(alice);
  }

  @Test
  void linkOfAnotherAccountIsRefusedAndStaysWhereItIs() {
    passwords().addReset("a1", digest("link"), LATER);

    assertThatThrownBy(() -> passwords().addReset("a2", digest("link"), LATER))
        .isInstanceOf(IllegalArgumentException.class);

    assertThat(passwords().byReset(digest("link"), START)).contains(alice);
  }

  @Test
  void linkSetsThePasswordWhateverWasBeforeAndIsSpent() {
    passwords().addReset("a1", digest("first"), LATER);
    assertThat(passwords().reset(digest("first"), LATER.minusMillis(1), password("p1", "a1")))
        .isTrue();
    assertThat(of("a1"))
        .isEqualTo(new PasswordStore.Owned(alice.withoutSignIns(), password("p1", "a1")));
    heard.clear();
    final long newest = stores().feed().newest();

    passwords().addReset("a1", digest("second"), LATER);
    assertThat(passwords().reset(digest("second"), START, password("p2", "a1"))).isTrue();

    FeedEntry row = new FeedEntry(newest + 1, FeedEntry.Kind.SUBJECT, "a1", START);
    assertThat(heard).containsExactly(row);
    assertThat(stores().feed().after(newest, 10)).containsExactly(row);
    assertThat(of("a1"))
        .isEqualTo(
            new PasswordStore.Owned(alice.withoutSignIns().withoutSignIns(), password("p2", "a1")));
    assertThat(passwords().byReset(digest("second"), START)).isEmpty();
    assertThat(passwords().reset(digest("second"), START, password("p3", "a1"))).isFalse();
  }

  @Test
  void linkThatIsNotGoodForTheAccountChangesNothing() {
    passwords().replace(password("p1", "a1"), null);
    passwords().replace(password("p2", "a2"), null);
    passwords().addReset("a1", digest("link"), LATER);
    passwords().addReset("a2", digest("other link"), LATER);
    final PasswordStore.Owned before = of("a1");
    heard.clear();
    final long newest = stores().feed().newest();

    assertThat(passwords().reset(digest("link"), LATER, password("p3", "a1"))).isFalse();
    assertThat(passwords().reset(digest("none"), START, password("p3", "a1"))).isFalse();
    assertThat(passwords().reset(digest("other link"), START, password("p3", "a1"))).isFalse();

    assertThat(of("a1")).isEqualTo(before);
    assertThat(passwords().byReset(digest("link"), START)).isPresent();
    assertThat(passwords().byReset(digest("other link"), START)).isPresent();
    assertThat(heard).isEmpty();
    assertThat(stores().feed().newest()).isEqualTo(newest);
  }

  @Test
  void changeOfPasswordSpendsTheLink() {
    passwords().addReset("a1", digest("link"), LATER);
    passwords().addReset("a2", digest("other"), LATER);

    passwords().replace(password("p1", "a1"), null);

    assertThat(passwords().byReset(digest("link"), START)).isEmpty();
    assertThat(passwords().reset(digest("link"), START, password("p2", "a1"))).isFalse();
    assertThat(passwords().byReset(digest("other"), START)).isPresent();
  }

  @Test
  void purgeRemovesOnlyLinksThatEndedBefore() {
    passwords().addReset("a1", digest("ended"), START);
    passwords().addReset("a2", digest("ends now"), START.plusMillis(1));

    passwords().purgeResetsBefore(START.plusMillis(1));

    Instant inTime = START.minusMillis(1);
    assertThat(passwords().byReset(digest("ended"), inTime)).isEmpty();
    assertThat(passwords().byReset(digest("ends now"), inTime)).isPresent();
    assertThat(heard).isEmpty();
  }

  @Test
  void oneOfManyWhoChangeAPasswordAtOnceWins() {
    passwords().replace(password("p", "a1"), null);
    heard.clear();

    List<Boolean> won =
        Race.of(RUNNERS, number -> passwords().replace(password("p" + number, "a1"), "p"));

    assertThat(won).containsOnlyOnce(true);
    assertThat(of("a1"))
        .isEqualTo(
            new PasswordStore.Owned(
                alice.withoutSignIns().withoutSignIns(), password("p" + won.indexOf(true), "a1")));
    assertThat(heard).hasSize(1);
  }

  @Test
  void oneOfManyWhoSetTheFirstPasswordAtOnceWins() {
    List<Boolean> won =
        Race.of(RUNNERS, number -> passwords().replace(password("p" + number, "a1"), null));

    assertThat(won).containsOnlyOnce(true);
    assertThat(of("a1").password()).isEqualTo(password("p" + won.indexOf(true), "a1"));
    assertThat(of("a1").owner().generation()).isEqualTo(1);
  }

  @Test
  void oneOfManyWhoSpendALinkAtOnceWins() {
    passwords().addReset("a1", digest("link"), LATER);

    List<Boolean> won =
        Race.of(
            RUNNERS,
            number -> passwords().reset(digest("link"), START, password("p" + number, "a1")));

    assertThat(won).containsOnlyOnce(true);
    assertThat(of("a1"))
        .isEqualTo(
            new PasswordStore.Owned(
                alice.withoutSignIns(), password("p" + won.indexOf(true), "a1")));
    assertThat(heard).hasSize(1);
  }

  @Test
  void betterHashNeverBringsAnOldPasswordBack() {
    passwords().replace(password("p", "a1"), null);

    Race.of(
        RUNNERS,
        number ->
            number == 0
                ? passwords().replace(password("new", "a1"), "p")
                : passwords().rehash("p", "hash of p", "better"));

    assertThat(of("a1").password()).isEqualTo(password("new", "a1"));
  }

  @Test
  void changesOfAPasswordAndOfItsAccountAtOnceLoseNeither() {
    List<Boolean> done =
        Race.of(
            RUNNERS,
            number ->
                number == 0
                    ? passwords().replace(password("p1", "a1"), null)
                    : stores()
                        .accounts()
                        .replace(alice.withGrants(new TreeSet<>(), Scopes.of("scope" + number))));

    Account now = of("a1").owner();
    assertThat(done.getFirst()).isTrue();
    assertThat(now.generation()).isEqualTo(1);
    long changes = done.stream().filter(changed -> changed).count();
    assertThat(now.version()).isEqualTo(1 + changes);
    assertThat(heard).hasSize(Math.toIntExact(changes));
  }
}
