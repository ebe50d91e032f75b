package dev.gatehouse.account;

import dev.gatehouse.Scopes;
import java.util.Map;
import java.util.Set;

/// Roles: named sets of scopes, as the configuration defines them.
public record Roles(Map<String, Scopes> byName) {

  /// No roles.
  public static final Roles NONE = new Roles(Map.of());

  /// Copies the map.
  public Roles {
    byName = Map.copyOf(byName);
  }

  /// Everything that the account may do: its own scopes, and those of its roles. A role that the
  /// configuration no longer defines gives nothing.
  public Scopes of(Account account) {
    Scopes scopes = account.scopes();
    for (String role : account.roles()) {
      scopes = scopes.union(byName.getOrDefault(role, Scopes.NONE));
    }
    return scopes;
  }

  /// The names of the roles.
  public Set<String> names() {
    return byName.keySet();
  }
}
