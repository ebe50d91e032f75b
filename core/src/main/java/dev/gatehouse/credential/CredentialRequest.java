package dev.gatehouse.credential;

import dev.gatehouse.Network;
import dev.gatehouse.Scopes;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The owner and the terms that are asked for a new credential of any kind. Nothing of it is
/// checked yet.
///
/// @param owner name or id of the account that it acts for
/// @param name for people
/// @param scopes at most the owner's; null: all that the owner has now
/// @param expiresAt the first instant at which it is refused; null: what the kind says, which is
///   never for most
/// @param networks from where it may be used; empty: from anywhere
/// @param requestsPerMinute how often it may be used; null: unlimited
public record CredentialRequest(
    String owner,
    String name,
    @Nullable Scopes scopes,
    @Nullable Instant expiresAt,
    List<Network> networks,
    @Nullable Integer requestsPerMinute) {

  /// Copies the list.
  public CredentialRequest {
    networks = List.copyOf(networks);
  }

  CredentialTerms terms(Scopes granted) {
    return new CredentialTerms(
        name, scopes == null ? granted : scopes, expiresAt, networks, requestsPerMinute);
  }
}
