package dev.gatehouse.session;

import dev.gatehouse.account.Account;
import dev.gatehouse.secret.Digest;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Where sessions are kept. Thread-safe; every call may block.
///
/// Each method throws [dev.gatehouse.StoreUnavailableException] when the store does not answer.
/// What a method has acknowledged by returning survives a crash. A session that ended is gone:
/// nothing brings it back.
public interface SessionStore {

  /// A session and the account that it belongs to, read together.
  record Owned(StoredSession session, Account owner) {}

  /// Adds the session. Its account must exist.
  void add(StoredSession session);

  /// The session of that digest and its owner, whether or not it is still good.
  Optional<Owned> byDigest(Digest digest);

  /// The session of that id and its owner, whether or not it is still good.
  Optional<Owned> byId(String id);

  /// Up to `limit` sessions, of that account or (null) of all, in the order of their ids, behind
  /// that id (from the beginning: null); also those that are over and not purged yet.
  List<Owned> list(@Nullable String account, @Nullable String afterId, int limit);

  /// Ends the session, and writes a feed row that names it in the same transaction. False, and
  /// nothing changed, when there is none.
  boolean end(String id);

  /// Notes when sessions were last used. One that is gone stays gone; no time goes backwards.
  void touch(Map<String, Instant> lastUsed);

  /// Removes sessions that are over: past their absolute limit at `now`, last used before
  /// `idleSince`, or of an earlier generation of their account.
  void purge(Instant now, Instant idleSince);
}
