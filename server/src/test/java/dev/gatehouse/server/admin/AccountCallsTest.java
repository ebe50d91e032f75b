package dev.gatehouse.server.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.Scopes;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.AccountStore;
import dev.gatehouse.account.Accounts;
import dev.gatehouse.account.InMemoryAccountStore;
import dev.gatehouse.account.Roles;
import dev.gatehouse.revocation.InMemoryRevocationFeed;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AccountCallsTest {

  private final AccountStore store =
      new InMemoryAccountStore(new InMemoryRevocationFeed(Clock.systemUTC()));
  private final Accounts accounts = accounts(store);

  @BeforeEach
  void addAlice() {
    accounts.add(Account.Kind.PERSON, "alice", null, Set.of(), Scopes.of("orders:read"));
  }

  private static Accounts accounts(AccountStore store) {
    return new Accounts(
        store, new Roles(Map.of("clerk", Scopes.of("orders:write"))), Clock.systemUTC());
  }

  private static AdminApi.Answer patch(Accounts accounts, String body) {
    for (Call call : new AccountCalls(accounts).all()) {
      Matcher path = call.path().matcher(AdminApi.BASE + "/accounts/alice");
      if (call.httpMethod().equals("PATCH") && path.matches()) {
        return call.action().apply(new Input(path, "", Set.of(), body));
      }
    }
    throw new AssertionError("there is no such call");
  }

  private Account alice() {
    return accounts.find("alice").orElseThrow();
  }

  @Test
  void aChangeOfRolesBringsBackNoScopeThatAnotherAdministratorTookMeanwhile() {
    Accounts slow = accounts(new Overtaken(store, () -> patch(accounts, "{\"scopes\": []}")));

    assertThat(patch(slow, "{\"roles\": [\"clerk\"]}")).isInstanceOf(AdminApi.Answer.Json.class);

    assertThat(alice().roles()).containsExactly("clerk");
    assertThat(alice().scopes()).isEqualTo(Scopes.NONE);
  }

  @Test
  void ofACallThatIsRefusedNothingIsDone() {
    for (String body :
        List.of(
            "{\"scopes\": [], \"disabled\": \"yes\"}",
            "{\"disabled\": true, \"scopes\": [\"a b\"]}",
            "{\"disabled\": true, \"roles\": 5}")) {
      assertThatThrownBy(() -> patch(accounts, body))
          .as(body)
          .isInstanceOf(JsonInput.BadInputException.class);
    }
    assertThat(patch(accounts, "{\"disabled\": true, \"scopes\": [], \"roles\": [\"boss\"]}"))
        .isInstanceOf(AdminApi.Answer.Problem.class);

    assertThat(alice().version()).as("unchanged").isEqualTo(1);
  }

  @Test
  void whatIsNotNamedStaysAndAllThatIsNamedIsOneChange() {
    patch(accounts, "{\"roles\": [\"clerk\"], \"disabled\": true}");

    assertThat(alice().scopes()).isEqualTo(Scopes.of("orders:read"));
    assertThat(alice().roles()).containsExactly("clerk");
    assertThat(alice().disabled()).isTrue();

    long version = alice().version();
    patch(accounts, "{}");
    assertThat(alice().version()).as("nothing was named").isEqualTo(version);
    patch(accounts, "{\"scopes\": []}");
    assertThat(alice().disabled()).isTrue();
    assertThat(alice().roles()).containsExactly("clerk");
  }

  /// A store in which another change comes between a look at an account and what is written of it.
  private static final class Overtaken implements AccountStore {

    private final AccountStore store;
    private @Nullable Runnable other;

    Overtaken(AccountStore store, Runnable other) {
      this.store = store;
      this.other = other;
    }

    @Override
    public boolean replace(Account changed) {
      Runnable first = other;
      other = null;
      if (first != null) {
        first.run();
      }
      return store.replace(changed);
    }

    @Override
    public boolean add(Account account) {
      return store.add(account);
    }

    @Override
    public Optional<Account> byId(String id) {
      return store.byId(id);
    }

    @Override
    public Optional<Account> byName(String name) {
      return store.byName(name);
    }

    @Override
    public Optional<Account> byEmail(String email) {
      return store.byEmail(email);
    }

    @Override
    public List<Account> list(Account.Kind kind, @Nullable String afterId, int limit) {
      return store.list(kind, afterId, limit);
    }
  }
}
