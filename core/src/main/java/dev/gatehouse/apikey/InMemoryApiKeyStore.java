package dev.gatehouse.apikey;

import dev.gatehouse.account.Account;
import dev.gatehouse.account.EndedRetention;
import dev.gatehouse.account.InMemoryAccountStore;
import dev.gatehouse.revocation.FeedEntry;
import dev.gatehouse.revocation.InMemoryRevocationFeed;
import dev.gatehouse.secret.Digest;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// API keys in memory: for tests, and for a program that names its few callers itself.
///
/// Nothing survives the process, whatever the port promises of a crash.
public final class InMemoryApiKeyStore implements ApiKeyStore {

  private final InMemoryAccountStore accounts;
  private final InMemoryRevocationFeed feed;
  private final TreeMap<String, StoredApiKey> byId = new TreeMap<>();
  private final Map<Digest, String> idByDigest = new HashMap<>();

  /// An empty store whose keys belong to those accounts; it writes to their feed.
  public InMemoryApiKeyStore(InMemoryAccountStore accounts) {
    this.accounts = accounts;
    this.feed = accounts.feed();
  }

  @Override
  public void add(StoredApiKey key) {
    feed.change(
        change -> {
          checkNew(key);
          put(key);
          return key.id();
        });
  }

  @Override
  public Optional<Owned> byDigest(Digest digest) {
    return feed.read(
        () -> {
          StoredApiKey key = byId.get(idByDigest.getOrDefault(digest, ""));
          if (key == null) {
            return Optional.empty();
          }
          Account owner = accounts.byId(key.owner()).orElseThrow();
          return Optional.of(new Owned(key, owner));
        });
  }

  @Override
  public Optional<StoredApiKey> byId(String id) {
    return feed.read(() -> Optional.ofNullable(byId.get(id)));
  }

  @Override
  public List<StoredApiKey> list(@Nullable String owner, @Nullable String afterId, int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("a page has at least one key, not " + limit);
    }
    return feed.read(
        () ->
            (afterId == null ? byId : byId.tailMap(afterId, false))
                .values().stream()
                    .filter(key -> owner == null || owner.equals(key.owner()))
                    .limit(limit)
                    .toList());
  }

  @Override
  public boolean revoke(String id, Instant at) {
    return feed.change(
        change -> {
          StoredApiKey key = byId.get(id);
          if (key == null || key.revokedAt() != null) {
            return false;
          }
          put(changed(key, key.expiresAt(), key.lastUsedAt(), at, key.successor()));
          change.forget(FeedEntry.Kind.CREDENTIAL, id);
          return true;
        });
  }

  @Override
  public boolean rotate(String id, Instant endsAt, StoredApiKey successor) {
    return feed.change(
        change -> {
          StoredApiKey key = byId.get(id);
          if (key == null || key.revokedAt() != null || key.successor() != null) {
            return false;
          }
          checkNew(successor);
          Instant ownEnd = key.expiresAt();
          Instant end = ownEnd != null && ownEnd.isBefore(endsAt) ? ownEnd : endsAt;
          put(successor);
          put(changed(key, end, key.lastUsedAt(), key.revokedAt(), successor.id()));
          change.forget(FeedEntry.Kind.CREDENTIAL, id);
          return true;
        });
  }

  @Override
  public void purgeEnded(EndedRetention retention) {
    feed.read(
        () -> {
          Instant before =
              retention.forgottenBefore(
                  byId.values().stream()
                      .flatMap(
                          key ->
                              Stream.ofNullable(
                                  EndedRetention.end(key.revokedAt(), key.expiresAt()))));
          boolean removed =
              byId.values()
                  .removeIf(
                      key -> {
                        Instant end = EndedRetention.end(key.revokedAt(), key.expiresAt());
                        return end != null && end.isBefore(before) && !isSuccessor(key.id());
                      });
          idByDigest.values().retainAll(byId.keySet());
          return removed;
        });
  }

  private boolean isSuccessor(String id) {
    return byId.values().stream().anyMatch(key -> id.equals(key.successor()));
  }

  @Override
  public void touch(Map<String, Instant> lastUsed) {
    feed.read(
        () -> {
          lastUsed.forEach(this::touch);
          return lastUsed;
        });
  }

  private void touch(String id, Instant at) {
    StoredApiKey key = byId.get(id);
    if (key == null) {
      return;
    }
    Instant before = key.lastUsedAt();
    if (before == null || before.isBefore(at)) {
      put(changed(key, key.expiresAt(), at, key.revokedAt(), key.successor()));
    }
  }

  private void checkNew(StoredApiKey key) {
    if (accounts.byId(key.owner()).isEmpty()) {
      throw new IllegalArgumentException("no account '" + key.owner() + "' owns the new API key");
    }
    if (byId.containsKey(key.id()) || idByDigest.containsKey(key.digest())) {
      throw new IllegalArgumentException("the API key '" + key.id() + "' is stored already");
    }
  }

  private void put(StoredApiKey key) {
    StoredApiKey stored =
        changed(key, key.expiresAt(), key.lastUsedAt(), key.revokedAt(), key.successor());
    byId.put(stored.id(), stored);
    idByDigest.put(stored.digest(), stored.id());
  }

  private static StoredApiKey changed(
      StoredApiKey key,
      @Nullable Instant expiresAt,
      @Nullable Instant lastUsedAt,
      @Nullable Instant revokedAt,
      @Nullable String successor) {
    return new StoredApiKey(
        key.id(),
        key.digest(),
        key.hint(),
        key.owner(),
        key.name(),
        key.scopes(),
        millis(expiresAt),
        List.copyOf(key.networks()),
        key.requestsPerMinute(),
        key.createdAt().truncatedTo(ChronoUnit.MILLIS),
        millis(lastUsedAt),
        millis(revokedAt),
        successor,
        key.origin());
  }

  private static @Nullable Instant millis(@Nullable Instant instant) {
    return instant == null ? null : instant.truncatedTo(ChronoUnit.MILLIS);
  }
}
