package dev.gatehouse.jwt;

import dev.gatehouse.account.Account;
import dev.gatehouse.secret.Digest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Where families of tokens are kept. Thread-safe; every call may block.
///
/// Each method throws [dev.gatehouse.StoreUnavailableException] when the store does not answer.
/// What a method has acknowledged by returning survives a crash. A family that was revoked is gone,
/// with all of its refresh tokens.
public interface TokenStore {

  /// A family and the account that it belongs to, read together.
  record Owned(TokenFamily family, Account owner) {}

  /// A refresh token as it is now, with its family and the account that both belong to.
  ///
  /// @param spent whether it was used
  /// @param ofFamily how many refresh tokens the family has, spent or not
  record Found(Owned owned, boolean spent, int ofFamily) {}

  /// What came of using a refresh token.
  sealed interface Use {

    /// It was good and is spent now; its successor is stored.
    record Rotated() implements Use {}

    /// It was spent before, but lately, and its successor is not used yet: this is the successor,
    /// as it was sealed.
    record Again(String sealedSuccessor) implements Use {}

    /// It was spent before: the family is revoked now.
    record Reused(String family) implements Use {}

    /// There is no such token, or no longer.
    record Unknown() implements Use {}
  }

  /// Adds a family and its first refresh token. Its account must exist.
  void add(TokenFamily family, StoredRefreshToken first);

  /// The family of that id and its owner, whether or not it is still good.
  Optional<Owned> family(String id);

  /// The refresh token of that digest, whether or not it is still good; spends nothing.
  Optional<Found> token(Digest digest);

  /// Uses a refresh token once, in one transaction.
  ///
  /// Good and unspent at `now`: it is spent, and the successor stored, whose sealed text (null:
  /// there is no grace) is kept until the successor is used itself. Spent less than `grace` ago,
  /// with its successor's text still there: that. Spent before, whether or not its own end has come
  /// since (RFC 9700 §4.14.2): the family and all of its tokens are removed, and a feed row names
  /// it. Unknown, expired unspent, of another family than the successor, or its family is past its
  /// end or of an earlier generation of its account: [Use.Unknown], and nothing changed.
  Use use(
      Digest refreshToken,
      Instant now,
      StoredRefreshToken successor,
      @Nullable String sealedSuccessor,
      Duration grace);

  /// Up to `limit` families, of that account or (null) of all, in the order of their ids, behind
  /// that id (from the beginning: null); also those that are over and not purged yet.
  List<Owned> list(@Nullable String account, @Nullable String afterId, int limit);

  /// Revokes the family, and writes a feed row that names it in the same transaction. False, and
  /// nothing changed, when there is none.
  boolean revoke(String family);

  /// Notes when tokens of these families were last used. One that is gone stays gone; no time goes
  /// backwards.
  void touch(Map<String, Instant> lastUsed);

  /// Removes families that are over, with their refresh tokens: past their end at `now`, of an
  /// earlier generation of their account, or without a refresh token whose end is to come. (A token
  /// that was spent is left as long as its family: whoever uses it again gives a thief away.) And
  /// forgets the successors, as they were sealed, of tokens that were spent at `graceOver` or
  /// before.
  void purge(Instant now, Instant graceOver);
}
