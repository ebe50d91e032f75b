package dev.gatehouse.hmac;

import static dev.gatehouse.hmac.SigningHouse.POLICY;
import static dev.gatehouse.hmac.SigningHouse.outcome;
import static dev.gatehouse.hmac.SigningHouse.secret;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.Decision;
import dev.gatehouse.Gate;
import dev.gatehouse.HeaderFields;
import dev.gatehouse.Network;
import dev.gatehouse.Outcome;
import dev.gatehouse.PeerCertificates;
import dev.gatehouse.Policy;
import dev.gatehouse.Presented;
import dev.gatehouse.Reason;
import dev.gatehouse.RecentRefusals;
import dev.gatehouse.Refusal;
import dev.gatehouse.RequestBody;
import dev.gatehouse.Scopes;
import dev.gatehouse.StoreUnavailableException;
import dev.gatehouse.credential.CredentialIssuance;
import dev.gatehouse.credential.CredentialRequest;
import dev.gatehouse.credential.IssuedCredential;
import dev.gatehouse.replay.ReplayStore;
import dev.gatehouse.secret.Digest;
import dev.gatehouse.secret.RandomIds;
import dev.gatehouse.secret.SecretForm;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Requests that are signed in the gate's own way, and what can be wrong with them.
@Timeout(60)
class HmacTest {

  private static final String NONCE = "0123456789abcdef";
  private static final String BODY = "{\"item\":\"tea\",\"big\":12345678901234567890}";

  private final SigningHouse house = new SigningHouse();
  private final Gate gate = house.gate(GatehouseProfile::new);
  private final CredentialIssuance.Issued<StoredSignatureKey> key = house.issued();

  /// What a client signs, and with what.
  private final class Signing {
    private String method = "GET";
    private String target = "/orders?b=2&a=1";
    private String body = "";
    private String timestamp = Long.toString(house.time.now().getEpochSecond());
    private @Nullable String nonce;
    private String keyId = key.credential().id();
    private String secret = secret(key);

    Signing body(String text) {
      method = "POST";
      body = text;
      return this;
    }

    Signing nonce(String text) {
      nonce = text;
      return this;
    }

    Signing by(CredentialIssuance.Issued<StoredSignatureKey> other) {
      keyId = other.credential().id();
      secret = secret(other);
      return this;
    }

    Signing timestamp(String text) {
      timestamp = text;
      return this;
    }

    Map<String, String> fields() {
      String text =
          GatehouseProfile.stringToSign(
              method, target, timestamp, body.isEmpty() ? "" : sha256(body), nonce);
      Map<String, String> fields = new TreeMap<>();
      fields.put("X-Key-Id", keyId);
      fields.put("X-Timestamp", timestamp);
      fields.put("X-Signature", hmac(secret, text));
      if (nonce != null) {
        fields.put("X-Nonce", nonce);
      }
      return fields;
    }

    AuthRequest request() {
      return SigningHouse.request(method, target, body, fields());
    }
  }

  private static String sha256(String text) {
    return HexFormat.of().formatHex(Digest.sha256(text.getBytes(StandardCharsets.UTF_8)).bytes());
  }

  private static String hmac(String secret, String text) {
    return HexFormat.of()
        .formatHex(
            SignatureAlgorithm.hmacSha256(
                secret.getBytes(StandardCharsets.UTF_8), text.getBytes(StandardCharsets.UTF_8)));
  }

  private String admit(AuthRequest request) {
    return outcome(gate.admit(request, POLICY));
  }

  private Refusal refused(AuthRequest request) {
    return ((Decision.Refused) gate.admit(request, POLICY)).refusal();
  }

  // What is right.

  @Test
  void theTextThatIsSignedIsTheOneOfTheContract() {
    // Computed with openssl dgst -sha256 -hmac.
    assertThat(
            hmac(
                "0123456789abcdef0123456789abcdef",
                GatehouseProfile.stringToSign("GET", "/orders?a=1", "1700000000", "", null)))
        .isEqualTo("c93ded275b4ed3eb996c3115d477bad3d33aa46cf65d7c2cbb88bf42dc4947df");
    assertThat(
            hmac(
                "0123456789abcdef0123456789abcdef",
                GatehouseProfile.stringToSign(
                    "POST", "/orders", "1700000000", sha256("{}"), "0123456789abcdef")))
        .isEqualTo("6d325e29d9b3dad8e8ddd5204b3f3cc1f251cbdd306f7615a0c06db7e529f9ee");
  }

  @Test
  void aSignedRequestIsAdmittedAsTheOwnerOfItsKey() {
    Decision decision = gate.admit(new Signing().request(), POLICY);

    var principal = Objects.requireNonNull(((Decision.Admitted) decision).principal());
    assertThat(principal.subject()).isEqualTo(key.credential().owner());
    assertThat(principal.credential()).isEqualTo(key.credential().id());
    assertThat(principal.scopes()).isEqualTo(Scopes.of("orders:read", "orders:write"));
    assertThat(admit(new Signing().body(BODY).request())).isEqualTo("admitted");
    assertThat(admit(new Signing().body(BODY).nonce(NONCE).request())).isEqualTo("admitted");
  }

  @Test
  void memoryNeverAnswersForASignature() {
    AuthRequest request = new Signing().request();
    assertThat(gate.recall(request, POLICY)).isEmpty();
    gate.admit(request, POLICY);
    assertThat(gate.recall(request, POLICY)).isEmpty();
  }

  // 51: replays.

  @Test
  void aSignatureIsAcceptedOnceWithinItsWindow() {
    AuthRequest request = new Signing().request();
    assertThat(admit(request)).isEqualTo("admitted");
    assertThat(admit(request)).isEqualTo("REPLAYED");
    house.time.pass(Duration.ofMinutes(5));
    house.used.purge(house.time.now());
    assertThat(admit(request)).as("at the end of the window").isEqualTo("REPLAYED");
    house.time.pass(Duration.ofMillis(2));
    house.used.purge(house.time.now());
    assertThat(admit(request)).as("after it").isEqualTo("REQUEST_EXPIRED");
  }

  @Test
  void aSignatureFromTheFutureIsRememberedUntilItIsOld() {
    Instant ahead = house.time.now().plusSeconds(300);
    AuthRequest request = new Signing().timestamp(Long.toString(ahead.getEpochSecond())).request();
    assertThat(admit(request)).isEqualTo("admitted");
    house.time.pass(Duration.ofMinutes(10));
    house.used.purge(house.time.now());
    assertThat(admit(request)).isEqualTo("REPLAYED");
  }

  @Test
  void refusesTheSameSignatureUnderTheIdOfAnotherKeyWithTheSameSecret() {
    var successor =
        (CredentialIssuance.Issued<StoredSignatureKey>)
            house.keys.rotate(
                key.credential().id(),
                new SignatureKeys.Material.GivenSecret(secret(key)),
                Duration.ofHours(1),
                null);
    Signing signing = new Signing();
    assertThat(admit(signing.request())).isEqualTo("admitted");

    signing.keyId = successor.credential().id();
    assertThat(admit(signing.request())).isEqualTo("REPLAYED");
  }

  @Test
  void ofManyWhoSendTheSameAtOnceOneIsAdmitted() throws Exception {
    AuthRequest request = new Signing().body(BODY).request();
    CountDownLatch begin = new CountDownLatch(1);
    List<Future<String>> outcomes = new ArrayList<>();
    try (ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 32; i++) {
        outcomes.add(
            senders.submit(
                () -> {
                  begin.await();
                  return admit(request);
                }));
      }
      begin.countDown();
    }
    List<String> said = new ArrayList<>();
    for (Future<String> outcome : outcomes) {
      said.add(outcome.get());
    }
    assertThat(said).containsOnlyOnce("admitted").containsOnly("admitted", "REPLAYED");
  }

  @Test
  void refusesReplayWhoseBodyArrivesAfterItsUseWasForgotten() {
    Signing signing = new Signing().body(BODY);
    assertThat(admit(signing.request())).isEqualTo("admitted");
    house.time.pass(Duration.ofMinutes(5));

    AuthRequest slow = with(arriving(() -> house.pass(Duration.ofMillis(2))), signing);
    assertThat(admit(slow)).isEqualTo("REQUEST_EXPIRED");
  }

  @Test
  void refusesFirstUseWhoseBodyArrivesAfterTheWindow() {
    AuthRequest slow =
        with(
            arriving(() -> house.time.pass(Duration.ofMinutes(5).plusMillis(1))),
            new Signing().body(BODY));
    assertThat(admit(slow)).isEqualTo("REQUEST_EXPIRED");
  }

  @Test
  void refusesReplayThatAClockThatWasAheadMadeTheRecordForget() {
    AuthRequest request = new Signing().request();
    assertThat(admit(request)).isEqualTo("admitted");
    house.time.pass(Duration.ofSeconds(1));
    house.used.purge(house.time.now().plus(Duration.ofMinutes(10)));

    assertThat(admit(request)).isEqualTo("REQUEST_EXPIRED");
    assertThat(admit(new Signing().request())).as("signed anew").isEqualTo("admitted");
  }

  @Test
  void answers503UntilTheHorizonWhenTheClockWentBackBehindIt() {
    Instant ahead = house.time.now().plusSeconds(300);
    AuthRequest request = new Signing().timestamp(Long.toString(ahead.getEpochSecond())).request();
    assertThat(admit(request)).isEqualTo("admitted");
    house.used.purge(ahead.plus(Duration.ofMinutes(10)));

    Refusal refusal = refused(request);
    assertThat(refusal.reason()).isEqualTo(Reason.UNAVAILABLE);
    assertThat(refusal.fields()).containsEntry("Retry-After", List.of("301"));
    assertThat(admit(new Signing().request())).as("signed anew").isEqualTo("UNAVAILABLE");
    house.time.pass(Duration.ofSeconds(301));
    assertThat(admit(request)).isEqualTo("REQUEST_EXPIRED");
    assertThat(admit(new Signing().request())).as("signed anew").isEqualTo("admitted");
  }

  @Test
  void refusesReplayOfWhatWasForgottenWhenTheWindowWasShorter() {
    HmacSettings five =
        new HmacSettings("orders", Duration.ofSeconds(5), SigningHouse.MAX_BODY, Set.of());
    Gate narrow = house.gate(five);
    AuthRequest request = new Signing().request();
    assertThat(outcome(narrow.admit(request, POLICY))).isEqualTo("admitted");
    house.pass(Duration.ofSeconds(6));
    assertThat(outcome(narrow.admit(request, POLICY))).isEqualTo("REQUEST_EXPIRED");

    assertThat(admit(request)).as("with a window of five minutes").isEqualTo("REQUEST_EXPIRED");
    assertThat(admit(new Signing().request())).isEqualTo("admitted");
  }

  /// A body that arrives whole once that has happened.
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
  void equalRequestsWithinASecondDifferByTheirNonce() {
    assertThat(admit(new Signing().nonce("a".repeat(16)).request())).isEqualTo("admitted");
    assertThat(admit(new Signing().nonce("b".repeat(16)).request())).isEqualTo("admitted");
    assertThat(admit(new Signing().nonce("a".repeat(16)).request())).isEqualTo("REPLAYED");
  }

  @Test
  void aRefusedSignatureTakesNoRoomInTheRecord() {
    for (int i = 0; i < SigningHouse.MAX_USES + 1; i++) {
      Signing signing = new Signing().nonce("%016d".formatted(i));
      signing.secret = "x".repeat(43);
      gate.admit(signing.request(), POLICY);
    }
    assertThat(admit(new Signing().request())).isEqualTo("admitted");
  }

  @Test
  void aFullRecordRefusesAndForgetsNothing() {
    AuthRequest first = new Signing().request();
    gate.admit(first, POLICY);
    for (int i = 1; i < SigningHouse.MAX_USES; i++) {
      ReplayStore.Use other = house.useOf("another key " + i);
      assertThat(house.used.record(other)).isEqualTo(new ReplayStore.Recorded.First());
    }
    assertThat(admit(new Signing().nonce(NONCE).request())).isEqualTo("UNAVAILABLE");
    assertThat(admit(first)).isEqualTo("REPLAYED");
  }

  @Test
  void keyThatTookItsShareOfTheRecordMustWaitAndOthersNeedNot() {
    AuthRequest first = new Signing().nonce("%016d".formatted(0)).request();
    gate.admit(first, POLICY);
    for (int i = 1; i < SigningHouse.MAX_USES / 2; i++) {
      assertThat(admit(new Signing().nonce("%016d".formatted(i)).request())).isEqualTo("admitted");
    }

    Refusal refusal = refused(new Signing().request());
    assertThat(refusal.reason()).isEqualTo(Reason.THROTTLED);
    assertThat(refusal.fields()).containsKey("Retry-After");
    assertThat(admit(first)).isEqualTo("REPLAYED");
    assertThat(admit(new Signing().by(house.issued()).request())).isEqualTo("admitted");
  }

  @Test
  void requestThatIsRefusedForItsRateIsAdmittedWhenTheSameBytesComeAgainLater() {
    CredentialIssuance.Issued<StoredSignatureKey> slow = house.issued(1, "192.0.2.0/24");
    AuthRequest second = new Signing().by(slow).nonce("b".repeat(16)).request();
    assertThat(admit(new Signing().by(slow).nonce("a".repeat(16)).request())).isEqualTo("admitted");
    assertThat(admit(second)).isEqualTo("THROTTLED");

    house.time.pass(Duration.ofMinutes(1));

    assertThat(admit(second)).isEqualTo("admitted");
    assertThat(admit(second)).isNotEqualTo("admitted");
  }

  @Test
  void refusalForRateNetworkOrScopeTakesNoRoomInTheRecord() {
    CredentialIssuance.Issued<StoredSignatureKey> slow = house.issued(1, "192.0.2.0/24");
    CredentialIssuance.Issued<StoredSignatureKey> elsewhere =
        house.issued(100_000, "198.51.100.0/24");
    Policy scoped = POLICY.requiring(Map.of(Policy.ANY_OTHER, Scopes.of("orders:delete")));
    gate.admit(new Signing().by(slow).nonce("n".repeat(16)).request(), POLICY);
    for (int i = 0; i < SigningHouse.MAX_USES; i++) {
      String nonce = "%016d".formatted(i);
      assertThat(admit(new Signing().by(slow).nonce(nonce).request())).isEqualTo("THROTTLED");
      assertThat(admit(new Signing().by(elsewhere).nonce(nonce).request()))
          .isEqualTo("INVALID_SIGNATURE");
      assertThat(outcome(gate.admit(new Signing().nonce(nonce).request(), scoped)))
          .isEqualTo("INSUFFICIENT_SCOPE");
    }

    assertThat(admit(new Signing().request())).isEqualTo("admitted");
  }

  @Test
  void replayTakesNothingOfTheRateOfItsKey() {
    CredentialIssuance.Issued<StoredSignatureKey> slow = house.issued(2, "192.0.2.0/24");
    AuthRequest stolen = new Signing().by(slow).nonce("a".repeat(16)).request();
    assertThat(admit(stolen)).isEqualTo("admitted");
    for (int i = 0; i < 10; i++) {
      assertThat(admit(stolen)).isEqualTo("REPLAYED");
    }

    assertThat(admit(new Signing().by(slow).nonce("b".repeat(16)).request())).isEqualTo("admitted");
  }

  // 52: timestamps.

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "NaN",
        "1e9",
        "0x6955b900",
        "-1767225600",
        "+1767225600",
        "1767225600.0",
        " 1767225600",
        "1767225600 ",
        "01767225600",
        "Infinity",
        "1767225600,1767225600",
        "١٧٦٧٢٢٥٦٠٠",
        "٣",
        "17672256000000000000000000000"
      })
  void aTimestampThatIsNoPlainNumberIsRefused(String timestamp) {
    Refusal refusal = refused(new Signing().timestamp(timestamp).request());
    assertThat(refusal.reason()).isEqualTo(Reason.INVALID_SIGNATURE);
    assertThat(refusal.detail()).contains("X-Timestamp");
  }

  @Test
  void aMissingTimestampIsRefused() {
    Map<String, String> fields = new Signing().fields();
    fields.remove("X-Timestamp");
    assertThat(admit(SigningHouse.request("GET", "/orders?b=2&a=1", "", fields)))
        .isEqualTo("INVALID_SIGNATURE");
  }

  @ParameterizedTest
  @CsvSource({
    "-301, REQUEST_EXPIRED",
    "-300, admitted",
    "0, admitted",
    "300, admitted",
    "301, REQUEST_EXPIRED",
    "31536000, REQUEST_EXPIRED"
  })
  void aTimeOutsideOfTheWindowIsRefusedBeforeAndAfter(long offset, String outcome) {
    String timestamp = Long.toString(house.time.now().getEpochSecond() + offset);
    assertThat(admit(new Signing().timestamp(timestamp).request())).isEqualTo(outcome);
  }

  @Test
  void millisecondsAreRefusedAndTheAdministratorIsToldSo() {
    Refusal refusal =
        refused(new Signing().timestamp(Long.toString(house.time.now().toEpochMilli())).request());
    assertThat(refusal.reason()).isEqualTo(Reason.REQUEST_EXPIRED);
    assertThat(hints(refusal)).first().asString().contains("milliseconds");
  }

  // 53: what was changed after signing.

  @Test
  void aChangedMethodTargetBodyTimeOrNonceIsRefused() {
    Signing signing = new Signing().body(BODY).nonce(NONCE);
    Map<String, String> fields = signing.fields();
    String target = signing.target;

    for (AuthRequest changed :
        List.of(
            SigningHouse.request("PUT", target, BODY, fields),
            SigningHouse.request("POST", "/orders?b=2&a=2", BODY, fields),
            SigningHouse.request("POST", "/orders?a=1&b=2", BODY, fields),
            SigningHouse.request("POST", "/orders?b=2&a=1&", BODY, fields),
            SigningHouse.request("POST", "/orders", BODY, fields),
            SigningHouse.request("POST", "/Orders?b=2&a=1", BODY, fields),
            SigningHouse.request("POST", "/%6Frders?b=2&a=1", BODY, fields),
            SigningHouse.request("POST", target, BODY + " ", fields),
            SigningHouse.request("POST", target, "", fields))) {
      assertThat(admit(changed))
          .as(changed.method() + " " + changed.target())
          .isEqualTo("INVALID_SIGNATURE");
    }
    for (String name : List.of("X-Timestamp", "X-Nonce")) {
      Map<String, String> other = new TreeMap<>(fields);
      other.put(
          name,
          name.equals("X-Nonce")
              ? "f".repeat(16)
              : Long.toString(house.time.now().getEpochSecond() + 1));
      assertThat(admit(SigningHouse.request("POST", target, BODY, other)))
          .as(name)
          .isEqualTo("INVALID_SIGNATURE");
    }
    fields.remove("X-Nonce");
    assertThat(admit(SigningHouse.request("POST", target, BODY, fields)))
        .isEqualTo("INVALID_SIGNATURE");
    assertThat(admit(signing.request())).as("unchanged").isEqualTo("admitted");
  }

  @Test
  void aKeyIsGoodForItsHostsOnly() {
    assertThat(admit(at("api.example.com", new Signing()))).isEqualTo("admitted");
    assertThat(admit(at("API.example.com:8443", new Signing().nonce(NONCE)))).isEqualTo("admitted");
    assertThat(admit(at("other.example.com", new Signing()))).isEqualTo("INVALID_SIGNATURE");
    assertThat(admit(at("", new Signing()))).isEqualTo("INVALID_SIGNATURE");

    var elsewhere =
        house.issued(new SignatureKeys.Material.NewSecret(), null, Set.of("Other.example.com"));
    Signing signing = new Signing();
    signing.keyId = elsewhere.credential().id();
    signing.secret = secret(elsewhere);
    assertThat(admit(at("api.example.com", signing))).isEqualTo("INVALID_SIGNATURE");
    assertThat(admit(at("other.example.com", signing))).isEqualTo("admitted");
  }

  private static AuthRequest at(String authority, Signing signing) {
    AuthRequest request = signing.request();
    return new AuthRequest(
        request.method(),
        "https",
        authority,
        request.target(),
        request.fields(),
        request.peer(),
        PeerCertificates.NONE,
        request.body());
  }

  // 54 and 55: bodies.

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\":1,\"a\":2}",
        "{\"n\":12345678901234567890}",
        "{ \"a\" : 1 }",
        "{\"b\":1,\"a\":2}",
        "a=1&b=%20",
        "plain",
        "\u0000\u0001",
        "{}",
        "[]",
        " ",
        "\r\n",
        "ü"
      })
  void aBodyIsSignedByItsBytesWhateverItsType(String body) {
    assertThat(admit(new Signing().body(body).request())).isEqualTo("admitted");
    Map<String, String> fields = new Signing().body(body).nonce(NONCE).fields();
    assertThat(admit(SigningHouse.request("POST", "/orders?b=2&a=1", body + "x", fields)))
        .isEqualTo("INVALID_SIGNATURE");
  }

  @Test
  void anEmptyBodyIsNoBodyAndAnEmptyObjectIsOne() {
    Map<String, String> none = new Signing().nonce(NONCE).fields();
    assertThat(admit(SigningHouse.request("GET", "/orders?b=2&a=1", "{}", none)))
        .isEqualTo("INVALID_SIGNATURE");
    assertThat(admit(SigningHouse.request("GET", "/orders?b=2&a=1", "", none)))
        .isEqualTo("admitted");
  }

  @Test
  void aBodyThatIsTooLongIsRefusedAsSuch() {
    assertThat(admit(new Signing().body("x".repeat(SigningHouse.MAX_BODY)).request()))
        .isEqualTo("admitted");
    assertThat(admit(new Signing().body("x".repeat(SigningHouse.MAX_BODY + 1)).request()))
        .isEqualTo("BODY_TOO_LARGE");
  }

  @Test
  void noByteOfTheBodyIsReadForAKeyOrATimeThatIsNotGood() {
    AtomicInteger reads = new AtomicInteger();
    RequestBody watched =
        new RequestBody() {
          @Override
          public boolean isEmpty() {
            return false;
          }

          @Override
          public byte[] bytes(int maxBytes) {
            reads.incrementAndGet();
            return BODY.getBytes(StandardCharsets.UTF_8);
          }
        };
    Signing unknown = new Signing().body(BODY);
    unknown.keyId = "h_unknown";
    Signing late = new Signing().body(BODY).timestamp("1");
    Signing junk = new Signing().body(BODY).nonce("short");
    for (Signing bad : List.of(unknown, late, junk)) {
      assertThat(admit(with(watched, bad))).isNotEqualTo("admitted");
    }
    assertThat(reads).hasValue(0);
    assertThat(admit(with(watched, new Signing().body(BODY)))).isEqualTo("admitted");
    assertThat(reads).hasValue(1);
  }

  private static AuthRequest with(RequestBody body, Signing signing) {
    Map<String, List<String>> fields = new TreeMap<>();
    signing.fields().forEach((name, value) -> fields.put(name, List.of(value)));
    return SigningHouse.request("POST", signing.target, body, fields);
  }

  // 56: the signature's form.

  @ParameterizedTest
  @ValueSource(strings = {"upper", "short", "long", "junk", "empty", "prefixed", "spaces"})
  void aSignatureOfAnyOtherFormIsRefused(String how) {
    Map<String, String> fields = new Signing().fields();
    String good = Objects.requireNonNull(fields.get("X-Signature"));
    fields.put(
        "X-Signature",
        switch (how) {
          case "upper" -> good.toUpperCase(java.util.Locale.ROOT);
          case "short" -> good.substring(1);
          case "long" -> good + "0";
          case "junk" -> good.substring(0, 63) + "g";
          case "prefixed" -> "sha256=" + good;
          case "spaces" -> good + " ";
          default -> "";
        });
    assertThat(admit(SigningHouse.request("GET", "/orders?b=2&a=1", "", fields)))
        .isEqualTo("INVALID_SIGNATURE");
  }

  @Test
  void aMissingFieldIsARefusalThatNamesIt() {
    for (String name : List.of("X-Signature", "X-Key-Id")) {
      Map<String, String> fields = new Signing().fields();
      fields.remove(name);
      Refusal refusal = refused(SigningHouse.request("GET", "/orders?b=2&a=1", "", fields));
      assertThat(refusal.status()).isEqualTo(401);
      assertThat(refusal.detail()).contains(name);
    }
  }

  @Test
  void aFieldThatComesTwiceIsAmbiguousEvenWhenBothAreAlike() {
    for (String name : List.of("X-Key-Id", "X-Timestamp", "X-Signature", "X-Nonce")) {
      Map<String, List<String>> fields = new TreeMap<>();
      new Signing().nonce(NONCE).fields().forEach((key, value) -> fields.put(key, List.of(value)));
      String value = Objects.requireNonNull(fields.get(name)).getFirst();
      fields.put(name, List.of(value, value));
      assertThat(admit(SigningHouse.request("GET", "/orders?b=2&a=1", RequestBody.NONE, fields)))
          .as(name)
          .isEqualTo("AMBIGUOUS_CREDENTIALS");
    }
  }

  @Test
  void aTimestampOrANonceAloneIsNoSignature() {
    Map<String, String> others = Map.of("X-Timestamp", "1", "X-Nonce", "n");
    assertThat(admit(SigningHouse.request("GET", "/", "", others))).isEqualTo("NO_CREDENTIALS");
  }

  @Test
  void whateverTheFieldsHoldTheyAreReadOrRefused() {
    Random random = new Random(42);
    String alphabet = "0123456789abcdefXx-=.,;:\"\\ \t\u00ff%";
    for (int i = 0; i < 20_000; i++) {
      Map<String, List<String>> fields = new TreeMap<>();
      new Signing().nonce(NONCE).fields().forEach((key, value) -> fields.put(key, List.of(value)));
      String name = List.copyOf(fields.keySet()).get(random.nextInt(4));
      StringBuilder text = new StringBuilder(Objects.requireNonNull(fields.get(name)).getFirst());
      for (int change = random.nextInt(3); change >= 0; change--) {
        int at = random.nextInt(text.length() + 1);
        text.insert(at, alphabet.charAt(random.nextInt(alphabet.length())));
      }
      fields.put(name, List.of(text.toString()));
      assertThat(admit(SigningHouse.request("GET", "/orders?b=2&a=1", RequestBody.NONE, fields)))
          .as(text.toString())
          .isNotEqualTo("admitted");
    }
  }

  // 57: keys.

  @Test
  void eachKeyHasASecretOfItsOwnAndTheStoreHoldsNone() {
    var other = house.issued();
    assertThat(secret(other)).isNotEqualTo(secret(key)).matches("hmac_[0-9A-Za-z]{43}");
    assertThat(key.credential().material().material()).doesNotContain(secret(key));
    assertThat(house.keys.isValid(key.credential().id(), secret(key))).isTrue();
    assertThat(house.keys.isValid(key.credential().id(), secret(other))).isFalse();
    assertThat(key + " " + key.credential())
        .doesNotContain(secret(key))
        .doesNotContain(key.credential().material().material());
    Signing crossed = new Signing();
    crossed.secret = secret(other);
    assertThat(admit(crossed.request())).isEqualTo("INVALID_SIGNATURE");
  }

  @Test
  void aSecretThatWasMovedToAnotherKeyDoesNotOpenThere() {
    move(key.credential(), "h_thief");
    Signing signing = new Signing();
    signing.keyId = "h_thief";
    assertThat(admit(signing.request())).isEqualTo("UNAVAILABLE");
  }

  @Test
  void secretThatWasMovedToAnotherKeyDoesNotOpenThereThoughItsOwnKeyIsInUse() {
    assertThat(admit(new Signing().request())).isEqualTo("admitted");
    move(key.credential(), "h_thief");
    Signing signing = new Signing();
    signing.keyId = "h_thief";
    assertThat(admit(signing.request())).isEqualTo("UNAVAILABLE");
  }

  /// Stores another key with the sealed secret of that one.
  private void move(IssuedCredential<StoredSignatureKey> stored, String id) {
    house.store.add(
        new IssuedCredential<>(
            id, stored.owner(), stored.terms(), stored.material(), house.time.now()));
  }

  @Test
  void rotationLetsBothKeysWorkForTheOverlap() {
    var successor =
        (CredentialIssuance.Issued<StoredSignatureKey>)
            house.keys.rotate(
                key.credential().id(),
                new SignatureKeys.Material.NewSecret(),
                Duration.ofHours(1),
                null);
    Signing next = new Signing();
    next.keyId = successor.credential().id();
    next.secret = secret(successor);
    assertThat(admit(next.request())).isEqualTo("admitted");
    assertThat(admit(new Signing().request())).isEqualTo("admitted");
    house.time.pass(Duration.ofHours(1));
    Signing later = new Signing();
    assertThat(admit(later.request())).as("the old one").isEqualTo("INVALID_SIGNATURE");
    later.keyId = successor.credential().id();
    later.secret = secret(successor);
    assertThat(admit(later.request())).as("its successor").isEqualTo("admitted");
  }

  @Test
  void aRevokedKeyTheKeyOfADisabledOwnerAndAnExpiredKeyAreRefusedAlikeAndAtOnce() {
    Signing signing = new Signing();
    Refusal wrong = refusedWith("h_unknown", signing.secret);
    house.keys.revoke(key.credential().id());
    Refusal revoked = refused(signing.request());
    assertThat(revoked.detail()).isEqualTo(wrong.detail());
    assertThat(revoked.reason()).isEqualTo(wrong.reason());

    var second = house.issued();
    house.accounts.setDisabled("shop", true);
    assertThat(refusedWith(second.credential().id(), secret(second)).detail())
        .isEqualTo(wrong.detail());
    house.accounts.setDisabled("shop", false);
    Signing enabled = new Signing();
    enabled.keyId = second.credential().id();
    enabled.secret = secret(second);
    assertThat(admit(enabled.request())).isEqualTo("admitted");
  }

  private Refusal refusedWith(String keyId, String secret) {
    Signing signing = new Signing();
    signing.keyId = keyId;
    signing.secret = secret;
    return refused(signing.request());
  }

  @Test
  void aStoreThatIsDownIs503AndNeither401NorAdmitted() {
    SignatureKeyStore down =
        (SignatureKeyStore)
            Proxy.newProxyInstance(
                SignatureKeyStore.class.getClassLoader(),
                new Class<?>[] {SignatureKeyStore.class},
                (proxy, method, arguments) -> {
                  throw new StoreUnavailableException("switched off", new Exception());
                });
    ReplayStore unrecorded =
        (ReplayStore)
            Proxy.newProxyInstance(
                ReplayStore.class.getClassLoader(),
                new Class<?>[] {ReplayStore.class},
                (proxy, method, arguments) -> {
                  throw new StoreUnavailableException("switched off", new Exception());
                });
    AuthRequest request = new Signing().request();
    assertThat(
            outcome(
                house
                    .gate(down, house.used, List.of(GatehouseProfile::new))
                    .admit(request, POLICY)))
        .isEqualTo("UNAVAILABLE");
    assertThat(
            outcome(
                house
                    .gate(house.store, unrecorded, List.of(GatehouseProfile::new))
                    .admit(request, POLICY)))
        .isEqualTo("UNAVAILABLE");
  }

  @Test
  void anAdmittedStreamGoesOnWhenItsKeyWasRotatedAndEndsWhenItIsRevoked() {
    AuthRequest request = new Signing().body(BODY).request();
    Decision.Admitted admitted = (Decision.Admitted) gate.admit(request, POLICY);
    house.keys.rotate(
        key.credential().id(), new SignatureKeys.Material.NewSecret(), Duration.ofHours(1), null);
    assertThat(gate.renew(admitted, request)).isEmpty();
    assertThat(outcome(gate.review(admitted, request, POLICY)))
        .as("no replay")
        .isEqualTo("admitted");
    house.keys.revoke(key.credential().id());
    assertThat(outcome(gate.review(admitted, request, POLICY))).isEqualTo("INVALID_SIGNATURE");
  }

  @Test
  void aKeyIsLookedUpOnceUntilTheFeedNamesItOrItsOwnerAndAnUnknownOneEachTime() {
    AtomicInteger lookUps = new AtomicInteger();
    Gate counted = house.gate(counting(lookUps), house.used, List.of(GatehouseProfile::new));
    for (int i = 0; i < 3; i++) {
      counted.admit(new Signing().nonce("%016d".formatted(i)).request(), POLICY);
    }
    assertThat(lookUps).hasValue(1);
    house.accounts.grant("shop", Set.of(), Scopes.of("orders:read"));
    Decision narrowed = counted.admit(new Signing().nonce("a".repeat(16)).request(), POLICY);
    assertThat(Objects.requireNonNull(((Decision.Admitted) narrowed).principal()).scopes())
        .isEqualTo(Scopes.of("orders:read"));
    assertThat(lookUps).hasValue(2);
    house.keys.revoke(key.credential().id());
    assertThat(outcome(counted.admit(new Signing().nonce("b".repeat(16)).request(), POLICY)))
        .isEqualTo("INVALID_SIGNATURE");
    assertThat(lookUps).hasValue(3);
    house.time.pass(Duration.ofMinutes(1));
    counted.admit(new Signing().nonce("c".repeat(16)).request(), POLICY);
    assertThat(lookUps).as("memory ends").hasValue(4);

    Signing unknown = new Signing();
    unknown.keyId = "h_unknown";
    counted.admit(unknown.request(), POLICY);
    counted.admit(unknown.request(), POLICY);
    assertThat(lookUps).hasValue(6);
  }

  @Test
  void aLookUpThatBeganBeforeARevocationIsNotRememberedAfterIt() {
    SignatureKeyStore slow =
        (SignatureKeyStore)
            Proxy.newProxyInstance(
                SignatureKeyStore.class.getClassLoader(),
                new Class<?>[] {SignatureKeyStore.class},
                (proxy, method, arguments) -> {
                  Object answer = method.invoke(house.store, arguments);
                  house.keys.revoke(key.credential().id()); // while the answer is on its way
                  return answer;
                });
    Gate gate = house.gate(slow, house.used, List.of(GatehouseProfile::new));
    gate.admit(new Signing().nonce("a".repeat(16)).request(), POLICY);
    assertThat(outcome(gate.admit(new Signing().nonce("b".repeat(16)).request(), POLICY)))
        .isEqualTo("INVALID_SIGNATURE");
  }

  private SignatureKeyStore counting(AtomicInteger lookUps) {
    return (SignatureKeyStore)
        Proxy.newProxyInstance(
            SignatureKeyStore.class.getClassLoader(),
            new Class<?>[] {SignatureKeyStore.class},
            (proxy, method, arguments) -> {
              lookUps.incrementAndGet();
              return method.invoke(house.store, arguments);
            });
  }

  // What an administrator is told.

  @Test
  void anAdministratorSeesTheTextThatTheGateSignedWithoutTheQuerysValues() {
    Signing signing = new Signing();
    signing.target = "/orders?token=s3cret&x&y=";
    signing.secret = "x".repeat(43);
    Refusal refusal = refused(signing.request());
    var explanation = Objects.requireNonNull(entry(refusal).explanation());
    assertThat(explanation.signed())
        .isEqualTo("GET\n/orders?token=***&***&y=\n" + signing.timestamp + "\n")
        .doesNotContain("s3cret");
    assertThat(explanation.hints()).first().asString().contains("wrong key");
    assertThat(refusal.document()).doesNotContain("***").doesNotContain("hints");
  }

  @Test
  void anAdministratorIsToldWhatTheClientLeftOut() {
    Signing query = new Signing();
    String target = query.target;
    query.target = "/orders";
    assertThat(hints(refused(SigningHouse.request("GET", target, "", query.fields()))))
        .singleElement()
        .asString()
        .contains("query was left out");

    Signing body = new Signing();
    body.method = "POST";
    assertThat(hints(refused(SigningHouse.request("POST", target, BODY, body.fields()))))
        .singleElement()
        .asString()
        .contains("body was left out");

    Signing nonce = new Signing();
    Map<String, String> fields = nonce.fields();
    fields.put("X-Nonce", NONCE);
    assertThat(hints(refused(SigningHouse.request("GET", target, "", fields))))
        .singleElement()
        .asString()
        .contains("nonce was not signed");

    Signing again = new Signing().body("{\"a\": 1}");
    assertThat(hints(refused(SigningHouse.request("POST", target, "{\"a\":1}", again.fields()))))
        .anyMatch(hint -> hint.contains("serialised again"));

    Signing url = new Signing();
    url.target = "https://api.example.com" + target;
    assertThat(hints(refused(SigningHouse.request("GET", target, "", url.fields()))))
        .singleElement()
        .asString()
        .contains("whole URL");

    Signing late = new Signing();
    late.timestamp = Long.toString(house.time.now().getEpochSecond() - 412);
    assertThat(hints(refused(late.request()))).anyMatch(hint -> hint.contains("412 s behind"));
  }

  private static List<String> hints(Refusal refusal) {
    return Objects.requireNonNull(entry(refusal).explanation()).hints();
  }

  private static RecentRefusals.Entry entry(Refusal refusal) {
    return RecentRefusals.ofThisProcess().find(refusal.id()).orElseThrow();
  }

  // What is issued.

  @ParameterizedTest
  @CsvSource({
    "a b, a host is a name alone", "https://api.example.com, a host is a name alone",
    "api.example.com:443, a host is a name alone", "-, a host is a name alone"
  })
  void aHostThatIsNoneIsRefused(String host, String why) {
    assertThat(why(new SignatureKeys.Material.NewSecret(), null, Set.of(host))).contains(why);
  }

  @Test
  void byteOrderMarkBeforeAPublicKeyIsPassedOver() throws Exception {
    String pem =
        "-----BEGIN PUBLIC KEY-----\n"
            + Base64.getMimeEncoder()
                .encodeToString(
                    KeyPairGenerator.getInstance("Ed25519")
                        .generateKeyPair()
                        .getPublic()
                        .getEncoded())
            + "\n-----END PUBLIC KEY-----\n";
    assertThat(
            house.keys.issue(
                new SignatureKeys.Request(
                    new CredentialRequest("shop", "test", null, null, List.of(), null),
                    new SignatureKeys.Material.PublicKey(
                        SignatureAlgorithm.ED25519, "\ufeff" + pem),
                    null,
                    Set.of())))
        .isInstanceOf(CredentialIssuance.Issued.class);
  }

  @Test
  void weakMaterialIsRefused() {
    assertThat(why(new SignatureKeys.Material.GivenSecret("secret"), null, Set.of()))
        .contains("32");
    assertThat(why(new SignatureKeys.Material.GivenSecret("a".repeat(40)), null, Set.of()))
        .contains("not random");
    assertThat(why(new SignatureKeys.Material.GivenSecret("short"), "payments", Set.of()))
        .contains("16 to 512");
    assertThat(why(new SignatureKeys.Material.NewSecret(), "Not A Name", Set.of()))
        .contains("a webhook's name");
    for (SignatureAlgorithm algorithm : SignatureAlgorithm.values()) {
      assertThat(why(new SignatureKeys.Material.PublicKey(algorithm, "no key"), null, Set.of()))
          .containsAnyOf("-----BEGIN PUBLIC KEY-----", "no public key");
    }
  }

  @Test
  void secretOfAnotherKindIsNotTakenAsTheSecretOfAKey() {
    String apiKey = SecretForm.base62("sk_live_").random();
    String webhook = "whsec_" + RandomIds.text(43);
    String request = SignatureKeys.REQUEST_SECRET_FORM.random();
    for (String secret : List.of(apiKey, apiKey + "Zz09ab", webhook)) {
      assertThat(why(new SignatureKeys.Material.GivenSecret(secret), null, Set.of()))
          .contains("two credentials");
    }
    for (String secret : List.of(apiKey, request)) {
      assertThat(why(new SignatureKeys.Material.GivenSecret(secret), "payments", Set.of()))
          .contains("two credentials");
    }
    // Another gate may have made it, or a vendor.
    assertThat(issued(new SignatureKeys.Material.GivenSecret(request), null))
        .isInstanceOf(CredentialIssuance.Issued.class);
    CredentialIssuance<StoredSignatureKey> key =
        issued(new SignatureKeys.Material.GivenSecret(webhook), "payments");
    assertThat(key).isInstanceOf(CredentialIssuance.Issued.class);
    assertThat(
            house.keys.rotate(
                ((CredentialIssuance.Issued<StoredSignatureKey>) key).credential().id(),
                new SignatureKeys.Material.GivenSecret(apiKey),
                Duration.ofHours(1),
                null))
        .isInstanceOf(CredentialIssuance.Refused.class);
  }

  private CredentialIssuance<StoredSignatureKey> issued(
      SignatureKeys.Material material, @Nullable String webhook) {
    return house.keys.issue(
        new SignatureKeys.Request(
            new CredentialRequest("shop", "test", null, null, List.of(), null),
            material,
            webhook,
            Set.of()));
  }

  private String why(SignatureKeys.Material material, @Nullable String webhook, Set<String> hosts) {
    return ((CredentialIssuance.Refused<StoredSignatureKey>)
            house.keys.issue(
                new SignatureKeys.Request(
                    new CredentialRequest("shop", "test", null, null, List.of(), null),
                    material,
                    webhook,
                    hosts)))
        .why();
  }

  @Test
  void aKeyOfAWebhookSignsNoRequests() {
    var webhook = house.issued(new SignatureKeys.Material.NewSecret(), "payments", Set.of());
    assertThat(refusedWith(webhook.credential().id(), secret(webhook)).reason())
        .isEqualTo(Reason.INVALID_SIGNATURE);
  }

  @Test
  void twoWaysOfSigningInOneRequestAreAmbiguous() {
    SignatureProfile other =
        new SignatureProfile() {
          @Override
          public Set<String> fields() {
            return Set.of("X-Other");
          }

          @Override
          public Presented find(AuthRequest request, dev.gatehouse.Policy policy) {
            return new Presented.Malformed(
                dev.gatehouse.CredentialLocation.SIGNATURE_FIELD,
                new Outcome.Rejected(Reason.INVALID_SIGNATURE, "", ""));
          }
        };
    assertThat(
            outcome(
                house
                    .gate(house.store, house.used, List.of(GatehouseProfile::new, check -> other))
                    .admit(new Signing().request(), POLICY)))
        .isEqualTo("AMBIGUOUS_CREDENTIALS");
  }

  @Test
  void aRequestFromAnotherNetworkThanTheKeysIsRefused() {
    var near =
        (CredentialIssuance.Issued<StoredSignatureKey>)
            house.keys.issue(
                new SignatureKeys.Request(
                    new CredentialRequest(
                        "shop", "near", null, null, List.of(Network.parse("10.0.0.0/8")), null),
                    new SignatureKeys.Material.NewSecret(),
                    null,
                    Set.of()));
    assertThat(refusedWith(near.credential().id(), secret(near)).reason())
        .isEqualTo(Reason.INVALID_SIGNATURE);
  }

  @Test
  void fieldsAreFoundWhateverTheCaseOfTheirNames() {
    Map<String, List<String>> fields = new TreeMap<>();
    new Signing()
        .fields()
        .forEach(
            (name, value) -> fields.put(name.toLowerCase(java.util.Locale.ROOT), List.of(value)));
    AuthRequest request =
        new AuthRequest(
            "GET",
            "https",
            "api.example.com",
            "/orders?b=2&a=1",
            HeaderFields.of(fields),
            Network.address("192.0.2.1"),
            PeerCertificates.NONE,
            RequestBody.NONE);
    assertThat(admit(request)).isEqualTo("admitted");
  }
}
