package dev.gatehouse.hmac.message;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.BodyDigest;
import dev.gatehouse.Decision;
import dev.gatehouse.Gate;
import dev.gatehouse.Network;
import dev.gatehouse.Outcome;
import dev.gatehouse.PeerCertificates;
import dev.gatehouse.Presented;
import dev.gatehouse.Reason;
import dev.gatehouse.RequestBody;
import dev.gatehouse.Webhook;
import dev.gatehouse.Work;
import dev.gatehouse.credential.CredentialIssuance;
import dev.gatehouse.hmac.SignatureAlgorithm;
import dev.gatehouse.hmac.message.SigningHouse.Client;
import dev.gatehouse.signing.WeakKeys;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@SuppressWarnings("StringConcatToTextBlock") // bases are read a line at a time
class MessageSignatureProfileTest {

  private static final String TARGET = "/orders?id=7&token=s3cret";
  private static final String BODY = "{\"amount\": 10}";
  private static final String LINES =
      "\"@method\": POST\n\"@target-uri\": https://api.example/orders?id=7&token=s3cret\n";
  private static final String LIST = "(\"@method\" \"@target-uri\" \"content-digest\")";

  private final SigningHouse house = new SigningHouse(MessageSignatureSettings.defaults());
  private final Client shop = house.hmac();

  private long now() {
    return house.time.now().getEpochSecond();
  }

  private String parameters(String list, Client by) {
    return list + ";created=" + now() + ";keyid=\"" + by.keyId() + "\";nonce=\"n-1\"";
  }

  private Map<String, List<String>> signedPost(Client by) {
    return signedPost(by, parameters(LIST, by));
  }

  private static Map<String, List<String>> signedPost(Client by, String parameters) {
    String digest = SigningHouse.contentDigest(BODY);
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("Content-Digest", digest);
    fields.put("Content-Length", String.valueOf(BODY.length()));
    return SigningHouse.signed(
        fields, by, LINES + "\"content-digest\": " + digest + "\n", parameters);
  }

  private static AuthRequest post(Map<String, List<String>> fields) {
    return SigningHouse.request("POST", TARGET, fields, body(BODY));
  }

  private Map<String, List<String>> signedGet(Client by, String parameters) {
    return SigningHouse.signed(
        Map.of(),
        by,
        "\"@method\": GET\n\"@target-uri\": https://api.example/orders\n",
        parameters);
  }

  private Map<String, List<String>> signedGet() {
    return signedGet(shop, parameters("(\"@method\" \"@target-uri\")", shop));
  }

  private static AuthRequest get(Map<String, List<String>> fields) {
    return SigningHouse.request("GET", "/orders", fields, RequestBody.NONE);
  }

  private static RequestBody body(String text) {
    return RequestBody.of(text.getBytes(StandardCharsets.UTF_8));
  }

  // As the gateway's own: whoever asks for it here has not understood.
  private static RequestBody withheld() {
    return new RequestBody() {
      @Override
      public boolean isEmpty() {
        return false;
      }

      @Override
      public byte[] bytes(int maxBytes) {
        throw new AssertionError("a body that is withheld is not waited for");
      }

      @Override
      public boolean isWithheld() {
        return true;
      }
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"content-digest", "close, Content-Digest"})
  void refusesSignedFieldThatConnectionTakesOutOfWhatIsForwarded(String connection) {
    Map<String, List<String>> fields = new LinkedHashMap<>(signedPost(shop));
    fields.put("Connection", List.of(connection));
    assertThat(house.admit(post(fields))).isInstanceOf(Decision.Refused.class);
    fields.put("Connection", List.of("close, x-other"));
    assertThat(house.admit(post(fields))).isInstanceOf(Decision.Admitted.class);
  }

  @Test
  void whoSignsWithAKeyOfAnyAlgorithmIsItsOwner() throws Exception {
    for (Client client : List.of(shop, house.ed25519(), house.ecdsa(), house.rsa())) {
      Decision decision = house.admit(post(signedPost(client)));

      assertThat(decision).isInstanceOf(Decision.Admitted.class);
      Decision.Admitted admitted = (Decision.Admitted) decision;
      assertThat(Objects.requireNonNull(admitted.principal()).credential())
          .isEqualTo(client.keyId());
      assertThat(admitted.bodyDigest()).isNull(); // it was read
    }
  }

  @Test
  void aRequestWithoutABodyNeedsNoDigest() {
    admitted(get(signedGet()));
    Map<String, List<String>> empty = new LinkedHashMap<>(signedGet());
    house.time.pass(Duration.ofSeconds(1));
    empty.putAll(signedGet());
    empty.put("Content-Length", List.of("0"));
    admitted(get(empty));
  }

  @Test
  void aBodyThatIsWithheldIsNotWaitedForButSaidWhatItMustBe() {
    AuthRequest request = SigningHouse.request("POST", TARGET, signedPost(shop), withheld());
    assertThat(house.gate.waitsFor(request, SigningHouse.POLICY)).isEqualTo(Gate.Wait.Here.STORE);
    Decision.Admitted admitted = admitted(request);

    assertThat(meets(admitted.bodyDigest(), BODY)).isTrue();
    assertThat(meets(admitted.bodyDigest(), BODY.replace("10", "99"))).isFalse();
    assertThat(meets(admitted.bodyDigest(), "")).isFalse();
  }

  @Test
  void aBodyThatComesUnannouncedMustBeEmpty() {
    Decision.Admitted admitted =
        admitted(SigningHouse.request("GET", "/orders", signedGet(), withheld()));
    assertThat(meets(admitted.bodyDigest(), "")).isTrue();
    assertThat(meets(admitted.bodyDigest(), "{}")).isFalse();

    house.time.pass(Duration.ofSeconds(1));
    AuthRequest read = SigningHouse.request("GET", "/orders", signedGet(), body("{}"));
    assertThat(house.gate.waitsFor(read, SigningHouse.POLICY)).isEqualTo(Gate.Wait.Here.BODY);
    refused(read, Reason.INVALID_SIGNATURE);
  }

  @Test
  void whateverIsChangedTheSignatureDoesNotMatch() {
    Map<String, List<String>> fields = signedPost(shop);
    String invalid = "INVALID_SIGNATURE";
    for (AuthRequest changed :
        List.of(
            SigningHouse.request("PUT", TARGET, fields, body(BODY)),
            SigningHouse.request("post", TARGET, fields, body(BODY)),
            SigningHouse.request("POST", "/orders", fields, body(BODY)),
            SigningHouse.request("POST", "/orders?", fields, body(BODY)),
            SigningHouse.request("POST", TARGET + "&x=1", fields, body(BODY)),
            SigningHouse.request("POST", "/orders?token=s3cret&id=7", fields, body(BODY)),
            SigningHouse.request("POST", "/%6frders?id=7&token=s3cret", fields, body(BODY)),
            SigningHouse.request("POST", "http", "api.example", TARGET, fields, body(BODY)),
            SigningHouse.request("POST", "https", "api2.example", TARGET, fields, body(BODY)),
            SigningHouse.request("POST", "https", "api.example:8443", TARGET, fields, body(BODY)),
            SigningHouse.request("POST", "https", "", TARGET, fields, body(BODY)),
            SigningHouse.request("POST", "", "api.example", TARGET, fields, body(BODY)),
            SigningHouse.request("POST", TARGET, fields, body(BODY.replace("10", "99"))),
            SigningHouse.request("POST", TARGET, fields, body(BODY + " ")),
            SigningHouse.request("POST", TARGET, fields, RequestBody.NONE),
            post(with(fields, "Content-Digest", SigningHouse.contentDigest("{}"))))) {
      assertThat(refused(changed, Reason.INVALID_SIGNATURE)).contains(invalid);
    }
    // And it was the same request all along.
    admitted(post(fields));
  }

  @Test
  void theHostIsComparedAsHostsAre() {
    admitted(
        SigningHouse.request(
            "POST", "HTTPS", "API.example:443", TARGET, signedPost(shop), body(BODY)));
  }

  @Test
  void theBytesCountAndNotWhatTheyMean() {
    refused(
        SigningHouse.request("POST", TARGET, signedPost(shop), body(BODY.replace(": ", ":"))),
        Reason.INVALID_SIGNATURE);
  }

  @Test
  void aBodyOfAnyTypeNeedsADigestThatIsSigned() {
    Map<String, List<String>> unsigned =
        SigningHouse.signed(
            Map.of("Content-Length", "2", "Content-Type", "application/x-unknown"),
            shop,
            "\"@method\": POST\n\"@target-uri\": https://api.example/orders\n",
            parameters("(\"@method\" \"@target-uri\")", shop));
    refused(
        SigningHouse.request("POST", "/orders", unsigned, body("{}")), Reason.INVALID_SIGNATURE);
    refused(
        SigningHouse.request("POST", "/orders", unsigned, RequestBody.NONE),
        Reason.INVALID_SIGNATURE);
    Map<String, List<String>> chunked = new LinkedHashMap<>(unsigned);
    chunked.remove("Content-Length");
    chunked.put("Transfer-Encoding", List.of("chunked"));
    refused(SigningHouse.request("POST", "/orders", chunked, withheld()), Reason.INVALID_SIGNATURE);
  }

  @Test
  void aContentDigestThatIsNotSignedIsRefused() {
    Map<String, List<String>> fields =
        with(signedGet(), "Content-Digest", SigningHouse.contentDigest(""));
    assertThat(refused(get(fields), Reason.INVALID_SIGNATURE)).contains("does not cover it");

    // Of one member alone it says nothing of the others.
    String digest = SigningHouse.contentDigest(BODY);
    Map<String, List<String>> member =
        SigningHouse.signed(
            Map.of("Content-Digest", digest + ", md5=:AA==:"),
            shop,
            LINES + "\"content-digest\";key=\"md5\": :AA==:\n",
            parameters(LIST.replace("digest\"", "digest\";key=\"md5\""), shop));
    refused(post(member), Reason.INVALID_SIGNATURE);
  }

  @Test
  void contentDigestIsReadWithoutPaddingToo() {
    String digest = SigningHouse.contentDigest(BODY).replaceAll("=+:$", ":");
    assertThat(digest).isNotEqualTo(SigningHouse.contentDigest(BODY));
    admitted(
        post(
            SigningHouse.signed(
                Map.of("Content-Digest", digest),
                shop,
                LINES + "\"content-digest\": " + digest + "\n",
                parameters(LIST, shop))));
  }

  @Test
  void signatureIsReadWithoutPaddingToo() {
    Map<String, List<String>> fields = new LinkedHashMap<>(signedPost(shop));
    fields.replaceAll(
        (name, values) ->
            name.equals("Signature") ? List.of(values.getFirst().replaceAll("=+:$", ":")) : values);
    assertThat(fields).isNotEqualTo(signedPost(shop));
    admitted(post(fields));
  }

  @Test
  void aDigestOfAnotherAlgorithmOnlyIsRefused() throws Exception {
    String md5 =
        "md5=:"
            + Base64.getEncoder()
                .encodeToString(
                    MessageDigest.getInstance("MD5").digest(BODY.getBytes(StandardCharsets.UTF_8)))
            + ":";
    Map<String, List<String>> fields =
        SigningHouse.signed(
            Map.of("Content-Digest", md5),
            shop,
            LINES + "\"content-digest\": " + md5 + "\n",
            parameters(LIST, shop));
    assertThat(refused(post(fields), Reason.INVALID_SIGNATURE)).contains("sha-256 or sha-512");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "()",
        "(\"@method\")",
        "(\"@target-uri\")",
        "(\"@method\" \"@path\" \"@authority\")"
      })
  void aRequiredComponentThatIsMissingIsRefused(String list) {
    String lines =
        list.equals("()")
            ? ""
            : list.contains("@path")
                ? "\"@method\": GET\n\"@path\": /orders\n\"@authority\": api.example\n"
                : list.contains("method")
                    ? "\"@method\": GET\n"
                    : "\"@target-uri\": https://api.example/orders\n";
    assertThat(
            refused(
                get(SigningHouse.signed(Map.of(), shop, lines, parameters(list, shop))),
                Reason.INVALID_SIGNATURE))
        .contains("does not cover");
  }

  @Test
  void aNonceIsRequiredUnlessTheSettingsSayOtherwise() {
    String without = "(\"@method\" \"@target-uri\");created=" + now() + ";keyid=\"%s\"";
    assertThat(
            refused(
                get(signedGet(shop, without.formatted(shop.keyId()))), Reason.INVALID_SIGNATURE))
        .contains("nonce");

    SigningHouse easy =
        new SigningHouse(
            new MessageSignatureSettings(List.of("@method", "@target-uri"), false, null, null));
    Client client = easy.hmac();
    Map<String, List<String>> fields = signedGet(client, without.formatted(client.keyId()));
    assertThat(easy.admit(get(fields))).isInstanceOf(Decision.Admitted.class);
    // Equal requests within a second are one.
    assertThat(reason(easy.admit(get(fields)))).isEqualTo(Reason.REPLAYED);
  }

  @ParameterizedTest
  @CsvSource({
    "-301, REQUEST_EXPIRED",
    "301, REQUEST_EXPIRED",
    "-300, ",
    "300, ",
    "-1764000000, REQUEST_EXPIRED",
    "999999999999, REQUEST_EXPIRED",
  })
  void createdLiesInTheWindow(long seconds, @Nullable Reason reason) {
    long created = Math.max(0, now() + seconds);
    String parameters =
        "(\"@method\" \"@target-uri\");created="
            + created
            + ";keyid=\""
            + shop.keyId()
            + "\";nonce=\"n\"";
    AuthRequest request = get(signedGet(shop, parameters));
    if (reason == null) {
      admitted(request);
    } else {
      refused(request, reason);
    }
  }

  @Test
  void expiresEndsItAtThatInstant() {
    String parameters =
        parameters("(\"@method\" \"@target-uri\")", shop) + ";expires=" + (now() + 10);
    AuthRequest request = get(signedGet(shop, parameters));
    house.time.pass(Duration.ofSeconds(10).minusNanos(1));
    admitted(request);
    house.time.pass(Duration.ofNanos(1));
    refused(request, Reason.REQUEST_EXPIRED);

    String backwards = parameters("(\"@method\" \"@target-uri\")", shop) + ";expires=" + now();
    refused(get(signedGet(shop, backwards)), Reason.INVALID_SIGNATURE);
  }

  @Test
  void refusesReplayWhoseBodyArrivesAfterItsUseWasForgotten() {
    Map<String, List<String>> fields = signedPost(shop);
    admitted(post(fields));
    house.time.pass(Duration.ofMinutes(5));
    RequestBody slow =
        arriving(
            () -> {
              house.time.pass(Duration.ofSeconds(1));
              house.used.purge(house.time.now());
            });
    refused(SigningHouse.request("POST", TARGET, fields, slow), Reason.REQUEST_EXPIRED);
  }

  @Test
  void refusesBodyThatArrivesWhenTheSignatureHasExpiredByItsOwnParameter() {
    String parameters = parameters(LIST, shop) + ";expires=" + (now() + 10);
    RequestBody slow = arriving(() -> house.time.pass(Duration.ofSeconds(10)));
    refused(
        SigningHouse.request("POST", TARGET, signedPost(shop, parameters), slow),
        Reason.REQUEST_EXPIRED);
  }

  @Test
  void refusesUseOfASignatureThatExpiredByItsOwnParameterWhileAnotherCredentialWasVerified() {
    String parameters =
        parameters("(\"@method\" \"@target-uri\")", shop) + ";expires=" + (now() + 10);
    Presented.Credential credential =
        (Presented.Credential)
            house.profile.find(get(signedGet(shop, parameters)), SigningHouse.POLICY);
    Outcome.Accepted accepted = (Outcome.Accepted) credential.verify();
    house.time.pass(Duration.ofSeconds(10));

    assertThat(Objects.requireNonNull(accepted.singleUse()).reserve())
        .isInstanceOfSatisfying(
            Outcome.Rejected.class,
            rejected -> assertThat(rejected.reason()).isEqualTo(Reason.REQUEST_EXPIRED));
  }

  /// The body, which arrives whole once that has happened.
  private static RequestBody arriving(Runnable meanwhile) {
    return new RequestBody() {
      @Override
      public boolean isEmpty() {
        return false;
      }

      @Override
      public byte[] bytes(int maxBytes) {
        meanwhile.run();
        return BODY.getBytes(StandardCharsets.UTF_8);
      }
    };
  }

  @Test
  void theAlgorithmIsTheKeysAndNotTheMessages() throws Exception {
    Client edwards = house.ed25519();
    for (String alg : List.of("hmac-sha256", "rsa-v1_5-sha256", "none", "ED25519")) {
      String parameters =
          parameters("(\"@method\" \"@target-uri\")", edwards) + ";alg=\"" + alg + "\"";
      refused(get(signedGet(edwards, parameters)), Reason.INVALID_SIGNATURE);
    }
    admitted(
        get(
            signedGet(
                edwards,
                parameters("(\"@method\" \"@target-uri\")", edwards) + ";alg=\"ed25519\"")));
  }

  @Test
  void aPublicKeyIsNoSecret() throws Exception {
    // Whoever knows the public key makes an HMAC with it, and says so or not.
    Client edwards = house.ed25519();
    String id = edwards.keyId();
    String material = house.keys.find(id).orElseThrow().material().material();
    for (byte[] secret :
        List.of(material.getBytes(StandardCharsets.UTF_8), Base64.getDecoder().decode(material))) {
      Client forger =
          new Client(
              id,
              base -> {
                var mac = javax.crypto.Mac.getInstance("HmacSHA256");
                mac.init(new javax.crypto.spec.SecretKeySpec(secret, "HmacSHA256"));
                return mac.doFinal(base);
              });
      refused(
          get(signedGet(forger, parameters("(\"@method\" \"@target-uri\")", forger))),
          Reason.INVALID_SIGNATURE);
    }
  }

  @Test
  void aSignatureIsAcceptedOnce() {
    Map<String, List<String>> fields = signedPost(shop);
    admitted(post(fields));
    refused(post(fields), Reason.REPLAYED);
    // Under another label, and with spaces, it is the same.
    Map<String, List<String>> relabelled = new LinkedHashMap<>(fields);
    relabelled.replaceAll(
        (name, values) ->
            name.startsWith("Signature")
                ? List.of(values.getFirst().replace("sig=", "other=").replace("(", "( "))
                : values);
    refused(post(relabelled), Reason.REPLAYED);
    house.time.pass(Duration.ofSeconds(301));
    refused(post(fields), Reason.REQUEST_EXPIRED);
  }

  @Test
  void anotherGoodSignatureOfTheSameRequestIsAReplayToo() throws Exception {
    Client elliptic = house.ecdsa();
    Map<String, List<String>> first = signedPost(elliptic);
    admitted(post(first));
    // ECDSA is malleable: with s, n - s is good as well; and signing again gives other numbers.
    refused(post(with(first, "Signature", negated(first))), Reason.REPLAYED);
    refused(post(signedPost(elliptic)), Reason.REPLAYED);
  }

  private static String negated(Map<String, List<String>> fields) {
    BigInteger order =
        new BigInteger("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16);
    String value = Objects.requireNonNull(fields.get("Signature")).getFirst();
    byte[] signature =
        Base64.getDecoder().decode(value.substring("sig=:".length(), value.length() - 1));
    byte[] s = order.subtract(new BigInteger(1, signature, 32, 32)).toByteArray();
    for (int i = 0; i < 32; i++) {
      int from = s.length - 32 + i;
      signature[32 + i] = from < 0 ? 0 : s[from];
    }
    return "sig=:" + Base64.getEncoder().encodeToString(signature) + ":";
  }

  @Test
  void anUnknownAndARevokedKeyAreToldTheSame() {
    Client unknown = new Client("h_unknown", shop.signer());
    String told =
        refused(
            get(signedGet(unknown, parameters("(\"@method\" \"@target-uri\")", unknown))),
            Reason.INVALID_SIGNATURE);
    house.keys.revoke(shop.keyId());
    assertThat(refused(get(signedGet()), Reason.INVALID_SIGNATURE)).isEqualTo(told);
  }

  @Test
  void onlyTheConfiguredLabelAndTagCount() {
    SigningHouse strict =
        new SigningHouse(
            new MessageSignatureSettings(List.of("@method", "@target-uri"), true, "sig", "my-app"));
    Client client = strict.hmac();
    String list = "(\"@method\" \"@target-uri\")";
    String good = parameters(list, client) + ";tag=\"my-app\"";
    assertThat(strict.admit(get(signedGet(client, good)))).isInstanceOf(Decision.Admitted.class);
    assertThat(reason(strict.admit(get(signedGet(client, parameters(list, client))))))
        .isEqualTo(Reason.INVALID_SIGNATURE);
    assertThat(
            reason(
                strict.admit(get(signedGet(client, parameters(list, client) + ";tag=\"other\"")))))
        .isEqualTo(Reason.INVALID_SIGNATURE);
  }

  @Test
  void whoSendsNoneIsToldWhichIsAskedFor() {
    Decision.Refused refused = (Decision.Refused) house.admit(get(Map.of()));

    assertThat(refused.refusal().reason()).isEqualTo(Reason.NO_CREDENTIALS);
    assertThat(refused.refusal().fields().get("Accept-Signature"))
        .singleElement()
        .asString()
        .matches(
            "sig=\\(\"@method\" \"@target-uri\" \"content-digest\"\\);created;nonce=\"\\w{22}\"");
    assertThat(refused.refusal().fields().get("WWW-Authenticate"))
        .containsExactly("Signature realm=\"orders\"");
  }

  @Test
  void whyItDoesNotMatchIsForAdministratorsAndShowsNoSecret() {
    Map<String, List<String>> fields =
        SigningHouse.signed(
            Map.of("Authorization", "Custom s3cret", "Date", "today"),
            shop,
            "\"@method\": POST\n\"@target-uri\": https://api.example/orders\n"
                + "\"authorization\": Custom s3cret\n\"date\": today\n",
            parameters("(\"@method\" \"@target-uri\" \"authorization\" \"date\")", shop));
    Decision.Refused refused =
        (Decision.Refused)
            house.admit(SigningHouse.request("POST", TARGET, fields, RequestBody.NONE));

    var explanation = Objects.requireNonNull(refused.refusal().explanation());
    assertThat(explanation.signed())
        .startsWith(
            "\"@method\": POST\n\"@target-uri\": https://api.example/orders?id=***&token=***\n"
                + "\"authorization\": ***\n\"date\": today\n\"@signature-params\": (\"@method\"");
    assertThat(explanation.hints())
        .containsExactly("The query was left out: sign the whole target URI, query included.");
    assertThat(refused.refusal().document()).doesNotContain("s3cret").doesNotContain("@method");
  }

  @Test
  void aSignatureInDerIsExplained() throws Exception {
    Client elliptic = house.ecdsa();
    Map<String, List<String>> fields =
        with(
            signedPost(elliptic),
            "Signature",
            "sig=:"
                + Base64.getEncoder().encodeToString(new byte[] {0x30, 0x06, 2, 1, 1, 2, 1, 1})
                + ":");
    Decision.Refused refused = (Decision.Refused) house.admit(post(fields));
    assertThat(Objects.requireNonNull(refused.refusal().explanation()).hints().getFirst())
        .contains("DER");
  }

  @Test
  void onARouteForAWebhookItIsNotLookedFor() {
    Decision decision =
        house.gate.admit(
            get(signedGet()),
            SigningHouse.POLICY.forWebhook(new Webhook(Webhook.Vendor.GITHUB, "repo")));
    assertThat(reason(decision)).isEqualTo(Reason.NO_CREDENTIALS);
  }

  @Test
  void whatIsNoSignatureIsRefusedAndNoError() {
    Map<String, List<String>> good = signedPost(shop);
    for (String signature :
        List.of(
            "",
            "sig=::",
            "sig=:AA==:",
            Objects.requireNonNull(good.get("Signature")).getFirst() + "x",
            "sig=:" + Base64.getEncoder().encodeToString(new byte[1024]) + ":")) {
      refused(post(with(good, "Signature", signature)), Reason.INVALID_SIGNATURE);
    }
    Map<String, List<String>> none = new LinkedHashMap<>(good);
    none.remove("Signature");
    refused(post(none), Reason.INVALID_SIGNATURE);
  }

  private static Map<String, List<String>> with(
      Map<String, List<String>> fields, String name, String value) {
    Map<String, List<String>> changed = new LinkedHashMap<>(fields);
    changed.put(name, new ArrayList<>(List.of(value)));
    return changed;
  }

  private static boolean meets(@Nullable BodyDigest digest, String body) {
    MessageDigest hash = Objects.requireNonNull(digest).begin();
    hash.update(body.getBytes(StandardCharsets.UTF_8));
    return digest.matches(hash);
  }

  private Decision.Admitted admitted(AuthRequest request) {
    Decision decision = house.admit(request);
    assertThat(decision)
        .as(() -> decision instanceof Decision.Refused r ? r.refusal().cause() : "")
        .isInstanceOf(Decision.Admitted.class);
    return (Decision.Admitted) decision;
  }

  // What the client is told, without the id of the refusal.
  private String refused(AuthRequest request, Reason reason) {
    Decision decision = house.admit(request);
    assertThat(reason(decision)).isEqualTo(reason);
    return ((Decision.Refused) decision).refusal().document().replaceAll("\"id\":\"[^\"]*\"", "");
  }

  private static @Nullable Reason reason(Decision decision) {
    return decision instanceof Decision.Refused refused ? refused.refusal().reason() : null;
  }

  @Test
  void refusesPublicKeysThatProveNothing() {
    for (PublicKey weak :
        List.of(
            WeakKeys.ed25519(WeakKeys.NEUTRAL),
            WeakKeys.ed25519(WeakKeys.MIXED_ORDER),
            WeakKeys.roca().getPublic())) {
      SignatureAlgorithm algorithm =
          weak instanceof RSAPublicKey
              ? SignatureAlgorithm.RSA_PSS_SHA512
              : SignatureAlgorithm.ED25519;
      assertThat(house.added(algorithm, weak))
          .isInstanceOfSatisfying(
              CredentialIssuance.Refused.class,
              refused -> assertThat(refused.why()).startsWith("the public key is an "));
    }
  }

  @Test
  void refusesWeakKeyThatWasStoredBeforeAndSaysWhy() {
    Client forger = house.stored(WeakKeys.ed25519(WeakKeys.NEUTRAL), WeakKeys.CONSTANT_SIGNATURE);

    Decision decision = house.admit(post(signedPost(forger)));

    assertThat(decision)
        .isInstanceOfSatisfying(
            Decision.Refused.class,
            refused -> {
              assertThat(refused.refusal().reason()).isEqualTo(Reason.INVALID_SIGNATURE);
              assertThat(refused.refusal().cause()).contains(forger.keyId(), "Ed25519");
            });
  }

  // What an unknown caller can make the gate do.

  private static final int MANY = 30;

  private static String covering(String component, int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> component.formatted(i))
        .collect(Collectors.joining(" ", "(\"@method\" \"@target-uri\" ", ")"));
  }

  // A dictionary, and a query, of which each member is called p and a number.
  private static String members(String separator) {
    return IntStream.range(0, 900)
        .mapToObj(i -> "p" + i + "=1")
        .collect(Collectors.joining(separator));
  }

  private AuthRequest forged(String covered, String keyId, Set<String> read) {
    List<String> input = List.of("sig=" + parameters(covered, new Client(keyId, base -> base)));
    List<String> signature = List.of("sig=:" + "A".repeat(43) + "=:");
    List<String> dictionary = List.of(members(","));
    return new AuthRequest(
        "GET",
        "https",
        "api.example",
        "/orders?" + members("&"),
        name -> {
          read.add(name);
          return switch (name) {
            case "Signature-Input" -> input;
            case "Signature" -> signature;
            case "x-dictionary" -> dictionary;
            default -> List.of();
          };
        },
        Network.address("192.0.2.7"),
        PeerCertificates.NONE,
        RequestBody.NONE);
  }

  @Test
  void nothingThatIsCoveredIsReadForAnUnknownKey() {
    Set<String> read = new HashSet<>();
    Set<String> plain = new HashSet<>();

    assertRefused(forged(covering("\"x-dictionary\";key=\"p%d\"", MANY), "h_nobody", read));
    assertRefused(forged("(\"@method\" \"@target-uri\")", "h_nobody", plain));

    assertThat(read).isEqualTo(plain).doesNotContain("x-dictionary");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"@query-param\";name=\"p%d\"", "\"x-dictionary\";key=\"p%d\""})
  void queryAndDictionaryAreParsedOnceForAllTheirPartsThatAreCovered(String component) {
    // Whoever knows the id of a key can have the base built.
    AuthRequest many = forged(covering(component, MANY), shop.keyId(), new HashSet<>());
    AuthRequest one = forged(covering(component, 1), shop.keyId(), new HashSet<>());

    Work.isBounded(component, () -> assertRefused(many), () -> assertRefused(one));
  }

  @Test
  void missingComponentIsToldAsAnUnknownKeyIs() {
    String covered = covering("\"x-missing-%d\"", 1);

    assertThat(refused(forged(covered, shop.keyId(), new HashSet<>()), Reason.INVALID_SIGNATURE))
        .isEqualTo(refused(forged(covered, "h_nobody", new HashSet<>()), Reason.INVALID_SIGNATURE));
  }

  @Test
  void fieldsWithTooManyPartsAreRefusedBeforeTheyAreParsed() {
    AuthRequest plain = forged("(\"@method\" \"@target-uri\")", "h_nobody", new HashSet<>());
    for (String dear :
        List.of(
            "(" + "1 ".repeat(3900) + ")",
            "a;"
                + IntStream.range(0, 1000)
                    .mapToObj(i -> "p" + i)
                    .collect(Collectors.joining(";")))) {
      AuthRequest request =
          forged(
              "(\"@method\" \"@target-uri\")",
              "h_nobody\";tag=\"x\",b=" + dear + ";x=\"",
              new HashSet<>());
      Work.isBounded(dear, () -> assertRefused(request), () -> assertRefused(plain));
    }
  }

  private void assertRefused(AuthRequest request) {
    assertThat(
            house.gate.recall(request, SigningHouse.POLICY).orElseGet(() -> house.admit(request)))
        .isInstanceOf(Decision.Refused.class);
  }
}
