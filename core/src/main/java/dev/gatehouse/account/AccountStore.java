package dev.gatehouse.account;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Stores accounts. Thread-safe; every method may block.
///
/// Each method throws [dev.gatehouse.StoreUnavailableException] if the store does not answer.
public interface AccountStore {

  /// Adds the account.
  ///
  /// @return false, and nothing changed, if its name or e-mail address is taken
  boolean add(Account account);

  /// Returns the account of that id.
  Optional<Account> byId(String id);

  /// Returns the account with exactly that name.
  Optional<Account> byName(String name);

  /// Returns the account with exactly that e-mail address.
  Optional<Account> byEmail(String email);

  /// Replaces the previous version of the account ([Account#version()] − 1). Writes a feed row that
  /// names its subject in the same transaction. The id, kind, name and time of creation never
  /// change.
  ///
  /// @return false, and nothing changed, if another change came first or the account does not exist
  boolean replace(Account changed);

  /// Returns up to `limit` accounts of the kind in the order of their ids, after that id (null:
  /// from the first).
  List<Account> list(Account.Kind kind, @Nullable String afterId, int limit);
}
