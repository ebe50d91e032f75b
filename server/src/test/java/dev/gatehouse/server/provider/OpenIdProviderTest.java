package dev.gatehouse.server.provider;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.benmanes.caffeine.cache.Ticker;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.crypto.opts.AllowWeakRSAKey;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyOperation;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.oauth2.sdk.token.BearerAccessToken;
import com.nimbusds.openid.connect.sdk.claims.AccessTokenHash;
import dev.gatehouse.Network;
import dev.gatehouse.secret.OwnSecrets;
import dev.gatehouse.secret.SecretForm;
import dev.gatehouse.server.tls.TrustedCertificates;
import dev.gatehouse.server.wire.HostileProvider;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.bouncycastle.crypto.signers.Ed25519Signer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What [OpenIdProvider] believes of a provider that is on the other side of a real connection.
@Tag("end-to-end")
class OpenIdProviderTest {

  private static final Vertx VERTX = Vertx.vertx();

  @AfterAll
  static void closeVertx() {
    VERTX.close().await();
  }

  private static final URI REDIRECT = URI.create("https://api.example.com/auth/acme/callback");

  private static final SecretForm OWN = SecretForm.base62("rt_");

  @TempDir private static Path temp;
  @AutoClose private static HostileProvider provider;
  private static TrustedCertificates trust;

  @AutoClose private OutboundHttp http;
  private final AtomicLong nanos = new AtomicLong();

  @BeforeAll
  static void start() throws Exception {
    provider = new HostileProvider();
    trust = TrustedCertificates.read(provider.certificateIn(temp));
  }

  @BeforeEach
  void behave() {
    provider.behave();
    http =
        OutboundHttp.to(
            new OutboundHttp.Peer(
                provider.issuer("acme"),
                new AllowedAddresses(List.of(Network.parse("127.0.0.0/8"), Network.parse("::1"))),
                trust),
            VERTX);
  }

  private OpenIdProvider provider(boolean google) {
    return provider(google, Map.of());
  }

  private OpenIdProvider provider(boolean google, Map<String, String> parameters) {
    Ticker ticker = nanos::get;
    return new OpenIdProvider(
        new OpenIdProvider.Settings(
            new Client(
                "acme",
                "Acme",
                provider.issuer("acme"),
                "gate",
                HostileProvider.SECRET,
                List.of("openid", "email"),
                parameters,
                new OwnSecrets(List.of(OWN))),
            google),
        http,
        Clock.systemUTC(),
        ticker);
  }

  @Test
  void ownSecretInPlaceOfACodeIsNotSentToTheProvider() throws Exception {
    AttemptSecrets secrets = AttemptSecrets.random();
    OpenIdProvider acme = provider(false);
    Map<String, List<String>> answer =
        new HashMap<>(
            HostileProvider.query(
                provider
                    .approve(acme.authorization(secrets, REDIRECT, null).toString())
                    .toString()));
    String secret = OWN.random();
    answer.put("code", List.of(secret));
    assertThatThrownBy(() -> acme.prove(answer, secrets, REDIRECT, null))
        .isInstanceOf(ProviderException.class)
        .hasMessageContaining("a secret of this gate")
        .hasMessageNotContaining(secret);
    assertThat(provider.requests.toString()).doesNotContain(secret);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "code=",
        "code= ",
        "error=x&code=",
        "response=eyJhbGciOiJub25lIn0.eyJlcnJvciI6ImEifQ.",
        "response=eyJhbGciOiJub25lIn0.eyJjb2RlIjoiYSJ9.",
        "code=a&access_token= ",
      })
  void answerThatIsNoneIsRefused(String query) {
    CodeExchange exchange =
        new CodeExchange(
            new Client(
                "acme",
                "Acme",
                provider.issuer("acme"),
                "gate",
                HostileProvider.SECRET,
                List.of("openid"),
                Map.of(),
                OwnSecrets.NONE),
            http,
            Clock.systemUTC());
    Map<String, List<String>> answer = new HashMap<>();
    for (String pair : query.split("&", -1)) {
      String[] parts = pair.split("=", 2);
      answer.put(parts[0], List.of(parts[1]));
    }
    answer.put("state", List.of("good"));
    assertThatThrownBy(() -> exchange.code(answer, REDIRECT, Set.of(), false))
        .isInstanceOf(ProviderException.class);
  }

  @Test
  void messageOfTheTokenEndpointIsNotQuotedWithTheCode() {
    provider.instead.put(
        "/acme/token",
        exchange -> {
          String body = new String(exchange.getRequestBody().readAllBytes(), US_ASCII);
          HostileProvider.json(
              exchange,
              400,
              new JsonObject()
                  .put("error", "invalid_grant")
                  .put("error_description", "what is " + body.replace('&', ' ') + "?")
                  .encode());
        });
    AttemptSecrets secrets = AttemptSecrets.random();
    OpenIdProvider acme = provider(false);
    assertThatThrownBy(
            () -> {
              URI back = provider.approve(acme.authorization(secrets, REDIRECT, null).toString());
              acme.prove(HostileProvider.query(back.toString()), secrets, REDIRECT, null);
            })
        .isInstanceOf(ProviderException.class)
        .hasMessageContaining("invalid_grant: what is ")
        .hasMessageContaining("code=…")
        .hasMessageNotContaining(secrets.codeVerifier());
  }

  @Test
  void ownSecretIsNoTokenOfAProvider() {
    provider.tokens = tokens -> tokens.put("access_token", OWN.random());
    assertThatThrownBy(() -> signIn(provider(false)))
        .isInstanceOf(ProviderException.class)
        .hasMessageContaining("a secret of this gate");
  }

  private static VerifiedSignIn signIn(OpenIdProvider with) throws ProviderException {
    return signIn(with, null);
  }

  private static VerifiedSignIn signIn(OpenIdProvider with, @Nullable Duration maxAge)
      throws ProviderException {
    AttemptSecrets secrets = AttemptSecrets.random();
    URI back = provider.approve(with.authorization(secrets, REDIRECT, maxAge).toString());
    return with.prove(HostileProvider.query(back.toString()), secrets, REDIRECT, maxAge);
  }

  private static void assertUntrusted(OpenIdProvider with, String as) {
    assertThatThrownBy(() -> signIn(with))
        .as(as)
        .isInstanceOfSatisfying(
            ProviderException.class,
            failed -> assertThat(failed.kind()).isEqualTo(ProviderException.Kind.UNTRUSTED));
  }

  private static String signed(JWK key, JWSHeader.Builder header, String claims) {
    JWSObject token = new JWSObject(header.keyID("k1").build(), new Payload(claims));
    try {
      byte[] input = token.getSigningInput();
      Base64URL signature =
          switch (key) {
            case RSAKey rsa ->
                new RSASSASigner(rsa.toPrivateKey(), Set.of(AllowWeakRSAKey.getInstance()))
                    .sign(token.getHeader(), input);
            case OctetKeyPair pair -> {
              Ed25519Signer signer = new Ed25519Signer();
              signer.init(true, new Ed25519PrivateKeyParameters(pair.getDecodedD()));
              signer.update(input, 0, input.length);
              yield Base64URL.encode(signer.generateSignature());
            }
            default -> throw new IllegalStateException();
          };
      return new String(input, StandardCharsets.US_ASCII) + "." + signature;
    } catch (JOSEException failed) {
      throw new IllegalStateException(failed);
    }
  }

  // A key set of that key alone.
  private static void publish(JWK key) {
    String set = new JWKSet(key.toPublicJWK()).toString();
    provider.instead.put("/acme/jwks", exchange -> HostileProvider.json(exchange, 200, set));
  }

  private static String rs256(String claims) {
    return HostileProvider.signedBy(provider.key, claims);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "18446744073709551615",
        "18446744073709551614",
        "7",
        "null",
        "[\"alice\"]",
        "\"\"",
        "\"\\ud800\"",
        "\"\\u00fc\"",
        "\"a\\u0000\"",
        "\"a\",\"sub\":\"b\"",
        "\"a\",\"x\":{\"sub\":1,\"sub\":2}",
      })
  void subjectThatIsNoAsciiTextOrThereTwiceIsNobody(String subject) {
    provider.sign =
        set ->
            rs256(
                HostileProvider.with("sub", "SUB")
                    .apply(set)
                    .toString()
                    .replace("\"SUB\"", subject));
    assertUntrusted(provider(false), subject);
  }

  @Test
  void keyThatIsWeakOrForAnotherUseVerifiesNoIdToken() throws Exception {
    RSAKey weak = new RSAKeyGenerator(1024, true).keyID("k1").generate();
    RSAKey encrypts = new RSAKey.Builder(provider.key).keyUse(KeyUse.ENCRYPTION).build();
    RSAKey wraps =
        new RSAKey.Builder(provider.key).keyOperations(Set.of(KeyOperation.WRAP_KEY)).build();
    RSAKey other = new RSAKey.Builder(provider.key).algorithm(JWSAlgorithm.PS256).build();
    for (RSAKey key : List.of(weak, encrypts, wraps, other)) {
      publish(key);
      provider.sign = set -> signed(key, new JWSHeader.Builder(JWSAlgorithm.RS256), set.toString());
      assertUntrusted(provider(false), key.toPublicJWK().toString());
    }
    publish(provider.key);
    assertThat(signIn(provider(false)).who().subject()).isEqualTo("alice-there");
  }

  @ParameterizedTest
  @ValueSource(strings = {"EdDSA", "Ed25519"})
  void keyOnEd25519VerifiesAnIdTokenAndItsHash(String algorithm) throws Exception {
    Ed25519PrivateKeyParameters secret = new Ed25519PrivateKeyParameters(new SecureRandom());
    OctetKeyPair pair =
        new OctetKeyPair.Builder(
                Curve.Ed25519, Base64URL.encode(secret.generatePublicKey().getEncoded()))
            .d(Base64URL.encode(secret.getEncoded()))
            .keyID("k1")
            .build();
    publish(pair);
    provider.metadata(
        "acme",
        said -> said.put("id_token_signing_alg_values_supported", new JsonArray().add(algorithm)));
    try {
      JWSHeader.Builder header = new JWSHeader.Builder(JWSAlgorithm.parse(algorithm));
      provider.sign = set -> signed(pair, header, set.toString());
      assertUntrusted(provider(false), "at_hash is by SHA-256");
      provider.tokens =
          answer -> {
            String hash =
                AccessTokenHash.compute(
                        new BearerAccessToken(answer.getString("access_token")),
                        JWSAlgorithm.EdDSA,
                        Curve.Ed25519)
                    .getValue();
            String claims =
                new String(
                    Base64.getUrlDecoder().decode(answer.getString("id_token").split("\\.", 3)[1]),
                    StandardCharsets.UTF_8);
            String good = new JsonObject(claims).put("at_hash", hash).encode();
            return answer.put("id_token", signed(pair, header, good));
          };
      assertThat(signIn(provider(false)).who().subject()).isEqualTo("alice-there");
    } finally {
      provider.metadata("acme", said -> {});
    }
  }

  @Test
  void timesOfAnIdTokenAreJudgedAsThoseOfAnAccessToken() throws Exception {
    long now = Instant.now().getEpochSecond();
    for (String claim : List.of("nbf", "iat")) {
      for (String wrong :
          List.of(String.valueOf(now + 600), "-1", "9223372036854775808", "null", "\"now\"")) {
        provider.sign =
            set ->
                rs256(
                    HostileProvider.with(claim, 4_242_424_242L)
                        .apply(set)
                        .toString()
                        .replace("4242424242", wrong));
        assertUntrusted(provider(false), claim + " " + wrong);
      }
    }
    for (String wrong : List.of("0", "9223372036854775808", "\"" + (now + 60) + "\"")) {
      provider.sign =
          set ->
              rs256(
                  HostileProvider.with("exp", 4_242_424_242L)
                      .apply(set)
                      .toString()
                      .replace("4242424242", wrong));
      assertUntrusted(provider(false), "exp " + wrong);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"at+jwt", "application/at+jwt", "logout+jwt", "dpop+jwt"})
  void tokenOfAnotherTypeIsNoIdToken(String type) {
    provider.sign =
        set ->
            signed(
                provider.key,
                new JWSHeader.Builder(JWSAlgorithm.RS256).type(new JOSEObjectType(type)),
                set.toString());
    assertUntrusted(provider(false), type);
  }

  @Test
  void providerThatIsAskedForARecentSignInMustSayThatItWasOne() throws Exception {
    Duration maxAge = Duration.ofMinutes(5);
    long now = Instant.now().getEpochSecond();
    OpenIdProvider acme = provider(false);
    assertThat(acme.authorization(AttemptSecrets.random(), REDIRECT, maxAge).toString())
        .contains("max_age=300");
    assertThat(acme.authorization(AttemptSecrets.random(), REDIRECT, null).toString())
        .doesNotContain("max_age");
    assertThat(signIn(acme).authenticatedAt()).as("it says nothing unasked").isNull();
    assertThat(signIn(acme, maxAge).authenticatedAt())
        .isBetween(Instant.ofEpochSecond(now - 5), Instant.now());

    for (Object wrong :
        new Object[] {null, now - 600, now + 600, "now", -1, Long.MAX_VALUE, true, List.of(now)}) {
      provider.claims = HostileProvider.with("auth_time", wrong);
      assertThatThrownBy(() -> signIn(acme, maxAge))
          .as("%s", wrong)
          .isInstanceOf(ProviderException.class)
          .message()
          .containsAnyOf("auth_time", "authenticated");
    }
    provider.claims = HostileProvider.with("auth_time", now + 30);
    assertThat(signIn(acme, maxAge).authenticatedAt()).isBeforeOrEqualTo(Instant.now());
    provider.claims = HostileProvider.with("auth_time", now - 86_400);
    assertThat(signIn(acme).authenticatedAt()).isEqualTo(Instant.ofEpochSecond(now - 86_400));
  }

  @Test
  void googleIsNotAskedForWhatItDoesNotSay() throws Exception {
    Duration maxAge = Duration.ofMinutes(5);
    assertThat(provider(true).authorization(AttemptSecrets.random(), REDIRECT, maxAge).toString())
        .doesNotContain("max_age");
    assertThat(signIn(provider(true), maxAge).authenticatedAt())
        .isBetween(Instant.now().minusSeconds(60), Instant.now());
  }

  private static final List<String> JUNK =
      List.of(
          "9223372036854775808",
          "-9223372036854775809",
          "-1",
          "1.5",
          "1e300",
          "\"\"",
          "\" \"",
          "\"\\ud800\"",
          "null",
          "true",
          "[]",
          "{}",
          "[null]");

  private static String with(JsonObject document, String name, String value) {
    return document.copy().put(name, "JUNK").encode().replace("\"JUNK\"", value);
  }

  @Test
  void whateverAProviderWritesIsAtMostARefusal() throws Exception {
    JsonObject userInfo =
        new JsonObject().put("sub", "alice-there").put("email", "a@there.example");
    provider.email = ""; // so that the userinfo endpoint is asked
    for (String value : JUNK) {
      for (String name :
          List.of(
              "access_token", "token_type", "expires_in", "refresh_token", "scope", "id_token")) {
        provider.rawTokens = answer -> with(answer, name, value);
        assertRefusedOrKnown(name + " " + value);
      }
      provider.rawTokens = JsonObject::encode;
      for (String name : List.of("sub", "email", "email_verified", "name", "preferred_username")) {
        provider.instead.put(
            "/acme/userinfo",
            exchange -> HostileProvider.json(exchange, 200, with(userInfo, name, value)));
        assertRefusedOrKnown("userinfo " + name + " " + value);
      }
      provider.instead.clear();
    }
  }

  @Test
  void whateverStandsInADiscoveryDocumentIsAtMostARefusal() throws Exception {
    String path = "/acme/.well-known/openid-configuration";
    String issuer = provider.issuer("acme").toString();
    JsonObject document =
        new JsonObject()
            .put("issuer", issuer)
            .put("authorization_endpoint", issuer + "/authorize")
            .put("token_endpoint", issuer + "/token")
            .put("jwks_uri", issuer + "/jwks")
            .put("response_types_supported", new JsonArray().add("code"))
            .put("subject_types_supported", new JsonArray().add("public"))
            .put("id_token_signing_alg_values_supported", new JsonArray().add("RS256"));
    for (String name :
        List.of(
            "issuer",
            "token_endpoint",
            "userinfo_endpoint",
            "jwks_uri",
            "token_endpoint_auth_methods_supported",
            "authorization_response_iss_parameter_supported",
            "id_token_signing_alg_values_supported")) {
      for (String value : JUNK) {
        provider.instead.put(
            path, exchange -> HostileProvider.json(exchange, 200, with(document, name, value)));
        assertRefusedOrKnown(name + " " + value);
      }
    }
  }

  private void assertRefusedOrKnown(String as) throws Exception {
    try {
      assertThat(signIn(provider(false)).who().subject()).as(as).isEqualTo("alice-there");
    } catch (ProviderException refused) {
      assertThat(refused).as(as).hasMessageNotContaining("JUNK");
    }
  }

  @Test
  void googleVouchesForItsOwnAddressesAndThoseOfOrganisationsThatItHostsOnly() throws Exception {
    OpenIdProvider google = provider(true);
    provider.email = "alice@left-the-company.example";
    assertThat(signIn(google).who().emailVerified()).isFalse();
    assertThat(signIn(provider(false)).who().emailVerified()).isTrue();
    provider.claims = HostileProvider.with("hd", "example.com");
    assertThat(signIn(google).who().emailVerified()).isTrue();
    provider.behave();
    provider.email = "Alice@Gmail.com";
    assertThat(signIn(google).who().emailVerified()).isTrue();
    provider.email = "alice@gmail.com.evil.example";
    assertThat(signIn(google).who().emailVerified()).isFalse();
  }

  @Test
  void longTokensAndCodesSignPeopleIn() throws Exception {
    provider.claims =
        set ->
            HostileProvider.with("at_hash", null)
                .apply(HostileProvider.with("roles", "r".repeat(40_000)).apply(set));
    provider.tokens =
        answer ->
            answer.put("access_token", "x".repeat(60_000)).put("refresh_token", "y".repeat(9_000));
    assertThat(signIn(provider(false)).token().accessToken()).hasSize(60_000);

    AttemptSecrets secrets = AttemptSecrets.random();
    OpenIdProvider acme = provider(false);
    URI back = provider.approve(acme.authorization(secrets, REDIRECT, null).toString());
    Map<String, List<String>> answer = new HashMap<>(HostileProvider.query(back.toString()));
    answer.put("code", List.of("c".repeat(7_000)));
    assertThatThrownBy(() -> acme.prove(answer, secrets, REDIRECT, null))
        .isInstanceOf(ProviderException.class)
        .hasMessageContaining("invalid_grant"); // the provider was asked, and says so
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 403, 400, 404, 204, 500})
  void userInfoThatIsRefusedMeansToTryAgainAndNotThatThereIsNoAddress(int status) {
    provider.email = "";
    provider.instead.put(
        "/acme/userinfo",
        exchange -> {
          exchange.sendResponseHeaders(status, -1);
          exchange.close();
        });
    assertThatThrownBy(() -> signIn(provider(false)))
        .isInstanceOfSatisfying(
            ProviderException.class,
            failed -> assertThat(failed.kind()).isEqualTo(ProviderException.Kind.UNAVAILABLE))
        .hasMessageContaining("userinfo");
  }

  @Test
  void userInfoThatIsSignedMeansToTryAgainAndNotThatThereIsNoAddress() {
    provider.email = "";
    provider.instead.put(
        "/acme/userinfo",
        exchange -> {
          byte[] signed = "eyJhbGciOiJSUzI1NiJ9.e30.AAAA".getBytes(StandardCharsets.US_ASCII);
          exchange.getResponseHeaders().set("Content-Type", "application/jwt; charset=utf-8");
          exchange.sendResponseHeaders(200, signed.length);
          exchange.getResponseBody().write(signed);
          exchange.close();
        });
    assertThatThrownBy(() -> signIn(provider(false)))
        .isInstanceOfSatisfying(
            ProviderException.class,
            failed -> assertThat(failed.kind()).isEqualTo(ProviderException.Kind.UNAVAILABLE))
        .hasMessageContaining("signs or encrypts its answers");
  }

  @Test
  void unreadableItemOfAListInTheAnswerOfTheTokenEndpointChangesNothing() throws Exception {
    provider.tokens =
        answer ->
            answer
                .put("authorization_details", new JsonArray().add(7).add(new JsonObject()))
                .put("issued_token_type", "no URI \u0000");
    assertThat(signIn(provider(false)).who().subject()).isEqualTo("alice-there");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"scope\":[\"openid\",\"email\"]",
        "\"scope\":[7]",
        "\"scope\":7",
        "\"scope\":null",
        "\"scope\":\"\"",
        "\"expires_in\":null",
        "\"expires_in\":\"\"",
        "\"refresh_token\":null",
        "\"refresh_token\":\"\"",
        "\"refresh_token\":\"LONG\"",
        "\"refresh_token\":\"a b\"",
        "\"user\":{\"name\":\"\\ud83d\"}",
        "\"user\":{\"a\":1,\"a\":2}",
        "\"user\":1e400",
        "\"error\":null",
      })
  void memberOfATokenResponseThatIsEmptyOrThatNoOneReadsSignsPeopleIn(String member)
      throws Exception {
    provider.rawTokens =
        answer -> {
          answer.remove("expires_in");
          return answer
              .encode()
              .replaceFirst(
                  "}$",
                  "," + member.replace("LONG", "r".repeat(70_000)).replace("\\", "\\\\") + "}");
        };
    VerifiedSignIn proven = signIn(provider(false));
    assertThat(proven.who().subject()).isEqualTo("alice-there");
    assertThat(proven.token().refreshToken()).isNull();
    assertThat(proven.token().expiresAt()).isNull();
    assertThat(proven.token().scopes()).containsExactly("email", "openid");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"access_token\":\"other\"", "\"expires_in\":{}", "\"token_type\":null"})
  void tokenResponseThatIsAmbiguousOrWrongIsRefused(String member) {
    provider.rawTokens =
        answer -> {
          answer.remove("expires_in");
          if (member.contains("token_type")) {
            answer.remove("token_type");
          }
          return answer.encode().replaceFirst("}$", "," + member + "}");
        };
    assertThatThrownBy(() -> signIn(provider(false)))
        .isInstanceOf(ProviderException.class)
        .hasMessageContaining("can't be read");
  }

  @Test
  void parametersOfTheConfigurationAreSentAndChangeNoneOfTheGates() throws Exception {
    AttemptSecrets secrets = AttemptSecrets.random();
    Map<String, List<String>> sent =
        HostileProvider.query(
            provider(true, Map.of("access_type", "offline", "prompt", "consent select_account"))
                .authorization(secrets, REDIRECT, null)
                .toString());
    assertThat(sent)
        .containsEntry("access_type", List.of("offline"))
        .containsEntry("prompt", List.of("consent select_account"))
        .containsEntry("state", List.of(secrets.state()))
        .containsEntry("redirect_uri", List.of(REDIRECT.toString()))
        .containsEntry("code_challenge_method", List.of("S256"));
  }

  @Test
  void keepsDocumentAndKeysWhileProviderIsDown() throws Exception {
    OpenIdProvider acme = provider(false);
    signIn(acme);
    nanos.addAndGet(Duration.ofHours(2).toNanos()); // both are to be read again
    provider.instead.put(
        "/acme/jwks", exchange -> HostileProvider.answer(exchange, 500, "text/plain", "down"));
    provider.instead.put(
        "/acme/.well-known/openid-configuration",
        exchange -> HostileProvider.answer(exchange, 200, "text/html", "<p>Maintenance"));
    assertThat(signIn(acme).who().subject()).isEqualTo("alice-there");
  }

  @Test
  void unknownKeysCauseBoundedNumberOfFetches() throws Exception {
    OpenIdProvider acme = provider(false);
    signIn(acme);
    provider.requests.clear();
    provider.sign = set -> HostileProvider.signedBy(HostileProvider.newKey("unknown"), set);
    for (int i = 0; i < 8; i++) {
      assertThatThrownBy(() -> signIn(acme)).isInstanceOf(ProviderException.class);
    }
    assertThat(provider.requests)
        .filteredOn(request -> request.equals("/acme/jwks"))
        .hasSizeLessThanOrEqualTo(IssuerKeys.MAX_FETCHES_IN_A_ROW);
  }

  @Test
  void whatWasIssuedIsKeptAsTheProviderSaidIt() throws Exception {
    provider.tokens =
        answer ->
            answer.put("scope", "openid repo").put("refresh_token", "rt").put("expires_in", 60);
    VerifiedSignIn proven = signIn(provider(false));
    assertThat(proven.token().scopes()).containsExactly("openid", "repo");
    assertThat(proven.token().refreshToken()).isEqualTo("rt");
    assertThat(proven.token().expiresAt()).isNotNull();
    assertThat(proven.toString())
        .doesNotContain(proven.token().accessToken())
        .doesNotContain("rt\"");

    provider.tokens = answer -> answer.put("scope", "openid");
    assertThat(provider(false).refresh(proven.token()))
        .satisfies(
            fresh -> {
              assertThat(fresh.accessToken()).startsWith("refreshed-");
              assertThat(fresh.refreshToken()).as("the old one stays good").isEqualTo("rt");
              assertThat(fresh.scopes()).containsExactly("openid");
            });
  }

  @Test
  void whatMayStandInNoFieldIsNoToken() {
    for (String token : List.of("a\r\nX-Evil: 1", "a b", "x".repeat(65_537))) {
      provider.tokens = answer -> answer.put("access_token", token);
      assertThatThrownBy(() -> signIn(provider(false)))
          .as(token)
          .isInstanceOf(ProviderException.class)
          .hasMessageNotContaining(token)
          .hasMessageContaining("too long or not only visible ASCII");
    }
    provider.tokens = answer -> answer.put("token_type", "DPoP");
    assertThatThrownBy(() -> signIn(provider(false)))
        .isInstanceOf(ProviderException.class)
        .hasMessageContaining("no bearer token");
  }
}
