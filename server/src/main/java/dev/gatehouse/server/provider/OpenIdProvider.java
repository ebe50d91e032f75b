package dev.gatehouse.server.provider;

import com.github.benmanes.caffeine.cache.Ticker;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jwt.JWT;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.ResponseType;
import com.nimbusds.oauth2.sdk.as.AuthorizationServerMetadata;
import com.nimbusds.oauth2.sdk.auth.ClientAuthenticationMethod;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import com.nimbusds.oauth2.sdk.id.Issuer;
import com.nimbusds.oauth2.sdk.id.State;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import com.nimbusds.oauth2.sdk.token.AccessToken;
import com.nimbusds.oauth2.sdk.token.BearerAccessToken;
import com.nimbusds.oauth2.sdk.token.Tokens;
import com.nimbusds.openid.connect.sdk.AuthenticationRequest;
import com.nimbusds.openid.connect.sdk.Nonce;
import com.nimbusds.openid.connect.sdk.UserInfoRequest;
import com.nimbusds.openid.connect.sdk.UserInfoResponse;
import com.nimbusds.openid.connect.sdk.claims.ClaimsSet;
import com.nimbusds.openid.connect.sdk.claims.IDTokenClaimsSet;
import com.nimbusds.openid.connect.sdk.claims.UserInfo;
import com.nimbusds.openid.connect.sdk.op.OIDCProviderMetadata;
import com.nimbusds.openid.connect.sdk.validators.AccessTokenValidator;
import com.nimbusds.openid.connect.sdk.validators.IDTokenValidator;
import com.nimbusds.openid.connect.sdk.validators.InvalidHashException;
import dev.gatehouse.oauth.ProvenIdentity;
import dev.gatehouse.oauth.ProviderToken;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// An OpenID Connect issuer, known by its discovery document.
///
/// Who somebody is stands in an ID token, whose signature is verified though it came over TLS
/// (OpenID Connect Core §3.1.3.7 would let that do), by a key of the issuer's own set and an
/// algorithm for which nobody but the issuer has the key.
public final class OpenIdProvider implements Provider {

  // Never `none`, nor an HMAC, whose key the gate would share (RFC 8725 §3.1, §3.2).
  private static final Set<JWSAlgorithm> ASYMMETRIC =
      Set.of(
          JWSAlgorithm.RS256,
          JWSAlgorithm.RS384,
          JWSAlgorithm.RS512,
          JWSAlgorithm.PS256,
          JWSAlgorithm.PS384,
          JWSAlgorithm.PS512,
          JWSAlgorithm.ES256,
          JWSAlgorithm.ES384,
          JWSAlgorithm.ES512,
          JWSAlgorithm.EdDSA,
          JWSAlgorithm.Ed25519);

  // By how much the provider's clock may differ.
  private static final int CLOCK_SKEW_SECONDS = 60;
  private static final int MAX_LABEL = 100;

  private final Client client;
  private final CodeExchange exchange;
  private final Discovery discovery;
  private final IssuerKeys keys;
  private final boolean google;

  /// @param http for this provider alone
  /// @param google whether it is Google, which says itself when an address is the person's own
  public OpenIdProvider(
      Client client, ForeignHttp http, boolean google, Clock clock, Ticker ticker) {
    this.client = client;
    this.exchange = new CodeExchange(client, http, clock);
    this.discovery = new Discovery(client.issuer().toString(), http, ticker);
    this.keys = new IssuerKeys(discovery, null, http, ticker);
    this.google = google;
  }

  @Override
  public String name() {
    return client.name();
  }

  @Override
  public String label() {
    return client.label();
  }

  @Override
  public URI authorization(AttemptSecrets secrets, URI redirect) throws ProviderException {
    return new AuthenticationRequest.Builder(
            ResponseType.CODE, client.scope(), client.clientId(), redirect)
        .endpointURI(metadata().getAuthorizationEndpointURI())
        .state(new State(secrets.state()))
        .nonce(new Nonce(secrets.nonce()))
        // RFC 9700 §2.1.1: whether or not the provider says that it looks at it.
        .codeChallenge(secrets.verifier(), CodeChallengeMethod.S256)
        .build()
        .toURI();
  }

  @Override
  public Proven prove(Map<String, List<String>> answer, AttemptSecrets secrets, URI redirect)
      throws ProviderException {
    OIDCProviderMetadata metadata = metadata();
    var code =
        exchange.code(
            answer,
            redirect,
            Set.of(client.issuer().toString()),
            metadata.supportsAuthorizationResponseIssuerParam());
    Tokens tokens =
        exchange.exchange(
            metadata.getTokenEndpointURI(), methods(metadata), code, secrets, redirect);
    JWT idToken =
        tokens instanceof com.nimbusds.openid.connect.sdk.token.OIDCTokens openId
            ? openId.getIDToken()
            : null;
    if (idToken == null) {
      throw ProviderException.untrusted("the provider sent no ID token");
    }
    IDTokenClaimsSet claims = verified(metadata, idToken, secrets, tokens.getAccessToken());
    return new Proven(
        identity(metadata, claims, tokens.getAccessToken()),
        exchange.kept(tokens, Set.copyOf(client.scopes())));
  }

  @Override
  public ProviderToken refresh(ProviderToken expired) throws ProviderException {
    OIDCProviderMetadata metadata = metadata();
    return exchange.refresh(metadata.getTokenEndpointURI(), methods(metadata), expired);
  }

  // Judged each time: a document is read again while the gate runs.
  private OIDCProviderMetadata metadata() throws ProviderException {
    AuthorizationServerMetadata read;
    try {
      read = discovery.metadata();
    } catch (IOException failed) {
      throw ProviderException.unavailable("the discovery document can't be had", failed);
    }
    if (!(read instanceof OIDCProviderMetadata metadata)) {
      throw ProviderException.unavailable("the issuer is no OpenID provider");
    }
    check("authorization_endpoint", metadata.getAuthorizationEndpointURI());
    check("token_endpoint", metadata.getTokenEndpointURI());
    if (metadata.getUserInfoEndpointURI() != null) {
      check("userinfo_endpoint", metadata.getUserInfoEndpointURI());
    }
    return metadata;
  }

  // Plain HTTP only where the configured issuer itself is, on loopback.
  private void check(String name, @Nullable URI endpoint) throws ProviderException {
    if (endpoint == null
        || endpoint.getHost() == null
        || endpoint.getRawUserInfo() != null
        || endpoint.getRawFragment() != null // RFC 6749 §3.1, §3.2
        || !("https".equals(endpoint.getScheme())
            || ("http".equals(endpoint.getScheme())
                && "http".equals(client.issuer().getScheme())))) {
      throw ProviderException.unavailable(
          "the discovery document has no " + name + " that can be trusted");
    }
  }

  // OpenID Connect Discovery §3: client_secret_basic unless said otherwise.
  private static List<ClientAuthenticationMethod> methods(OIDCProviderMetadata metadata) {
    List<ClientAuthenticationMethod> methods = metadata.getTokenEndpointAuthMethods();
    return methods == null ? List.of(ClientAuthenticationMethod.CLIENT_SECRET_BASIC) : methods;
  }

  // OpenID Connect Core §3.1.3.7. The validator judges the signature (6), iss (2), aud (3), exp
  // (9), iat, and nonce (11); azp and at_hash it leaves to us.
  private IDTokenClaimsSet verified(
      OIDCProviderMetadata metadata, JWT idToken, AttemptSecrets secrets, AccessToken accessToken)
      throws ProviderException {
    if (!(idToken instanceof SignedJWT signed)) {
      throw ProviderException.untrusted("the ID token is not signed");
    }
    JWSHeader header = signed.getHeader();
    IDTokenValidator validator =
        new IDTokenValidator(
            new Issuer(client.issuer().toString()),
            client.clientId(),
            new JWSVerificationKeySelector<>(algorithms(metadata), keys),
            null);
    validator.setMaxClockSkew(CLOCK_SKEW_SECONDS);
    IDTokenClaimsSet claims;
    try {
      claims = validator.validate(signed, new Nonce(secrets.nonce()));
    } catch (BadJOSEException bad) {
      throw ProviderException.untrusted("the ID token is not good", bad);
    } catch (JOSEException unavailable) {
      throw ProviderException.unavailable("the provider's keys can't be had", unavailable);
    }
    // (4), (5): of several audiences one is said to be the party that the token was issued to.
    String party =
        claims.getAuthorizedParty() == null ? null : claims.getAuthorizedParty().getValue();
    if (party == null ? claims.getAudience().size() > 1 : !party.equals(client.id())) {
      throw ProviderException.untrusted("the ID token was issued to another client (azp)");
    }
    // OpenID Connect Core §3.1.3.8
    if (claims.getAccessTokenHash() != null) {
      try {
        AccessTokenValidator.validate(
            accessToken, header.getAlgorithm(), claims.getAccessTokenHash());
      } catch (InvalidHashException other) {
        throw ProviderException.untrusted("the access token is not the ID token's (at_hash)");
      }
    }
    return claims;
  }

  // Those that the provider says it uses, if it says so; of them the key's own (RFC 8725 §3.1).
  private static Set<JWSAlgorithm> algorithms(OIDCProviderMetadata metadata)
      throws ProviderException {
    Set<JWSAlgorithm> algorithms = new HashSet<>(ASYMMETRIC);
    if (metadata.getIDTokenJWSAlgs() != null) {
      algorithms.retainAll(metadata.getIDTokenJWSAlgs());
    }
    if (algorithms.isEmpty()) {
      throw ProviderException.unavailable(
          "the provider signs ID tokens with no algorithm that the gate takes");
    }
    return algorithms;
  }

  private ProvenIdentity identity(
      OIDCProviderMetadata metadata, IDTokenClaimsSet claims, AccessToken accessToken)
      throws ProviderException {
    String subject = claims.getSubject().getValue();
    Person person = Person.of(claims);
    if (person.email == null && metadata.getUserInfoEndpointURI() != null) {
      person = userInfo(metadata.getUserInfoEndpointURI(), subject, accessToken).orKnown(person);
    }
    String email = person.email;
    try {
      return new ProvenIdentity(
          client.name(),
          client.issuer().toString(),
          subject,
          email,
          email != null && person.verified && isOwn(email, claims),
          label(person, subject),
          new TreeSet<>());
    } catch (IllegalArgumentException unusable) {
      throw ProviderException.untrusted("the ID token names nobody that can be known", unusable);
    }
  }

  // Google verifies an address when an account is made with it, and vouches later only for its own
  // and those of an organisation that it hosts: others may have lost it since.
  private boolean isOwn(String email, ClaimsSet claims) {
    return !google
        || email.toLowerCase(java.util.Locale.ROOT).endsWith("@gmail.com")
        || claims.getStringClaim("hd") != null;
  }

  private Person userInfo(URI endpoint, String subject, AccessToken accessToken)
      throws ProviderException {
    HTTPResponse answer =
        exchange.send(
            new UserInfoRequest(endpoint, new BearerAccessToken(accessToken.getValue()))
                .toHTTPRequest());
    UserInfo info;
    try {
      UserInfoResponse response = UserInfoResponse.parse(answer);
      // One that is signed or encrypted is not read: who needs the address has it sent in the ID
      // token.
      info = response.indicatesSuccess() ? response.toSuccessResponse().getUserInfo() : null;
    } catch (ParseException | IllegalArgumentException unreadable) {
      throw ProviderException.unavailable("the userinfo endpoint's answer can't be read");
    }
    if (info == null) {
      return Person.UNKNOWN;
    }
    // OpenID Connect Core §5.3.2: otherwise the claims are somebody else's.
    if (!subject.equals(info.getSubject().getValue())) {
      throw ProviderException.untrusted("the userinfo endpoint tells of somebody else");
    }
    return Person.of(info);
  }

  private static String label(Person person, String subject) {
    String label =
        person.email != null ? person.email : person.name != null ? person.name : subject;
    return label.length() > MAX_LABEL ? label.substring(0, MAX_LABEL) : label;
  }

  // What a provider tells of a person beside the subject.
  private record Person(@Nullable String email, boolean verified, @Nullable String name) {

    static final Person UNKNOWN = new Person(null, false, null);

    static Person of(ClaimsSet claims) {
      String email = claims.getStringClaim("email");
      String name = claims.getStringClaim("preferred_username");
      return new Person(
          email == null || email.isBlank() ? null : email,
          // A text "true" is none: OpenID Connect Core §5.1 says boolean.
          Boolean.TRUE.equals(claims.getBooleanClaim("email_verified")),
          name == null || name.isBlank() ? claims.getStringClaim("name") : name);
    }

    Person orKnown(Person before) {
      return new Person(email, verified, name == null ? before.name : name);
    }
  }
}
