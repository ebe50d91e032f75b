package dev.gatehouse.account;

import dev.gatehouse.Network;
import dev.gatehouse.RootCredential;
import dev.gatehouse.Scopes;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The current state of a credential or a sign-in for which a token was issued. The token is valid
/// only as long as its parent is, and allows no more. Immutable.
///
/// @param root the credential itself; for a sign-in, the credential with which the person signed in
/// @param owner the account as it is now
/// @param scopes the scopes that it allows at most; null: all scopes of the owner
/// @param expiresAt the first instant at which it is refused; null: never
/// @param networks the networks from which it may be used; empty: from anywhere
/// @param requestsPerMinute how often it may be used in a minute; null: unlimited
public record ParentCredential(
    RootCredential root,
    Account owner,
    @Nullable Scopes scopes,
    @Nullable Instant expiresAt,
    List<Network> networks,
    @Nullable Integer requestsPerMinute) {

  /// Copies the list.
  public ParentCredential {
    networks = List.copyOf(networks);
  }
}
