package dev.gatehouse.jwt;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.util.JSONObjectUtils;
import dev.gatehouse.Time;
import dev.gatehouse.bearer.Check;
import dev.gatehouse.bearer.JoseHeader;
import dev.gatehouse.bearer.PresentedJwt;
import dev.gatehouse.secret.RandomIds;
import dev.gatehouse.secret.Seal;
import dev.gatehouse.signing.InMemorySigningKeyStore;
import dev.gatehouse.signing.SigningAlgorithm;
import dev.gatehouse.signing.SigningKeys;
import dev.gatehouse.signing.StoredSigningKey;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What others found wrong with libraries of this kind (Wycheproof), and the examples of RFC 7520,
/// RFC 7797 and RFC 8037 (the JOSE cookbook), through the path that every access token takes: the
/// keys stored as the gate stores its own, then [AccessTokens].
///
/// The signature is judged by [AccessTokens#signedHeader]; past it, no vector is an access token,
/// and [AccessTokens#verify] must refuse every one.
class JoseVectorsTest {

  private static final Time TIME = new Time();

  // Wycheproof: texts that are the same, to the letter, as those of case 357, which is valid. What
  // they were meant to hold (padding) is gone from the published file.
  private static final SortedSet<Integer> SAME_AS_357 = new TreeSet<>(List.of(367, 370));

  // Wycheproof: of the vectors that must fail, as many have a key of a kind with which no gate
  // starts (see below): they show that such keys are refused, and nothing of how a signature is
  // judged.
  private static final int INVALID_UNDER_A_KEY_OF_NO_KIND_OF_OURS = 63;

  // Wycheproof: valid, and refused here.
  private static SortedMap<Integer, String> stricter() {
    SortedMap<Integer, String> stricter = new TreeMap<>();
    stricter.put(259, "an empty payload holds no claims, and we sign nothing but claims");
    each(stricter, 264, 267, "RS384 is none of our algorithms");
    each(stricter, 268, 271, "RS512 is none of our algorithms");
    each(stricter, 272, 275, "PS256 is none of our algorithms");
    each(stricter, 287, 288, "PS256 is none of our algorithms");
    each(stricter, 320, 323, "PS384 is none of our algorithms");
    each(stricter, 325, 328, "PS512 is none of our algorithms");
    stricter.put(346, "PS384 is none of our algorithms, and the key says PS256");
    stricter.put(347, "ES512 is none of our algorithms");
    stricter.put(349, "the key's one operation is \"sign, verify\", which is none (RFC 7517 §4.3)");
    stricter.put(350, "PS384 is none of our algorithms, and the key says PS256");
    stricter.put(351, "ES512 is none of our algorithms");
    each(stricter, 372, 373, "a character outside base64url (RFC 7515 §2)");
    return stricter;
  }

  private static void each(SortedMap<Integer, String> to, int first, int last, String why) {
    IntStream.rangeClosed(first, last).forEach(id -> to.put(id, why));
  }

  @Test
  void wycheproofsSignaturesAreJudgedAsItSaysOrStricter() throws Exception {
    Map<Integer, String> texts = new LinkedHashMap<>();
    SortedSet<Integer> acceptedThatMustFail = new TreeSet<>();
    SortedSet<Integer> refusedThatMayPass = new TreeSet<>();
    int notJudged = 0;
    for (Map<String, Object> group : wycheproof("json_web_signature_test.json")) {
      AccessTokens tokens = tokens(List.of(key(group)));
      for (Map<String, Object> test : JSONObjectUtils.getJSONObjectArray(group, "tests")) {
        int id = JSONObjectUtils.getInt(test, "tcId");
        // Case 17 and its like are JSON objects: as text they have no form of a token.
        String jws = String.valueOf(test.get("jws"));
        texts.put(id, jws);
        boolean valid = "valid".equals(JSONObjectUtils.getString(test, "result"));
        boolean accepted = isSigned(tokens, jws);
        notJudged += tokens == null && !valid ? 1 : 0;
        if (accepted && !valid) {
          acceptedThatMustFail.add(id);
        } else if (!accepted && valid) {
          refusedThatMayPass.add(id);
        }
        assertThat(isAccessToken(tokens, jws)).as("%d", id).isFalse();
      }
    }

    assertThat(texts).hasSize(401);
    assertThat(SAME_AS_357).allSatisfy(id -> assertThat(texts.get(id)).isEqualTo(texts.get(357)));
    assertThat(acceptedThatMustFail).isEqualTo(SAME_AS_357);
    assertThat(refusedThatMayPass).isEqualTo(stricter().keySet());
    assertThat(notJudged).isEqualTo(INVALID_UNDER_A_KEY_OF_NO_KIND_OF_OURS);
  }

  @Test
  void wycheproofsKeysAreJudgedAsItSaysOrStricter() throws Exception {
    SortedSet<Integer> accepted = new TreeSet<>();
    SortedMap<Integer, String> valid = new TreeMap<>();
    int judged = 0;
    for (Map<String, Object> group : wycheproof("json_web_key_test.json")) {
      AccessTokens tokens =
          tokens(
              List.of(
                  JSONObjectUtils.getJSONObjectArray(
                      JSONObjectUtils.getJSONObject(group, "private"), "keys")));
      for (Map<String, Object> test : JSONObjectUtils.getJSONObjectArray(group, "tests")) {
        int id = JSONObjectUtils.getInt(test, "tcId");
        judged++;
        if (isSigned(tokens, String.valueOf(test.get("jws")))) {
          accepted.add(id);
        }
        if ("valid".equals(JSONObjectUtils.getString(test, "result"))) {
          valid.put(id, "");
        }
      }
    }

    assertThat(judged).isEqualTo(26);
    // Stricter: HS384 and HS512 are none of our algorithms.
    valid.remove(14);
    valid.remove(15);
    assertThat(accepted).isEqualTo(valid.keySet()).containsExactly(2, 5, 13);
  }

  // The cookbook's signatures that are refused here, each with its reason.
  private static final Map<String, String> COOKBOOK_STRICTER =
      Map.of(
          "jws/4_2.rsa-pss_signature.json", "PS384 is none of our algorithms",
          "jws/4_3.ecdsa_signature.json", "ES512 is none of our algorithms",
          "jws/4_5.signature_with_detached_content.json", "no claims are in the token",
          "rfc7797/hmac-sha2_b64_false.json", "b64 and crit are refused",
          "curve25519/jws.json", "it names no key: ours always do");

  @Test
  void theCookbooksSignaturesAreAcceptedWhereTheyAreOfOurKind() throws Exception {
    SortedSet<String> accepted = new TreeSet<>();
    SortedSet<String> refused = new TreeSet<>();
    for (String folder : List.of("jws", "rfc7797", "curve25519")) {
      for (String name : cookbook(folder)) {
        Map<String, Object> example = read("/vectors/jose-cookbook/" + name);
        Map<String, Object> input = JSONObjectUtils.getJSONObject(example, "input");
        AccessTokens tokens = tokens(cookbookKeys(input));
        for (String text : serializations(example)) {
          (isSigned(tokens, text) ? accepted : refused).add(name);
          assertThat(isAccessToken(tokens, text)).as(name).isFalse();
          if (!text.startsWith("{") && isSigned(tokens, text)) {
            char last = text.charAt(text.length() - 1);
            String changed = text.substring(0, text.length() - 1) + (last == 'A' ? 'Q' : 'A');
            assertThat(isSigned(tokens, changed)).as(name).isFalse();
          }
        }
      }
    }

    assertThat(accepted)
        .containsExactly(
            "jws/4_1.rsa_v15_signature.json", "jws/4_4.hmac-sha2_integrity_protection.json");
    // Refused in every form: those with a reason, and those that exist only as JSON or are no JWS.
    refused.removeAll(accepted);
    assertThat(refused)
        .containsAll(COOKBOOK_STRICTER.keySet())
        .filteredOn(name -> !COOKBOOK_STRICTER.containsKey(name))
        .allSatisfy(name -> assertThat(hasCompactSignature(name)).as(name).isFalse());
  }

  @Test
  void ed25519SignatureOfTheCookbookIsGoodByItself() throws Exception {
    Map<String, Object> example = read("/vectors/jose-cookbook/curve25519/jws.json");
    Map<String, Object> input = JSONObjectUtils.getJSONObject(example, "input");
    Map<String, Object> named = new LinkedHashMap<>(JSONObjectUtils.getJSONObject(input, "key"));
    named.put("alg", "EdDSA");
    PresentedJwt jwt = PresentedJwt.parse(serializations(example).getFirst()).orElseThrow();

    assertThat(
            SigningAlgorithm.EDDSA.verifies(JWK.parse(named), jwt.signingInput(), jwt.signature()))
        .isTrue();
  }

  @Test
  void noEncryptedOrNestedExampleOfTheCookbookIsAToken() throws Exception {
    int looked = 0;
    List<String> names = new ArrayList<>(cookbook("jwe"));
    names.add("curve25519/ecdh-es.json");
    names.add("6.nesting_signatures_and_encryption.json");
    for (String name : names) {
      Map<String, Object> example = read("/vectors/jose-cookbook/" + name);
      Map<String, Object> holder =
          example.containsKey("encrypt")
              ? JSONObjectUtils.getJSONObject(example, "encrypt")
              : example;
      for (String text : serializations(holder)) {
        assertThat(PresentedJwt.parse(text)).as(name).isEmpty();
        looked++;
      }
    }
    assertThat(looked).isGreaterThan(30);
  }

  private static boolean hasCompactSignature(String name) {
    Map<String, Object> example = read("/vectors/jose-cookbook/" + name);
    return serializations(example).stream()
        .anyMatch(text -> text.chars().filter(c -> c == '.').count() == 2);
  }

  private static List<Map<String, Object>> cookbookKeys(Map<String, Object> input)
      throws ParseException {
    List<Map<String, Object>> keys = new ArrayList<>();
    if (input.get("key") instanceof List<?>) {
      keys.addAll(List.of(JSONObjectUtils.getJSONObjectArray(input, "key")));
    } else if (input.containsKey("key")) {
      keys.add(JSONObjectUtils.getJSONObject(input, "key"));
    }
    List<Map<String, Object>> named = new ArrayList<>();
    for (Map<String, Object> key : keys) {
      Map<String, Object> copy = new LinkedHashMap<>(key);
      if (input.get("alg") instanceof String algorithm) {
        copy.putIfAbsent("alg", algorithm);
      }
      copy.putIfAbsent("kid", "key");
      named.add(copy);
    }
    return named;
  }

  // Every form in which an example writes its result.
  private static List<String> serializations(Map<String, Object> example) {
    if (!(example.get("output") instanceof Map<?, ?> output)) {
      return List.of();
    }
    return output.values().stream()
        .map(
            value ->
                value instanceof Map<?, ?> json
                    ? JSONObjectUtils.toJSONString(text(json))
                    : String.valueOf(value))
        .toList();
  }

  private static Map<String, @Nullable Object> text(Map<?, ?> json) {
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    json.forEach((name, value) -> members.put(String.valueOf(name), value));
    return members;
  }

  private static boolean isSigned(@Nullable AccessTokens tokens, String text) {
    return tokens != null
        && PresentedJwt.parse(text)
            .filter(jwt -> tokens.signedHeader(jwt) instanceof Check.Passed<JoseHeader>)
            .isPresent();
  }

  private static boolean isAccessToken(@Nullable AccessTokens tokens, String text) {
    return tokens != null
        && PresentedJwt.parse(text)
            .filter(jwt -> tokens.verify(jwt) instanceof Check.Passed<VerifiedToken>)
            .isPresent();
  }

  // The keys as a gate finds its own in the store; null when it would not start with them.
  private static @Nullable AccessTokens tokens(List<Map<String, Object>> keys) {
    InMemorySigningKeyStore store = new InMemorySigningKeyStore();
    Seal seal = new Seal(RandomIds.bytes(32));
    String newest = "";
    SigningAlgorithm algorithm = SigningAlgorithm.ES256;
    try {
      for (Map<String, Object> key : keys) {
        algorithm = SigningAlgorithm.of(JWK.parse(key)).orElseThrow(IllegalStateException::new);
        String id = JSONObjectUtils.getString(key, "kid");
        store.add(
            new StoredSigningKey(
                id,
                AccessTokens.PURPOSE,
                "{}",
                seal.seal(JSONObjectUtils.toJSONString(key), "signing_key/" + id + "/private_jwk"),
                TIME.now(),
                null),
            newest,
            TIME.now());
        newest = id;
      }
      return new AccessTokens(
          JwtHouse.settings(),
          new SigningKeys(
              store,
              seal,
              AccessTokens.PURPOSE,
              algorithm,
              JwtHouse.KEY_LIFE,
              JwtHouse.OVERLAP,
              TIME.clock()),
          TIME.clock());
    } catch (ParseException | IllegalStateException | IllegalArgumentException refused) {
      return null;
    }
  }

  private static Map<String, Object> key(Map<String, Object> group) throws ParseException {
    return JSONObjectUtils.getJSONObject(
        group, group.get("private") == null ? "public" : "private");
  }

  private static Map<String, Object>[] wycheproof(String name) throws ParseException {
    return JSONObjectUtils.getJSONObjectArray(read("/vectors/wycheproof/" + name), "testGroups");
  }

  private static List<String> cookbook(String folder) throws Exception {
    URI found =
        Objects.requireNonNull(
                JoseVectorsTest.class.getResource("/vectors/jose-cookbook/" + folder))
            .toURI();
    try (Stream<Path> files = Files.list(Path.of(found))) {
      return files
          .map(file -> folder + "/" + file.getFileName())
          .filter(name -> name.endsWith(".json"))
          .sorted()
          .collect(Collectors.toList());
    }
  }

  private static Map<String, Object> read(String resource) {
    try (InputStream file =
        Objects.requireNonNull(JoseVectorsTest.class.getResourceAsStream(resource))) {
      return JSONObjectUtils.parse(new String(file.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException | ParseException broken) {
      throw new AssertionError(resource, broken);
    }
  }
}
