package dev.gatehouse;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.Base64URL;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.InMemoryAccountStore;
import dev.gatehouse.account.Roles;
import dev.gatehouse.apikey.ApiKeyAuthenticator;
import dev.gatehouse.apikey.ApiKeySettings;
import dev.gatehouse.apikey.InMemoryApiKeyStore;
import dev.gatehouse.bearer.BearerTokenClassifier;
import dev.gatehouse.jwt.AccessTokens;
import dev.gatehouse.jwt.JwtAuthenticator;
import dev.gatehouse.jwt.JwtSettings;
import dev.gatehouse.oauth.InMemoryDeniedTokenStore;
import dev.gatehouse.oauth.OAuthAuthenticator;
import dev.gatehouse.oauth.OAuthSettings;
import dev.gatehouse.oauth.ScopeMapping;
import dev.gatehouse.oauth.TrustedIssuer;
import dev.gatehouse.revocation.InMemoryRevocationFeed;
import dev.gatehouse.revocation.Revocations;
import dev.gatehouse.secret.OwnSecrets;
import dev.gatehouse.secret.Seal;
import dev.gatehouse.secret.SecretForm;
import dev.gatehouse.session.InMemorySessionStore;
import dev.gatehouse.session.SessionAuthenticator;
import dev.gatehouse.session.SessionSettings;
import dev.gatehouse.signing.InMemorySigningKeyStore;
import dev.gatehouse.signing.SigningAlgorithm;
import dev.gatehouse.signing.SigningKeys;
import dev.gatehouse.throttle.FailedAttempts;
import dev.gatehouse.usage.Usage;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The most expensive requests that somebody without a credential can send, within the limits of
/// the listener. Each takes at most [Work#MAX_FACTOR] times the work of a plain one of its length.
/// What signed requests, passwords and certificates cost is tested in their rooms.
class CostOfStrangersTest {

  // Of the longest target, and of the longest field that is read.
  private static final int LONG = 7_800;

  private static final String OWN = "https://gate.example.com";
  private static final String THEIRS = "https://id.example.com";
  private static final String KEY = "sk_live_" + "a".repeat(49);
  private static final Policy KEYS = Policy.accepting(Method.API_KEY);
  private static final Policy TOKENS = Policy.accepting(Method.JWT, Method.OAUTH);
  private static final Policy FOREIGN = Policy.accepting(Method.OAUTH);
  private static final Policy SESSIONS = Policy.accepting(Method.SESSION);

  private final Gate gate = gate();

  private static Gate gate() {
    Time time = new Time();
    InMemoryRevocationFeed feed = new InMemoryRevocationFeed(time.clock());
    InMemoryAccountStore accounts = new InMemoryAccountStore(feed);
    OwnSecrets secrets =
        new OwnSecrets(List.of(SecretForm.base62("sk_live_"), SecretForm.base62("rt_")));
    BearerTokenClassifier sorting =
        new BearerTokenClassifier(OWN, true, Set.of(THEIRS), true, secrets);
    JwtSettings jwt = JwtSettings.of(OWN, "https://api.example.com", "orders");
    SigningKeys signing =
        new SigningKeys(
            new InMemorySigningKeyStore(feed),
            new Seal(new byte[32]),
            AccessTokens.PURPOSE,
            SigningAlgorithm.ES256,
            Duration.ofDays(90),
            Duration.ofHours(2),
            time.clock());
    ScopeMapping scopes = new ScopeMapping("scope", Map.of(), true);
    OAuthSettings oauth =
        new OAuthSettings(
            "orders",
            OWN,
            Duration.ofSeconds(5),
            Duration.ofSeconds(60),
            List.of(
                new TrustedIssuer(
                    THEIRS,
                    "api",
                    new TrustedIssuer.BySignature(keyId -> List.of(), true),
                    TrustedIssuer.Subjects.FOREIGN,
                    scopes),
                new TrustedIssuer(
                    "https://asked.example.com",
                    "api",
                    new TrustedIssuer.ByIntrospection((token, from) -> Optional.empty(), true),
                    TrustedIssuer.Subjects.FOREIGN,
                    scopes)));
    return new Gate(
        List.of(
            new ApiKeyAuthenticator(
                ApiKeySettings.inRealm("orders"), new InMemoryApiKeyStore(accounts), Roles.NONE),
            new JwtAuthenticator(
                jwt,
                new AccessTokens(jwt, signing, time.clock()),
                (sid, path) -> Optional.empty(),
                Roles.NONE,
                sorting),
            new OAuthAuthenticator(
                oauth,
                new InMemoryDeniedTokenStore(feed),
                (issuer, subject) -> Optional.<Account>empty(),
                Roles.NONE,
                sorting,
                time.clock()),
            new SessionAuthenticator(
                SessionSettings.inRealm("orders"),
                new InMemorySessionStore(accounts),
                Roles.NONE,
                time.clock())),
        new Revocations(Duration.ofMinutes(1), 1_000, null, time.ticker()),
        new FailedAttempts(1_000_000, time.ticker()),
        new Usage(),
        time.clock(),
        time.ticker());
  }

  // As the listener asks.
  private void refuse(String target, Map<String, String> fields, Policy policy) {
    Map<String, List<String>> lines =
        fields.entrySet().stream()
            .collect(Collectors.toMap(Map.Entry::getKey, field -> List.of(field.getValue())));
    AuthRequest request =
        new AuthRequest("GET", target, HeaderFields.of(lines), Network.address("192.0.2.7"));
    Decision decision =
        gate.recall(request, policy)
            .orElseGet(
                () -> {
                  gate.waitsFor(request, policy);
                  return gate.admit(request, policy);
                });
    assertThat(decision).isInstanceOf(Decision.Refused.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"&", ";", "=&", "a=b&", "%41&", "%41%4", "%%%", "a.b.c&", "e30.e30.AAAA&"})
  void queryOfManyPairsCostsLittleMoreThanOneOfItsLength(String pair) {
    String query = pair.repeat(LONG / pair.length());
    for (Policy policy : List.of(KEYS, TOKENS)) {
      Work.isBounded(
          pair,
          () -> refuse("/orders?" + query, Map.of("X-API-Key", KEY), policy),
          () -> refuse("/orders?q=" + "a".repeat(LONG), Map.of("X-API-Key", KEY), policy));
    }
  }

  private static String jwt(String claims) {
    return Base64URL.encode("{\"alg\":\"ES256\",\"typ\":\"at+jwt\",\"kid\":\"k\"}")
        + "."
        + Base64URL.encode(claims)
        + "."
        + "A".repeat(86);
  }

  private static Map<String, String> bearer(String token) {
    return Map.of("Authorization", "Bearer " + token);
  }

  private static final int CLAIMS = 5_700;

  static List<String> dearClaims() {
    return List.of(
        "{\"\\u0069ss\":\"" + THEIRS + "\",\"x\":[" + "1,".repeat(CLAIMS / 2 - 30) + "1]}",
        "{\"x\":[" + "{},".repeat(CLAIMS / 3 - 10) + "{}],\"iss\":\"" + THEIRS + "\"}",
        "{\"x\":" + "[".repeat(CLAIMS / 2) + "]".repeat(CLAIMS / 2) + "}",
        "{\"x\":" + "{\"a\":".repeat(CLAIMS / 6) + "1" + "}".repeat(CLAIMS / 6) + "}",
        IntStream.range(0, CLAIMS / 13)
            .mapToObj(i -> "\"\\u0069" + i + "\":1")
            .collect(Collectors.joining(",", "{", "}")));
  }

  @ParameterizedTest
  @MethodSource("dearClaims")
  void tokenOfManyClaimsCostsLittleMoreThanOneOfItsLength(String claims) {
    String plain = jwt("{\"iss\":\"" + THEIRS + "\",\"sub\":\"" + "u".repeat(CLAIMS) + "\"}");
    for (Policy policy : List.of(TOKENS, FOREIGN)) {
      Work.isBounded(
          claims.substring(0, 12),
          () -> refuse("/orders", bearer(jwt(claims)), policy),
          () -> refuse("/orders", bearer(plain), policy));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"rt_", ".", "eyJ.", "%72t_"})
  void opaqueTokenCostsLittleMoreThanOneOfItsLength(String part) {
    Work.isBounded(
        part,
        () -> refuse("/orders", bearer(part.repeat(LONG / part.length())), TOKENS),
        () -> refuse("/orders", bearer("A".repeat(LONG)), TOKENS));
  }

  @ParameterizedTest
  @ValueSource(strings = {";", "=;", "a=;", "a=b; "})
  void manyCookiesCostLittleMoreThanOneOfTheirLength(String pair) {
    String session = SessionAuthenticator.COOKIE + "=session_" + "a".repeat(43);
    Work.isBounded(
        pair,
        () ->
            refuse(
                "/orders",
                Map.of("Cookie", pair.repeat(LONG / pair.length()) + ";" + session),
                SESSIONS),
        () ->
            refuse(
                "/orders", Map.of("Cookie", "q=" + "a".repeat(LONG) + "; " + session), SESSIONS));
  }
}
