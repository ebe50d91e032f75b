package dev.gatehouse.server.demo;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.id.Audience;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.id.Issuer;
import com.nimbusds.oauth2.sdk.id.JWTID;
import com.nimbusds.oauth2.sdk.id.Subject;
import com.nimbusds.oauth2.sdk.token.BearerAccessToken;
import com.nimbusds.openid.connect.sdk.claims.AccessTokenHash;
import com.nimbusds.openid.connect.sdk.claims.IDTokenClaimsSet;
import com.nimbusds.openid.connect.sdk.claims.UserInfo;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Optional;

/// The tokens of the demo's provider, signed with ES256.
final class DemoTokens {

  private static final Duration ID_TOKEN_LIFETIME = Duration.ofMinutes(5);
  private static final Duration ACCESS_TOKEN_LIFETIME = Duration.ofMinutes(15);

  // RFC 9068 §2.1
  private static final JOSEObjectType ACCESS_TOKEN = new JOSEObjectType("at+jwt");

  private final Issuer issuer;
  private final ECKey key;
  private final InstantSource clock;

  DemoTokens(Issuer issuer, ECKey key, InstantSource clock) {
    this.issuer = issuer;
    this.key = key;
    this.clock = clock;
  }

  /// An access token in the form of RFC 9068 §2.2.
  BearerAccessToken accessToken(String subject, ClientID client, String audience, Scope scope) {
    Instant now = clock.instant();
    SignedJWT token =
        signed(
            ACCESS_TOKEN,
            new JWTClaimsSet.Builder()
                .issuer(issuer.getValue())
                .subject(subject)
                .audience(audience)
                .issueTime(Date.from(now))
                .expirationTime(Date.from(now.plus(ACCESS_TOKEN_LIFETIME)))
                .jwtID(new JWTID().getValue())
                .claim("client_id", client.getValue())
                .claim("scope", scope.toString())
                .build());
    return new BearerAccessToken(token.serialize(), ACCESS_TOKEN_LIFETIME.toSeconds(), scope);
  }

  /// An ID token (OpenID Connect Core §2) for the sign-in that the code stands for.
  SignedJWT idToken(DemoCodes.Granted granted, ClientID client, BearerAccessToken beside) {
    Instant now = clock.instant();
    IDTokenClaimsSet claims =
        new IDTokenClaimsSet(
            issuer,
            new Subject(granted.person().subject()),
            List.of(new Audience(client)),
            Date.from(now.plus(ID_TOKEN_LIFETIME)),
            Date.from(now));
    claims.setAuthenticationTime(Date.from(granted.at()));
    claims.setNonce(granted.nonce());
    claims.setAccessTokenHash(AccessTokenHash.compute(beside, JWSAlgorithm.ES256, key.getCurve()));
    claims.putAll(person(granted.person(), granted.scope()));
    try {
      return signed(JOSEObjectType.JWT, claims.toJWTClaimsSet());
    } catch (ParseException impossible) {
      throw new IllegalStateException("the claims were put in right here", impossible);
    }
  }

  /// The claims of the scopes `profile` and `email` (OpenID Connect Core §5.4).
  static UserInfo person(DemoPerson person, Scope scope) {
    UserInfo claims = new UserInfo(new Subject(person.subject()));
    if (scope.contains("profile")) {
      claims.setName(person.label());
      claims.setPreferredUsername(person.label().toLowerCase(java.util.Locale.ROOT));
    }
    if (scope.contains("email")) {
      person
          .email()
          .ifPresent(
              email -> {
                claims.setEmailAddress(email);
                claims.setEmailVerified(true);
              });
    }
    return claims;
  }

  /// The claims for an access token of this provider that is meant for the provider itself; empty
  /// for any other text.
  Optional<UserInfo> userInfo(String accessToken) {
    try {
      SignedJWT token = SignedJWT.parse(accessToken);
      JWTClaimsSet claims = token.getJWTClaimsSet();
      boolean good =
          token.verify(new ECDSAVerifier(key.toPublicJWK()))
              && ACCESS_TOKEN.equals(token.getHeader().getType())
              && claims.getAudience().equals(List.of(issuer.getValue()))
              && clock.instant().isBefore(claims.getExpirationTime().toInstant());
      return good
          ? DemoPerson.of(claims.getSubject()).map(person -> person(person, scope(claims)))
          : Optional.empty();
    } catch (java.text.ParseException | JOSEException none) {
      return Optional.empty();
    }
  }

  private static Scope scope(JWTClaimsSet claims) {
    return Scope.parse(String.valueOf(claims.getClaim("scope")));
  }

  private SignedJWT signed(JOSEObjectType type, JWTClaimsSet claims) {
    try {
      SignedJWT token =
          new SignedJWT(
              new JWSHeader.Builder(JWSAlgorithm.ES256).type(type).keyID(key.getKeyID()).build(),
              claims);
      token.sign(new ECDSASigner(key));
      return token;
    } catch (JOSEException failed) {
      throw new IllegalStateException("a P-256 key signs with ES256", failed);
    }
  }
}
