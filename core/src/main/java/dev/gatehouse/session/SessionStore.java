package dev.gatehouse.session;

import dev.gatehouse.account.Account;
import dev.gatehouse.secret.Digest;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Stores sessions. Thread-safe; every method may block.
///
/// Each method throws [dev.gatehouse.StoreUnavailableException] if the store does not answer. A
/// change that a method acknowledged by returning survives a crash. A session that was ended is
/// deleted and cannot be restored.
public interface SessionStore {

  /// A session and the account that owns it, read together.
  record Owned(StoredSession session, Account owner) {}

  /// Adds the session. Throws [IllegalArgumentException] if its account does not exist.
  void add(StoredSession session);

  /// Returns the session of that digest and its owner, whether or not it is still valid.
  Optional<Owned> byDigest(Digest digest);

  /// Returns the session of that id and its owner, whether or not it is still valid.
  Optional<Owned> byId(String id);

  /// Returns up to `limit` sessions in the order of their ids, after that id (null: from the
  /// first). Includes those that have ended and are not deleted yet.
  ///
  /// @param account the id of an account; null: sessions of all accounts
  List<Owned> list(@Nullable String account, @Nullable String afterId, int limit);

  /// Ends the session, and writes a feed row that names it in the same transaction.
  ///
  /// @return false, and nothing changed, if there is no such session
  boolean end(String id);

  /// Records when sessions were last used. Ignores sessions that no longer exist, and times before
  /// the recorded one.
  void touch(Map<String, Instant> lastUsed);

  /// Deletes sessions that have ended: past their absolute timeout at `now`, last used before
  /// `idleSince`, or of an earlier generation of their account.
  void purge(Instant now, Instant idleSince);
}
