package dev.gatehouse.server.provider;

import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.oauth2.sdk.AuthorizationCode;
import com.nimbusds.oauth2.sdk.AuthorizationCodeGrant;
import com.nimbusds.oauth2.sdk.AuthorizationGrant;
import com.nimbusds.oauth2.sdk.AuthorizationResponse;
import com.nimbusds.oauth2.sdk.ErrorObject;
import com.nimbusds.oauth2.sdk.OAuth2Error;
import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.RefreshTokenGrant;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.TokenResponse;
import com.nimbusds.oauth2.sdk.auth.ClientAuthenticationMethod;
import com.nimbusds.oauth2.sdk.auth.ClientSecretBasic;
import com.nimbusds.oauth2.sdk.auth.ClientSecretPost;
import com.nimbusds.oauth2.sdk.auth.Secret;
import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import com.nimbusds.oauth2.sdk.http.HTTPRequestSender;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import com.nimbusds.oauth2.sdk.id.Issuer;
import com.nimbusds.oauth2.sdk.token.AccessToken;
import com.nimbusds.oauth2.sdk.token.AccessTokenType;
import com.nimbusds.oauth2.sdk.token.RefreshToken;
import com.nimbusds.oauth2.sdk.token.Tokens;
import dev.gatehouse.json.Json;
import dev.gatehouse.oauth.ProviderToken;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The part of the authorization code flow that is the same for every provider: it reads the answer
/// that a browser brings back (RFC 6749 §4.1.2), and exchanges the code for tokens (§4.1.3).
/// Thread-safe; requests block.
final class CodeExchange {

  private static final Logger LOG = LoggerFactory.getLogger(CodeExchange.class);

  // RFC 6749 §4.1.2 and §5.1 leave the sizes open. An access token may hold a person's groups. A
  // code comes in the query of a request, whose length the listener bounds.
  private static final int MAX_TOKEN = 65_536;
  // A hundred years. An instant that far ahead can be stored.
  private static final long MAX_LIFETIME_SECONDS = 100L * 365 * 24 * 60 * 60;
  private static final Pattern TOKEN = Pattern.compile("[!-~]+");

  // The members of a token endpoint's answer that are read (RFC 6749 §5.1, §5.2, OpenID Connect
  // Core 1.0 §3.1.3.3).
  private static final Set<String> TOKEN_MEMBERS =
      Set.of(
          "access_token",
          "token_type",
          "expires_in",
          "refresh_token",
          "scope",
          "id_token",
          "error",
          "error_description",
          "error_uri");
  // Optional members beside the scope (RFC 6749 §5.1).
  private static final List<String> OPTIONAL = List.of("expires_in", "refresh_token");

  private static final Pattern LIFETIME = Pattern.compile("[0-9]{1,9}");

  private static final String BASIC = ClientAuthenticationMethod.CLIENT_SECRET_BASIC.getValue();

  /// The name of the way in which the client's secret is sent in the body.
  static final String IN_BODY = ClientAuthenticationMethod.CLIENT_SECRET_POST.getValue();

  private final Client client;
  private final HTTPRequestSender http;
  private final Clock clock;

  CodeExchange(Client client, HTTPRequestSender http, Clock clock) {
    this.client = client;
    this.http = http;
    this.clock = clock;
  }

  /// The code of an answer that the `state` was found for.
  ///
  /// @param issuers any of which the answer may name
  /// @param issuerRequired whether it must name one
  AuthorizationCode code(
      Map<String, List<String>> answer, URI redirect, Set<String> issuers, boolean issuerRequired)
      throws ProviderException {
    AuthorizationResponse response;
    try {
      response = AuthorizationResponse.parse(redirect, answer);
    } catch (ParseException | IllegalArgumentException unreadable) { // a blank code is the latter
      throw ProviderException.untrusted("the browser brought no answer", unreadable);
    }
    if (response.getJWTResponse() != null) {
      throw ProviderException.untrusted("the answer is a JWT, which was not requested");
    }
    // RFC 9207 §2.4: the issuer shows that an answer comes from another server, for a code as well
    // as for an error. If the metadata says that the server sends `iss`, an answer without it is
    // not accepted.
    Issuer issuer = response.getIssuer();
    if (issuer == null ? issuerRequired : !issuers.contains(issuer.getValue())) {
      throw ProviderException.untrusted(
          issuer == null
              ? "the answer does not name its issuer (iss), as the provider says it would"
              : "the answer is one of " + issuer.getValue());
    }
    if (!response.indicatesSuccess()) {
      ErrorObject error = response.toErrorResponse().getErrorObject();
      throw error.equals(OAuth2Error.TEMPORARILY_UNAVAILABLE)
              || error.equals(OAuth2Error.SERVER_ERROR)
          ? ProviderException.unavailable("the provider answered " + said(error))
          : ProviderException.declined("the provider answered " + said(error));
    }
    AuthorizationCode code = response.toSuccessResponse().getAuthorizationCode();
    if (code == null) {
      throw ProviderException.untrusted("the answer has no code");
    }
    if (client.ownSecrets().isIn(code.getValue())) {
      throw ProviderException.untrusted("the answer's code is a secret of this gate");
    }
    return code;
  }

  /// What a provider issued.
  ///
  /// @param saysItsEnd whether the answer says how long the access token is good
  /// @param idToken not read yet; null: it sent none
  record Issued(Tokens tokens, boolean saysItsEnd, @Nullable String idToken) {

    @Override
    public String toString() {
      return "Issued";
    }
  }

  /// Where a provider issues tokens.
  ///
  /// @param authentication by which it takes the client's secret: names of OpenID Connect Core §9
  record TokenEndpoint(URI uri, List<String> authentication) {}

  /// Tokens for a code (RFC 6749 §4.1.3, RFC 7636 §4.5).
  Issued exchange(
      TokenEndpoint endpoint, AuthorizationCode code, AttemptSecrets secrets, URI redirect)
      throws ProviderException {
    return tokens(endpoint, new AuthorizationCodeGrant(code, redirect, secrets.verifier()));
  }

  /// Tokens for a refresh token (RFC 6749 §6).
  ProviderToken refresh(TokenEndpoint endpoint, ProviderToken expired) throws ProviderException {
    String refreshToken = expired.refreshToken();
    if (refreshToken == null) {
      throw ProviderException.declined("the provider gave no refresh token");
    }
    Issued issued = tokens(endpoint, new RefreshTokenGrant(new RefreshToken(refreshToken)));
    ProviderToken fresh = kept(issued, expired.scopes());
    // RFC 6749 §6: if the answer has no new refresh token, the old one stays valid.
    return fresh.refreshToken() == null
        ? new ProviderToken(fresh.accessToken(), refreshToken, fresh.scopes(), fresh.expiresAt())
        : fresh;
  }

  /// The tokens in the form in which they are stored.
  ///
  /// @param asked the scopes that were requested: these were granted unless the answer says
  ///   otherwise (RFC 6749 §5.1)
  ProviderToken kept(Issued issued, Set<String> asked) {
    AccessToken access = issued.tokens.getAccessToken();
    RefreshToken refresh = issued.tokens.getRefreshToken();
    Scope granted = access.getScope();
    SortedSet<String> scopes = new TreeSet<>();
    if (granted == null || granted.isEmpty()) {
      scopes.addAll(asked);
    } else {
      // GitHub separates scopes by commas, RFC 6749 §3.3 by spaces.
      granted.toStringList().forEach(scope -> scopes.addAll(List.of(scope.split(",", -1))));
      scopes.remove("");
    }
    return new ProviderToken(
        access.getValue(),
        refresh == null ? null : refresh.getValue(),
        scopes,
        // A lifetime of zero or of a fraction of a second is a lifetime, too.
        issued.saysItsEnd ? clock.instant().plusSeconds(access.getLifetime()) : null);
  }

  private Issued tokens(TokenEndpoint endpoint, AuthorizationGrant grant) throws ProviderException {
    HTTPRequest request = request(endpoint, grant).toHTTPRequest();
    request.setAccept("application/json");
    HTTPResponse answer = send(request);
    Map<String, @Nullable Object> members = members(answer);
    if (!members.isEmpty()) {
      answer.setBody(JSONObjectUtils.toJSONString(members));
    }
    TokenResponse response;
    try {
      if (!isLifetime(members.get("expires_in"))) {
        throw new ParseException("expires_in is no number of seconds");
      }
      response = TokenResponse.parse(answer);
      if (members.isEmpty() && response.indicatesSuccess()) {
        throw new ParseException("a member is there twice, or a text is not well-formed");
      }
    } catch (ParseException | IllegalArgumentException unreadable) {
      // GitHub reports errors with 200. Other answers that can't be read are not quoted, because
      // they may hold a token.
      ErrorObject error = errorOf(answer);
      throw error == null
          ? ProviderException.unavailable(
              "the token endpoint's answer (" + answer.getStatusCode() + ") can't be read")
          : refused(error, grant);
    }
    if (!response.indicatesSuccess()) {
      throw refused(response.toErrorResponse().getErrorObject(), grant);
    }
    Tokens tokens = response.toSuccessResponse().getTokens();
    // RFC 6749 §7.1: a token of a type that is not understood is not used.
    if (!AccessTokenType.BEARER.equals(tokens.getAccessToken().getType())) {
      throw ProviderException.unavailable("the provider issued a token that is no bearer token");
    }
    checkToken(tokens.getAccessToken().getValue());
    return new Issued(
        tokens,
        members.get("expires_in") != null,
        members.get("id_token") instanceof String text ? text : null);
  }

  // The members that are used. Members that are not used can't make the answer invalid. Optional
  // members that are empty count as missing. The map is empty if the answer can't be read.
  private Map<String, @Nullable Object> members(HTTPResponse answer) throws ProviderException {
    StringBuilder used = new StringBuilder();
    try {
      JsonParts.members(answer.getBody() == null ? "" : answer.getBody())
          .forEach(
              (name, value) -> {
                if (TOKEN_MEMBERS.contains(name)) {
                  used.append(used.isEmpty() ? "" : ",").append('"').append(name).append("\":");
                  used.append(value);
                }
              });
    } catch (java.text.ParseException noObject) {
      return Map.of();
    }
    Map<String, @Nullable Object> members = Json.object("{" + used + "}").orElseGet(HashMap::new);
    members.values().removeIf(Objects::isNull);
    OPTIONAL.forEach(name -> members.remove(name, ""));
    // RFC 6749 §3.3: the scope is a text. Twitch sends a list.
    if (members.get("scope") instanceof List<?> scopes) {
      members.put(
          "scope",
          scopes.stream()
              .filter(String.class::isInstance)
              .map(String.class::cast)
              .collect(Collectors.joining(" ")));
    }
    if (!(members.get("scope") instanceof String scope) || scope.isBlank()) {
      members.remove("scope");
    }
    // Only a later refresh needs the refresh token.
    if (members.get("refresh_token") instanceof String token && !isToken(token)) {
      LOG.warn(
          "A refresh token of {} is not kept: it is too long or not only visible ASCII",
          client.name());
      members.remove("refresh_token");
    } else if (members.get("refresh_token") instanceof String token) {
      checkToken(token);
    }
    return members;
  }

  /// The members of the JSON object that was answered, read strictly ([Json]); empty when it is
  /// none.
  static Optional<Map<String, @Nullable Object>> object(HTTPResponse answer) {
    String body = answer.getBody();
    return body == null ? Optional.empty() : Json.object(body);
  }

  // RFC 6749 §5.1: a number of seconds. Some providers send it as a text.
  private static boolean isLifetime(@Nullable Object told) {
    return switch (told) {
      case null -> true;
      case Number seconds ->
          seconds.doubleValue() >= 0 && seconds.doubleValue() <= MAX_LIFETIME_SECONDS;
      case String text -> LIFETIME.matcher(text).matches();
      default -> false;
    };
  }

  // The token will be sent to the provider or to an upstream.
  private void checkToken(String token) throws ProviderException {
    // RFC 6749 §A.12, §A.17: a token is visible ASCII, which is allowed in a header field.
    if (!isToken(token)) {
      throw ProviderException.unavailable(
          "the provider issued a token that is too long or not only visible ASCII");
    }
    if (client.ownSecrets().isIn(token)) {
      throw ProviderException.unavailable("the provider issued a secret of this gate as a token");
    }
  }

  private static boolean isToken(String text) {
    return text.length() <= MAX_TOKEN && TOKEN.matcher(text).matches();
  }

  private TokenRequest request(TokenEndpoint endpoint, AuthorizationGrant grant)
      throws ProviderException {
    Secret secret = client.clientSecret();
    if (secret == null) {
      return new TokenRequest.Builder(endpoint.uri, client.clientId(), grant).build();
    }
    if (endpoint.authentication.contains(BASIC)) {
      return new TokenRequest.Builder(
              endpoint.uri, new ClientSecretBasic(client.clientId(), secret), grant)
          .build();
    }
    if (endpoint.authentication.contains(IN_BODY)) {
      return new TokenRequest.Builder(
              endpoint.uri, new ClientSecretPost(client.clientId(), secret), grant)
          .build();
    }
    throw ProviderException.unavailable(
        "the provider accepts a client secret in no way that the gate supports (Basic, or in the body)");
  }

  // 400 invalid_grant: the code or token is not valid. Any other error concerns the provider and
  // the gate, and the person can't correct it.
  private static ProviderException refused(@Nullable ErrorObject error, AuthorizationGrant grant) {
    String said = said(error);
    // A provider may quote the request in its error, and the error is logged.
    for (String secret : List.of("code", "code_verifier", "refresh_token")) {
      for (String value : grant.toParameters().getOrDefault(secret, List.of())) {
        said = said.replace(value, "…");
      }
    }
    return (error != null && OAuth2Error.INVALID_GRANT.getCode().equals(error.getCode()))
            || (error != null && "bad_verification_code".equals(error.getCode()))
            || (error != null && "bad_refresh_token".equals(error.getCode()))
        ? ProviderException.declined("the token endpoint answered " + said)
        : ProviderException.unavailable("the token endpoint answered " + said);
  }

  private static @Nullable ErrorObject errorOf(HTTPResponse answer) {
    try {
      ErrorObject error = ErrorObject.parse(answer.getBodyAsJSONObject());
      return error.getCode() == null ? null : error;
    } catch (ParseException | IllegalArgumentException none) {
      return null;
    }
  }

  private static String said(@Nullable ErrorObject error) {
    return error == null || error.getCode() == null
        ? "an error without a name"
        : error.getCode() + ": " + error.getDescription();
  }

  /// Sends a request. Throws [ProviderException] if there is no answer, or if the answer is an
  /// error of the server.
  HTTPResponse send(HTTPRequest request) throws ProviderException {
    HTTPResponse answer;
    try {
      answer = request.send(http);
    } catch (IOException failed) {
      throw ProviderException.unavailable("the provider can't be asked", failed);
    }
    int status = answer.getStatusCode();
    if (status >= 500 || status == 429 || status / 100 == 3) {
      throw ProviderException.unavailable(
          request.getURI().getHost() + request.getURI().getPath() + " answered " + status);
    }
    return answer;
  }
}
