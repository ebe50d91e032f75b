package dev.gatehouse.jwt;

import static dev.gatehouse.jwt.JwtHouse.AUDIENCE;
import static dev.gatehouse.jwt.JwtHouse.ISSUER;
import static dev.gatehouse.jwt.JwtHouse.members;
import static dev.gatehouse.jwt.JwtHouse.part;
import static dev.gatehouse.jwt.JwtHouse.parts;
import static dev.gatehouse.jwt.JwtHouse.signed;
import static dev.gatehouse.jwt.JwtHouse.withClaim;
import static dev.gatehouse.jwt.JwtHouse.withHeader;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.CompressionAlgorithm;
import com.nimbusds.jose.EncryptionMethod;
import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.JWEHeader;
import com.nimbusds.jose.JWEObject;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.ECDHEncrypter;
import com.nimbusds.jose.crypto.impl.ECDSA;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jose.util.JSONObjectUtils;
import dev.gatehouse.Decision;
import dev.gatehouse.Method;
import dev.gatehouse.Principal;
import dev.gatehouse.Reason;
import dev.gatehouse.Scopes;
import dev.gatehouse.Time;
import dev.gatehouse.account.SignIn;
import dev.gatehouse.bearer.Check;
import dev.gatehouse.bearer.PresentedJwt;
import dev.gatehouse.identity.IdentityTokens;
import dev.gatehouse.secret.RandomIds;
import dev.gatehouse.signing.SigningAlgorithm;
import dev.gatehouse.signing.SigningKeys;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class AccessTokenAttacksTest {

  private static final String INVALID = "INVALID_TOKEN";
  private static final String EXPIRED = "TOKEN_EXPIRED";
  private static final long START = Time.START.getEpochSecond();
  private static final BigInteger N =
      new BigInteger("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16);

  private final JwtHouse house = new JwtHouse();
  private final JwtHouse.Node node = house.node();
  private final JWK key = node.keys.signingKey();
  private final String token = node.signIn().accessToken();

  // What a good one is.

  @ParameterizedTest
  @EnumSource
  void tokenOfEachAlgorithmIsAccepted(SigningAlgorithm algorithm) {
    JwtHouse.Node other = new JwtHouse().node(JwtHouse.settings(algorithm));
    String text = other.signIn().accessToken();

    assertThat(other.bearer(text)).isEqualTo("OK");
    assertThat(members(part(text, 0)))
        .containsEntry("alg", algorithm.jws().getName())
        .containsEntry("typ", "at+jwt");
  }

  @Test
  void anAccessTokenHoldsIdsAndTimesAndNothingPersonal() {
    assertThat(members(part(token, 1)).keySet())
        .containsExactly(
            "iss", "sub", "aud", "exp", "iat", "nbf", "jti", "sid", "client_id", "scope");
    assertThat(members(part(token, 1)))
        .containsEntry("iss", ISSUER)
        .containsEntry("sub", house.alice().id())
        .containsEntry("aud", AUDIENCE)
        .containsEntry("iat", START)
        .containsEntry("nbf", START)
        .containsEntry("exp", START + 900)
        .containsEntry("client_id", "web")
        .containsEntry("scope", "orders:read orders:write");
    assertThat(part(token, 0) + part(token, 1)).doesNotContain("alice").doesNotContain("@");
  }

  @Test
  void tokenNamesTheCallerAndItsFamily() {
    Principal principal = node.principal(token);

    assertThat(principal.subject()).isEqualTo(house.alice().id());
    assertThat(principal.method()).isEqualTo(Method.JWT);
    assertThat(principal.credential()).isEqualTo(members(part(token, 1)).get("sid"));
    assertThat(principal.scopes()).isEqualTo(JwtHouse.BOTH);
  }

  // Where it may stand.

  @ParameterizedTest
  @ValueSource(strings = {"Bearer ", "bearer ", "BEARER ", "bEaReR   "})
  void theSchemeHasNoCase(String scheme) {
    assertThat(node.decide(scheme + token)).isInstanceOf(Decision.Admitted.class);
  }

  @Test
  void anotherSchemeIsNoTokenOfOurs() {
    assertThat(node.refusal("/", "Bearerish " + token).reason().code())
        .isEqualTo("METHOD_NOT_ACCEPTED");
    assertThat(node.refusal("/", null).sentence()).isEqualTo("Authorization token required");
  }

  @Test
  void theChallengeNamesAnErrorOnlyWhenATokenCame() {
    assertThat(node.refusal("/", null).fields())
        .containsEntry("WWW-Authenticate", List.of("Bearer realm=\"orders\""));
    assertThat(node.refusal("/", "Bearer x.y.z").fields())
        .containsEntry(
            "WWW-Authenticate", List.of("Bearer realm=\"orders\", error=\"invalid_token\""));
    assertThat(node.refusal("/", "Negotiate abc").fields())
        .containsEntry("WWW-Authenticate", List.of("Bearer realm=\"orders\""));
    house.time.pass(Duration.ofMinutes(15));
    assertThat(node.refusal("/", "Bearer " + token).fields())
        .containsEntry(
            "WWW-Authenticate", List.of("Bearer realm=\"orders\", error=\"invalid_token\""));
  }

  @Test
  void aTokenOfOursInAQueryIsRefusedByWhateverNameAndSaysSo() {
    String refresh = node.signIn().refreshToken();
    String escaped = token.replace(".", "%2E");
    for (String query :
        List.of(
            "access_token=" + token,
            "a=b&token=" + escaped,
            "a=b;jwt=" + token,
            token,
            "refresh_token=" + refresh)) {
      for (String authorization : new String[] {null, "Bearer " + token}) {
        assertThat(node.refusal("/?" + query, authorization).reason().code())
            .as(query)
            .isEqualTo("MALFORMED_REQUEST");
      }
      assertThat(node.refusal("/?" + query, null).detail())
          .contains("query")
          .doesNotContain(token)
          .doesNotContain(refresh);
    }
  }

  @Test
  void aTokenOfTheUpstreamsOwnInAQueryIsNoneOfOurBusiness() {
    String foreign = withHeader(token, key, "typ", "JWT");
    String otherKey = withHeader(token, key, "kid", "their-key");
    for (String query :
        List.of(
            "access_token=" + foreign, "access_token=" + otherKey, "t=a.b.c", "t=%zz.%2E", "")) {
      assertThat(node.decide("/?" + query, "Bearer " + token))
          .isInstanceOf(Decision.Admitted.class);
    }
  }

  // 26: what headers and signatures are forged with.

  @ParameterizedTest
  @ValueSource(strings = {"none", "None", "NONE", "nOnE", "", "HS256", "RS256", "ES384", "es256"})
  void theAlgorithmIsTheKeysWhateverTheTokenSays(String algorithm) {
    String changed = withHeader(token, key, "alg", algorithm);
    List<String> unsigned = parts(changed);
    unsigned.set(2, "");

    assertThat(node.bearer(changed)).isEqualTo(INVALID);
    assertThat(node.bearer(String.join(".", unsigned))).isEqualTo(INVALID);
    unsigned.set(2, "AA");
    assertThat(node.bearer(String.join(".", unsigned))).isEqualTo(INVALID);
  }

  @ParameterizedTest
  @EnumSource(
      value = SigningAlgorithm.class,
      names = {"ES256", "EDDSA", "RS256"})
  void aPublicKeyIsNoSecretForHs256(SigningAlgorithm algorithm) throws Exception {
    JwtHouse.Node other = new JwtHouse().node(JwtHouse.settings(algorithm));
    JWK published = other.keys.publishedKeys().getKeys().getFirst();
    List<byte[]> secrets = new ArrayList<>();
    secrets.add(published.toJSONString().getBytes(StandardCharsets.UTF_8));
    switch (algorithm) {
      case ES256 -> {
        secrets.add(published.toECKey().toECPublicKey().getEncoded());
        secrets.add(published.toECKey().getX().decode());
      }
      case RS256 -> {
        byte[] der = published.toRSAKey().toRSAPublicKey().getEncoded();
        secrets.add(der);
        secrets.add(pem(der));
        secrets.add(published.toRSAKey().getModulus().decode());
      }
      default -> secrets.add(published.toOctetKeyPair().getDecodedX());
    }
    String good = other.signIn().accessToken();
    assertThat(other.bearer(good)).isEqualTo("OK");
    for (byte[] secret : secrets) {
      JWK confused =
          new OctetSequenceKey.Builder(secret)
              .keyID(published.getKeyID())
              .algorithm(JWSAlgorithm.HS256)
              .build();
      assertThat(other.bearer(withHeader(good, confused, "alg", "HS256"))).isEqualTo(INVALID);
    }
  }

  private static byte[] pem(byte[] der) {
    return ("-----BEGIN PUBLIC KEY-----\n"
            + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
            + "\n-----END PUBLIC KEY-----\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "../../../../dev/null",
        "/dev/null",
        "' UNION SELECT 'x' --",
        "sig_' OR '1'='1",
        "key\0",
        "file:///etc/passwd",
        "sig_0000000000000000000000",
      })
  void theKeyIdIsNoPathAndNoSql(String keyId) throws Exception {
    ECKey own = new ECKeyGenerator(Curve.P_256).algorithm(JWSAlgorithm.ES256).generate();
    JWK empty = new OctetSequenceKey.Builder(new byte[32]).algorithm(JWSAlgorithm.HS256).build();

    assertThat(node.bearer(withHeader(token, key, "kid", keyId))).isEqualTo(INVALID);
    assertThat(node.bearer(withHeader(token, own, "kid", keyId))).isEqualTo(INVALID);
    String header = part(withHeader(token, key, "kid", keyId), 0).replace("ES256", "HS256");
    assertThat(node.bearer(signed(header, part(token, 1), empty))).isEqualTo(INVALID);
  }

  @Test
  void aTokenThatBringsItsOwnKeyIsRefused() throws Exception {
    ECKey own =
        new ECKeyGenerator(Curve.P_256)
            .keyID(key.getKeyID())
            .algorithm(JWSAlgorithm.ES256)
            .generate();
    Map<String, Object> brought = new LinkedHashMap<>();
    brought.put("jwk", own.toPublicJWK().toJSONObject());
    brought.put("jku", "https://evil.example.com/keys");
    brought.put("x5u", "https://evil.example.com/chain");
    brought.put("x5c", List.of("MIIB"));
    brought.put("x5t", "AAAA");
    brought.put("x5t#S256", "AAAA");
    brought.forEach(
        (name, value) -> {
          assertThat(node.bearer(withHeader(token, own, name, value))).as(name).isEqualTo(INVALID);
          // Not even where the key is ours: whoever wrote that wanted it followed.
          assertThat(node.bearer(withHeader(token, key, name, value))).as(name).isEqualTo(INVALID);
        });
  }

  @Test
  void criticalExtensionsAndOtherReadingsOfThePayloadAreRefused() {
    for (Object critical :
        List.of(List.of("exp"), List.of("b64"), List.of("urn:x"), List.of(), "b64", 1)) {
      assertThat(node.bearer(withHeader(token, key, "crit", critical))).isEqualTo(INVALID);
    }
    for (Object encoded : List.of(false, true, "false", 0)) {
      assertThat(node.bearer(withHeader(token, key, "b64", encoded))).isEqualTo(INVALID);
    }
    assertThat(node.bearer(withHeader(token, key, "zip", "DEF"))).isEqualTo(INVALID);
    assertThat(node.bearer(withHeader(token, key, "enc", "A256GCM"))).isEqualTo(INVALID);
    // RFC 7515 §4: what is not understood and not critical is ignored.
    assertThat(node.bearer(withHeader(token, key, "x-note", "hello"))).isEqualTo("OK");
  }

  @Test
  void psychicAndOtherImpossibleSignaturesAreRefused() {
    BigInteger[] numbers = {
      BigInteger.ZERO, BigInteger.ONE, N.subtract(BigInteger.ONE), N, N.add(BigInteger.ONE)
    };
    for (BigInteger r : numbers) {
      for (BigInteger s : numbers) {
        assertThat(node.bearer(resigned(HexFormat.of().parseHex(hex(r) + hex(s)))))
            .as("%s %s", r, s)
            .isEqualTo(INVALID);
      }
    }
  }

  private static String hex(BigInteger number) {
    return String.format("%064x", number);
  }

  private String resigned(byte[] signature) {
    List<String> parts = parts(token);
    parts.set(2, Base64URL.encode(signature).toString());
    return String.join(".", parts);
  }

  @Test
  void derWhereRawIsDueIsRefused() throws Exception {
    byte[] raw = new Base64URL(parts(token).get(2)).decode();
    byte[] der = ECDSA.transcodeSignatureToDER(raw);

    assertThat(node.bearer(resigned(raw))).isEqualTo("OK");
    assertThat(node.bearer(resigned(der))).isEqualTo(INVALID);
    assertThat(node.bearer(resigned(Arrays.copyOf(raw, 65)))).isEqualTo(INVALID);
    assertThat(node.bearer(resigned(Arrays.copyOf(raw, 63)))).isEqualTo(INVALID);
  }

  @Test
  void anEncryptedTokenIsNoneCompressedOrNot() throws Exception {
    ECKey published = node.keys.publishedKeys().getKeys().getFirst().toECKey();
    for (CompressionAlgorithm zip : new CompressionAlgorithm[] {null, CompressionAlgorithm.DEF}) {
      JWEObject jwe =
          new JWEObject(
              new JWEHeader.Builder(JWEAlgorithm.ECDH_ES, EncryptionMethod.A256GCM)
                  .keyID(published.getKeyID())
                  .compressionAlgorithm(zip)
                  .build(),
              new Payload(" ".repeat(100_000)));
      jwe.encrypt(new ECDHEncrypter(published));
      assertThat(node.bearer(jwe.serialize())).isEqualTo(INVALID);
    }
  }

  @Test
  void nothingIsReadTwoWays() {
    String header = part(token, 0);
    String payload = part(token, 1);

    assertThat(node.bearer(signed(header, payload, key))).as("the same again").isEqualTo("OK");
    for (String twice :
        List.of(
            header.replace("{", "{\"alg\":\"none\","),
            header.replace("}", ",\"kid\":\"x\"}"),
            header.replace("{", "{\"\\u0061lg\":\"ES256\","),
            header.replace("\"alg\"", "\"ALG\""),
            header.replace("\"ES256\"", "[\"ES256\"]"),
            header + " {}",
            "\ufeff" + header,
            "[" + header + "]",
            "null",
            "\"x\"",
            "",
            "{" + "\"a\":[".repeat(1_500) + "]".repeat(1_500) + "}",
            header.replace("{", "{/**/"),
            header.replace('"', '\''))) {
      assertThat(node.bearer(signed(twice, payload, key))).as(twice).isEqualTo(INVALID);
    }
    for (String twice :
        List.of(
            payload.replace("{", "{\"sub\":\"u_other\","),
            payload.replace("}", ",\"exp\":9999999999}"),
            payload.replace("{", "{\"\\u0073cope\":\"gatehouse:admin\","),
            payload + "}",
            "\ufeff" + payload,
            "null",
            "[]",
            "",
            "{" + "\"a\":[".repeat(1_500) + "]".repeat(1_500) + "}")) {
      assertThat(node.bearer(signed(header, twice, key))).as(twice).isEqualTo(INVALID);
    }
  }

  @Test
  void textThatIsNotUtf8IsRefused() {
    String input =
        parts(token).getFirst()
            + "."
            + Base64URL.encode(
                part(token, 1)
                    .replace("}", ",\"x\":\"\u00ff\"}")
                    .getBytes(StandardCharsets.ISO_8859_1));
    String signature =
        SigningAlgorithm.ES256.sign(key, input.getBytes(StandardCharsets.US_ASCII)).toString();

    assertThat(node.bearer(input + "." + signature)).isEqualTo(INVALID);
  }

  // In each algorithm's signature another number of bits of the last character stands for nothing.
  @ParameterizedTest
  @EnumSource
  void noTwoTextsAreTheSameToken(SigningAlgorithm algorithm) {
    JwtHouse.Node other = new JwtHouse().node(JwtHouse.settings(algorithm));
    String text = other.signIn().accessToken();
    assertThat(other.bearer(text)).isEqualTo("OK");
    String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (int index = 0; index < 3; index++) {
      List<String> parts = parts(text);
      String good = parts.get(index);
      char last = good.charAt(good.length() - 1);
      for (char another : (alphabet + "=+/ \n.").toCharArray()) {
        if (another != last) {
          parts.set(index, good.substring(0, good.length() - 1) + another);
          assertThat(other.bearer(String.join(".", parts))).isEqualTo(INVALID);
        }
      }
      for (String around : List.of("=", "==", "\n", " ", "?", "%3D", ".", "AA", "\0")) {
        parts.set(index, good + around);
        assertThat(other.bearer(String.join(".", parts))).isEqualTo(INVALID);
      }
    }
  }

  // 27: other tokens.

  @ParameterizedTest
  @ValueSource(
      strings = {"JWT", "gatehouse-identity+jwt", "id+jwt", "dpop+jwt", "jwt", "at", " at+jwt", ""})
  void anotherTypeIsNoAccessToken(String type) {
    assertThat(node.bearer(withHeader(token, key, "typ", type))).isEqualTo(INVALID);
  }

  @Test
  void typeMayBeWrittenInFullAndHasNoCase() {
    assertThat(node.bearer(withHeader(token, key, "typ", null))).isEqualTo(INVALID);
    assertThat(node.bearer(withHeader(token, key, "typ", 1))).isEqualTo(INVALID);
    assertThat(node.bearer(withHeader(token, key, "typ", "application/at+jwt"))).isEqualTo("OK");
    assertThat(node.bearer(withHeader(token, key, "typ", "AT+JWT"))).isEqualTo("OK");
  }

  @Test
  void aRefreshTokenIsNoAccessToken() {
    TokenPair pair = node.signIn();
    int before = house.asked.get();

    assertThat(pair.refreshToken()).matches("rt_[0-9A-Za-z]{43}");
    assertThat(node.bearer(pair.refreshToken())).isEqualTo(INVALID);
    assertThat(node.refreshes(pair.accessToken())).isFalse();
    assertThat(node.tokens.logout(pair.accessToken())).isFalse();
    assertThat(house.asked.get()).as("no look-up was made").isEqualTo(before);
  }

  @Test
  void anIdentityTokenIsNoAccessTokenNotEvenUnderTheSameKeys() {
    Principal principal = node.principal(token);
    SigningKeys identityKeys =
        new SigningKeys(
            house.signingKeyStore,
            house.seal,
            IdentityTokens.PURPOSE,
            SigningAlgorithm.ES256,
            JwtHouse.KEY_LIFE,
            JwtHouse.OVERLAP,
            house.time.clock());
    for (SigningKeys keys : List.of(identityKeys, node.keys)) {
      IdentityTokens identities =
          new IdentityTokens(keys, ISSUER, house.time.clock(), house.time.ticker());
      assertThat(node.bearer(identities.awaitToken(principal, AUDIENCE))).isEqualTo(INVALID);
    }
    JWK identityKey = identityKeys.signingKey();
    String header = part(withHeader(token, key, "kid", identityKey.getKeyID()), 0);
    assertThat(node.bearer(signed(header, part(token, 1), identityKey)))
        .as("an access token signed for another purpose")
        .isEqualTo(INVALID);
  }

  @Test
  void anotherAudienceOrIssuerIsRefused() {
    for (Object audience :
        List.of(
            "https://other.example.com",
            AUDIENCE + "/",
            AUDIENCE.toUpperCase(Locale.ROOT),
            "",
            List.of(),
            List.of("https://other.example.com"),
            List.of(AUDIENCE, "https://other.example.com"),
            Map.of("a", AUDIENCE),
            true)) {
      assertThat(node.bearer(withClaim(token, key, "aud", audience))).isEqualTo(INVALID);
    }
    assertThat(node.bearer(withClaim(token, key, "aud", List.of(AUDIENCE)))).isEqualTo("OK");
    for (Object issuer : List.of("https://evil.example.com", ISSUER + "/", List.of(ISSUER), 1)) {
      assertThat(node.bearer(withClaim(token, key, "iss", issuer))).isEqualTo(INVALID);
    }
  }

  @Test
  void everyClaimOfOursMustBeThereAndOfItsType() {
    for (String name :
        List.of("iss", "sub", "aud", "exp", "iat", "jti", "sid", "client_id", "scope")) {
      if (!name.equals("scope")) {
        assertThat(node.bearer(withClaim(token, key, name, null))).as(name).isEqualTo(INVALID);
      }
      for (Object wrong : List.of(Map.of("$gt", ""), List.of(), true)) {
        assertThat(node.bearer(withClaim(token, key, name, wrong))).as(name).isEqualTo(INVALID);
      }
    }
    for (String name : List.of("sub", "sid", "jti")) {
      for (String wrong : List.of("", "a b", "a\nb", "x".repeat(129), "é")) {
        assertThat(node.bearer(withClaim(token, key, name, wrong))).as(name).isEqualTo(INVALID);
      }
    }
    assertThat(node.bearer(withClaim(token, key, "scope", "a\"b"))).isEqualTo(INVALID);
    assertThat(node.bearer(withClaim(token, key, "client_id", "x".repeat(257)))).isEqualTo(INVALID);
  }

  @Test
  void tokenThatNamesAnotherSubjectThanItsFamilysIsRefused() {
    assertThat(node.bearer(withClaim(token, key, "sub", "u_somebodyelse"))).isEqualTo(INVALID);
    assertThat(node.bearer(withClaim(token, key, "sid", RandomIds.next("f_")))).isEqualTo(INVALID);
  }

  @Test
  void scopesOfATokenGiveNothingThatTheOwnerHasNot() {
    String greedy = withClaim(token, key, "scope", "orders:read gatehouse:admin");

    assertThat(node.principal(greedy).scopes()).isEqualTo(JwtHouse.READ);
    assertThat(node.principal(withClaim(token, key, "scope", "")).scopes()).isEqualTo(Scopes.NONE);
  }

  // RFC 6749 §3.3: a scope has at least one token.
  @Test
  void tokenWithoutScopesHasNoScopeClaimAndGivesNone() {
    house.accounts.grant("alice", Set.of(), Scopes.NONE);
    String none = node.signIn().accessToken();

    assertThat(members(part(none, 1))).doesNotContainKey("scope");
    assertThat(node.principal(none).scopes()).isEqualTo(Scopes.NONE);
  }

  // 35: times.

  @Test
  void aTokenIsRefusedAtTheInstantItExpiresRememberedOrNot() {
    house.time.pass(Duration.ofMinutes(15).minusNanos(1));
    assertThat(node.bearer(token)).isEqualTo("OK");
    house.time.pass(Duration.ofNanos(1));
    assertThat(node.bearer(token)).as("from memory").isEqualTo(EXPIRED);
    assertThat(house.node().bearer(token)).as("anew").isEqualTo(EXPIRED);
    PresentedJwt presented = PresentedJwt.parse(token).orElseThrow();
    assertThat(node.accessTokens.verify(presented))
        .as("before the gate looks at conditions")
        .isEqualTo(
            new Check.Failed<VerifiedToken>(
                Reason.TOKEN_EXPIRED, "the token expired at " + Time.START.plusSeconds(900)));
  }

  @Test
  void theSkewIsForClocksThatAreAheadAndForNothingElse() {
    for (String name : List.of("nbf", "iat")) {
      assertThat(node.bearer(withClaim(token, key, name, START + 5))).isEqualTo("OK");
      assertThat(node.bearer(withClaim(token, key, name, START + 5.001))).isEqualTo(INVALID);
      assertThat(node.bearer(withClaim(token, key, name, START + 6))).isEqualTo(INVALID);
    }
    assertThat(node.bearer(withClaim(token, key, "exp", START))).isEqualTo(EXPIRED);
    assertThat(node.bearer(withClaim(token, key, "exp", START - 5))).isEqualTo(EXPIRED);
    assertThat(node.bearer(withClaim(token, key, "exp", START + 0.5))).isEqualTo("OK");
    assertThat(node.bearer(withClaim(token, key, "nbf", null))).isEqualTo("OK");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-1",
        "-0.5",
        "\"1767225600\"",
        "9007199254740993",
        "9223372036854775807",
        "123456789012345678901234567890",
        "1e300",
        "1e400",
        "253402300800",
        "null",
        "true",
        "[1767225600]",
        "{}",
        "NaN",
        "Infinity",
        "0x7fffffff",
        "1767225600.",
        "+1767225600",
        "\"\""
      })
  void timesThatAreNoSaneNumberAreRefused(String number) {
    String payload = part(token, 1);
    for (String name : List.of("exp", "iat", "nbf")) {
      String changed = payload.replaceFirst("\"" + name + "\":\\d+", "\"" + name + "\":" + number);
      assertThat(changed).isNotEqualTo(payload);
      assertThat(node.bearer(signed(part(token, 0), changed, key))).as(name).isEqualTo(INVALID);
    }
  }

  @Test
  void lastInstantOfTheYear9999IsATimeStill() {
    assertThat(node.bearer(withClaim(token, key, "exp", 253_402_300_799L))).isEqualTo("OK");
  }

  // 36: sizes.

  @Test
  void aTokenOfAMegabyteIsRefusedUnread() {
    String padded = withClaim(token, key, "x", "x".repeat(8 * 1024 * 3 / 4 - token.length() - 100));
    int before = house.asked.get();

    assertThat(padded.length()).isBetween(7_000, 8 * 1024);
    assertThat(node.bearer(padded)).isEqualTo("OK");
    assertThat(node.bearer(withClaim(token, key, "x", "x".repeat(1_000_000)))).isEqualTo(INVALID);
    assertThat(node.bearer("a".repeat(500_000) + "." + "a".repeat(500_000) + ".a"))
        .isEqualTo(INVALID);
    assertThat(house.asked.get()).isEqualTo(before + 1);
  }

  @Test
  void noTokenIsIssuedThatNobodyWouldTake() {
    List<String> many = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      many.add("scope-with-a-long-name-" + i + "-" + "x".repeat(60));
    }
    house.accounts.grant("alice", Set.of(), Scopes.of(many));

    assertThat(node.tokens.signIn(new SignIn(house.alice(), "pw_1"), "web"))
        .isInstanceOf(TokenPairIssuance.Rejected.class);
  }

  // Everything else that somebody may think of.

  @Test
  void aForgedTokenNeverReachesTheStore() throws Exception {
    ECKey own =
        new ECKeyGenerator(Curve.P_256)
            .keyID(key.getKeyID())
            .algorithm(JWSAlgorithm.ES256)
            .generate();
    int before = house.asked.get();
    assertThat(node.bearer(signed(part(token, 0), part(token, 1), own))).isEqualTo(INVALID);
    assertThat(house.asked.get()).isEqualTo(before);
  }

  @ParameterizedTest
  @EnumSource
  void tokensThatWereChangedAnywhereAreRefusedAndNothingBreaks(SigningAlgorithm algorithm) {
    JwtHouse.Node other = new JwtHouse().node(JwtHouse.settings(algorithm));
    String good = other.signIn().accessToken();
    Random random = new Random(26);
    int rounds = algorithm == SigningAlgorithm.HS256 ? 4_000 : 400;
    for (int i = 0; i < rounds; i++) {
      String mutated = mutated(good, random);
      if (!mutated.equals(good)) {
        assertThat(other.bearer(mutated)).as(mutated).isEqualTo(INVALID);
      }
    }
    assertThat(other.bearer(good)).isEqualTo("OK");
  }

  private static String mutated(String good, Random random) {
    StringBuilder text = new StringBuilder(good);
    for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
      int at = random.nextInt(text.length());
      switch (random.nextInt(6)) {
        case 0 -> text.setCharAt(at, RandomIds.BASE62.charAt(random.nextInt(62)));
        case 1 -> text.setCharAt(at, (char) random.nextInt(0x180));
        case 2 -> text.deleteCharAt(at);
        case 3 -> text.insert(at, ".-_=A".charAt(random.nextInt(5)));
        case 4 -> text.insert(at, text.substring(at, Math.min(text.length(), at + 40)));
        default -> text.setLength(Math.max(1, at));
      }
    }
    // RFC 9110 §11.4: any number of spaces stands between the scheme and what follows.
    return text.toString().replaceFirst("^ +", "");
  }

  @Test
  void payloadsThatOurKeySignedButNobodyOfUsWroteBreakNothing() {
    JwtHouse.Node other = new JwtHouse().node(JwtHouse.settings(SigningAlgorithm.HS256));
    JWK secret = other.keys.signingKey();
    String good = other.signIn().accessToken();
    Random random = new Random(27);
    String[] values = {
      "1", "-1", "\"\"", "null", "true", "[]", "{}", "1e99", "0.1", "\"\\u0000\"", "[[[]]]", "\"x\""
    };
    Map<String, Object> claims = members(part(good, 1));
    List<String> names = new ArrayList<>(claims.keySet());
    for (int i = 0; i < 3_000; i++) {
      String name = names.get(random.nextInt(names.size()));
      String value = values[random.nextInt(values.length)];
      String own = JSONObjectUtils.toJSONString(Map.of("v", claims.get(name)));
      String payload =
          part(good, 1)
              .replace(
                  "\"" + name + "\":" + own.substring(5, own.length() - 1),
                  "\"" + name + "\":" + value);
      String code = other.bearer(signed(part(good, 0), payload, secret));
      boolean harmless =
          switch (name) {
            case "jti", "client_id" -> value.startsWith("\"");
            case "scope" -> value.equals("\"\"") || value.equals("\"x\"");
            case "iat", "nbf" -> value.equals("1") || value.equals("0.1");
            default -> false;
          };
      assertThat(code)
          .as(payload)
          .isIn(harmless ? List.of("OK", INVALID) : List.of(INVALID, EXPIRED));
    }
  }

  @Test
  void nothingOfATokenIsShown() {
    assertThat(node.signIn().toString()).isEqualTo("TokenPair[…]");
    assertThat(PresentedJwt.parse(token).orElseThrow().toString()).isEqualTo("PresentedJwt[…]");
    assertThat(PresentedRefreshToken.random().toString()).isEqualTo("PresentedRefreshToken[…]");
    assertThat(node.refusal("/", "Bearer " + token + "x").toString()).doesNotContain(token);
    assertThat(Instant.ofEpochSecond(START)).isEqualTo(Time.START);
  }
}
