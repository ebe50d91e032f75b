package dev.gatehouse.oauth;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.crypto.opts.AllowWeakRSAKey;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jose.util.JSONObjectUtils;
import dev.gatehouse.AuthRequest;
import dev.gatehouse.Decision;
import dev.gatehouse.Gate;
import dev.gatehouse.HeaderFields;
import dev.gatehouse.Method;
import dev.gatehouse.PeerCertificates;
import dev.gatehouse.Policy;
import dev.gatehouse.Principal;
import dev.gatehouse.Refusal;
import dev.gatehouse.RequestBody;
import dev.gatehouse.Scopes;
import dev.gatehouse.Time;
import dev.gatehouse.Waiting;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.Accounts;
import dev.gatehouse.account.InMemoryAccountStore;
import dev.gatehouse.account.Roles;
import dev.gatehouse.bearer.BearerTokenClassifier;
import dev.gatehouse.revocation.FeedEntry;
import dev.gatehouse.revocation.InMemoryRevocationFeed;
import dev.gatehouse.revocation.Revocations;
import dev.gatehouse.secret.OwnSecrets;
import dev.gatehouse.secret.SecretForm;
import dev.gatehouse.signing.VerifyingKey;
import dev.gatehouse.signing.WeakKeys;
import dev.gatehouse.throttle.FailedAttempts;
import dev.gatehouse.usage.Usage;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Access tokens of others, good and forged.
class ForeignTokenAttacksTest {

  private static final String ISSUER = "https://id.example.com";
  private static final String LINKED = "https://linked.example.com/realm";
  private static final String ASKED = "https://asked.example.com";
  private static final String STRICT = "https://strict.example.com";
  private static final String AUDIENCE = "https://api.example.com";
  private static final String OK = "OK";
  private static final String INVALID = "INVALID_TOKEN";
  private static final String EXPIRED = "TOKEN_EXPIRED";
  private static final RSAKey RSA = rsa("rsa-1");
  private static final ECKey EC = ec("ec-1");
  private static final ScopeMapping PASS =
      new ScopeMapping("scope", Map.of("shop.read", Scopes.of("orders:read")), true);

  private final Time time = new Time();
  private final InMemoryRevocationFeed feed = new InMemoryRevocationFeed(time.clock());
  private final InMemoryAccountStore accountStore = new InMemoryAccountStore(feed);
  private final Roles roles = new Roles(Map.of());
  private final Accounts accounts = new Accounts(accountStore, roles, time.clock());
  private final InMemoryDeniedTokenStore denials = new InMemoryDeniedTokenStore(feed);
  private final DeniedTokens denied = new DeniedTokens(denials, time.clock());
  private final AtomicInteger asked = new AtomicInteger();
  private final Map<String, Account> links = new HashMap<>();
  private final Map<String, Map<String, @Nullable Object>> active = new HashMap<>();
  private List<JWK> keys = List.of(RSA.toPublicJWK(), EC.toPublicJWK());
  private Runnable beforeTheIssuerAnswers = () -> {};
  private boolean down;
  private int failedAttempts = 1_000_000;
  private Duration remembered = Duration.ofSeconds(60);
  private Gate gate = gate();

  @BeforeEach
  void links() {
    accounts.add(
        Account.Kind.PERSON, "alice", null, Set.of(), Scopes.of("orders:read", "gatehouse:admin"));
    links.put(LINKED + " alice-there", accounts.find("alice").orElseThrow());
  }

  private Gate gate() {
    TrustedIssuer.Keys source =
        keyId -> {
          asked.incrementAndGet();
          if (down) {
            throw new IssuerUnavailableException("down", null);
          }
          return keys.stream()
              .filter(key -> keyId == null || keyId.equals(key.getKeyID()))
              .flatMap(key -> VerifyingKey.of(key).stream())
              .toList();
        };
    TrustedIssuer.Introspection introspection =
        (token, from) -> {
          asked.incrementAndGet();
          if (down) {
            throw new IssuerUnavailableException("down", null);
          }
          beforeTheIssuerAnswers.run();
          return Optional.ofNullable(active.get(token));
        };
    TrustedIssuer.BySignature signed = new TrustedIssuer.BySignature(source, true);
    Revocations revocations = new Revocations(remembered, 1_000, null, time.ticker());
    feed.onCommit(revocations::hear);
    DeniedTokens.forgetOnDenial(revocations);
    return new Gate(
        List.of(
            new OAuthAuthenticator(
                new OAuthSettings(
                    "orders",
                    "https://gate.example.com",
                    Duration.ofSeconds(5),
                    remembered,
                    List.of(
                        new TrustedIssuer(
                            ISSUER, AUDIENCE, signed, TrustedIssuer.Subjects.FOREIGN, PASS),
                        new TrustedIssuer(
                            LINKED, AUDIENCE, signed, TrustedIssuer.Subjects.LINKED, PASS),
                        new TrustedIssuer(
                            ASKED,
                            AUDIENCE,
                            new TrustedIssuer.ByIntrospection(introspection, true),
                            TrustedIssuer.Subjects.FOREIGN,
                            PASS),
                        new TrustedIssuer(
                            STRICT,
                            AUDIENCE,
                            new TrustedIssuer.BySignature(source, false),
                            TrustedIssuer.Subjects.FOREIGN,
                            PASS))),
                denials,
                (issuer, subject) ->
                    Optional.ofNullable(links.get(issuer + " " + subject))
                        .flatMap(account -> accountStore.byId(account.id())),
                roles,
                new BearerTokenClassifier(
                    "https://gate.example.com",
                    false,
                    Set.of(ISSUER, LINKED, ASKED, STRICT),
                    true,
                    new OwnSecrets(
                        List.of(
                            SecretForm.base62("sk_live_"),
                            SecretForm.base62("rt_"),
                            SecretForm.base62("session_")))),
                time.clock())),
        revocations,
        new FailedAttempts(failedAttempts, time.ticker()),
        new Usage(),
        time.clock(),
        time.ticker());
  }

  // What is sent, and what comes of it.

  private static RSAKey rsa(String id) {
    try {
      return new RSAKeyGenerator(2048).keyID(id).generate();
    } catch (JOSEException failed) {
      throw new IllegalStateException(failed);
    }
  }

  private static ECKey ec(String id) {
    try {
      return new ECKeyGenerator(Curve.P_256).keyID(id).algorithm(JWSAlgorithm.ES256).generate();
    } catch (JOSEException failed) {
      throw new IllegalStateException(failed);
    }
  }

  private Map<String, Object> claims() {
    Map<String, Object> claims = new LinkedHashMap<>();
    claims.put("iss", ISSUER);
    claims.put("sub", "u-1");
    claims.put("aud", AUDIENCE);
    claims.put("exp", time.now().getEpochSecond() + 300);
    claims.put("iat", time.now().getEpochSecond());
    claims.put("jti", "t-1");
    claims.put("client_id", "app");
    claims.put("scope", "shop.read other:scope gatehouse:admin");
    return claims;
  }

  private Map<String, Object> claims(String name, @Nullable Object value) {
    Map<String, Object> claims = claims();
    if (value == null) {
      claims.remove(name);
    } else {
      claims.put(name, value);
    }
    return claims;
  }

  private static Map<String, Object> header(String algorithm, String keyId) {
    Map<String, Object> header = new LinkedHashMap<>();
    header.put("alg", algorithm);
    header.put("typ", "at+jwt");
    header.put("kid", keyId);
    return header;
  }

  private static String signed(Map<String, Object> header, Map<String, Object> claims, JWK key) {
    return signed(header, JSONObjectUtils.toJSONString(claims), key);
  }

  private static String signed(Map<String, Object> header, String claims, JWK key) {
    String input =
        Base64URL.encode(JSONObjectUtils.toJSONString(header)) + "." + Base64URL.encode(claims);
    byte[] bytes = input.getBytes(StandardCharsets.US_ASCII);
    try {
      Base64URL signature =
          switch (key) {
            case RSAKey rsa ->
                new RSASSASigner(rsa.toPrivateKey(), Set.of(AllowWeakRSAKey.getInstance()))
                    .sign(
                        new JWSHeader(
                            JWSAlgorithm.Family.RSA.stream()
                                    .anyMatch(known -> known.getName().equals(header.get("alg")))
                                ? JWSAlgorithm.parse((String) header.get("alg"))
                                : JWSAlgorithm.RS256),
                        bytes);
            case ECKey ec -> new ECDSASigner(ec).sign(new JWSHeader(JWSAlgorithm.ES256), bytes);
            case OctetSequenceKey secret ->
                new MACSigner(secret).sign(new JWSHeader(JWSAlgorithm.HS256), bytes);
            default -> throw new IllegalStateException();
          };
      return input + "." + signature;
    } catch (JOSEException failed) {
      throw new IllegalStateException(failed);
    }
  }

  private String token(Map<String, Object> claims) {
    return signed(header("RS256", "rsa-1"), claims, RSA);
  }

  private static AuthRequest request(String target, String token) {
    return new AuthRequest(
        "GET",
        "https",
        "gate.example.com",
        target,
        HeaderFields.of(Map.of("Authorization", List.of("Bearer " + token))),
        InetAddress.getLoopbackAddress(),
        PeerCertificates.NONE,
        RequestBody.NONE);
  }

  private Decision decision(String token) {
    AuthRequest request = request("/orders/7", token);
    Policy policy = Policy.accepting(Method.OAUTH);
    return gate.recall(request, policy).orElseGet(() -> gate.admit(request, policy));
  }

  private String bearer(String token) {
    return switch (decision(token)) {
      case Decision.Admitted admitted -> OK;
      case Decision.Refused(Refusal refusal) -> refusal.reason().code();
    };
  }

  private Principal principal(String token) {
    return Objects.requireNonNull(((Decision.Admitted) decision(token)).principal());
  }

  // What is good.

  @ParameterizedTest
  @ValueSource(strings = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
  void tokenOfEachAlgorithmOfAKeyIsAccepted(String algorithm) {
    assertThat(bearer(signed(header(algorithm, "rsa-1"), claims(), RSA))).isEqualTo(OK);
    assertThat(bearer(signed(header("ES256", "ec-1"), claims(), EC))).isEqualTo(OK);
  }

  @Test
  void tokenNamesTheForeignSubjectItsClientAndTheMappedScopes() {
    Principal principal = principal(token(claims()));
    assertThat(principal.subject()).isEqualTo("https://id.example.com|u-1");
    assertThat(principal.method()).isEqualTo(Method.OAUTH);
    assertThat(principal.credential()).isEqualTo("oauth:https://id.example.com|app");
    // gatehouse:admin comes from local grants only.
    assertThat(principal.scopes()).isEqualTo(Scopes.of("orders:read", "other:scope"));
  }

  @Test
  void noSubjectOfAnIssuerIsCalledAsAnotherOrAsALocalOne() {
    assertThat(principal(token(claims("sub", "a|b c\"ü%7C"))).subject())
        .isEqualTo("https://id.example.com|a%7Cb%20c%22%C3%BC%257C");
    assertThat(principal(token(claims("client_id", "x".repeat(200)))).credential())
        .startsWith("oauth:https://id.example.com|sha256-")
        .hasSizeLessThan(100);
  }

  @Test
  void noClientOfAnIssuerIsCalledAsAnotherOrAsNone() {
    String hashed = principal(token(claims("client_id", "x".repeat(200)))).credential();
    String name = hashed.substring(hashed.indexOf('|') + 1);
    assertThat(principal(token(claims("client_id", name))).credential()).isNotEqualTo(hashed);
    Map<String, Object> unnamed = claims();
    unnamed.remove("client_id");
    assertThat(principal(token(claims("client_id", "-"))).credential())
        .isNotEqualTo(principal(token(unnamed)).credential());
  }

  @Test
  void tokenIsVerifiedOnceAMinuteAndNeverCountsBeyondItsEnd() {
    String token = token(claims("exp", time.now().getEpochSecond() + 90));
    assertThat(bearer(token)).isEqualTo(OK);
    assertThat(bearer(token)).isEqualTo(OK);
    assertThat(asked.get()).isEqualTo(1);
    time.pass(Duration.ofSeconds(60));
    assertThat(bearer(token)).isEqualTo(OK);
    assertThat(asked.get()).isEqualTo(2);
    time.pass(Duration.ofSeconds(30));
    assertThat(bearer(token)).isEqualTo(EXPIRED);
    assertThat(asked.get()).isEqualTo(2);
  }

  @Test
  void addressThatFailsTooOftenGetsNoMoreOpaqueTokensAskedAbout() {
    failedAttempts = 3;
    gate = gate();
    active.put("good", claims("iss", ASKED));
    assertThat(bearer("good")).isEqualTo(OK);
    time.pass(Duration.ofMinutes(2));
    for (int i = 0; i < 3; i++) {
      assertThat(bearer("opaque-" + i)).isEqualTo(INVALID);
    }
    int before = asked.get();
    active.put("new", claims("iss", ASKED));
    for (String unknown : List.of("opaque-4", "opaque-5", "new", "opaque-4")) {
      assertThat(bearer(unknown)).isEqualTo("THROTTLED");
    }
    assertThat(asked.get()).isEqualTo(before);

    assertThat(bearer("good")).as("accepted before, and no longer remembered").isEqualTo(OK);
    assertThat(bearer(token(claims()))).as("a signed token costs no question").isEqualTo(OK);
    time.pass(Duration.ofSeconds(20));
    assertThat(bearer("new")).as("when the wait is over").isEqualTo(OK);
  }

  @Test
  void tokenThatItsIssuerTookBackIsAskedAboutOnlyOnceByAnAddressThatFailsTooOften() {
    failedAttempts = 1;
    gate = gate();
    active.put("good", claims("iss", ASKED));
    assertThat(bearer("good")).isEqualTo(OK);
    active.clear();
    time.pass(Duration.ofMinutes(2));
    assertThat(bearer("opaque")).isEqualTo(INVALID);
    int before = asked.get();
    for (int i = 0; i < 10; i++) {
      assertThat(bearer("good")).isEqualTo("THROTTLED");
    }
    assertThat(asked.get()).isEqualTo(before + 1);
  }

  @Timeout(60)
  @Test
  void issuerIsAskedOnceAboutATokenThatIsSentManyTimesWhileOthersAreRevoked() throws Exception {
    active.put("good", told());
    CountDownLatch askedFor = new CountDownLatch(1);
    CountDownLatch answers = new CountDownLatch(1);
    beforeTheIssuerAnswers =
        () -> {
          askedFor.countDown();
          await(answers);
        };
    List<FutureTask<String>> all = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      FutureTask<String> request = new FutureTask<>(() -> bearer("good"));
      Thread thread = Thread.ofPlatform().daemon().start(request);
      await(askedFor);
      Waiting.until(thread, Thread.State.WAITING);
      all.add(request);
      String another = "k_" + i;
      feed.change(
          change -> {
            change.forget(FeedEntry.Kind.CREDENTIAL, another);
            return true;
          });
    }

    answers.countDown();
    for (FutureTask<String> request : all) {
      assertThat(request.get()).isEqualTo(OK);
    }
    assertThat(asked).hasValue(1);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException interrupted) {
      throw new AssertionError(interrupted);
    }
  }

  // 26: what headers and signatures are forged with.

  @ParameterizedTest
  @ValueSource(
      strings = {"none", "None", "NONE", "", "HS256", "RS384x", "ES256", "ES384", "EdDSA", "rs256"})
  void theAlgorithmIsTheKeysWhateverTheTokenSays(String algorithm) {
    String token = signed(header(algorithm, "rsa-1"), claims(), RSA);
    assertThat(bearer(token)).isEqualTo(INVALID);
    assertThat(bearer(token.substring(0, token.lastIndexOf('.') + 1))).isEqualTo(INVALID);
    assertThat(bearer(token.substring(0, token.lastIndexOf('.') + 1) + "AA")).isEqualTo(INVALID);
  }

  @Test
  void aPublicKeyIsNoSecretForHs256() throws Exception {
    for (byte[] secret :
        List.of(
            RSA.toRSAPublicKey().getEncoded(),
            RSA.toPublicJWK().toJSONString().getBytes(StandardCharsets.UTF_8),
            RSA.getModulus().decode())) {
      JWK confused = new OctetSequenceKey.Builder(secret).keyID("rsa-1").build();
      assertThat(bearer(signed(header("HS256", "rsa-1"), claims(), confused))).isEqualTo(INVALID);
    }
  }

  @Test
  void aSecretThatAnIssuerPublishesIsNoKey() {
    OctetSequenceKey secret =
        new OctetSequenceKey.Builder(new byte[32])
            .keyID("secret")
            .algorithm(JWSAlgorithm.HS256)
            .build();
    keys = List.of(secret);
    assertThat(bearer(signed(header("HS256", "secret"), claims(), secret))).isEqualTo(INVALID);
  }

  @Test
  void aTokenThatBringsItsOwnKeyIsRefusedEvenUnderAGoodOne() {
    RSAKey own = rsa("rsa-1");
    Map<String, Object> brought = new LinkedHashMap<>();
    brought.put("jwk", own.toPublicJWK().toJSONObject());
    brought.put("jku", "https://evil.example.com/keys");
    brought.put("x5u", "https://evil.example.com/chain");
    brought.put("x5c", List.of("MIIB"));
    brought.put("crit", List.of("exp"));
    brought.put("b64", false);
    brought.put("zip", "DEF");
    brought.forEach(
        (name, value) -> {
          Map<String, Object> header = header("RS256", "rsa-1");
          header.put(name, value);
          assertThat(bearer(signed(header, claims(), own))).as(name).isEqualTo(INVALID);
          assertThat(bearer(signed(header, claims(), RSA))).as(name).isEqualTo(INVALID);
        });
    // It names a certificate and brings none: Microsoft's tokens have it.
    Map<String, Object> header = header("RS256", "rsa-1");
    header.put("x5t", "AAAA");
    assertThat(bearer(signed(header, claims(), RSA))).isEqualTo(OK);
    assertThat(bearer(signed(header, claims(), own))).isEqualTo(INVALID);
  }

  @Test
  void keysForAnotherUseAndWeakOnesVerifyNothing() throws Exception {
    RSAKey encrypts = new RSAKey.Builder(RSA).keyUse(KeyUse.ENCRYPTION).build();
    RSAKey oaep =
        new RSAKey.Builder(RSA).algorithm(com.nimbusds.jose.JWEAlgorithm.RSA_OAEP_256).build();
    RSAKey fixed = new RSAKey.Builder(RSA).algorithm(JWSAlgorithm.RS256).build();
    RSAKey weak = new RSAKeyGenerator(1024, true).keyID("rsa-1").generate();
    for (RSAKey key : List.of(encrypts, oaep, weak)) {
      keys = List.of(key.toPublicJWK());
      assertThat(bearer(signed(header("RS256", "rsa-1"), claims(), key))).isEqualTo(INVALID);
    }
    keys = List.of(fixed.toPublicJWK());
    assertThat(bearer(signed(header("PS256", "rsa-1"), claims(), RSA))).isEqualTo(INVALID);
    assertThat(bearer(signed(header("RS256", "rsa-1"), claims(), RSA))).isEqualTo(OK);
  }

  @Test
  void oneConstantSignatureOfAKeyOfSmallOrderIsNoSignature() {
    for (String point : WeakKeys.SMALL_ORDER) {
      keys =
          List.of(
              new OctetKeyPair.Builder(
                      Curve.Ed25519, Base64URL.encode(HexFormat.of().parseHex(point)))
                  .keyID("ed-1")
                  .build());
      String input =
          Base64URL.encode(JSONObjectUtils.toJSONString(header("EdDSA", "ed-1")))
              + "."
              + Base64URL.encode(JSONObjectUtils.toJSONString(claims()));
      assertThat(bearer(input + "." + Base64URL.encode(WeakKeys.CONSTANT_SIGNATURE)))
          .as(point)
          .isEqualTo(INVALID);
    }
  }

  @Test
  void keyThatCanBeFactoredIsNoKey() throws Exception {
    KeyPair weak = WeakKeys.roca();
    RSAKey key =
        new RSAKey.Builder((RSAPublicKey) weak.getPublic())
            .privateKey(weak.getPrivate())
            .keyID("rsa-1")
            .build();
    keys = List.of(key.toPublicJWK());

    assertThat(bearer(signed(header("RS256", "rsa-1"), claims(), key))).isEqualTo(INVALID);
  }

  @Test
  void theKeyIdIsNoPathAndNoSql() {
    for (String keyId : List.of("../../dev/null", "' OR '1'='1", "key\0", "file:///etc/passwd")) {
      assertThat(bearer(signed(header("RS256", keyId), claims(), RSA))).isEqualTo(INVALID);
    }
  }

  @Test
  void tokenThatNamesNoKeyIsVerifiedByTheOneThatItCanBe() {
    Map<String, Object> header = header("ES256", "");
    header.remove("kid");
    assertThat(bearer(signed(header, claims(), EC))).isEqualTo(OK);
    keys = List.of(EC.toPublicJWK(), ec("ec-2").toPublicJWK());
    time.pass(Duration.ofSeconds(61));
    assertThat(bearer(signed(header, claims(), EC))).isEqualTo(INVALID);
  }

  @Test
  void psychicSignaturesAreRefused() {
    String token = signed(header("ES256", "ec-1"), claims(), EC);
    String input = token.substring(0, token.lastIndexOf('.') + 1);
    assertThat(bearer(input + Base64URL.encode(new byte[64]))).isEqualTo(INVALID);
    assertThat(bearer(input + Base64URL.encode(new byte[70]))).isEqualTo(INVALID);
  }

  // 27: other kinds of tokens.

  @ParameterizedTest
  @ValueSource(
      strings = {
        "id_token+jwt",
        "refresh+jwt",
        "dpop+jwt",
        "logout+jwt",
        "secevent+jwt",
        "x",
        "at"
      })
  void anotherTypeIsNoAccessToken(String type) {
    Map<String, Object> header = header("RS256", "rsa-1");
    header.put("typ", type);
    assertThat(bearer(signed(header, claims(), RSA))).isEqualTo(INVALID);
  }

  @ParameterizedTest
  @CsvSource({
    "nonce, n-1",
    "at_hash, abcdef",
    "c_hash, abcdef",
    "events, {}",
    "token_use, id",
    "token_use, refresh",
    "typ, ID",
    "typ, Refresh",
    "typ, Logout",
  })
  void anIdTokenNeverPasses(String claim, String value) {
    for (String type : new String[] {"JWT", "jwt", null}) {
      Map<String, Object> header = header("RS256", "rsa-1");
      header.put("typ", type);
      if (type == null) {
        header.remove("typ");
      }
      assertThat(bearer(signed(header, claims(claim, value), RSA))).isEqualTo(INVALID);
      assertThat(bearer(signed(header, claims(), RSA))).isEqualTo(OK);
    }
  }

  @Test
  void anIdTokenWithoutAnyMarkOfItsOwnHasNoneOfAnAccessToken() {
    Map<String, Object> header = header("RS256", "rsa-1");
    header.put("typ", "JWT");
    Map<String, Object> claims = claims();
    claims.remove("scope");
    claims.remove("client_id");
    claims.put("azp", "app");
    claims.put("auth_time", time.now().getEpochSecond());
    assertThat(bearer(signed(header, claims, RSA))).isEqualTo(INVALID);
    claims.put("typ", "Bearer"); // as Keycloak says
    assertThat(bearer(signed(header, claims, RSA))).isEqualTo(OK);
  }

  @Test
  void whereTheTypeIsAskedForOnlyItWillDo() {
    Map<String, Object> header = header("RS256", "rsa-1");
    Map<String, Object> claims = claims("iss", STRICT);
    assertThat(bearer(signed(header, claims, RSA))).isEqualTo(OK);
    header.put("typ", "application/AT+JWT");
    assertThat(bearer(signed(header, claims, RSA))).isEqualTo(OK);
    header.put("typ", "JWT");
    assertThat(bearer(signed(header, claims, RSA))).isEqualTo(INVALID);
    header.remove("typ");
    assertThat(bearer(signed(header, claims, RSA))).isEqualTo(INVALID);
  }

  // 45: for whom and from whom.

  @Test
  void anotherAudienceOrNoneIsRefused() {
    List<Object> wrong = new ArrayList<>();
    wrong.add(AUDIENCE + "/");
    wrong.add("https://API.example.com");
    wrong.add(List.of());
    wrong.add(List.of("https://other.example.com"));
    wrong.add(List.of(List.of(AUDIENCE)));
    wrong.add(Map.of(AUDIENCE, 1));
    wrong.add(7);
    wrong.add("");
    for (Object audience : wrong) {
      assertThat(bearer(token(claims("aud", audience)))).as("%s", audience).isEqualTo(INVALID);
    }
    assertThat(bearer(token(claims("aud", null)))).isEqualTo(INVALID);
    assertThat(bearer(token(claims("aud", List.of("x", AUDIENCE))))).isEqualTo(OK);
  }

  @Test
  void anIssuersKeysVerifyNoOtherIssuersTokens() {
    for (Object issuer :
        List.of(
            "https://id.example.com/", "https://ID.example.com", "", 7, List.of(ISSUER), "null")) {
      assertThat(bearer(token(claims("iss", issuer)))).as("%s", issuer).isEqualTo(INVALID);
    }
    assertThat(bearer(token(claims("iss", null)))).isEqualTo(INVALID);
    // Twice: which one was read, and which was judged?
    String twice =
        "{\"iss\":\"" + ISSUER + "\"," + JSONObjectUtils.toJSONString(claims()).substring(1);
    assertThat(bearer(signed(header("RS256", "rsa-1"), twice, RSA))).isEqualTo(INVALID);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sub", "exp"})
  void claimsThatAreNeededMustBeThere(String claim) {
    Map<String, Object> without = claims(claim, null);
    without.remove("client_id"); // which would stand for a missing sub
    assertThat(bearer(token(without))).isEqualTo(INVALID);
    for (Object wrong : List.of("", List.of(), Map.of(), true)) {
      assertThat(bearer(token(claims(claim, wrong)))).isEqualTo(INVALID);
    }
    assertThat(bearer(token(claims("sub", "s".repeat(256))))).isEqualTo(INVALID);
    assertThat(bearer(token(claims("jti", 7)))).isEqualTo(INVALID);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "18446744073709551615",
        "18446744073709551614",
        "7",
        "null",
        "\"\\ud800\"",
        "\"\\udc00\\ud800\"",
        "\"\uFFFD\"",
        "\"a\\u0000\"",
        "\"a\\n\"",
      })
  void subjectThatIsNoWellFormedTextIsRefused(String subject) {
    assertThat(bearer(signed("sub", subject))).isEqualTo(INVALID);
    assertThat(bearer(signed("sub", "\"\\ud83d\\ude00\""))).isEqualTo(OK);
  }

  @ParameterizedTest
  @ValueSource(strings = {"7", "[\"app\"]", "true", "\"\\ud800\"", "\"\uFFFD\""})
  void clientThatIsNoWellFormedTextIsRefused(String client) {
    for (String claim : List.of("client_id", "azp", "cid", "appid")) {
      assertThat(bearer(signed(claim, client))).as(claim).isEqualTo(INVALID);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"sub\":\"a\",\"sub\":\"b\"}",
        "[{\"sub\":\"a\",\"sub\":\"b\"}]",
        "{\"x\":{\"s\\u0075b\":1,\"sub\":2}}",
        "\"\\ud800\"",
        "{\"\\ud800\":1}",
      })
  void documentThatMeansTwoThingsIsRefusedWhereverItDoes(String value) {
    assertThat(bearer(signed("act", value))).isEqualTo(INVALID);
    assertThat(bearer(signed("act", "{\"sub\":\"a:b\",\"act\":{\"sub\":\"\\\":\"}}")))
        .isEqualTo(OK);
  }

  private String signed(String claim, String json) {
    Map<String, Object> claims = claims("client_id", null);
    claims.put(claim, "VALUE");
    String text = JSONObjectUtils.toJSONString(claims).replace("\"VALUE\"", json);
    return signed(header("RS256", "rsa-1"), text, RSA);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sub", "client_id", "jti"})
  void whatAnIssuerCallsSomebodyWithHalfACharacterIsRefused(String claim) {
    for (Object wrong : List.of("\ud800", "a\udc00b", 7L, new java.math.BigInteger("2").pow(64))) {
      Map<String, @Nullable Object> told = told();
      told.put(claim, wrong);
      active.put("token-" + wrong.hashCode(), told);
      assertThat(bearer("token-" + wrong.hashCode())).isEqualTo(INVALID);
    }
  }

  @Test
  void timesThatAnIssuerTellsAreRefusedWhereTheyAreNoSaneNumber() {
    List<Number> wrong =
        List.of(
            new java.math.BigInteger("2").pow(63),
            Long.MAX_VALUE,
            Double.MAX_VALUE,
            new java.math.BigDecimal("1e999999999"),
            new java.math.BigDecimal("-1e-999999999"));
    for (Number number : wrong) {
      Map<String, @Nullable Object> told = told();
      told.put("exp", number);
      active.put("token", told);
      assertThat(bearer("token")).as("%s", number.doubleValue()).isNotEqualTo(OK);
    }
    Map<String, @Nullable Object> told = told();
    told.put("nbf", new java.math.BigDecimal("1e-999999999")); // just after 1970
    active.put("token", told);
    assertThat(bearer("token")).isEqualTo(OK);
  }

  @Test
  void subjectThatCanNotBeAcceptedIsNotDeniedEither() {
    for (String name : List.of("", "\ud800", "a\u0000", "x".repeat(256))) {
      org.assertj.core.api.Assertions.assertThatThrownBy(
              () -> denied.deny(ISSUER, name, null, "", null))
          .isInstanceOf(IllegalArgumentException.class);
      org.assertj.core.api.Assertions.assertThatThrownBy(
              () -> denied.deny(ISSUER, null, name, "", null))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  // 35: times.

  @Test
  void theSkewIsForClocksThatAreAheadAndForNothingElse() {
    long now = time.now().getEpochSecond();
    assertThat(bearer(token(claims("exp", now)))).isEqualTo(EXPIRED);
    assertThat(bearer(token(claims("exp", now + 1)))).isEqualTo(OK);
    assertThat(bearer(token(claims("exp", now - 1)))).isEqualTo(EXPIRED);
    for (String claim : List.of("iat", "nbf")) {
      assertThat(bearer(token(claims(claim, now + 5)))).isEqualTo(OK);
      assertThat(bearer(token(claims(claim, now + 6)))).isEqualTo(INVALID);
      assertThat(bearer(token(claims(claim, "x")))).isEqualTo(INVALID);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"9007199254740993e9", "-1", "\"1900000000\"", "1e400", "null", "[1]"})
  void timesThatAreNoSaneNumberAreRefused(String number) {
    String claims = JSONObjectUtils.toJSONString(claims("exp", "EXP")).replace("\"EXP\"", number);
    assertThat(bearer(signed(header("RS256", "rsa-1"), claims, RSA))).isEqualTo(INVALID);
  }

  @Test
  void aTokenOfAMegabyteIsRefusedUnread() {
    assertThat(bearer(token(claims("pad", "x".repeat(1 << 20))))).isEqualTo(INVALID);
    assertThat(asked.get()).isZero();
  }

  @Test
  void aConfirmationThatIsNotUnderstoodOrNotThereIsRefused() {
    String thumbprint = Base64URL.encode(new byte[32]).toString();
    assertThat(bearer(token(claims("cnf", Map.of("jkt", thumbprint))))).isEqualTo(INVALID);
    assertThat(bearer(token(claims("cnf", "x")))).isEqualTo(INVALID);
    assertThat(bearer(token(claims("cnf", Map.of("x5t#S256", thumbprint, "jkt", "x")))))
        .isEqualTo(INVALID);
    // A good one, and the certificate does not come along.
    assertThat(bearer(token(claims("cnf", Map.of("x5t#S256", thumbprint))))).isEqualTo(INVALID);
  }

  // Scopes.

  @Test
  void scopesOfOtherFormsAreReadAndNothingLocalEverComesOut() {
    assertThat(scopes(new ScopeMapping("scp", Map.of(), true), "scp", List.of("a", "b")))
        .isEqualTo(Scopes.of("a", "b"));
    assertThat(
            scopes(
                new ScopeMapping("realm.roles", Map.of("clerk", Scopes.of("w")), false),
                "realm",
                Map.of("roles", List.of("clerk", "boss"))))
        .isEqualTo(Scopes.of("w"));
    assertThat(
            scopes(
                new ScopeMapping("https://a.b/c", Map.of("x", Scopes.of("w")), false),
                "https://a.b/c",
                "x"))
        .isEqualTo(Scopes.of("w"));
    assertThat(
            scopes(
                new ScopeMapping("scope", Map.of(), true),
                "scope",
                "gatehouse:admin GateHouse:admin ok \"no ü"))
        .isEqualTo(Scopes.of("ok"));
    for (Object wrong : List.of(7, true, Map.of("a", 1))) {
      assertThat(scopes(new ScopeMapping("scope", Map.of(), true), "scope", wrong))
          .isEqualTo(Scopes.NONE);
    }
  }

  private static Scopes scopes(ScopeMapping mapping, String claim, Object value) {
    return mapping.of(Map.of(claim, value));
  }

  @Test
  void mappingGivesNoLocalScope() {
    org.assertj.core.api.Assertions.assertThatThrownBy(
            () -> new ScopeMapping("scope", Map.of("a", Scopes.of("gatehouse:admin")), false))
        .isInstanceOf(IllegalArgumentException.class);
  }

  // Linked accounts.

  @Test
  void tokenOfALinkedSubjectActsForItsAccountAndNeverForMoreThanItMay() {
    Map<String, Object> claims = claims("iss", LINKED);
    claims.put("sub", "alice-there");
    String alice = accounts.find("alice").orElseThrow().id();
    assertThat(principal(token(claims)).subject()).isEqualTo(alice);
    assertThat(principal(token(claims)).scopes()).isEqualTo(Scopes.of("orders:read"));
    claims.put("sub", "mallory-there");
    assertThat(bearer(token(claims))).isEqualTo(INVALID);
    claims.put("sub", alice);
    assertThat(bearer(token(claims))).isEqualTo(INVALID);
  }

  @Test
  void disabledAccountIsRefusedAtOnceThoughItsTokenIsRemembered() {
    Map<String, Object> claims = claims("iss", LINKED);
    claims.put("sub", "alice-there");
    assertThat(bearer(token(claims))).isEqualTo(OK);
    assertThat(accounts.setDisabled("alice", true)).isInstanceOf(Accounts.Change.Done.class);
    assertThat(bearer(token(claims))).isEqualTo(INVALID);
  }

  // Denials.

  @Test
  void aDeniedSubjectOrTokenIsRefusedAtOnceThoughItIsRemembered() {
    String token = token(claims());
    String other = token(claims("jti", "t-2"));
    assertThat(bearer(token)).isEqualTo(OK);
    assertThat(bearer(other)).isEqualTo(OK);

    DeniedToken one = denied.deny(ISSUER, null, "t-1", "leaked", null);
    assertThat(bearer(token)).isEqualTo(INVALID);
    assertThat(bearer(other)).isEqualTo(OK);
    denied.deny(ISSUER, "u-1", null, "", time.now().plusSeconds(10));
    assertThat(bearer(other)).isEqualTo(INVALID);
    time.pass(Duration.ofSeconds(10));
    assertThat(bearer(other)).isEqualTo(OK);
    assertThat(denied.allow(one.id())).isTrue();
    assertThat(bearer(token)).isEqualTo(OK);
  }

  @Test
  void aDeniedSubjectIsRefusedWhomeverItActsFor() {
    Map<String, Object> claims = claims("iss", LINKED);
    claims.put("sub", "alice-there");
    assertThat(bearer(token(claims))).isEqualTo(OK);
    denied.deny(LINKED, "alice-there", null, "", null);
    assertThat(bearer(token(claims))).isEqualTo(INVALID);
  }

  // Introspection.

  @Test
  void opaqueTokenIsWhatItsIssuerSaysOfIt() {
    active.put("opaque-1", told());
    assertThat(principal("opaque-1").subject()).isEqualTo(ASKED + "|u-1");
    assertThat(bearer("opaque-1")).isEqualTo(OK);
    assertThat(asked.get()).isEqualTo(1);
    assertThat(bearer("opaque-2")).isEqualTo(INVALID);
    active.clear();
    time.pass(Duration.ofSeconds(60));
    assertThat(bearer("opaque-1")).isEqualTo(INVALID);
  }

  @Test
  void answerOfAnIssuerCountsForAsLongAsItIsRemembered() {
    remembered = Duration.ofMinutes(4);
    gate = gate();
    active.put("opaque-1", told());
    assertThat(bearer("opaque-1")).isEqualTo(OK);
    time.pass(Duration.ofSeconds(239));
    assertThat(bearer("opaque-1")).isEqualTo(OK);
    assertThat(asked).hasValue(1);
    active.clear();
    time.pass(Duration.ofSeconds(1));
    assertThat(bearer("opaque-1")).isEqualTo(INVALID);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sk_live_0123456789abcdefghijABCDEFGHIJ0123456789abc3Fk2Ab",
        "sk_live_0123456789abcdefghijABCDEFGHIJ0123456789abc", // the checksum is missing
        "rt_0123456789abcdefghijABCDEFGHIJ0123456789abc",
        "session_0123456789abcdefghijABCDEFGHIJ0123456789abc",
        "bearer.rt_0123456789abcdefghijABCDEFGHIJ0123456789abc",
        "rt_0123456789abcdefghijABCDEFGHIJ0123456789abA.AAAA.AAAA",
        "rt_0123456789abcdefghijABCDEFGHIJ0123456789ab",
      })
  void rejectsOwnSecretWithoutAskingTheIssuer(String secret) {
    active.put(secret, told());
    assertThat(bearer(secret)).isEqualTo(INVALID);
    assertThat(asked.get()).isZero();
  }

  @Test
  void rejectsSecretInTheHeaderOfATokenWithoutAskingTheIssuerThatItNames() {
    String[] parts = token(claims("iss", ASKED)).split("\\.", -1);
    parts[0] = "rt_0123456789abcdefghijABCDEFGHIJ0123456789abA";
    String token = String.join(".", parts);
    active.put(token, told());
    assertThat(bearer(token)).isEqualTo(INVALID);
    assertThat(asked.get()).isZero();
  }

  // What the token itself says counts too, where its issuer's answer leaves it out.
  @Test
  void activeTokenThatSaysItIsAnotherKindIsRefused() {
    Map<String, Object> own = claims("iss", ASKED);
    Map<String, @Nullable Object> answer = Map.of("sub", "u-1", "aud", AUDIENCE);
    assertThat(bearerTold(token(own), answer)).isEqualTo(OK);

    for (Map.Entry<String, Object> wrong :
        List.<Map.Entry<String, Object>>of(
            Map.entry("typ", "ID"),
            Map.entry("typ", "DPoP"),
            Map.entry("token_type", "DPoP"),
            Map.entry("token_use", "id"),
            Map.entry("nonce", "n"),
            Map.entry("at_hash", "h"),
            Map.entry("cnf", Map.of("jkt", "x")),
            Map.entry("exp", 1))) {
      Map<String, Object> claims = new HashMap<>(own);
      claims.put(wrong.getKey(), wrong.getValue());
      assertThat(bearerTold(token(claims), answer)).as(wrong.toString()).isNotEqualTo(OK);
    }
    String logout =
        Base64URL.encode("{\"alg\":\"RS256\",\"typ\":\"logout+jwt\"}")
            + token(own).substring(token(own).indexOf('.'));
    assertThat(bearerTold(logout, answer)).isEqualTo(INVALID);
  }

  @Test
  void tokenIsDeniedByItsOwnIdWhereItsIssuersAnswerHasNone() {
    String token = token(claims("iss", ASKED));
    Map<String, @Nullable Object> answer = Map.of("sub", "u-1", "aud", AUDIENCE);
    denied.deny(ASKED, null, "t-1", "leaked", null);

    assertThat(bearerTold(token, answer)).isEqualTo(INVALID);
    assertThat(bearerTold(token, Map.of("sub", "u-1", "aud", AUDIENCE, "jti", "t-2")))
        .isEqualTo(INVALID);
  }

  @Test
  void tokenIsDeniedByTheSubjectThatStandsInItAndByTheOneThatItsIssuerNames() {
    for (String subject : List.of("alice", "u-1")) {
      Map<String, Object> own = claims("iss", ASKED);
      own.put("sub", "alice");
      Map<String, @Nullable Object> answer = Map.of("sub", "u-1", "aud", AUDIENCE);
      assertThat(bearerTold(token(own), answer)).isEqualTo(OK);

      DeniedToken denial = denied.deny(ASKED, subject, null, "left", null);
      assertThat(bearerTold(token(own), answer)).as(subject).isEqualTo(INVALID);
      assertThat(denied.allow(denial.id())).isTrue();
    }
  }

  @Test
  void tokenOfAPersonWithoutASubjectIsNotItsClientsWhateverTheAnswerLeavesOut() {
    Map<String, Object> own = claims("iss", ASKED);
    own.remove("sub");
    own.put("scope", "openid orders:read");

    assertThat(bearerTold(token(own), Map.of("client_id", "app", "aud", AUDIENCE)))
        .isEqualTo(INVALID);
  }

  @Test
  void tokenWithASubjectIsNotItsClientsWhereItsIssuersAnswerNamesNoSubject() {
    Map<String, @Nullable Object> answer = Map.of("client_id", "app", "aud", AUDIENCE);
    for (String person : List.of("alice", "bob")) {
      Map<String, Object> own = claims("iss", ASKED);
      own.put("sub", person);
      String token = token(own);
      active.put(token, answer);

      assertThat(principal(token).subject()).isEqualTo(ASKED + "|" + person);
    }
  }

  @Test
  void audienceAndScopesOfATokenThatIsAskedAboutAreThoseOfTheAnswer() {
    Map<String, Object> own = claims("iss", ASKED);
    own.put("scope", "orders:write");
    String token = token(own);

    assertThat(bearerTold(token, Map.of("sub", "u-1"))).as("no aud").isEqualTo(INVALID);
    active.put(token, Map.of("sub", "u-1", "aud", AUDIENCE, "scope", "orders:read"));
    assertThat(principal(token).scopes()).isEqualTo(Scopes.of("orders:read"));
  }

  private String bearerTold(String token, Map<String, @Nullable Object> answer) {
    active.put(token, answer);
    String code = bearer(token);
    time.pass(Duration.ofSeconds(60));
    return code;
  }

  @Test
  void rejectsDamagedTokenWithoutAskingTheIssuer() {
    String token = token(claims("iss", "https://gate.example.com"));
    String unreadable = token.replaceFirst("\\.", ".xx"); // the payload is no JSON any more
    for (String damaged :
        List.of(
            token + "=",
            token + ".",
            token + ".AAAA",
            "." + token,
            token.substring(1) + "~",
            token.replaceFirst("\\.", "_"),
            token.replaceFirst("\\.", ""),
            unreadable)) {
      active.put(damaged, told());
      assertThat(bearer(damaged)).as(damaged).isEqualTo(INVALID);
    }
    assertThat(asked.get()).isZero();
  }

  private Map<String, @Nullable Object> told() {
    Map<String, @Nullable Object> told = new HashMap<>(claims("iss", ASKED));
    told.put("active", true);
    return told;
  }

  @Test
  void whatAnIssuerSaysMustBeRight() {
    Map<String, Object> wrong = new LinkedHashMap<>();
    wrong.put("aud", "https://other.example.com");
    wrong.put("iss", ISSUER);
    wrong.put("token_type", "refresh_token");
    wrong.put("nonce", "n");
    wrong.put("nbf", time.now().getEpochSecond() + 60);
    wrong.put("exp", "soon");
    wrong.put("cnf", Map.of("jkt", "x"));
    wrong.forEach(
        (claim, value) -> {
          Map<String, @Nullable Object> told = told();
          told.put(claim, value);
          active.put("token-" + claim, told);
          assertThat(bearer("token-" + claim)).as(claim).isEqualTo(INVALID);
        });
    for (String needed : List.of("aud", "sub")) {
      Map<String, @Nullable Object> told = told();
      told.remove("client_id"); // which would stand for a missing sub
      told.remove(needed);
      active.put("without-" + needed, told);
      assertThat(bearer("without-" + needed)).as(needed).isEqualTo(INVALID);
    }
  }

  @Test
  void tokenWithoutAnEndIsAskedForAgainEachMinute() {
    Map<String, @Nullable Object> told = told();
    told.remove("exp");
    told.remove("iss");
    active.put("endless", told);
    assertThat(bearer("endless")).isEqualTo(OK);
    for (int i = 2; i < 5; i++) {
      time.pass(Duration.ofSeconds(60));
      assertThat(bearer("endless")).isEqualTo(OK);
      assertThat(asked.get()).isEqualTo(i);
    }
  }

  // 48, 49: the issuer is down.

  @Test
  void anIssuerThatCannotBeAskedIs503AndWhatIsRememberedGoesOn() {
    active.put("opaque-1", told());
    String token = token(claims());
    assertThat(bearer(token)).isEqualTo(OK);
    down = true;
    assertThat(bearer(token)).isEqualTo(OK);
    assertThat(bearer("opaque-1")).isEqualTo("UNAVAILABLE");
    assertThat(bearer(token(claims("jti", "t-2")))).isEqualTo("UNAVAILABLE");
  }

  @Test
  void recallNeverAsksAnybody() {
    AuthRequest request = request("/", token(claims()));
    assertThat(gate.recall(request, Policy.accepting(Method.OAUTH))).isEmpty();
    assertThat(asked.get()).isZero();
  }

  // What is told.

  @ParameterizedTest
  @CsvSource({
    "/orders/7, /orders/7",
    "/orders/7?page=2, /orders/7",
    "/, ''",
    "/a\"b, ''",
    "/a\\b, ''",
    "/ü, ''",
  })
  void challengeSaysWhereItIsWrittenWhoseTokensCount(String target, String path) {
    AuthRequest request = request(target, "x.y.z");
    Refusal refusal =
        ((Decision.Refused) gate.admit(request, Policy.accepting(Method.OAUTH))).refusal();
    assertThat(refusal.challenges())
        .singleElement()
        .asString()
        .isEqualTo(
            "Bearer realm=\"orders\", error=\"invalid_token\", resource_metadata=\""
                + "https://gate.example.com/.well-known/oauth-protected-resource"
                + path
                + "\"");
  }

  @Test
  void aTokenForUsInAQueryIsRefusedAndAnIdTokenOfTheSameIssuerIsNoneOfOurBusiness() {
    for (String name : List.of("access_token", "t")) {
      AuthRequest request = request("/?" + name + "=" + token(claims()), token(claims()));
      assertThat(gate.admit(request, Policy.openToAll())).isInstanceOf(Decision.Refused.class);
      assertThat(
              gate.admit(
                  request("/?" + name + "=" + token(claims("aud", "client")), token(claims())),
                  Policy.accepting(Method.OAUTH)))
          .isInstanceOf(Decision.Admitted.class);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a b", "é", "a,b", "\"x\""})
  void whatIsNoTokenIsRefused(String text) {
    assertThat(bearer(text)).isEqualTo(INVALID);
    assertThat(asked.get()).isZero();
  }
}
