package dev.gatehouse.password;

import dev.gatehouse.account.Account;
import dev.gatehouse.account.InMemoryAccountStore;
import dev.gatehouse.revocation.InMemoryRevocationFeed;
import dev.gatehouse.secret.Digest;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Passwords in memory, for tests and for programs with few users. Nothing survives the process.
/// Thread-safe; a call waits only for other calls to stores with the same feed.
public final class InMemoryPasswordStore implements PasswordStore {

  private record Link(Digest digest, String account, long generation, Instant expiresAt) {}

  private final InMemoryAccountStore accounts;
  private final InMemoryRevocationFeed feed;
  private final Map<String, StoredPassword> byAccount = new HashMap<>();
  private final Map<String, Link> linkOf = new HashMap<>();

  /// An empty store whose passwords belong to those accounts. It writes to their feed.
  public InMemoryPasswordStore(InMemoryAccountStore accounts) {
    this.accounts = accounts;
    this.feed = accounts.feed();
  }

  @Override
  public Optional<Owned> bySignInName(String nameOrEmail) {
    return feed.read(
        () ->
            (nameOrEmail.indexOf('@') >= 0
                    ? accounts.byEmail(nameOrEmail)
                    : accounts.byName(nameOrEmail))
                .map(this::owned));
  }

  @Override
  public Optional<Owned> byAccount(String account) {
    return feed.read(() -> accounts.byId(account).map(this::owned));
  }

  private Owned owned(Account owner) {
    return new Owned(owner, byAccount.get(owner.id()));
  }

  @Override
  public boolean replace(StoredPassword password, @Nullable String beforeId) {
    return feed.change(
        change -> {
          Account owner = accounts.byId(password.account()).orElse(null);
          StoredPassword before = byAccount.get(password.account());
          if (owner == null || !Objects.equals(before == null ? null : before.id(), beforeId)) {
            return false;
          }
          set(password, owner);
          return true;
        });
  }

  @Override
  public boolean rehash(String id, String hash, String better) {
    return feed.change(
        change -> {
          StoredPassword before =
              byAccount.values().stream()
                  .filter(password -> password.id().equals(id) && password.hash().equals(hash))
                  .findFirst()
                  .orElse(null);
          if (before == null) {
            return false;
          }
          byAccount.put(
              before.account(),
              new StoredPassword(id, before.account(), better, before.changedAt()));
          return true;
        });
  }

  @Override
  public boolean addReset(String account, Digest digest, Instant expiresAt) {
    return feed.change(
        change -> {
          Account owner = accounts.byId(account).orElse(null);
          if (owner == null) {
            return false;
          }
          if (linkOf.values().stream()
              .anyMatch(link -> link.digest().equals(digest) && !link.account().equals(account))) {
            throw new IllegalArgumentException("the link is another account's");
          }
          linkOf.put(
              account,
              new Link(
                  digest, account, owner.generation(), expiresAt.truncatedTo(ChronoUnit.MILLIS)));
          return true;
        });
  }

  @Override
  public Optional<Account> byReset(Digest digest, Instant now) {
    return feed.read(
        () ->
            linkOf.values().stream()
                .filter(link -> link.digest().equals(digest) && isValid(link, now))
                .findFirst()
                .flatMap(link -> accounts.byId(link.account())));
  }

  @Override
  public boolean reset(Digest digest, Instant now, StoredPassword password) {
    return feed.change(
        change -> {
          Link link = linkOf.get(password.account());
          if (link == null || !link.digest().equals(digest) || !isValid(link, now)) {
            return false;
          }
          set(password, accounts.byId(link.account()).orElseThrow());
          return true;
        });
  }

  @Override
  public void purgeResetsBefore(Instant instant) {
    Instant before = instant.truncatedTo(ChronoUnit.MILLIS);
    feed.read(() -> linkOf.values().removeIf(link -> link.expiresAt().isBefore(before)));
  }

  private boolean isValid(Link link, Instant now) {
    return now.isBefore(link.expiresAt())
        && accounts.byId(link.account()).orElseThrow().generation() == link.generation();
  }

  private void set(StoredPassword password, Account owner) {
    if (byAccount.values().stream().anyMatch(other -> other.id().equals(password.id()))) {
      throw new IllegalArgumentException("the password '" + password.id() + "' is stored already");
    }
    byAccount.put(
        owner.id(),
        new StoredPassword(
            password.id(),
            owner.id(),
            password.hash(),
            password.changedAt().truncatedTo(ChronoUnit.MILLIS)));
    linkOf.remove(owner.id());
    // Last: a listener that hears the row that this writes must already see the new password.
    accounts.replace(owner.withoutSignIns());
  }
}
