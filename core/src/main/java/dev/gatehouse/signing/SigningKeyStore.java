package dev.gatehouse.signing;

import java.time.Instant;
import java.util.List;

/// Where signing keys are kept. Thread-safe; every call may block.
///
/// Each method throws [dev.gatehouse.StoreUnavailableException] when the store does not answer.
public interface SigningKeyStore {

  /// Adds the key and retires, at that instant, every key of its purpose that would sign longer;
  /// one transaction. False, and nothing changed, when a key of the purpose was added after
  /// `newestKnown` (the id of the newest that the caller knows; empty: none), as another node may
  /// have done.
  boolean add(StoredSigningKey key, String newestKnown, Instant othersSignUntil);

  /// Adds the key, removes every other of its purpose, and writes a feed row that names each of
  /// them as a credential; one transaction.
  void replaceAll(StoredSigningKey key);

  /// The keys of that purpose, newest first.
  List<StoredSigningKey> list(String purpose);

  /// Removes keys of that purpose that were retired before that instant.
  void purgeRetiredBefore(String purpose, Instant instant);
}
