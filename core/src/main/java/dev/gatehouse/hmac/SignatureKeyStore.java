package dev.gatehouse.hmac;

import dev.gatehouse.account.Account;
import dev.gatehouse.account.EndedRetention;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Where the keys are kept that requests are signed with. Thread-safe; every call may block.
///
/// Each method throws [dev.gatehouse.StoreUnavailableException] when the store does not answer.
/// What a method has acknowledged by returning survives a crash.
public interface SignatureKeyStore {

  /// A key and the account that owns it, read together.
  record Owned(StoredSignatureKey key, Account owner) {}

  /// Adds the key. The owner's account must exist.
  void add(StoredSignatureKey key);

  /// The key of that id and its owner, whether or not it is still good.
  Optional<Owned> byId(String id);

  /// The keys of that webhook that are not revoked and end after that instant, the newest first; no
  /// more than that many.
  List<Owned> ofWebhook(String webhook, Instant now, int limit);

  /// Up to `limit` keys, of that owner or (null) of all, in the order of their ids, behind that id
  /// (from the beginning: null).
  List<StoredSignatureKey> list(@Nullable String owner, @Nullable String afterId, int limit);

  /// Revokes the key for good, and writes a feed row that names it in the same transaction. False,
  /// and nothing changed, when there is no such key or it was revoked before.
  boolean revoke(String id, Instant at);

  /// Adds the successor, and ends the key at that instant or at its own end, whichever comes first;
  /// a feed row that names the old key goes into the same transaction. False, and nothing changed,
  /// when there is no such key, it is revoked, or it has a successor already.
  boolean rotate(String id, Instant endsAt, StoredSignatureKey successor);

  /// Notes when keys were last used. A key that is gone is passed over; no time goes backwards.
  void touch(Map<String, Instant> lastUsed);

  /// Forgets the keys that ended and are not to be kept any more, but for one that is the successor
  /// of another one that is kept.
  void purgeEnded(EndedRetention retention);
}
