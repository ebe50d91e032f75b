package dev.gatehouse.account;

import dev.gatehouse.Network;
import dev.gatehouse.RootCredential;
import dev.gatehouse.Scopes;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a credential stands for now: for whoever holds something that was issued on the strength of
/// it.
///
/// @param root the credential itself, or for a sign-in the one with which the person signed in
/// @param owner the account as it is now
/// @param scopes at most these; null: whatever the owner may do
/// @param expiresAt the first instant at which it is no good; null: never
/// @param networks from where it may be used; empty: from anywhere
/// @param requestsPerMinute how often it may be used; null: unlimited
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
