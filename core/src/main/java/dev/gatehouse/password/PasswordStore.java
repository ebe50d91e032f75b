package dev.gatehouse.password;

import dev.gatehouse.account.Account;
import dev.gatehouse.secret.Digest;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Where passwords are kept: at most one for each account. Thread-safe; every call may block.
///
/// Each method throws [dev.gatehouse.StoreUnavailableException] when the store does not answer.
/// What a method has acknowledged by returning survives a crash.
public interface PasswordStore {

  /// An account and its password, read together; null when it has none.
  record Owned(Account owner, @Nullable StoredPassword password) {}

  /// The account of that e-mail address (what holds an `@`) or name, in the form in which accounts
  /// keep it, and its password.
  Optional<Owned> bySignInName(String nameOrEmail);

  /// The account of that id and its password.
  Optional<Owned> byAccount(String account);

  /// Sets the password of its account in the place of the one before; in the same transaction the
  /// account goes to its next generation and version, links for a reset are spent, and a feed row
  /// names its subject. False, and nothing changed, when there is no such account, or its password
  /// is no longer the one of that id (null: there was none).
  boolean replace(StoredPassword password, @Nullable String beforeId);

  /// Keeps a better hash of the same password: no generation, no feed row. False, and nothing
  /// changed, when the hash is no longer that one.
  boolean rehash(String id, String hash, String better);

  /// Keeps the digest of a one-time link with which the account's password can be set, in the place
  /// of any before. It ends with the account's generation, as a sign-in does. False when there is
  /// no such account.
  boolean addReset(String account, Digest digest, Instant expiresAt);

  /// The account for which a link of that digest is good at that instant.
  Optional<Account> byReset(Digest digest, Instant now);

  /// Spends the link, and sets the password as [#replace] does, whatever was before; one
  /// transaction. False, and nothing changed, when no link of that digest is good for the account
  /// at that instant.
  boolean reset(Digest digest, Instant now, StoredPassword password);

  /// Removes links that ended before that instant.
  void purgeResetsBefore(Instant instant);
}
