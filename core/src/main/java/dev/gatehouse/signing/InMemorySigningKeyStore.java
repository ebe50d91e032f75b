package dev.gatehouse.signing;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Signing keys in memory: for tests, and for a gate whose signatures needn't outlive the process.
public final class InMemorySigningKeyStore implements SigningKeyStore {

  private final ReentrantLock lock = new ReentrantLock();

  /// Newest first.
  private final List<StoredSigningKey> keys = new ArrayList<>();

  /// An empty store.
  public InMemorySigningKeyStore() {}

  @Override
  public boolean add(StoredSigningKey key, String newestKnown, Instant othersSignUntil) {
    lock.lock();
    try {
      String newest =
          keys.stream()
              .filter(other -> other.purpose().equals(key.purpose()))
              .map(StoredSigningKey::id)
              .findFirst()
              .orElse("");
      if (!newest.equals(newestKnown)) {
        return false;
      }
      if (keys.stream().anyMatch(other -> other.id().equals(key.id()))) {
        throw new IllegalArgumentException("the signing key '" + key.id() + "' is stored already");
      }
      Instant until = othersSignUntil.truncatedTo(ChronoUnit.MILLIS);
      keys.replaceAll(
          other ->
              other.purpose().equals(key.purpose()) && signsPast(other, until)
                  ? retired(other, until)
                  : other);
      keys.addFirst(retired(key, key.retiredAt()));
      return true;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public List<StoredSigningKey> list(String purpose) {
    lock.lock();
    try {
      return keys.stream().filter(key -> key.purpose().equals(purpose)).toList();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void purgeRetiredBefore(String purpose, Instant instant) {
    lock.lock();
    try {
      keys.removeIf(
          key ->
              key.purpose().equals(purpose)
                  && key.retiredAt() != null
                  && key.retiredAt().isBefore(instant));
    } finally {
      lock.unlock();
    }
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
