package dev.gatehouse.server.config;

import dev.gatehouse.oauth.AllowList;
import dev.gatehouse.server.provider.AllowedAddresses;
import dev.gatehouse.server.tls.TrustedCertificates;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// An identity provider with which people may sign in.
///
/// @param label as people know it: the button says "Sign in with …"
/// @param issuer exactly as its discovery document and its ID tokens name it; of GitHub: where
///   people sign in
/// @param apiUrl GitHub's API; empty for others
/// @param clientId as the provider knows the gate
/// @param clientSecret empty for a public client
/// @param scopes that are asked for beside those that signing in needs
/// @param authorizationParameters of the authorization request, beside those that the gate sets
/// @param allow who gets an account unasked
/// @param keepTokens whether its tokens are kept, for upstreams of routes that name it
/// @param addresses that its hosts may have
/// @param ca who vouches for the provider's TLS in place of the public CAs
public record ProviderConfig(
    Type type,
    String label,
    URI issuer,
    Optional<URI> apiUrl,
    String clientId,
    Optional<ClientSecret> clientSecret,
    List<String> scopes,
    Map<String, String> authorizationParameters,
    AllowList allow,
    boolean keepTokens,
    AllowedAddresses addresses,
    Optional<TrustedCertificates> ca) {

  public ProviderConfig {
    scopes = List.copyOf(scopes);
    authorizationParameters = Map.copyOf(authorizationParameters);
  }

  /// The protocol of a provider.
  public enum Type {
    /// OAuth 2.0 without ID tokens. GitHub's API says who the person is.
    GITHUB,
    /// OpenID Connect, and Google's claim about the domain of an e-mail address.
    GOOGLE,
    /// OpenID Connect with the discovery document of the issuer.
    OIDC
  }

  /// The secret by which the provider recognises the gate. It has no text form.
  public record ClientSecret(String value) {

    @Override
    public String toString() {
      return "ClientSecret[…]";
    }
  }
}
