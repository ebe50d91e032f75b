package dev.gatehouse.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.gatehouse.testkit.FixedClock;
import java.io.InputStream;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.AlgorithmParameters;
import java.security.Key;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPrivateKeySpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The signer against the examples of RFC 9421, appendix B: where the algorithm is deterministic
/// its signatures are theirs to the byte, otherwise they are good under their public keys.
class MessageSignatureTest {

  // RFC 9421, appendix B: not for a signer of requests.
  private static final Map<String, String> NOT_OURS =
      Map.of(
          "B.2.2", "covers a parameter of the query, and has a tag",
          "B.2.4", "signs a response",
          "B.4-method-and-authority-changed", "is for verifiers: it must fail",
          "B.4-accept-order-changed", "is for verifiers: it must fail");

  private static final Pattern INPUT =
      Pattern.compile(
          "[a-z0-9-]+=(?<params>\\((?<covered>[^)]*)\\);created=(?<created>\\d+)"
              + ";keyid=\"(?<keyid>[^\"]+)\"(?:;nonce=\"(?<nonce>[^\"]+)\")?)");

  @TempDir private Path temp;

  private static Map<String, @Nullable Object> vectors() throws Exception {
    try (InputStream in =
        Objects.requireNonNull(
            MessageSignatureTest.class.getResourceAsStream("/vectors/rfc9421/appendix-b.json"))) {
      return Json.object(in.readAllBytes());
    }
  }

  @SuppressWarnings("unchecked")
  private static Map<String, @Nullable Object> member(
      Map<String, @Nullable Object> of, String name) {
    return (Map<String, @Nullable Object>) Objects.requireNonNull(of.get(name), name);
  }

  private static String text(Map<String, @Nullable Object> of, String name) {
    return (String) Objects.requireNonNull(of.get(name), name);
  }

  @Test
  @SuppressWarnings("unchecked")
  void theExamplesOfTheRfcAreSignedAsItSays() throws Exception {
    Map<String, @Nullable Object> vectors = vectors();
    List<String> signed = new ArrayList<>();
    for (Map<String, @Nullable Object> example :
        (List<Map<String, @Nullable Object>>) Objects.requireNonNull(vectors.get("cases"))) {
      String id = text(example, "id");
      if (NOT_OURS.containsKey(id)) {
        continue;
      }
      Map<String, @Nullable Object> key = member(member(vectors, "keys"), text(example, "keyid"));
      SignatureAlgorithm algorithm =
          Arrays.stream(SignatureAlgorithm.values())
              .filter(one -> one.registeredName().equals(example.get("alg")))
              .findFirst()
              .orElseThrow();
      Matcher input = INPUT.matcher(text(example, "signatureInput"));
      assertThat(input.matches()).as(id).isTrue();
      String covered = input.group("covered").replace("\"", "");
      SignatureParameters parameters =
          new SignatureParameters(
              covered.isEmpty() ? List.of() : List.of(covered.split(" ", -1)),
              Long.parseLong(input.group("created")),
              input.group("keyid"),
              input.group("nonce"),
              null,
              null);
      assertThat(parameters.text()).as(id).isEqualTo(input.group("params"));
      String base = SignatureBase.of(request(text(example, "message")), Map.of(), parameters);
      assertThat(base).as(id).isEqualTo(text(example, "signatureBase"));
      byte[] bytes = base.getBytes(StandardCharsets.US_ASCII);
      byte[] ours = algorithm.sign(key(algorithm, key), bytes);
      String field = text(example, "signature");
      byte[] theirs =
          Base64.getDecoder().decode(field.substring(field.indexOf(":") + 1, field.length() - 1));
      switch (algorithm) {
        case HMAC_SHA256, ED25519 -> assertThat(ours).as(id).isEqualTo(theirs);
        case ECDSA_P256_SHA256, RSA_PSS_SHA512 -> {
          assertThat(good(algorithm, key, bytes, ours)).as(id).isTrue();
          assertThat(good(algorithm, key, bytes, theirs)).as(id).isTrue();
          ours[ours.length - 1] ^= 1;
          assertThat(good(algorithm, key, bytes, ours)).as(id).isFalse();
        }
      }
      signed.add(id);
    }
    assertThat(signed)
        .containsExactly(
            "B.2.1",
            "B.2.3",
            "B.2.5",
            "B.2.6",
            "B.3",
            "B.4-original",
            "B.4-added-header-and-query",
            "B.4-date-removed-accept-collapsed",
            "B.4-fields-reordered");
  }

  private static OutgoingRequest request(String message) {
    String[] headAndBody = message.split("\n\n", 2);
    String[] lines = headAndBody[0].split("\n", -1);
    String[] start = lines[0].split(" ", -1);
    Map<String, List<String>> fields = new LinkedHashMap<>();
    for (String line : Arrays.copyOfRange(lines, 1, lines.length)) {
      String[] field = line.split(":", 2);
      fields.computeIfAbsent(field[0], name -> new ArrayList<>()).add(field[1]);
    }
    String host = Objects.requireNonNull(fields.get("Host")).getFirst().strip();
    return new OutgoingRequest(
        start[0],
        URI.create("https://" + host + start[1]),
        HttpHeaders.of(fields, (name, value) -> true),
        (headAndBody.length > 1 ? headAndBody[1] : "").getBytes(StandardCharsets.UTF_8));
  }

  private Key key(SignatureAlgorithm algorithm, Map<String, @Nullable Object> key)
      throws Exception {
    return switch (algorithm) {
      case HMAC_SHA256 ->
          new SecretKeySpec(Base64.getDecoder().decode(text(key, "base64")), "HmacSHA256");
      case ECDSA_P256_SHA256 -> {
        AlgorithmParameters curve = AlgorithmParameters.getInstance("EC");
        curve.init(new ECGenParameterSpec("secp256r1"));
        yield KeyFactory.getInstance("EC")
            .generatePrivate(
                new ECPrivateKeySpec(
                    new BigInteger(1, Base64.getUrlDecoder().decode(text(member(key, "jwk"), "d"))),
                    curve.getParameterSpec(ECParameterSpec.class)));
      }
      case ED25519, RSA_PSS_SHA512 ->
          Pem.privateKey(Files.writeString(temp.resolve("key.pem"), text(key, "privatePem")));
    };
  }

  private static boolean good(
      SignatureAlgorithm algorithm,
      Map<String, @Nullable Object> key,
      byte[] signed,
      byte[] signature)
      throws Exception {
    String pem = text(key, "publicPem").replaceAll("-----[^-]+-----|\n", "");
    X509EncodedKeySpec encoded = new X509EncodedKeySpec(Base64.getDecoder().decode(pem));
    boolean elliptic = algorithm == SignatureAlgorithm.ECDSA_P256_SHA256;
    PublicKey known = KeyFactory.getInstance(elliptic ? "EC" : "RSA").generatePublic(encoded);
    Signature verifier =
        Signature.getInstance(elliptic ? "SHA256withECDSAinP1363Format" : "RSASSA-PSS");
    if (!elliptic) {
      verifier.setParameter(
          new PSSParameterSpec("SHA-512", "MGF1", MGF1ParameterSpec.SHA512, 64, 1));
    }
    verifier.initVerify(known);
    verifier.update(signed);
    return verifier.verify(signature);
  }

  private static MessageSignature sample() {
    return MessageSignature.hmacSha256("k \"1\\".replace(" ", "-"), new byte[32])
        .at(FixedClock.at("2026-11-26T10:00:00.999Z"), () -> "0123456789abcdef");
  }

  private static OutgoingRequest order(String body, String... fields) {
    Map<String, List<String>> map = new LinkedHashMap<>();
    for (int i = 0; i < fields.length; i += 2) {
      map.computeIfAbsent(fields[i], name -> new ArrayList<>()).add(fields[i + 1]);
    }
    return new OutgoingRequest(
        "POST",
        URI.create("https://api.example.com:8443/orders?a=b"),
        HttpHeaders.of(map, (name, value) -> true),
        body.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void methodTargetAndBodyAreCoveredAndTheKeysIdIsQuoted() throws Exception {
    Map<String, String> fields = sample().fields(order("{\"hello\": \"world\"}"));
    // The digest of RFC 9530, appendix D: of that text
    assertThat(fields)
        .containsEntry("Content-Digest", "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:")
        .containsEntry(
            "Signature-Input",
            "sig=(\"@method\" \"@target-uri\" \"content-digest\");created=1795687200"
                + ";keyid=\"k-\\\"1\\\\\";nonce=\"0123456789abcdef\"");
    javax.crypto.Mac mac = javax.crypto.Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(new byte[32], "HmacSHA256"));
    String base =
        """
        "@method": POST
        "@target-uri": https://api.example.com:8443/orders?a=b
        "content-digest": sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:
        "@signature-params": ("@method" "@target-uri" "content-digest");created=1795687200;\
        keyid="k-\\"1\\\\";nonce="0123456789abcdef\"""";
    assertThat(fields.get("Signature"))
        .isEqualTo(
            "sig=:"
                + Base64.getEncoder()
                    .encodeToString(mac.doFinal(base.getBytes(StandardCharsets.US_ASCII)))
                + ":");
    assertThat(fields).hasSize(3);
  }

  @Test
  void withoutABodyThereIsNoDigest() {
    Map<String, String> fields = sample().fields(order(""));
    assertThat(fields.keySet()).containsExactlyInAnyOrder("Signature-Input", "Signature");
    assertThat(fields.get("Signature-Input")).startsWith("sig=(\"@method\" \"@target-uri\");");
  }

  @Test
  void moreIsCoveredAndTheAlgorithmIsNamedWhereItIsWanted() {
    Map<String, String> fields =
        sample()
            .covering("@authority", "content-type", "x-two")
            .labelled("shop-1")
            .tagged("orders")
            .withAlgorithmParameter()
            .fields(order("", "Content-Type", "text/plain", "X-Two", " a ", "X-Two", "b"));
    assertThat(fields.get("Signature-Input"))
        .startsWith(
            "shop-1=(\"@method\" \"@target-uri\" \"@authority\" \"content-type\" \"x-two\")")
        .endsWith(";alg=\"hmac-sha256\";tag=\"orders\"");
    assertThat(fields.get("Signature")).startsWith("shop-1=:");
    SignatureParameters parameters =
        new SignatureParameters(
            List.of("@authority", "x-two", "@query", "@path"), 1, "k", null, null, null);
    assertThat(SignatureBase.of(order("", "X-Two", " a ", "X-Two", "b"), Map.of(), parameters))
        .startsWith(
            """
            "@authority": api.example.com:8443
            "x-two": a, b
            "@query": ?a=b
            "@path": /orders
            """);
  }

  @Test
  void aRequestWithoutAFieldThatIsCoveredIsNotSigned() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> sample().covering("x-missing").fields(order("")))
        .withMessageContaining("x-missing");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> sample().covering("x-odd").fields(order("", "X-Odd", "ü")))
        .withMessageContaining("x-odd");
  }

  @Test
  void componentsThatASignerOfRequestsDoesNotKnowAreRefused() {
    for (String unknown :
        List.of("@status", "@query-param", "Content-Type", "", "a b", "a\"b", "a\nb", "x;bs")) {
      assertThatIllegalArgumentException().isThrownBy(() -> sample().covering(unknown));
    }
  }

  @Test
  void aLabelOrTagThatIsNoneIsRefused() {
    for (String wrong : List.of("", "Sig", "1a", "a=b", "a b", "a,b", "ü", "a\n")) {
      assertThatIllegalArgumentException().isThrownBy(() -> sample().labelled(wrong));
    }
    for (String wrong : List.of("", "a b", "ü", "a\n")) {
      assertThatIllegalArgumentException().isThrownBy(() -> sample().tagged(wrong));
    }
  }

  @Test
  void aKeyOfAnotherKindOrTooWeakIsRefused() throws Exception {
    PrivateKey p256 = generate("EC", 256);
    PrivateKey p384 = generate("EC", 384);
    PrivateKey ed25519 = generate("Ed25519", 0);
    PrivateKey ed448 = generate("Ed448", 0);
    PrivateKey rsa = generate("RSA", 2048);
    PrivateKey short_ = generate("RSA", 1024);
    for (org.assertj.core.api.ThrowableAssert.ThrowingCallable wrong :
        List.<org.assertj.core.api.ThrowableAssert.ThrowingCallable>of(
            () -> MessageSignature.hmacSha256("k", new byte[31]),
            () -> MessageSignature.ed25519("k", p256),
            () -> MessageSignature.ed25519("k", ed448),
            () -> MessageSignature.ecdsaP256Sha256("k", p384),
            () -> MessageSignature.ecdsaP256Sha256("k", rsa),
            () -> MessageSignature.rsaPssSha512("k", ed25519),
            () -> MessageSignature.rsaPssSha512("k", short_),
            () -> MessageSignature.ed25519("k\n", ed25519))) {
      assertThatIllegalArgumentException().isThrownBy(wrong);
    }
    for (MessageSignature right :
        List.of(
            MessageSignature.ed25519("k", ed25519),
            MessageSignature.ecdsaP256Sha256("k", p256),
            MessageSignature.rsaPssSha512("k", rsa))) {
      assertThat(right.fields(order("x"))).hasSize(3);
      assertThat(right.readsBody()).isTrue();
    }
  }

  private static PrivateKey generate(String kind, int bits) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(kind);
    if (bits > 0) {
      generator.initialize(bits);
    }
    return generator.generateKeyPair().getPrivate();
  }
}
