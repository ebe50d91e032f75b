package dev.gatehouse.apikey;

import dev.gatehouse.account.Account;
import dev.gatehouse.account.EndedRetention;
import dev.gatehouse.secret.Digest;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Where API keys are kept. Thread-safe; every call may block.
///
/// Each method throws [dev.gatehouse.StoreUnavailableException] when the store does not answer.
/// What a method has acknowledged by returning survives a crash.
public interface ApiKeyStore {

  /// A key and the account that owns it, read together.
  record Owned(StoredApiKey key, Account owner) {}

  /// Adds the key. The owner's account must exist.
  void add(StoredApiKey key);

  /// The key of that digest and its owner, whether or not it is still good.
  Optional<Owned> byDigest(Digest digest);

  /// The key of that id, whether or not it is still good.
  Optional<StoredApiKey> byId(String id);

  /// Up to `limit` keys, of that owner or (null) of all, in the order of their ids, behind that id
  /// (from the beginning: null).
  List<StoredApiKey> list(@Nullable String owner, @Nullable String afterId, int limit);

  /// Revokes the key for good, and writes a feed row that names it in the same transaction. False,
  /// and nothing changed, when there is no such key or it was revoked before.
  boolean revoke(String id, Instant at);

  /// Adds the successor, and ends the key at that instant or at its own end, whichever comes first;
  /// a feed row that names the old key goes into the same transaction. False, and nothing changed,
  /// when there is no such key, it is revoked, or it has a successor already.
  boolean rotate(String id, Instant endsAt, StoredApiKey successor);

  /// Notes when keys were last used. A key that is gone is passed over; no time goes backwards.
  void touch(Map<String, Instant> lastUsed);

  /// Forgets the keys that ended and are not to be kept any more, but for one that is the successor
  /// of another one that is kept.
  void purgeEnded(EndedRetention retention);
}
