package dev.gatehouse.oauth;

import dev.gatehouse.Scopes;
import java.time.Instant;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// An administrator's word that somebody may have an account here, for whoever shows its token.
///
/// @param id public: `inv_` and what is random
/// @param email that a provider must vouch for; null: whoever comes first
/// @param roles of the account that it makes
/// @param scopes of the account that it makes, beside those of the roles
/// @param expiresAt the first instant at which it is refused
/// @param acceptedAt when it was spent; null: not yet
/// @param account the id of the account that it made; null: none yet
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

  /// Whether it would still make an account.
  public boolean isValid(Instant now) {
    return acceptedAt == null && now.isBefore(expiresAt);
  }

  /// This invitation, spent.
  Invitation accepted(Instant at, String by) {
    return new Invitation(id, email, roles, scopes, createdAt, expiresAt, at, by);
  }
}
