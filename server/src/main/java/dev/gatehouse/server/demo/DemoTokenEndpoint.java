package dev.gatehouse.server.demo;

import com.nimbusds.oauth2.sdk.AccessTokenResponse;
import com.nimbusds.oauth2.sdk.AuthorizationCodeGrant;
import com.nimbusds.oauth2.sdk.ClientCredentialsGrant;
import com.nimbusds.oauth2.sdk.ErrorObject;
import com.nimbusds.oauth2.sdk.OAuth2Error;
import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.TokenErrorResponse;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.TokenResponse;
import com.nimbusds.oauth2.sdk.auth.PlainClientSecret;
import com.nimbusds.oauth2.sdk.auth.Secret;
import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.id.Issuer;
import com.nimbusds.oauth2.sdk.pkce.CodeChallenge;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import com.nimbusds.oauth2.sdk.token.BearerAccessToken;
import com.nimbusds.oauth2.sdk.token.Tokens;
import com.nimbusds.openid.connect.sdk.OIDCTokenResponse;
import com.nimbusds.openid.connect.sdk.token.OIDCTokens;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/// The token endpoint of the demo's provider.
///
/// Two clients are known: the gate, which exchanges codes, and a service, which gets tokens for the
/// gate's API in its own name.
final class DemoTokenEndpoint {

  private static final List<String> API_SCOPES = List.of("orders.read", "orders.write");

  private final Issuer issuer;
  private final Client gate;
  private final Client service;
  private final String audience;
  private final DemoCodes codes;
  private final DemoTokens tokens;

  /// A client and its secret.
  record Client(ClientID id, Secret secret) {

    /// Names the client only.
    @Override
    public String toString() {
      return "Client[" + id + "]";
    }

    // The SDK compares secrets in constant time.
    boolean is(PlainClientSecret shown) {
      return id.equals(shown.getClientID()) && secret.equals(shown.getClientSecret());
    }
  }

  /// The clients that are known.
  ///
  /// @param audience the API that the service's tokens are for
  record Clients(Client gate, Client service, String audience) {}

  DemoTokenEndpoint(Issuer issuer, Clients clients, DemoCodes codes, DemoTokens tokens) {
    this.issuer = issuer;
    this.gate = clients.gate;
    this.service = clients.service;
    this.audience = clients.audience;
    this.codes = codes;
    this.tokens = tokens;
  }

  /// Answers a token request.
  HTTPResponse answer(HTTPRequest asked) {
    HTTPResponse answer = judged(asked).toHTTPResponse();
    // RFC 6749 §5.1
    answer.setCacheControl("no-store");
    answer.setPragma("no-cache");
    if (answer.getStatusCode() == 401) {
      answer.setWWWAuthenticate("Basic realm=\"demo provider\""); // RFC 6749 §5.2
    }
    return answer;
  }

  private TokenResponse judged(HTTPRequest asked) {
    TokenRequest request;
    try {
      request = TokenRequest.parse(asked);
    } catch (ParseException wrong) {
      return refused(
          wrong.getErrorObject() == null ? OAuth2Error.INVALID_REQUEST : wrong.getErrorObject());
    }
    if (!(request.getClientAuthentication() instanceof PlainClientSecret shown)) {
      return refused(OAuth2Error.INVALID_CLIENT);
    }
    return switch (request.getAuthorizationGrant()) {
      case AuthorizationCodeGrant grant when gate.is(shown) -> exchanged(grant);
      case ClientCredentialsGrant _ when service.is(shown) -> inItsOwnName(request);
      case AuthorizationCodeGrant _ when service.is(shown) ->
          refused(OAuth2Error.UNAUTHORIZED_CLIENT);
      case ClientCredentialsGrant _ when gate.is(shown) -> refused(OAuth2Error.UNAUTHORIZED_CLIENT);
      default ->
          refused(
              gate.is(shown) || service.is(shown)
                  ? OAuth2Error.UNSUPPORTED_GRANT_TYPE
                  : OAuth2Error.INVALID_CLIENT);
    };
  }

  private TokenResponse exchanged(AuthorizationCodeGrant grant) {
    Optional<DemoCodes.Granted> found = codes.take(grant.getAuthorizationCode());
    if (found.isEmpty()) {
      return refused(OAuth2Error.INVALID_GRANT);
    }
    DemoCodes.Granted granted = found.get();
    if (!granted
            .redirectUri()
            .toString()
            .equals(String.valueOf(grant.getRedirectionURI())) // RFC 6749 §4.1.3
        || grant.getCodeVerifier() == null
        || !CodeChallenge.compute(CodeChallengeMethod.S256, grant.getCodeVerifier())
            .equals(granted.challenge())) { // RFC 7636 §4.6
      return refused(OAuth2Error.INVALID_GRANT);
    }
    // This token is valid at the UserInfo endpoint of this provider only.
    BearerAccessToken access =
        tokens.accessToken(granted.person().subject(), gate.id, issuer.getValue(), granted.scope());
    return new OIDCTokenResponse(
        new OIDCTokens(tokens.idToken(granted, gate.id, access), access, null));
  }

  private TokenResponse inItsOwnName(TokenRequest request) {
    // RFC 6749 §3.1: a parameter without a value counts as left out.
    Scope asked =
        request.getScope() == null || request.getScope().isEmpty()
            ? Scope.parse(API_SCOPES)
            : request.getScope();
    if (!API_SCOPES.containsAll(asked.toStringList())) {
      return refused(
          OAuth2Error.INVALID_SCOPE.setDescription(
              "the scopes are " + String.join(" ", API_SCOPES)));
    }
    // RFC 8707 §2
    if (request.getResources() != null
        && !request.getResources().stream().map(URI::toString).allMatch(audience::equals)) {
      return refused(OAuth2Error.INVALID_TARGET);
    }
    return new AccessTokenResponse(
        new Tokens(tokens.accessToken(service.id.getValue(), service.id, audience, asked), null));
  }

  private static TokenErrorResponse refused(ErrorObject error) {
    return new TokenErrorResponse(error);
  }
}
