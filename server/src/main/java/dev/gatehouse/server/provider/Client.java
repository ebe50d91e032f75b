package dev.gatehouse.server.provider;

import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.auth.Secret;
import com.nimbusds.oauth2.sdk.id.ClientID;
import dev.gatehouse.secret.OwnSecrets;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The registration of the gate as a client at a provider (RFC 6749 §2).
///
/// @param name of the provider: a segment of paths
/// @param label of the provider, for people
/// @param issuer exactly as the provider names itself
/// @param id as the provider knows the gate
/// @param secret null: the client is public (RFC 6749 §2.1)
/// @param scopes to ask for
/// @param parameters of the authorization request, beside those that the gate sets itself
/// @param ownSecrets the gate's secrets, which are not sent to the provider, nor taken as its
///   tokens
public record Client(
    String name,
    String label,
    URI issuer,
    String id,
    @Nullable String secret,
    List<String> scopes,
    Map<String, String> parameters,
    OwnSecrets ownSecrets) {

  /// Copies the list and the map.
  public Client {
    scopes = List.copyOf(scopes);
    parameters = Map.copyOf(parameters);
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
