package dev.gatehouse.hmac;

import dev.gatehouse.account.EndedRetention;
import dev.gatehouse.account.InMemoryAccountStore;
import dev.gatehouse.revocation.FeedEntry;
import dev.gatehouse.revocation.InMemoryRevocationFeed;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Keys in memory: for tests, and for a program that names its few callers itself.
///
/// Nothing survives the process, whatever the port promises of a crash.
public final class InMemorySignatureKeyStore implements SignatureKeyStore {

  private final InMemoryAccountStore accounts;
  private final InMemoryRevocationFeed feed;
  private final TreeMap<String, StoredSignatureKey> byId = new TreeMap<>();

  /// An empty store whose keys belong to those accounts; it writes to their feed.
  public InMemorySignatureKeyStore(InMemoryAccountStore accounts) {
    this.accounts = accounts;
    this.feed = accounts.feed();
  }

  @Override
  public void add(StoredSignatureKey key) {
    feed.change(
        change -> {
          checkNew(key);
          put(key);
          return key.id();
        });
  }

  @Override
  public Optional<Owned> byId(String id) {
    return feed.read(() -> Optional.ofNullable(byId.get(id)).map(this::owned));
  }

  @Override
  public List<Owned> ofWebhook(String webhook, Instant now, int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("at least one key, not " + limit);
    }
    return feed.read(
        () ->
            byId.values().stream()
                .filter(key -> webhook.equals(key.webhook()) && key.revokedAt() == null)
                .filter(key -> key.expiresAt() == null || key.expiresAt().isAfter(now))
                .sorted(
                    Comparator.comparing(StoredSignatureKey::createdAt)
                        .reversed()
                        .thenComparing(StoredSignatureKey::id))
                .limit(limit)
                .map(this::owned)
                .toList());
  }

  @Override
  public List<StoredSignatureKey> list(
      @Nullable String owner, @Nullable String afterId, int limit) {
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
          StoredSignatureKey key = byId.get(id);
          if (key == null || key.revokedAt() != null) {
            return false;
          }
          put(changed(key, key.expiresAt(), key.lastUsedAt(), at, key.successor()));
          change.forget(FeedEntry.Kind.CREDENTIAL, id);
          return true;
        });
  }

  @Override
  public boolean rotate(String id, Instant endsAt, StoredSignatureKey successor) {
    return feed.change(
        change -> {
          StoredSignatureKey key = byId.get(id);
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
    StoredSignatureKey key = byId.get(id);
    if (key == null) {
      return;
    }
    Instant before = key.lastUsedAt();
    if (before == null || before.isBefore(at)) {
      put(changed(key, key.expiresAt(), at, key.revokedAt(), key.successor()));
    }
  }

  private Owned owned(StoredSignatureKey key) {
    return new Owned(key, accounts.byId(key.owner()).orElseThrow());
  }

  private void checkNew(StoredSignatureKey key) {
    if (accounts.byId(key.owner()).isEmpty()) {
      throw new IllegalArgumentException("no account '" + key.owner() + "' owns the new key");
    }
    if (byId.containsKey(key.id())) {
      throw new IllegalArgumentException("the key '" + key.id() + "' is stored already");
    }
  }

  private void put(StoredSignatureKey key) {
    byId.put(
        key.id(),
        changed(key, key.expiresAt(), key.lastUsedAt(), key.revokedAt(), key.successor()));
  }

  private static StoredSignatureKey changed(
      StoredSignatureKey key,
      @Nullable Instant expiresAt,
      @Nullable Instant lastUsedAt,
      @Nullable Instant revokedAt,
      @Nullable String successor) {
    return new StoredSignatureKey(
        key.id(),
        key.algorithm(),
        key.material(),
        key.webhook(),
        key.owner(),
        key.name(),
        key.hosts(),
        key.scopes(),
        millis(expiresAt),
        key.networks(),
        key.requestsPerMinute(),
        key.createdAt().truncatedTo(ChronoUnit.MILLIS),
        millis(lastUsedAt),
        millis(revokedAt),
        successor);
  }

  private static @Nullable Instant millis(@Nullable Instant instant) {
    return instant == null ? null : instant.truncatedTo(ChronoUnit.MILLIS);
  }
}
