package dev.gatehouse.account;

import dev.gatehouse.revocation.FeedEntry;
import dev.gatehouse.revocation.InMemoryRevocationFeed;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Accounts in memory, for tests and for programs with few callers. Nothing survives the process.
/// Thread-safe; a call waits only for other calls to stores with the same feed.
public final class InMemoryAccountStore implements AccountStore {

  private final InMemoryRevocationFeed feed;
  private final TreeMap<String, Account> byId = new TreeMap<>();

  /// An empty store that writes its feed rows to that feed.
  public InMemoryAccountStore(InMemoryRevocationFeed feed) {
    this.feed = feed;
  }

  /// Returns the feed that this store writes to. Its lock guards this store.
  public InMemoryRevocationFeed feed() {
    return feed;
  }

  @Override
  public boolean add(Account account) {
    return feed.change(
        change -> {
          if (byId.containsKey(account.id())
              || byId.values().stream().anyMatch(other -> collides(other, account))) {
            return false;
          }
          byId.put(account.id(), stored(account));
          return true;
        });
  }

  @Override
  public Optional<Account> byId(String id) {
    return feed.read(() -> Optional.ofNullable(byId.get(id)));
  }

  @Override
  public Optional<Account> byName(String name) {
    return feed.read(
        () -> byId.values().stream().filter(account -> account.name().equals(name)).findFirst());
  }

  @Override
  public Optional<Account> byEmail(String email) {
    return feed.read(
        () -> byId.values().stream().filter(account -> email.equals(account.email())).findFirst());
  }

  @Override
  public boolean replace(Account changed) {
    return feed.change(
        change -> {
          Account before = byId.get(changed.id());
          if (before == null || before.version() != changed.version() - 1) {
            return false;
          }
          String email = changed.email();
          if (email != null
              && byId.values().stream()
                  .anyMatch(
                      other -> !other.id().equals(before.id()) && email.equals(other.email()))) {
            throw new IllegalArgumentException("the e-mail address is another account's");
          }
          byId.put(
              before.id(),
              stored(
                  new Account(
                      before.id(),
                      before.kind(),
                      before.name(),
                      email,
                      changed.roles(),
                      changed.scopes(),
                      changed.disabled(),
                      before.createdAt(),
                      changed.generation(),
                      changed.version())));
          change.forget(FeedEntry.Kind.SUBJECT, before.id());
          return true;
        });
  }

  @Override
  public List<Account> list(Account.Kind kind, @Nullable String afterId, int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("a page has at least one account, not " + limit);
    }
    return feed.read(
        () ->
            (afterId == null ? byId : byId.tailMap(afterId, false))
                .values().stream().filter(account -> account.kind() == kind).limit(limit).toList());
  }

  private static boolean collides(Account one, Account other) {
    return one.name().equals(other.name())
        || (one.email() != null && one.email().equals(other.email()));
  }

  /// Returns an immutable copy, with the times in milliseconds.
  private static Account stored(Account account) {
    return new Account(
        account.id(),
        account.kind(),
        account.name(),
        account.email(),
        Collections.unmodifiableSortedSet(new TreeSet<>(account.roles())),
        account.scopes(),
        account.disabled(),
        account.createdAt().truncatedTo(ChronoUnit.MILLIS),
        account.generation(),
        account.version());
  }
}
