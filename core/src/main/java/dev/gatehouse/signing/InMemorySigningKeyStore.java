package dev.gatehouse.signing;

import dev.gatehouse.revocation.FeedEntry;
import dev.gatehouse.revocation.InMemoryRevocationFeed;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Keeps signing keys in memory. For tests, and for a gate whose signatures need not outlive the
/// process. Never blocks for long; thread-safe.
public final class InMemorySigningKeyStore implements SigningKeyStore {

  private final InMemoryRevocationFeed feed;

  /// Newest first.
  private final List<StoredSigningKey> keys = new ArrayList<>();

  /// An empty store with its own revocation feed, which has no listener.
  public InMemorySigningKeyStore() {
    this(new InMemoryRevocationFeed(Clock.systemUTC()));
  }

  /// An empty store that writes its removals to this feed.
  public InMemorySigningKeyStore(InMemoryRevocationFeed feed) {
    this.feed = feed;
  }

  @Override
  public boolean add(StoredSigningKey key, String newestKnown, Instant othersSignUntil) {
    return feed.change(
        change -> {
          String newest =
              keys.stream()
                  .filter(other -> other.purpose().equals(key.purpose()))
                  .map(StoredSigningKey::id)
                  .findFirst()
                  .orElse("");
          if (!newest.equals(newestKnown)) {
            return false;
          }
          put(key);
          Instant until = othersSignUntil.truncatedTo(ChronoUnit.MILLIS);
          keys.replaceAll(
              other ->
                  other.purpose().equals(key.purpose())
                          && !other.id().equals(key.id())
                          && signsPast(other, until)
                      ? retired(other, until)
                      : other);
          return true;
        });
  }

  @Override
  public void replaceAll(StoredSigningKey key) {
    feed.change(
        change -> {
          List<StoredSigningKey> others = list(key.purpose());
          put(key);
          others.forEach(other -> change.forget(FeedEntry.Kind.CREDENTIAL, other.id()));
          return keys.removeAll(others);
        });
  }

  private void put(StoredSigningKey key) {
    if (keys.stream().anyMatch(other -> other.id().equals(key.id()))) {
      throw new IllegalArgumentException("the signing key '" + key.id() + "' is stored already");
    }
    keys.addFirst(retired(key, key.retiredAt()));
  }

  @Override
  public List<StoredSigningKey> list(String purpose) {
    return feed.read(() -> keys.stream().filter(key -> key.purpose().equals(purpose)).toList());
  }

  @Override
  public void purgeRetiredBefore(String purpose, Instant instant) {
    feed.read(
        () ->
            keys.removeIf(
                key ->
                    key.purpose().equals(purpose)
                        && key.retiredAt() != null
                        && key.retiredAt().isBefore(instant)));
  }

  private static boolean signsPast(StoredSigningKey key, Instant instant) {
    Instant retiredAt = key.retiredAt();
    return retiredAt == null || retiredAt.isAfter(instant);
  }

  private static StoredSigningKey retired(StoredSigningKey key, @Nullable Instant retiredAt) {
    return new StoredSigningKey(
        key.id(),
        key.purpose(),
        key.publicJwk(),
        key.sealedPrivateJwk(),
        key.createdAt().truncatedTo(ChronoUnit.MILLIS),
        retiredAt == null ? null : retiredAt.truncatedTo(ChronoUnit.MILLIS));
  }
}
