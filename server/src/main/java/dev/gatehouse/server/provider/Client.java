package dev.gatehouse.server.provider;

import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.auth.Secret;
import com.nimbusds.oauth2.sdk.id.ClientID;
import dev.gatehouse.secret.OwnSecrets;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the gate is at a provider.
///
/// @param name of the provider: a segment of paths
/// @param label of the provider, for people
/// @param issuer exactly as the provider names itself
/// @param id as the provider knows the gate
/// @param secret null: the client is public (RFC 6749 §2.1)
/// @param scopes to ask for
/// @param ownSecrets the gate's secrets, which are not sent to the provider, nor taken as its
///   tokens
public record Client(
    String name,
    String label,
    URI issuer,
    String id,
    @Nullable String secret,
    List<String> scopes,
    OwnSecrets ownSecrets) {

  /// Copies the list.
  public Client {
    scopes = List.copyOf(scopes);
  }

  ClientID clientId() {
    return new ClientID(id);
  }

  @Nullable Secret clientSecret() {
    return secret == null ? null : new Secret(secret);
  }

  Scope scope() {
    return new Scope(scopes.toArray(String[]::new));
  }

  /// Without the secret.
  @Override
  public String toString() {
    return "Client[" + id + " at " + name + "]";
  }
}
