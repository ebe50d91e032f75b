package dev.gatehouse.account;

import dev.gatehouse.Scopes;
import java.time.Instant;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/// A person or a service that credentials belong to.
///
/// @param id opaque, never reused: the local subject
/// @param name unique, as an administrator or a person types it
/// @param email unique if given; people only
/// @param roles names of sets of scopes that the configuration defines
/// @param scopes granted beside those of the roles
/// @param generation of its sign-ins: grows whenever all of them end, and a session or token of an
///   earlier one is over
/// @param version counts the changes, so that two administrators can't overwrite each other
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

  /// Who an account stands for.
  public enum Kind {
    PERSON,
    SERVICE
  }

  /// This account with other grants.
  public Account withGrants(SortedSet<String> newRoles, Scopes newScopes) {
    return with(newRoles, newScopes, disabled);
  }

  /// This account, disabled or enabled. Disabling ends its sign-ins: enabling brings none back.
  public Account withDisabled(boolean nowDisabled) {
    return with(roles, scopes, nowDisabled);
  }

  /// Both in one change.
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

  /// This account with every sign-in of it ended.
  public Account withoutSignIns() {
    return new Account(
        id, kind, name, email, roles, scopes, disabled, createdAt, generation + 1, version + 1);
  }
}
