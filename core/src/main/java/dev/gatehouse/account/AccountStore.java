package dev.gatehouse.account;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Where accounts are kept. Thread-safe; every call may block.
///
/// Each method throws [dev.gatehouse.StoreUnavailableException] when the store does not answer.
public interface AccountStore {

  /// Adds the account; false, and nothing changed, when its name or e-mail address is taken.
  boolean add(Account account);

  /// The account of that id.
  Optional<Account> byId(String id);

  /// The account of that name, exactly.
  Optional<Account> byName(String name);

  /// The account of that e-mail address, exactly.
  Optional<Account> byEmail(String email);

  /// Puts the changed account in the place of its version before ([Account#version()] − 1), and a
  /// feed row that names its subject in the same transaction; false, and nothing changed, when
  /// another change came first or the account is gone. The id, kind, name and time of creation
  /// never change.
  boolean replace(Account changed);

  /// Up to `limit` accounts of the kind, in the order of their ids, behind that id (from the
  /// beginning: null).
  List<Account> list(Account.Kind kind, @Nullable String afterId, int limit);
}
