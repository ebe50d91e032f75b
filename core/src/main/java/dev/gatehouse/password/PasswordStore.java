package dev.gatehouse.password;

import dev.gatehouse.account.Account;
import dev.gatehouse.secret.Digest;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Stores passwords, at most one for each account. Thread-safe; every method may block.
///
/// Each method throws [dev.gatehouse.StoreUnavailableException] if the store does not answer. A
/// change that a method acknowledged by returning survives a crash.
public interface PasswordStore {

  /// An account and its password, read together; null if it has none.
  record Owned(Account owner, @Nullable StoredPassword password) {}

  /// Returns the account of that name or e-mail address (which contains an `@`), in the form in
  /// which accounts store it, with its password.
  Optional<Owned> bySignInName(String nameOrEmail);

  /// Returns the account of that id with its password.
  Optional<Owned> byAccount(String account);

  /// Sets the password of its account in place of the previous one. In the same transaction the
  /// account gets its next generation and version, links for a reset are deleted, and a feed row
  /// names its subject.
  ///
  /// @param beforeId the id of the previous password; null: there was none
  /// @return false, and nothing changed, if there is no such account, or its password is no longer
  ///   the previous one
  boolean replace(StoredPassword password, @Nullable String beforeId);

  /// Stores a better hash of the same password. The generation does not change, and no feed row is
  /// written.
  ///
  /// @return false, and nothing changed, if the stored hash is no longer that one
  boolean rehash(String id, String hash, String better);

  /// Stores the digest of a one-time link with which the password can be set, in place of any
  /// earlier one. The link becomes invalid with the account's next generation, as a sign-in does.
  ///
  /// @return false if there is no such account
  boolean addReset(String account, Digest digest, Instant expiresAt);

  /// Returns the account for which a link with that digest is valid at that instant.
  Optional<Account> byReset(Digest digest, Instant now);

  /// Uses the link and sets the password as [#replace] does, whatever the previous one was, in one
  /// transaction.
  ///
  /// @return false, and nothing changed, if no link with that digest is valid for the account at
  ///   that instant
  boolean reset(Digest digest, Instant now, StoredPassword password);

  /// Deletes links that expired before that instant.
  void purgeResetsBefore(Instant instant);
}
