package dev.gatehouse.oauth;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jose.util.JSONObjectUtils;
import dev.gatehouse.AuthRequest;
import dev.gatehouse.HeaderFields;
import dev.gatehouse.Method;
import dev.gatehouse.Outcome;
import dev.gatehouse.PeerCertificates;
import dev.gatehouse.Policy;
import dev.gatehouse.Presented;
import dev.gatehouse.RequestBody;
import dev.gatehouse.Scopes;
import dev.gatehouse.Time;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.Accounts;
import dev.gatehouse.account.InMemoryAccountStore;
import dev.gatehouse.account.Roles;
import dev.gatehouse.bearer.BearerTokenClassifier;
import dev.gatehouse.json.Json;
import dev.gatehouse.revocation.InMemoryRevocationFeed;
import dev.gatehouse.secret.OwnSecrets;
import dev.gatehouse.signing.VerifyingKey;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Tokens in the forms of the large vendors, by their documents: one test for each row of the table
/// in docs/methods/oauth-tokens.md. The values are made up.
class VendorTokensTest {

  private static final String ISSUER = "https://id.example.com";
  private static final String ASKED = "https://asked.example.com";
  private static final String AUDIENCE = "https://api.example.com";
  private static final String OPAQUE = "opaque-token-1";
  private static final RSAKey KEY = key();

  private static final String JWT_HEADER =
      """
      {"alg":"RS256","typ":"JWT","kid":"k1"}""";
  private static final String UNTYPED_HEADER =
      """
      {"alg":"RS256","kid":"k1"}""";
  private static final String RFC_9068_HEADER =
      """
      {"alg":"RS256","typ":"at+jwt","kid":"k1"}""";

  private final Time time = new Time();
  private final InMemoryRevocationFeed feed = new InMemoryRevocationFeed(time.clock());
  private final InMemoryAccountStore accountStore = new InMemoryAccountStore(feed);
  private final Roles roles = new Roles(Map.of());
  private @Nullable Account linked;
  private Map<String, @Nullable Object> told = Map.of();

  private static RSAKey key() {
    try {
      return new RSAKeyGenerator(2048).keyID("k1").generate();
    } catch (JOSEException failed) {
      throw new IllegalStateException(failed);
    }
  }

  private OAuthAuthenticator authenticator(String audience, boolean isLinked) {
    return authenticator(
        audience, isLinked ? TrustedIssuer.Subjects.LINKED : TrustedIssuer.Subjects.FOREIGN);
  }

  private OAuthAuthenticator authenticator(String audience, TrustedIssuer.Subjects subjects) {
    TrustedIssuer.BySignature signed =
        new TrustedIssuer.BySignature(
            keyId -> VerifyingKey.of(KEY.toPublicJWK()).stream().toList(), true);
    TrustedIssuer.ByIntrospection asking =
        new TrustedIssuer.ByIntrospection((token, from) -> Optional.of(told), false);
    return new OAuthAuthenticator(
        new OAuthSettings(
            "orders",
            "https://gate.example.com",
            Duration.ofSeconds(5),
            Duration.ofSeconds(60),
            List.of(
                new TrustedIssuer(ISSUER, audience, signed, subjects, ScopeMapping.NOTHING),
                new TrustedIssuer(ASKED, audience, asking, subjects, ScopeMapping.NOTHING))),
        new InMemoryDeniedTokenStore(feed),
        (issuer, subject) -> Optional.ofNullable(linked),
        roles,
        new BearerTokenClassifier(
            "https://gate.example.com", false, Set.of(ISSUER, ASKED), true, OwnSecrets.NONE),
        time.clock());
  }

  private static String signed(String header, String claims) {
    String input = Base64URL.encode(header) + "." + Base64URL.encode(claims);
    try {
      return input
          + "."
          + new RSASSASigner(KEY)
              .sign(new JWSHeader(JWSAlgorithm.RS256), input.getBytes(StandardCharsets.US_ASCII));
    } catch (JOSEException failed) {
      throw new IllegalStateException(failed);
    }
  }

  // With a time at which it is good.
  private Map<String, @Nullable Object> claims(String issuer, String json) {
    Map<String, @Nullable Object> claims = Json.object(json).orElseThrow();
    claims.put("iss", issuer);
    claims.put("iat", time.now().getEpochSecond());
    claims.put("exp", time.now().getEpochSecond() + 300);
    return claims;
  }

  private static Outcome outcome(OAuthAuthenticator authenticator, String token) {
    AuthRequest request =
        new AuthRequest(
            "GET",
            "https",
            "gate.example.com",
            "/orders",
            HeaderFields.of(Map.of("Authorization", List.of("Bearer " + token))),
            InetAddress.getLoopbackAddress(),
            PeerCertificates.NONE,
            RequestBody.NONE);
    return switch (authenticator.find(request, Policy.accepting(Method.OAUTH))) {
      case Presented.Credential credential -> credential.verify();
      case Presented.Malformed malformed -> malformed.rejection();
      case Presented.None none -> throw new AssertionError("no token was found");
    };
  }

  private static String result(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Accepted accepted ->
          accepted.principal().subject() + " by " + accepted.principal().credential();
      case Outcome.Rejected rejected -> "refused: " + rejected.cause();
      case Outcome.Unavailable unavailable -> throw new AssertionError(unavailable.cause());
    };
  }

  private String ofJwt(String header, String audience, String json) {
    String token = signed(header, JSONObjectUtils.toJSONString(claims(ISSUER, json)));
    return result(outcome(authenticator(audience, false), token));
  }

  private String ofJwt(String header, String json) {
    return ofJwt(header, AUDIENCE, json);
  }

  private String ofAnswer(String json) {
    told = claims(ASKED, json);
    return result(outcome(authenticator(AUDIENCE, false), OPAQUE));
  }

  private static String accepted(String issuer, String subject, String client) {
    return issuer + "|" + subject + " by oauth:" + issuer + "|" + client;
  }

  @Test
  void auth0() {
    assertThat(
            ofJwt(
                JWT_HEADER,
                """
                {"sub":"google-oauth2|77","aud":["https://api.example.com","https://t.example/userinfo"],
                 "azp":"spa","scope":"openid read:orders","permissions":["read:orders"]}"""))
        .isEqualTo(accepted(ISSUER, "google-oauth2%7C77", "spa"));
    assertThat(
            ofJwt(
                JWT_HEADER,
                """
                {"sub":"m2m@clients","aud":"https://api.example.com","azp":"m2m",
                 "gty":"client-credentials"}"""))
        .isEqualTo(accepted(ISSUER, "m2m@clients", "m2m"));
    assertThat(
            ofJwt(
                RFC_9068_HEADER,
                """
                {"sub":"u-1","aud":"https://api.example.com","client_id":"spa","jti":"j-1"}"""))
        .isEqualTo(accepted(ISSUER, "u-1", "spa"));
  }

  @Test
  void okta() {
    assertThat(
            ofJwt(
                UNTYPED_HEADER,
                """
                {"ver":1,"jti":"AT.1","aud":"https://api.example.com","cid":"0oa1","uid":"00u1",
                 "scp":["orders"],"auth_time":1,"sub":"alice@example.com"}"""))
        .isEqualTo(accepted(ISSUER, "alice@example.com", "0oa1"));
    assertThat(
            ofJwt(
                UNTYPED_HEADER,
                """
                {"ver":1,"jti":"ID.1","aud":"https://api.example.com","sub":"00u1","idp":"00o1",
                 "amr":["pwd"],"auth_time":1,"at_hash":"x"}"""))
        .isEqualTo("refused: it has at_hash, as no access token has");
    assertThat(
            ofAnswer(
                """
                {"active":true,"token_type":"Bearer","scope":"orders","client_id":"0oa1",
                 "username":"alice@example.com","sub":"alice@example.com","uid":"00u1","jti":"AT.1",
                 "aud":"https://api.example.com"}"""))
        .isEqualTo(accepted(ASKED, "alice@example.com", "0oa1"));
  }

  @Test
  void entra() {
    String user =
        """
        {"aud":"https://api.example.com","ver":"2.0","azp":"c-1","azpacr":"0","scp":"orders",
         "sub":"pairwise-1","oid":"o-1","tid":"t-1","name":"Alice"}""";
    String application =
        """
        {"aud":"https://api.example.com","ver":"2.0","azp":"c-1","azpacr":"1","roles":["Orders.Read"],
         "sub":"o-2","oid":"o-2","tid":"t-1"}""";
    String version1 =
        """
        {"aud":"https://api.example.com","ver":"1.0","appid":"c-1","appidacr":"1","sub":"o-2",
         "oid":"o-2","tid":"t-1"}""";
    String idToken =
        """
        {"aud":"https://api.example.com","ver":"2.0","sub":"pairwise-1","oid":"o-1","tid":"t-1",
         "preferred_username":"alice@example.com"}""";
    assertThat(ofJwt(JWT_HEADER, user)).isEqualTo(accepted(ISSUER, "pairwise-1", "c-1"));
    assertThat(ofJwt(JWT_HEADER, application)).isEqualTo(accepted(ISSUER, "o-2", "c-1"));
    assertThat(ofJwt(JWT_HEADER, version1)).isEqualTo(accepted(ISSUER, "o-2", "c-1"));
    assertThat(ofJwt(JWT_HEADER, idToken))
        .isEqualTo("refused: nothing in it says that it is an access token");
  }

  @Test
  void keycloak() {
    // Until version 25 with the nonce of the ID token.
    String access =
        """
        {"typ":"%s","aud":["https://api.example.com","account"],"sub":"u-1","azp":"shop","sid":"s-1",
         "jti":"j-1","nonce":"n-1","acr":"1","realm_access":{"roles":["clerk"]}}""";
    assertThat(ofJwt(JWT_HEADER, access.formatted("Bearer")))
        .isEqualTo(accepted(ISSUER, "u-1", "shop"));
    for (String other : List.of("ID", "Refresh", "Offline", "Logout", "Serialized-ID")) {
      assertThat(ofJwt(JWT_HEADER, access.formatted(other)))
          .isEqualTo("refused: its typ is not that of an access token");
    }
    String told =
        """
        {"active":true,"typ":"%s","token_type":"Bearer","aud":"https://api.example.com","sub":"u-1",
         "azp":"shop","client_id":"shop","username":"alice","scope":"email","nonce":"n-1"}""";
    assertThat(ofAnswer(told.formatted("Bearer"))).isEqualTo(accepted(ASKED, "u-1", "shop"));
    assertThat(ofAnswer(told.formatted("Refresh")))
        .isEqualTo("refused: its typ is not that of an access token");
  }

  @Test
  void cognito() {
    String access =
        """
        {"sub":"u-1","token_use":"access","client_id":"app-1","scope":"orders/read","jti":"j-1",
         "version":2,"username":"alice","cognito:groups":["clerks"]}""";
    assertThat(ofJwt(UNTYPED_HEADER, "app-1", access)).isEqualTo(accepted(ISSUER, "u-1", "app-1"));
    assertThat(ofJwt(UNTYPED_HEADER, "app-2", access)).isEqualTo("refused: another audience");
    assertThat(ofJwt(UNTYPED_HEADER, access)).isEqualTo("refused: another audience");
    // With an audience, it is the audience that counts.
    assertThat(
            ofJwt(
                UNTYPED_HEADER,
                "app-1",
                """
                {"sub":"u-1","token_use":"access","client_id":"app-1","aud":"https://other.example"}"""))
        .isEqualTo("refused: another audience");
    assertThat(
            ofJwt(
                UNTYPED_HEADER,
                "app-1",
                """
                {"sub":"u-1","token_use":"id","aud":"app-1","cognito:username":"alice"}"""))
        .isEqualTo("refused: its token_use is not that of an access token");
    // Where nothing says that it is an access token, a client is no audience.
    assertThat(
            ofJwt(
                RFC_9068_HEADER,
                "app-1",
                """
                {"sub":"u-1","client_id":"app-1"}"""))
        .isEqualTo("refused: another audience");
  }

  @Test
  void hydra() {
    String told =
        """
        {"active":true,"scope":"orders","client_id":"shop","sub":"u-1","aud":["https://api.example.com"],
         "token_type":"Bearer","token_use":"%s","ext":{}}""";
    assertThat(ofAnswer(told.formatted("access_token"))).isEqualTo(accepted(ASKED, "u-1", "shop"));
    assertThat(ofAnswer(told.formatted("refresh_token")))
        .isEqualTo("refused: its token_use is not that of an access token");
    assertThat(
            ofJwt(
                JWT_HEADER,
                """
                {"aud":["https://api.example.com"],"client_id":"shop","ext":{},"jti":"j-1","nbf":1,
                 "scp":["orders"],"sub":"u-1"}"""))
        .isEqualTo(accepted(ISSUER, "u-1", "shop"));
  }

  @Test
  void zitadel() {
    assertThat(
            ofJwt(
                JWT_HEADER,
                """
                {"sub":"u-1","aud":["app-1","https://api.example.com"],"nbf":1,"jti":"j-1",
                 "client_id":"app-1"}"""))
        .isEqualTo(accepted(ISSUER, "u-1", "app-1"));
    // Its ID tokens have a client_id, too.
    assertThat(
            ofJwt(
                JWT_HEADER,
                """
                {"sub":"u-1","aud":["app-1","https://api.example.com"],"azp":"app-1",
                 "client_id":"app-1","auth_time":1,"at_hash":"x"}"""))
        .isEqualTo("refused: it has at_hash, as no access token has");
    assertThat(
            ofAnswer(
                """
                {"active":true,"token_type":"Bearer","scope":"openid","client_id":"app-1","sub":"u-1",
                 "aud":["app-1","https://api.example.com"],"nbf":1,"jti":"j-1","username":"alice@x"}"""))
        .isEqualTo(accepted(ASKED, "u-1", "app-1"));
  }

  @Test
  void authentik() {
    String access =
        """
        {"sub":"u-1","aud":"https://api.example.com","auth_time":1,"acr":"goauthentik.io/providers/oauth2/default",
         "azp":"app-1","uid":"x1"%s}""";
    assertThat(ofJwt(JWT_HEADER, access.formatted(",\"scope\":\"openid orders\"")))
        .isEqualTo(accepted(ISSUER, "u-1", "app-1"));
    // Before it wrote `scope` into them: nothing tells them from ID tokens.
    assertThat(ofJwt(JWT_HEADER, access.formatted("")))
        .isEqualTo("refused: nothing in it says that it is an access token");
    String told =
        """
        {"active":true,"scope":"openid orders","client_id":"app-1","sub":"u-1",
         "aud":"https://api.example.com","auth_time":1,"acr":"x"%s}""";
    assertThat(ofAnswer(told.formatted(""))).isEqualTo(accepted(ASKED, "u-1", "app-1"));
    assertThat(ofAnswer(told.formatted(",\"nonce\":\"of the refresh token\"")))
        .isEqualTo("refused: it has nonce, as no access token has");
  }

  @Test
  void ping() {
    assertThat(
            ofJwt(
                UNTYPED_HEADER,
                """
                {"client_id":"app-1","aud":["https://api.example.com"],"scope":"orders","sub":"u-1",
                 "env":"e-1","org":"o-1"}"""))
        .isEqualTo(accepted(ISSUER, "u-1", "app-1"));
    assertThat(
            ofAnswer(
                """
                {"active":true,"token_type":"Bearer","client_id":"app-1","scope":"orders",
                 "sub":"u-1","aud":"https://api.example.com"}"""))
        .isEqualTo(accepted(ASKED, "u-1", "app-1"));
    // PingFederate names a subject only if one is mapped.
    assertThat(
            ofAnswer(
                """
                {"active":true,"client_id":"app-1","scope":"orders",
                 "aud":"https://api.example.com"}"""))
        .isEqualTo(accepted(ASKED, "|app-1", "app-1"));
    for (String ofPerson :
        List.of(
            "\"username\":\"alice\"",
            "\"Username\":\"alice\"",
            "\"scope\":\"orders openid\"",
            "\"scope\":[\"openid\",\"orders\"]",
            "\"scp\":[\"openid\"]",
            "\"scp\":\"openid orders\"")) {
      assertThat(
              ofAnswer(
                  """
                  {"active":true,"client_id":"app-1",%s,"aud":"https://api.example.com"}"""
                      .formatted(ofPerson)))
          .startsWith("refused: it has no sub, and its ");
    }
  }

  @Test
  void tokenWithoutASubjectIsNoClientsOwnWhereAnyClaimMayTellOfAPerson() {
    for (String claim :
        List.of(
            "\"uid\":\"u1\"",
            "\"oid\":\"u1\"",
            "\"unique_name\":\"x\"",
            "\"subname\":\"x\"",
            "\"nickname\":\"x\"",
            "\"phone_number\":\"x\"",
            "\"uname\":\"x\"",
            "\"mail\":\"x\"",
            "\"cn\":\"x\"",
            "\"sAMAccountName\":\"x\"",
            "\"subject\":\"x\"",
            "\"login\":\"x\"",
            "\"cognito:username\":\"x\"",
            "\"act\":{\"sub\":\"x\"}",
            "\"ext\":{\"user\":\"x\"}",
            "\"https://example.com/person\":\"x\"",
            "\"grant_type\":\"password\"",
            "\"gty\":\"password\"",
            "\"idtyp\":\"user\"",
            "\"scopes\":[\"openid\",\"profile\"]",
            "\"scope\":\"x,openid\"",
            "\"scope\":{\"openid\":true}")) {
      String token =
          """
          {"active":true,"client_id":"app-1",%s,"aud":"https://api.example.com"}"""
              .formatted(claim);
      String name = claim.substring(1, claim.indexOf('"', 1));
      assertThat(ofAnswer(token)).as(claim).startsWith("refused: it has no sub, and its " + name);
      assertThat(ofJwt(RFC_9068_HEADER, token))
          .as(claim)
          .startsWith("refused: it has no sub, and its " + name);
    }
  }

  @Test
  void tokenWithoutASubjectIsItsClientsWhereEveryClaimIsOneOfClients() {
    for (String claim :
        List.of(
            "\"grant_type\":\"client_credentials\"",
            "\"gty\":\"client-credentials\"",
            "\"idtyp\":\"app\"",
            "\"env\":\"e-1\",\"org\":\"o-1\"",
            "\"ver\":\"2.0\",\"tid\":\"t-1\",\"appid\":\"app-1\",\"appidacr\":\"1\",\"azpacr\":\"1\"",
            "\"azp\":\"app-1\",\"cid\":\"app-1\",\"scp\":[\"orders\"],\"scopes\":[\"orders\"]",
            "\"token_type\":\"Bearer\",\"expires_in\":300",
            "\"username\":null",
            "\"scope\":null")) {
      String token =
          """
          {"active":true,"client_id":"app-1","jti":"j-1",%s,"aud":"https://api.example.com"}"""
              .formatted(claim);
      assertThat(ofAnswer(token)).as(claim).isEqualTo(accepted(ASKED, "|app-1", "app-1"));
      assertThat(ofJwt(RFC_9068_HEADER, token))
          .as(claim)
          .isEqualTo(accepted(ISSUER, "|app-1", "app-1"));
    }
  }

  @Test
  void claimThatIsListedAsOneOfClientsTellsOfNoPerson() {
    told =
        claims(
            ASKED,
            """
            {"active":true,"client_id":"app-1","client_region":"eu","aud":"https://api.example.com"}""");
    assertThat(result(outcome(authenticator(AUDIENCE, false), OPAQUE)))
        .startsWith("refused: it has no sub, and its client_region");
    OAuthAuthenticator listing =
        authenticator(
            AUDIENCE, new TrustedIssuer.Subjects(false, Set.of("client_region", "scope")));
    assertThat(result(outcome(listing, OPAQUE))).isEqualTo(accepted(ASKED, "|app-1", "app-1"));
    told.put("scope", "openid");
    assertThat(result(outcome(listing, OPAQUE)))
        .startsWith("refused: it has no sub, and its scope");
  }

  @Test
  void pingAm() {
    String token =
        """
        {"active":true,"tokenName":"%s","token_type":"Bearer","nonce":"n-1","client_id":"app-1",
         "sub":"(usr!u-1)","aud":"https://api.example.com","scope":["openid"]}""";
    assertThat(ofJwt(JWT_HEADER, token.formatted("access_token")))
        .isEqualTo(accepted(ISSUER, "(usr!u-1)", "app-1"));
    assertThat(ofAnswer(token.formatted("access_token")))
        .isEqualTo(accepted(ASKED, "(usr!u-1)", "app-1"));
    for (String other : List.of("refresh_token", "id_token")) {
      assertThat(ofJwt(JWT_HEADER, token.formatted(other)))
          .isEqualTo("refused: its tokenName is not that of an access token");
      assertThat(ofAnswer(token.formatted(other)))
          .isEqualTo("refused: its tokenName is not that of an access token");
    }
  }

  @Test
  void casdoor() {
    String token =
        """
        {"tokenType":"%s","scope":"openid","azp":"app-1","nonce":"n-1","sub":"u-1",
         "aud":["https://api.example.com"]}""";
    assertThat(ofJwt(JWT_HEADER, token.formatted("access-token")))
        .isEqualTo(accepted(ISSUER, "u-1", "app-1"));
    for (String other : List.of("refresh-token", "JWTToken")) {
      assertThat(ofJwt(JWT_HEADER, token.formatted(other)))
          .isEqualTo("refused: its tokenType is not that of an access token");
    }
  }

  @Test
  void oracle() {
    String token =
        """
        {"tok_type":"%s","sub":"u-1","client_id":"app-1","scope":"orders",
         "aud":"https://api.example.com"}""";
    assertThat(ofJwt(UNTYPED_HEADER, token.formatted("AT")))
        .isEqualTo(accepted(ISSUER, "u-1", "app-1"));
    assertThat(ofJwt(UNTYPED_HEADER, token.formatted("IT")))
        .isEqualTo("refused: its tok_type is not that of an access token");
  }

  @Test
  void curity() {
    String token =
        """
        {"active":true,"purpose":"%s","delegationId":"d-1","scope":"openid","client_id":"app-1",
         "sub":"u-1","aud":"https://api.example.com"}""";
    assertThat(ofJwt(JWT_HEADER, token.formatted("access_token")))
        .isEqualTo(accepted(ISSUER, "u-1", "app-1"));
    assertThat(ofAnswer(token.formatted("access_token")))
        .isEqualTo(accepted(ASKED, "u-1", "app-1"));
    assertThat(ofJwt(JWT_HEADER, token.formatted("id")))
        .isEqualTo("refused: its purpose is not that of an access token");
    assertThat(ofAnswer(token.formatted("refresh_token")))
        .isEqualTo("refused: its purpose is not that of an access token");
  }

  @Test
  void timeThatAnAnswerLeavesEmptyIsNoTime() {
    told =
        claims(
            ASKED,
            """
            {"active":true,"client_id":"app-1","sub":"u-1","aud":"https://api.example.com"}""");
    for (String time : List.of("exp", "nbf", "iat")) {
      told.put(time, null);
    }
    assertThat(result(outcome(authenticator(AUDIENCE, false), OPAQUE)))
        .isEqualTo(accepted(ASKED, "u-1", "app-1"));
    told.put("cnf", null);
    assertThat(result(outcome(authenticator(AUDIENCE, false), OPAQUE)))
        .isEqualTo("refused: cnf asks for a proof that this gate does not know");
  }

  @Test
  void claimsOfTheJwtItselfMayTellOfAPersonWhereItsIssuersAnswerTellsOfNone() {
    for (String claim : List.of("\"uid\":\"u1\"", "\"scope\":\"openid\"", "\"oid\":\"u1\"")) {
      told =
          claims(
              ASKED,
              """
              {"active":true,"client_id":"app-1","scope":"orders","aud":"https://api.example.com"}""");
      String token =
          signed(
              JWT_HEADER,
              JSONObjectUtils.toJSONString(
                  claims(
                      ASKED,
                      """
                      {"client_id":"app-1",%s,"aud":"https://api.example.com"}"""
                          .formatted(claim))));
      assertThat(result(outcome(authenticator(AUDIENCE, false), token)))
          .as(claim)
          .startsWith("refused: it has no sub, and its ");
    }
  }

  @Test
  void duende() {
    assertThat(
            ofAnswer(
                """
                {"active":true,"token_type":"access_token","client_id":"app-1","scope":"orders",
                 "sub":"u-1","aud":"https://api.example.com"}"""))
        .isEqualTo(accepted(ASKED, "u-1", "app-1"));
    assertThat(
            ofJwt(
                RFC_9068_HEADER,
                """
                {"client_id":"app-1","scope":"orders","aud":"https://api.example.com"}"""))
        .isEqualTo(accepted(ISSUER, "|app-1", "app-1"));
  }

  // Its access tokens are opaque, and it answers no question about them in the way of RFC 7662.
  @Test
  void google() {
    assertThat(
            ofJwt(
                JWT_HEADER,
                """
                {"azp":"1.apps.example","aud":"https://api.example.com","sub":"117","at_hash":"x",
                 "email":"alice@example.com","email_verified":true}"""))
        .isEqualTo("refused: it has at_hash, as no access token has");
    assertThat(
            ofJwt(
                JWT_HEADER,
                """
                {"azp":"117","aud":"https://api.example.com","sub":"117",
                 "email":"robot@example.com","email_verified":true}"""))
        .isEqualTo("refused: nothing in it says that it is an access token");
  }

  @Test
  void dpopTokenIsRefusedWithOrWithoutTheKeyThatItIsBoundTo() {
    String cause = "refused: it is a DPoP token, and this gate does not check the proof of its key";
    for (String bound : List.of("", ",\"cnf\":{\"jkt\":\"x\"}")) {
      for (String claim : List.of("token_type", "typ")) {
        String json =
            """
            {"active":true,"%s":"DPoP","client_id":"app-1","sub":"u-1",
             "aud":"https://api.example.com"%s}"""
                .formatted(claim, bound);
        assertThat(ofAnswer(json)).isEqualTo(cause);
        assertThat(ofJwt(JWT_HEADER, json)).isEqualTo(cause);
        assertThat(ofJwt(RFC_9068_HEADER, json)).isEqualTo(cause);
      }
    }
  }

  @Test
  void markThatNamesAnotherKindIsRefusedAndOneThatNamesNoneSaysNothing() {
    String told =
        """
        {"active":true,"%s":%s,"client_id":"app-1","sub":"u-1","aud":"https://api.example.com"}""";
    for (String mark :
        List.of(
            "token_use", "token_type", "typ", "tokenName", "tokenType", "purpose", "tok_type")) {
      for (String other : List.of("\"id\"", "\"refresh_token\"", "\"N_A\"", "7", "[]", "\"\"")) {
        assertThat(ofAnswer(told.formatted(mark, other)))
            .isEqualTo("refused: its " + mark + " is not that of an access token");
      }
      assertThat(ofAnswer(told.formatted(mark, "null"))).isEqualTo(accepted(ASKED, "u-1", "app-1"));
    }
  }

  @Test
  void tokenWithoutASubjectBelongsToItsClientAndNeverToALinkedPerson() {
    Accounts accounts = new Accounts(accountStore, roles, time.clock());
    accounts.add(Account.Kind.PERSON, "alice", null, Set.of(), Scopes.NONE);
    linked = accounts.find("alice").orElseThrow();
    told =
        claims(
            ASKED,
            """
            {"active":true,"client_id":"alice-there","aud":"https://api.example.com"}""");
    assertThat(result(outcome(authenticator(AUDIENCE, false), OPAQUE)))
        .isEqualTo(accepted(ASKED, "|alice-there", "alice-there"));
    assertThat(result(outcome(authenticator(AUDIENCE, true), OPAQUE)))
        .isEqualTo("refused: it is the own token of the client " + ASKED + "||alice-there");
    told.put("sub", "alice-there");
    assertThat(result(outcome(authenticator(AUDIENCE, true), OPAQUE)))
        .startsWith(linked.id() + " by ");
    // A subject that is there and is none is no client either.
    for (Object none : new Object[] {"", null, 7, "s".repeat(256)}) {
      told.put("sub", none);
      assertThat(result(outcome(authenticator(AUDIENCE, false), OPAQUE)))
          .startsWith("refused: sub");
    }
    told.remove("sub");
    for (Object none : new Object[] {"", "c".repeat(256)}) {
      told.put("client_id", none);
      assertThat(result(outcome(authenticator(AUDIENCE, false), OPAQUE)))
          .startsWith("refused: sub");
    }
  }
}
