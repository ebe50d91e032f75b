package dev.gatehouse.signing;

import java.time.Instant;
import java.util.List;

/// The port to the store of the gate's signing keys. Keys have a purpose; the keys of one purpose
/// are independent of those of another.
///
/// Implementations are thread-safe. Each method may block, and throws
/// [dev.gatehouse.StoreUnavailableException] if the store does not answer. Times are stored in
/// milliseconds.
public interface SigningKeyStore {

  /// Adds a key, and retires the other keys of its purpose at `othersSignUntil`, unless they retire
  /// earlier. Both happen in one transaction.
  ///
  /// Returns false, and changes nothing, if another key of the purpose was added after
  /// `newestKnown`, for example by another node.
  ///
  /// @param newestKnown the id of the newest key of the purpose that the caller knows; empty: it
  ///   knows none
  boolean add(StoredSigningKey key, String newestKnown, Instant othersSignUntil);

  /// Adds a key and removes all other keys of its purpose, in one transaction. For each removed
  /// key, a row of the revocation feed names it as a credential.
  void replaceAll(StoredSigningKey key);

  /// Returns the keys of this purpose, the newest first.
  List<StoredSigningKey> list(String purpose);

  /// Removes the keys of this purpose that were retired before this instant.
  void purgeRetiredBefore(String purpose, Instant instant);
}
