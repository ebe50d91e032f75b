package dev.gatehouse.server.config;

import dev.gatehouse.oauth.ScopeMapping;
import dev.gatehouse.oauth.TrustedIssuer;
import dev.gatehouse.server.provider.AllowedAddresses;
import dev.gatehouse.server.tls.TrustedCertificates;
import java.net.URI;
import java.util.Optional;

/// An issuer whose access tokens are accepted.
///
/// @param issuer exactly as its tokens name it
/// @param audience that a token must name
/// @param subjects for whom its tokens act
/// @param scopes what its claims allow
/// @param untyped whether a token counts that does not say in `typ` that it is an access token
/// @param keys where its keys are, if it has no discovery document that says it
/// @param introspection how it is asked; empty: its keys verify
/// @param addresses that its hosts may have
/// @param ca who vouches for its TLS in place of the public CAs
public record IssuerConfig(
    URI issuer,
    String audience,
    TrustedIssuer.Subjects subjects,
    ScopeMapping scopes,
    boolean untyped,
    Optional<URI> keys,
    Optional<Introspection> introspection,
    AllowedAddresses addresses,
    Optional<TrustedCertificates> ca) {

  /// How an issuer is asked about a token.
  ///
  /// @param endpoint if its discovery document does not say it
  /// @param secretInBody whether the secret goes into the body of the question
  /// @param remember whether its answer counts for a minute
  public record Introspection(
      Optional<URI> endpoint,
      String clientId,
      ProviderConfig.ClientSecret clientSecret,
      boolean secretInBody,
      boolean remember) {}
}
