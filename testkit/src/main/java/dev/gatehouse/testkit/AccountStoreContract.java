package dev.gatehouse.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.Scopes;
import dev.gatehouse.StoreUnavailableException;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.AccountStore;
import dev.gatehouse.revocation.FeedEntry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// The contract suite of [AccountStore]. Tests that ids, names and e-mail addresses are unique,
/// that a change needs the current version, that a change and its feed row are one transaction, and
/// how accounts are listed.
public abstract class AccountStoreContract extends StoreContract {

  /// A suite. JUnit makes an instance for each test, and each instance has its own empty stores.
  protected AccountStoreContract() {}

  private AccountStore accounts() {
    return stores().accounts();
  }

  @Test
  void accountIsFoundAsItWasAdded() {
    Account alice = person("a1");
    Account robot = service("s1");

    assertThat(accounts().add(alice)).isTrue();
    assertThat(accounts().add(robot)).isTrue();

    assertThat(accounts().byId("a1")).contains(alice);
    assertThat(accounts().byId("s1")).contains(robot);
    assertThat(accounts().byName("name of a1")).contains(alice);
    assertThat(accounts().byEmail("a1@example.com")).contains(alice);
    assertThat(accounts().byId("A1")).isEmpty();
    assertThat(accounts().byName("NAME OF A1")).isEmpty();
    assertThat(accounts().byName("name of")).isEmpty();
    assertThat(accounts().byEmail("A1@example.com")).isEmpty();
    assertThat(accounts().byEmail("a1@example.co")).isEmpty();
    assertThat(accounts().byEmail("name of a1")).isEmpty();
    assertThat(accounts().byEmail("")).isEmpty();
  }

  @Test
  void accountIsFoundByTheEmailThatItHasNow() {
    Account alice = person("a1");
    accounts().add(alice);
    Account moved =
        new Account(
            "a1",
            alice.kind(),
            alice.name(),
            "new@example.com",
            alice.roles(),
            alice.scopes(),
            false,
            START,
            0,
            2);

    accounts().replace(moved);

    assertThat(accounts().byEmail("new@example.com")).contains(moved);
    assertThat(accounts().byEmail("a1@example.com")).isEmpty();
  }

  @Test
  void generationIsKeptAndGrowsWhenAllSignInsEnd() {
    Account late =
        new Account(
            "a1",
            Account.Kind.PERSON,
            "late",
            null,
            new TreeSet<>(),
            Scopes.NONE,
            false,
            START,
            41,
            1);
    accounts().add(late);
    assertThat(accounts().byId("a1")).contains(late);

    Account granted = late.withGrants(new TreeSet<>(List.of("auditor")), Scopes.NONE);
    accounts().replace(granted);
    assertThat(accounts().byId("a1").orElseThrow().generation()).isEqualTo(41);

    Account ended = granted.withoutSignIns();
    accounts().replace(ended);
    assertThat(accounts().byId("a1").orElseThrow().generation()).isEqualTo(42);

    accounts().replace(ended.withDisabled(true));
    accounts().replace(ended.withDisabled(true).withDisabled(false));
    assertThat(accounts().byId("a1").orElseThrow().generation()).isEqualTo(43);
    assertThat(heard).extracting(FeedEntry::name).containsExactly("a1", "a1", "a1", "a1");
  }

  @Test
  void accountWithoutRolesAndScopesIsFoundAsItWasAdded() {
    Account bare =
        new Account(
            "a1",
            Account.Kind.PERSON,
            "Zoë O'Brien; DROP TABLE account",
            null,
            Collections.emptySortedSet(),
            Scopes.NONE,
            true,
            START,
            0,
            7);

    assertThat(accounts().add(bare)).isTrue();

    assertThat(accounts().byId("a1")).contains(bare);
    assertThat(accounts().byName(bare.name())).contains(bare);
  }

  @Test
  void addingWritesNoFeedRow() {
    accounts().add(person("a1"));

    assertThat(heard).isEmpty();
    assertThat(stores().feed().newest()).isZero();
  }

  @Test
  void timesAreKeptToTheMillisecond() {
    Account alice = person("a1");
    Account finer =
        new Account(
            "a1",
            alice.kind(),
            alice.name(),
            alice.email(),
            alice.roles(),
            alice.scopes(),
            false,
            START.plusNanos(999_999),
            0,
            1);

    accounts().add(finer);

    assertThat(accounts().byId("a1").orElseThrow().createdAt()).isEqualTo(START);
  }

  @Test
  void takenNameOrEmailOrIdIsRefusedAndChangesNothing() {
    Account first = person("a1");
    accounts().add(first);

    assertThat(accounts().add(account("a2", Account.Kind.SERVICE, first.name(), null))).isFalse();
    assertThat(accounts().add(account("a3", Account.Kind.PERSON, "other", first.email())))
        .isFalse();
    assertThat(accounts().add(account("a1", Account.Kind.PERSON, "third", "third@example.com")))
        .isFalse();

    assertThat(accounts().byId("a1")).contains(first);
    assertThat(accounts().byId("a2")).isEmpty();
    assertThat(accounts().byId("a3")).isEmpty();
    assertThat(accounts().byName("third")).isEmpty();
  }

  @Test
  void manyAccountsMayHaveNoEmail() {
    assertThat(accounts().add(service("s1"))).isTrue();
    assertThat(accounts().add(service("s2"))).isTrue();
  }

  @Test
  void changeOfGrantsIsKeptAndItsRowIsHeardBeforeTheCallReturns() {
    Account alice = person("a1");
    accounts().add(alice);
    clock.advance(Duration.ofSeconds(5));
    Account changed = alice.withGrants(new TreeSet<>(List.of("auditor")), Scopes.of("audit:read"));

    assertThat(accounts().replace(changed)).isTrue();

    FeedEntry row =
        new FeedEntry(stores().feed().newest(), FeedEntry.Kind.SUBJECT, "a1", START.plusSeconds(5));
    assertThat(heard).containsExactly(row);
    assertThat(stores().feed().after(0, 10)).containsExactly(row);
    assertThat(accounts().byId("a1")).contains(changed);
  }

  @Test
  void disablingIsKeptAndItsRowIsHeardBeforeTheCallReturns() {
    Account alice = person("a1");
    accounts().add(alice);

    assertThat(accounts().replace(alice.withDisabled(true))).isTrue();

    assertThat(accounts().byId("a1").orElseThrow().disabled()).isTrue();
    assertThat(heard).extracting(FeedEntry::name).containsExactly("a1");
    assertThat(stores().feed().after(0, 10)).isEqualTo(heard);
  }

  @Test
  void listenerAlreadySeesTheChangeThatItHearsOf() {
    Account alice = person("a1");
    accounts().add(alice);
    List<Boolean> seen = new ArrayList<>();
    stores().feed().onCommit(row -> seen.add(accounts().byId(row.name()).orElseThrow().disabled()));

    accounts().replace(alice.withDisabled(true));

    assertThat(seen).containsExactly(true);
  }

  @Test
  void replacingAnOlderOrNewerVersionChangesNothingAndWritesNoRow() {
    Account alice = person("a1");
    accounts().add(alice);
    Account second = alice.withDisabled(true);
    accounts().replace(second);
    heard.clear();
    long newest = stores().feed().newest();

    assertThat(accounts().replace(alice.withGrants(new TreeSet<>(), Scopes.NONE))).isFalse();
    assertThat(accounts().replace(second)).isFalse();
    assertThat(accounts().replace(second.withDisabled(false).withDisabled(true))).isFalse();

    assertThat(accounts().byId("a1")).contains(second);
    assertThat(heard).isEmpty();
    assertThat(stores().feed().newest()).isEqualTo(newest);
  }

  @Test
  void replacingAnAccountThatIsGoneWritesNoRow() {
    assertThat(accounts().replace(person("a1").withDisabled(true))).isFalse();

    assertThat(accounts().byId("a1")).isEmpty();
    assertThat(heard).isEmpty();
    assertThat(stores().feed().newest()).isZero();
  }

  @Test
  void idKindNameAndTimeOfCreationNeverChange() {
    Account alice = person("a1");
    accounts().add(alice);

    accounts()
        .replace(
            new Account(
                "a1",
                Account.Kind.SERVICE,
                "mallory",
                "new@example.com",
                alice.roles(),
                alice.scopes(),
                true,
                START.plusSeconds(9),
                0,
                2));

    assertThat(accounts().byId("a1"))
        .contains(
            new Account(
                "a1",
                Account.Kind.PERSON,
                alice.name(),
                "new@example.com",
                alice.roles(),
                alice.scopes(),
                true,
                START,
                0,
                2));
    assertThat(accounts().byName("mallory")).isEmpty();
  }

  @Test
  void takingAnothersEmailIsRefusedAndChangesNothing() {
    Account alice = person("a1");
    Account bob = person("a2");
    accounts().add(alice);
    accounts().add(bob);
    Account thief =
        new Account(
            "a2",
            bob.kind(),
            bob.name(),
            alice.email(),
            bob.roles(),
            bob.scopes(),
            false,
            START,
            0,
            2);

    assertThatThrownBy(() -> accounts().replace(thief))
        .isInstanceOf(IllegalArgumentException.class);

    assertThat(accounts().byId("a2")).contains(bob);
    assertThat(heard).isEmpty();
    assertThat(stores().feed().newest()).isZero();
  }

  @Test
  void pagesOfOneKindComeInTheOrderOfTheirIds() {
    for (String id : List.of("p3", "p1", "p5", "p2", "p4")) {
      accounts().add(person(id));
      accounts().add(service("s" + id));
    }

    assertThat(accounts().list(Account.Kind.PERSON, null, 2))
        .extracting(Account::id)
        .containsExactly("p1", "p2");
    assertThat(accounts().list(Account.Kind.PERSON, "p2", 2))
        .extracting(Account::id)
        .containsExactly("p3", "p4");
    assertThat(accounts().list(Account.Kind.PERSON, "p4", 2))
        .extracting(Account::id)
        .containsExactly("p5");
    assertThat(accounts().list(Account.Kind.PERSON, "p5", 2)).isEmpty();
    assertThat(accounts().list(Account.Kind.PERSON, "p33", 1))
        .extracting(Account::id)
        .containsExactly("p4");
    assertThat(accounts().list(Account.Kind.SERVICE, null, 100)).hasSize(5);
    assertThat(accounts().list(Account.Kind.PERSON, null, 1)).containsExactly(person("p1"));
  }

  @Test
  void pageOfNothingIsRefused() {
    assertThatThrownBy(() -> accounts().list(Account.Kind.PERSON, null, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> accounts().list(Account.Kind.PERSON, null, -1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void oneOfManyWhoAddTheSameNameAtOnceWins() {
    List<Boolean> won =
        Race.of(
            RUNNERS,
            number -> accounts().add(account("a" + number, Account.Kind.SERVICE, "same", null)));

    assertThat(won).containsOnlyOnce(true);
    assertThat(accounts().list(Account.Kind.SERVICE, null, 100)).hasSize(1);
    assertThat(accounts().byName("same").orElseThrow().id()).isEqualTo("a" + won.indexOf(true));
  }

  @Test
  void oneOfManyWhoReplaceTheSameVersionAtOnceWins() {
    Account alice = person("a1");
    accounts().add(alice);

    List<Boolean> won =
        Race.of(
            RUNNERS,
            number ->
                accounts().replace(alice.withGrants(new TreeSet<>(), Scopes.of("scope" + number))));

    assertThat(won).containsOnlyOnce(true);
    assertThat(accounts().byId("a1").orElseThrow().scopes())
        .isEqualTo(Scopes.of("scope" + won.indexOf(true)));
    assertThat(heard).hasSize(1);
    assertThat(stores().feed().after(0, 100)).hasSize(1);
  }

  @Test
  void failingListenerIsNotSilentAndKeepsNobodyElseFromHearing() {
    Account alice = person("a1");
    accounts().add(alice);
    List<FeedEntry> late = new ArrayList<>();
    stores()
        .feed()
        .onCommit(
            row -> {
              throw new IllegalStateException("deaf");
            });
    stores().feed().onCommit(late::add);

    assertThatThrownBy(() -> accounts().replace(alice.withDisabled(true)))
        .isInstanceOf(StoreUnavailableException.class);

    assertThat(late).hasSize(1).isEqualTo(heard);
    assertThat(accounts().byId("a1").orElseThrow().disabled()).isTrue();
    assertThat(stores().feed().after(0, 10)).isEqualTo(heard);
  }
}
