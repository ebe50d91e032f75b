package dev.gatehouse.server.provider;

import com.github.benmanes.caffeine.cache.Ticker;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.oauth2.sdk.ResponseType;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import com.nimbusds.oauth2.sdk.id.State;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import com.nimbusds.oauth2.sdk.token.AccessToken;
import com.nimbusds.oauth2.sdk.token.BearerAccessToken;
import com.nimbusds.openid.connect.sdk.AuthenticationRequest;
import com.nimbusds.openid.connect.sdk.Nonce;
import com.nimbusds.openid.connect.sdk.UserInfoRequest;
import com.nimbusds.openid.connect.sdk.claims.AccessTokenHash;
import dev.gatehouse.bearer.Check;
import dev.gatehouse.bearer.JoseHeader;
import dev.gatehouse.bearer.PresentedJwt;
import dev.gatehouse.bearer.TokenClaims;
import dev.gatehouse.oauth.ForeignJwt;
import dev.gatehouse.oauth.IssuerUnavailableException;
import dev.gatehouse.oauth.ProviderToken;
import dev.gatehouse.oauth.TokenTimes;
import dev.gatehouse.oauth.VerifiedIdentity;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Signs people in with an OpenID Connect issuer that has a discovery document.
///
/// An ID token says who the person is. Its signature is verified in the same way as that of access
/// tokens of other issuers ([ForeignJwt]), although the token comes over TLS and OpenID Connect
/// Core §3.1.3.7 would allow the gate to skip that. Thread-safe; requests block.
public final class OpenIdProvider implements Provider {

  // The greatest difference between the provider's clock and the gate's.
  private static final Duration CLOCK_SKEW = Duration.ofSeconds(60);
  private static final int MAX_LABEL = 100;

  private final Client client;
  private final CodeExchange exchange;
  private final Discovery discovery;
  private final IssuerKeys keys;
  private final boolean google;
  private final Clock clock;

  /// The settings of a provider.
  ///
  /// @param google whether it is Google, which says itself when an address is the person's own
  public record Settings(Client client, boolean google) {}

  /// @param http for this provider alone
  public OpenIdProvider(Settings settings, OutboundHttp http, Clock clock, Ticker ticker) {
    Client client = settings.client;
    this.client = client;
    this.exchange = new CodeExchange(client, http, clock);
    this.discovery = new Discovery(client.issuer(), Discovery.Need.SIGN_IN, http, ticker);
    this.keys = new IssuerKeys(discovery, null, http, ticker);
    this.google = settings.google;
    this.clock = clock;
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
  public String issuer() {
    return client.issuer().toString();
  }

  @Override
  public URI authorization(AttemptSecrets secrets, URI redirect, @Nullable Duration maxAge)
      throws ProviderException {
    AuthenticationRequest.Builder request =
        new AuthenticationRequest.Builder(
            ResponseType.CODE, client.scope(), client.clientId(), redirect);
    Duration asked = asked(maxAge);
    if (asked != null) {
      request.maxAge(Math.toIntExact(asked.toSeconds())); // OpenID Connect Core §3.1.2.1
    }
    client.parameters().forEach(request::customParameter);
    return request
        .endpointURI(metadata().authorizationEndpoint())
        .state(new State(secrets.state()))
        .nonce(new Nonce(secrets.nonce()))
        // RFC 9700 §2.1.1: a code challenge is always sent, whether or not the provider says that
        // it supports it.
        .codeChallenge(secrets.verifier(), CodeChallengeMethod.S256)
        .build()
        .toURI();
  }

  @Override
  public VerifiedSignIn prove(
      Map<String, List<String>> answer,
      AttemptSecrets secrets,
      URI redirect,
      @Nullable Duration maxAge)
      throws ProviderException {
    IssuerMetadata metadata = metadata();
    var code =
        exchange.code(answer, redirect, Set.of(client.issuer().toString()), metadata.namesItself());
    CodeExchange.Issued issued =
        exchange.exchange(tokenEndpoint(metadata), code, secrets, redirect);
    if (issued.idToken() == null) {
      throw ProviderException.untrusted("the provider sent no ID token");
    }
    AccessToken accessToken = issued.tokens().getAccessToken();
    Map<String, @Nullable Object> claims =
        verified(metadata, issued.idToken(), secrets, accessToken);
    return new VerifiedSignIn(
        identity(metadata, claims, accessToken),
        exchange.kept(issued, Set.copyOf(client.scopes())),
        authenticatedAt(claims, maxAge));
  }

  // Google ignores max_age and sends no auth_time, so every sign-in would fail.
  private @Nullable Duration asked(@Nullable Duration maxAge) {
    return google ? null : maxAge;
  }

  // OpenID Connect Core §2 and §3.1.3.7 (13). The browser may have removed the parameter from the
  // request.
  private @Nullable Instant authenticatedAt(
      Map<String, @Nullable Object> claims, @Nullable Duration maxAge) throws ProviderException {
    Instant now = clock.instant();
    Duration asked = asked(maxAge);
    if (!claims.containsKey("auth_time")) {
      if (asked != null) {
        throw ProviderException.untrusted(
            "the ID token does not say when the person was authenticated (auth_time)");
      }
      return google ? now : null;
    }
    Instant at = TokenClaims.instant(claims.get("auth_time"));
    if (at == null || at.isAfter(now.plus(CLOCK_SKEW))) {
      throw ProviderException.untrusted("auth_time is no time, or lies in the future");
    }
    if (asked != null && at.isBefore(now.minus(asked).minus(CLOCK_SKEW))) {
      throw ProviderException.untrusted(
          "the person was authenticated at " + at + ", which is too long ago (max_age)");
    }
    return at.isAfter(now) ? now : at;
  }

  @Override
  public ProviderToken refresh(ProviderToken expired) throws ProviderException {
    return exchange.refresh(tokenEndpoint(metadata()), expired);
  }

  private IssuerMetadata metadata() throws ProviderException {
    try {
      return discovery.metadata();
    } catch (IOException failed) {
      throw ProviderException.unavailable("the discovery document can't be read", failed);
    }
  }

  private static CodeExchange.TokenEndpoint tokenEndpoint(IssuerMetadata metadata) {
    return new CodeExchange.TokenEndpoint(
        Objects.requireNonNull(metadata.tokenEndpoint()), // what it needs, a document has
        metadata.clientAuthentication());
  }

  // OpenID Connect Core §3.1.3.7. The numbers are those of its steps.
  private Map<String, @Nullable Object> verified(
      IssuerMetadata metadata, String text, AttemptSecrets secrets, AccessToken accessToken)
      throws ProviderException {
    PresentedJwt token = PresentedJwt.parse(text).orElse(null);
    if (token == null) {
      throw ProviderException.untrusted("the ID token is not signed, or is endless");
    }
    JoseHeader header = passed(JoseHeader.readForeign(token.header()));
    // RFC 8725 §3.11: the type of an access token says so, and such a token is no ID token.
    if (!header.saysNoMoreThanJwt()) {
      throw ProviderException.untrusted("its typ is not that of an ID token");
    }
    List<String> said = metadata.idTokenAlgorithms();
    if (said != null && !said.contains(header.algorithm())) {
      throw ProviderException.untrusted("the provider says that it does not sign so");
    }
    Map<String, @Nullable Object> claims;
    try {
      claims = passed(ForeignJwt.verify(token, header, keys)); // (6), (7)
    } catch (IssuerUnavailableException unavailable) {
      throw ProviderException.unavailable("the provider's keys can't be read", unavailable);
    }
    if (!issuer().equals(claims.get("iss"))) { // (2)
      throw ProviderException.untrusted("the ID token names another issuer");
    }
    checkClient(claims);
    if (!claims.containsKey("exp") || !claims.containsKey("iat")) { // §2: both are required
      throw ProviderException.untrusted("the ID token has no exp or no iat");
    }
    var _ = passed(TokenTimes.of(claims, CLOCK_SKEW, clock.instant())); // (9), (10)
    if (!secrets.nonce().equals(claims.get("nonce"))) { // (11)
      throw ProviderException.untrusted("the ID token is not for this attempt (nonce)");
    }
    // §3.1.3.8
    if (claims.containsKey("at_hash")
        && !hash(accessToken, header.algorithm())
            .equals(Optional.ofNullable(claims.get("at_hash")))) {
      throw ProviderException.untrusted("the access token is not the ID token's (at_hash)");
    }
    return claims;
  }

  private static <T> T passed(Check<T> check) throws ProviderException {
    return switch (check) {
      case Check.Passed<T>(var value) -> value;
      case Check.Failed<T>(var reason, var cause) ->
          throw ProviderException.untrusted("the ID token is not good: " + cause);
    };
  }

  // Steps 3, 4 and 5: if there are several audiences, `azp` names the party to which the token was
  // issued.
  private void checkClient(Map<String, @Nullable Object> claims) throws ProviderException {
    Object audience = claims.get("aud");
    List<?> audiences =
        switch (audience) {
          case null -> List.of();
          case List<?> list -> list;
          default -> List.of(audience);
        };
    if (!audiences.contains(client.id())) {
      throw ProviderException.untrusted("the ID token is for another client (aud)");
    }
    if (claims.containsKey("azp") ? !client.id().equals(claims.get("azp")) : audiences.size() > 1) {
      throw ProviderException.untrusted("the ID token was issued to another client (azp)");
    }
  }

  // Empty: the hash for that algorithm is not known.
  private static Optional<Object> hash(AccessToken accessToken, String algorithm) {
    boolean ed25519 = algorithm.equals("EdDSA") || algorithm.equals("Ed25519");
    AccessTokenHash hash =
        AccessTokenHash.compute(
            accessToken,
            ed25519 ? JWSAlgorithm.EdDSA : JWSAlgorithm.parse(algorithm),
            ed25519 ? Curve.Ed25519 : null);
    return Optional.ofNullable(hash).map(AccessTokenHash::getValue);
  }

  private VerifiedIdentity identity(
      IssuerMetadata metadata, Map<String, @Nullable Object> claims, AccessToken accessToken)
      throws ProviderException {
    // §2: the subject is a text. A large number would be rounded when it is read.
    if (!(claims.get("sub") instanceof String subject)) {
      throw ProviderException.untrusted("the ID token has no sub, or one that is no text");
    }
    Person person = Person.of(claims);
    if (person.email == null && metadata.userInfoEndpoint() != null) {
      person = userInfo(metadata.userInfoEndpoint(), subject, accessToken).orKnown(person);
    }
    String email = person.email;
    try {
      return new VerifiedIdentity(
          client.name(),
          client.issuer().toString(),
          subject,
          email,
          email != null && person.verified && isOwn(email, claims),
          label(person, subject),
          new TreeSet<>());
    } catch (IllegalArgumentException unusable) {
      throw ProviderException.untrusted("the subject of the ID token can't be used", unusable);
    }
  }

  // Google verifies an e-mail address when an account is made with it. Later it vouches only for
  // its own addresses and for those of an organisation that it hosts. The person may have lost any
  // other address since.
  private boolean isOwn(String email, Map<String, @Nullable Object> claims) {
    return !google
        || email.toLowerCase(Locale.ROOT).endsWith("@gmail.com")
        || claims.get("hd") instanceof String;
  }

  private Person userInfo(URI endpoint, String subject, AccessToken accessToken)
      throws ProviderException {
    HTTPResponse answer =
        exchange.send(
            new UserInfoRequest(endpoint, new BearerAccessToken(accessToken.getValue()))
                .toHTTPRequest());
    // Then it is unknown whether the person has an e-mail address. Without one, the person might
    // get a second account.
    if (answer.getStatusCode() != HTTPResponse.SC_OK) {
      throw ProviderException.unavailable(
          "the userinfo endpoint answered " + answer.getStatusCode());
    }
    // One that is signed or encrypted is not read. It does not say that the person has no address:
    // without one, a person who has an account here would get a second one.
    String type = answer.getHeaderValue("Content-Type");
    if (type != null && type.toLowerCase(Locale.ROOT).startsWith("application/jwt")) {
      throw ProviderException.unavailable(
          "the userinfo endpoint signs or encrypts its answers, which are not read: let the provider"
              + " send 'email' in the ID token");
    }
    Map<String, @Nullable Object> info =
        CodeExchange.object(answer)
            .orElseThrow(
                () ->
                    ProviderException.unavailable("the userinfo endpoint's answer can't be read"));
    // OpenID Connect Core §5.3.2: otherwise the claims are those of another person.
    if (!subject.equals(info.get("sub"))) {
      throw ProviderException.untrusted("the userinfo endpoint answered for another subject");
    }
    return Person.of(info);
  }

  private static String label(Person person, String subject) {
    String label =
        person.email != null ? person.email : person.name != null ? person.name : subject;
    return label.length() > MAX_LABEL ? label.substring(0, MAX_LABEL) : label;
  }

  // What a provider says about a person, beside the subject.
  private record Person(@Nullable String email, boolean verified, @Nullable String name) {

    static Person of(Map<String, @Nullable Object> claims) {
      String email = text(claims, "email");
      String name = text(claims, "preferred_username");
      return new Person(
          email,
          // A text "true" is none: OpenID Connect Core §5.1 says boolean.
          Boolean.TRUE.equals(claims.get("email_verified")),
          name == null ? text(claims, "name") : name);
    }

    private static @Nullable String text(Map<String, @Nullable Object> claims, String claim) {
      return claims.get(claim) instanceof String text && !text.isBlank() ? text : null;
    }

    Person orKnown(Person before) {
      return new Person(email, verified, name == null ? before.name : name);
    }
  }
}
