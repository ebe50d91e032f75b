package dev.gatehouse.oauth;

import dev.gatehouse.Scopes;
import java.time.Instant;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// An administrator's permission to get an account, for anybody who has its token. Immutable.
///
/// @param id public: `inv_` and random characters
/// @param email the address that a provider must vouch for; null: the first who uses it gets the
///   account
/// @param roles the roles of the new account
/// @param scopes the scopes of the new account, in addition to those of the roles
/// @param expiresAt the first instant at which it is refused
/// @param acceptedAt when it was used; null: not yet
/// @param account the id of the account that was made; null: none yet
public record Invitation(
    String id,
    @Nullable String email,
    SortedSet<String> roles,
    Scopes scopes,
    Instant createdAt,
    Instant expiresAt,
    @Nullable Instant acceptedAt,
    @Nullable String account) {

  /// Copies the set.
  public Invitation {
    roles = Collections.unmodifiableSortedSet(new TreeSet<>(roles));
  }

  /// Whether the invitation can still be used at that time.
  public boolean isValid(Instant now) {
    return acceptedAt == null && now.isBefore(expiresAt);
  }

  /// Returns this invitation after its use.
  Invitation accepted(Instant at, String by) {
    return new Invitation(id, email, roles, scopes, createdAt, expiresAt, at, by);
  }
}
