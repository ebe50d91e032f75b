package dev.gatehouse.account;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.Scopes;
import dev.gatehouse.revocation.InMemoryRevocationFeed;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AccountsTest {

  private final InMemoryRevocationFeed feed = new InMemoryRevocationFeed(Clock.systemUTC());
  private final Accounts accounts =
      new Accounts(
          new InMemoryAccountStore(feed),
          new Roles(Map.of("clerk", Scopes.of("orders:read"))),
          Clock.systemUTC());

  private Accounts.Change add(
      Account.Kind kind, String name, @Nullable String email, String... roles) {
    return accounts.add(kind, name, email, Set.of(roles), Scopes.of("a"));
  }

  @Test
  void anAccountHasItsOwnScopesAndThoseOfItsRoles() {
    accounts.add(Account.Kind.SERVICE, "shop", null, Set.of("clerk"), Scopes.of("a"));

    Account shop = accounts.find("shop").orElseThrow();
    assertThat(accounts.scopesOf(shop)).isEqualTo(Scopes.of("a", "orders:read"));
    assertThat(accounts.find(shop.id())).contains(shop);
  }

  @Test
  void whatIsNoNameNoAddressOrNoRoleIsRefused() {
    for (String name : List.of("", " ", "-x", "a b", "ä", "a/b", "x".repeat(65), "a\n")) {
      assertThat(add(Account.Kind.PERSON, name, "a@example.com"))
          .as(name)
          .isInstanceOf(Accounts.Change.Refused.class);
    }
    for (String email : List.of("", "a", "@b", "a@", "a b@c", "a@b@c")) {
      assertThat(add(Account.Kind.PERSON, "alice", email))
          .as(email)
          .isInstanceOf(Accounts.Change.Refused.class);
    }
    assertThat(add(Account.Kind.SERVICE, "shop", "shop@example.com"))
        .isInstanceOf(Accounts.Change.Refused.class);
    assertThat(add(Account.Kind.PERSON, "alice", "a@example.com", "boss"))
        .isEqualTo(
            new Accounts.Change.Refused(
                "there is no role 'boss'; the configuration defines [clerk]"));
    assertThat(accounts.list(Account.Kind.PERSON, null, 10)).isEmpty();
  }

  @Test
  void aNameNeverStandsForAnotherAccountsId() {
    add(Account.Kind.PERSON, "alice", "a@example.com");
    String id = accounts.find("alice").orElseThrow().id();

    assertThat(add(Account.Kind.PERSON, id, "b@example.com"))
        .isInstanceOf(Accounts.Change.Refused.class);
  }

  @Test
  void everyChangeOfWhatAnAccountMayDoIsInTheFeedAndNoOther() {
    add(Account.Kind.PERSON, "alice", "a@example.com");
    assertThat(feed.newest()).isZero();

    accounts.grant("alice", Set.of("clerk"), Scopes.NONE);
    accounts.setDisabled("alice", true);
    accounts.setDisabled("alice", true); // changes nothing
    assertThat(feed.after(0, 10)).hasSize(2);

    assertThat(accounts.setDisabled("nobody", true)).isEqualTo(new Accounts.Change.NotFound());
    assertThat(feed.after(0, 10)).hasSize(2);
  }
}
