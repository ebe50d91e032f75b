package dev.gatehouse.account;

import dev.gatehouse.Scopes;
import java.time.Instant;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/// A person or a service to which credentials belong. Immutable.
///
/// @param id opaque and never reused: the subject of local principals
/// @param name unique; in the form that [Accounts#folded] returns
/// @param email unique, if there is one; only people have one
/// @param roles the names of roles, which the configuration defines
/// @param scopes the scopes that the account has in addition to those of its roles
/// @param generation counts how often all sign-ins of the account were ended. A session or token of
///   an earlier generation is no longer valid
/// @param version counts the changes of the account, so that concurrent changes do not overwrite
///   each other
public record Account(
    String id,
    Kind kind,
    String name,
    @Nullable String email,
    SortedSet<String> roles,
    Scopes scopes,
    boolean disabled,
    Instant createdAt,
    long generation,
    long version) {

  /// What an account stands for.
  public enum Kind {
    PERSON,
    SERVICE
  }

  /// Returns this account with other roles and scopes.
  public Account withGrants(SortedSet<String> newRoles, Scopes newScopes) {
    return with(newRoles, newScopes, disabled);
  }

  /// Returns this account, disabled or enabled. Disabling ends its sign-ins, and enabling does not
  /// restore them.
  public Account withDisabled(boolean nowDisabled) {
    return with(roles, scopes, nowDisabled);
  }

  /// Returns this account with both changes.
  Account with(SortedSet<String> newRoles, Scopes newScopes, boolean nowDisabled) {
    return new Account(
        id,
        kind,
        name,
        email,
        newRoles,
        newScopes,
        nowDisabled,
        createdAt,
        nowDisabled && !disabled ? generation + 1 : generation,
        version + 1);
  }

  /// Returns this account after all of its sign-ins were ended.
  public Account withoutSignIns() {
    return new Account(
        id, kind, name, email, roles, scopes, disabled, createdAt, generation + 1, version + 1);
  }
}
