package dev.gatehouse.jwt;

import dev.gatehouse.account.Account;
import dev.gatehouse.secret.Digest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Stores token families. Thread-safe; every method may block.
///
/// Each method throws [dev.gatehouse.StoreUnavailableException] if the store does not answer. A
/// change that a method acknowledged by returning survives a crash. A revoked family is deleted
/// with all of its refresh tokens.
public interface TokenStore {

  /// A family and the account that owns it, read together.
  record Owned(TokenFamily family, Account owner) {}

  /// A refresh token in its current state, with its family and their account.
  ///
  /// @param spent whether it was used
  /// @param ofFamily how many refresh tokens the family has, used or not
  record Found(Owned owned, boolean spent, int ofFamily) {}

  /// The result of using a refresh token.
  sealed interface Use {

    /// It was valid and is now spent. Its successor is stored.
    record Rotated() implements Use {}

    /// It was used recently, and its successor was not used yet. This is the sealed successor.
    record Again(String sealedSuccessor) implements Use {}

    /// It was used before. The family is now revoked.
    record Reused(String family) implements Use {}

    /// There is no such token, or it is no longer valid.
    record Unknown() implements Use {}
  }

  /// Adds a family and its first refresh token. Throws [IllegalArgumentException] if its account
  /// does not exist.
  void add(TokenFamily family, StoredRefreshToken first);

  /// Returns the family of that id and its owner, whether or not it is still valid.
  Optional<Owned> family(String id);

  /// Returns the refresh token of that digest, whether or not it is still valid. Does not use it.
  Optional<Found> token(Digest digest);

  /// Uses a refresh token once, in one transaction.
  ///
  /// - If it is valid and unused at `now`, it becomes spent, and the successor is stored. The
  ///   sealed text of the successor (null: there is no grace) is kept until the successor is used.
  /// - If it was used less than `grace` ago, and the sealed text of its successor is still there,
  ///   that text is returned.
  /// - If it was used before, whether or not it has expired since (RFC 9700 §4.14.2), the family
  ///   and all of its tokens are deleted, and a feed row names the family.
  /// - Otherwise nothing changes, and the result is [Use.Unknown]: it is unknown, it expired
  ///   unused, it belongs to another family than the successor, or its family has ended or is of an
  ///   earlier generation of its account.
  Use use(
      Digest refreshToken,
      Instant now,
      StoredRefreshToken successor,
      @Nullable String sealedSuccessor,
      Duration grace);

  /// Returns up to `limit` families in the order of their ids, after that id (null: from the
  /// first). Includes families that have ended and are not deleted yet.
  ///
  /// @param account the id of an account; null: families of all accounts
  List<Owned> list(@Nullable String account, @Nullable String afterId, int limit);

  /// Revokes the family, and writes a feed row that names it in the same transaction.
  ///
  /// @return false, and nothing changed, if there is no such family
  boolean revoke(String family);

  /// Records when tokens of these families were last used. Ignores families that no longer exist,
  /// and times before the recorded one.
  void touch(Map<String, Instant> lastUsed);

  /// Deletes families that have ended at `now`, are of an earlier generation of their account, or
  /// have no refresh token that is still valid. A used token is kept as long as its family: a
  /// second use of it reveals a thief. Also deletes the sealed successors of tokens that were used
  /// at `graceOver` or before.
  void purge(Instant now, Instant graceOver);
}
