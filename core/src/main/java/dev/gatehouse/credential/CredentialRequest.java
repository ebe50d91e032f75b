package dev.gatehouse.credential;

import dev.gatehouse.Network;
import dev.gatehouse.Scopes;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The requested owner and terms of a new credential of any kind. Nothing is checked yet.
/// Immutable.
///
/// @param owner the name or id of the account that the credential is for
/// @param name a name for people
/// @param scopes the scopes, at most those of the owner; null: all that the owner has now
/// @param expiresAt the first instant at which it is refused; null: the default of the kind, which
///   is never for most kinds
/// @param networks the networks from which it may be used; empty: from anywhere
/// @param requestsPerMinute how often it may be used in a minute; null: unlimited
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
