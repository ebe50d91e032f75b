package dev.gatehouse.account;

import dev.gatehouse.Scopes;
import java.util.Map;
import java.util.Set;

/// Roles: named sets of scopes, which the configuration defines. Immutable.
public record Roles(Map<String, Scopes> byName) {

  /// No roles.
  public static final Roles NONE = new Roles(Map.of());

  /// Copies the map.
  public Roles {
    byName = Map.copyOf(byName);
  }

  /// Returns all scopes of the account: its own, and those of its roles. A role that the
  /// configuration no longer defines gives no scope.
  public Scopes of(Account account) {
    Scopes scopes = account.scopes();
    for (String role : account.roles()) {
      scopes = scopes.union(byName.getOrDefault(role, Scopes.NONE));
    }
    return scopes;
  }

  /// Returns the names of all roles.
  public Set<String> names() {
    return byName.keySet();
  }
}
