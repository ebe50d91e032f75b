package dev.gatehouse.oauth;

import dev.gatehouse.Scopes;
import dev.gatehouse.Time;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.Accounts;
import dev.gatehouse.account.InMemoryAccountStore;
import dev.gatehouse.account.Roles;
import dev.gatehouse.password.InMemoryPasswordStore;
import dev.gatehouse.revocation.InMemoryRevocationFeed;
import dev.gatehouse.secret.Seal;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Alice, who has an account with an e-mail address, and what finds, makes and links the accounts
/// of people who come from providers: real, and in memory.
final class PeopleHouse {

  static final AllowList ANYONE = new AllowList(true, Set.of(), Set.of(), Set.of(), false);
  static final AllowList ANYONE_LINKED_BY_EMAIL =
      new AllowList(true, Set.of(), Set.of(), Set.of(), true);
  static final String EMAIL = "alice@example.com";

  final Time time = new Time();
  final InMemoryRevocationFeed feed = new InMemoryRevocationFeed(time.clock());
  final InMemoryAccountStore accountStore = new InMemoryAccountStore(feed);
  final Accounts accounts =
      new Accounts(
          accountStore, new Roles(Map.of("clerk", Scopes.of("orders:write"))), time.clock());
  final InMemoryInvitationStore invitationStore = new InMemoryInvitationStore(feed);
  final InMemoryLinkStore store =
      new InMemoryLinkStore(accountStore, new InMemoryPasswordStore(accountStore), invitationStore);
  final Invitations invitations = new Invitations(invitationStore, accounts, time.clock());
  final Links links = new Links(store, invitations, accounts, time.clock());
  final ProviderTokens tokens = new ProviderTokens(store, new Seal(new byte[32]));
  final Account alice = person("alice", EMAIL);

  Account person(String name, @Nullable String email) {
    return ((Accounts.Change.Done)
            accounts.add(
                Account.Kind.PERSON, name, email, Set.of("clerk"), Scopes.of("orders:read")))
        .account();
  }

  List<Account> people() {
    return accounts.list(Account.Kind.PERSON, null, 1_000);
  }

  Account now(Account account) {
    return accounts.find(account.id()).orElseThrow();
  }

  /// Somebody of the provider acme, without an e-mail address.
  static VerifiedIdentity identity(String subject) {
    return identity(subject, null, false);
  }

  /// Somebody of the provider acme.
  static VerifiedIdentity identity(String subject, @Nullable String email, boolean verified) {
    return new VerifiedIdentity(
        "acme", "https://id.acme.example", subject, email, verified, subject, new TreeSet<>());
  }

  /// Somebody of the provider acme with a verified e-mail address.
  static VerifiedIdentity verified(String subject, String email) {
    return identity(subject, email, true);
  }

  /// Somebody of the provider github.
  static VerifiedIdentity gitHub(String subject, String label, Collection<String> organisations) {
    return new VerifiedIdentity(
        "github", "https://github.com", subject, null, false, label, new TreeSet<>(organisations));
  }

  Links.SignInResult signIn(VerifiedIdentity who, AllowList allow) {
    return links.signIn(who, allow, null);
  }

  Links.SignInResult.SignedIn signedIn(VerifiedIdentity who, AllowList allow) {
    return (Links.SignInResult.SignedIn) signIn(who, allow);
  }

  Invitations.InvitationIssuance.Issued invite(@Nullable String email) {
    return (Invitations.InvitationIssuance.Issued)
        invitations.issue(
            email, Set.of("clerk"), Scopes.of("orders:read"), Invitations.DEFAULT_LIFE);
  }
}
