package dev.gatehouse.server.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.OctetSequenceKeyGenerator;
import com.sun.net.httpserver.HttpServer;
import dev.gatehouse.Network;
import dev.gatehouse.oauth.IssuerUnavailableException;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Keys that rotate, and issuers that are down at that moment.
@Timeout(30)
class IssuerKeysTest {

  private static final Vertx VERTX = Vertx.vertx();

  @AfterAll
  static void closeVertx() {
    VERTX.close().await();
  }

  private final AtomicLong nanos = new AtomicLong(1);
  private final AtomicInteger asked = new AtomicInteger();
  private final AtomicInteger status = new AtomicInteger(200);
  private volatile String document = "";
  private volatile String set = "";
  private final CountDownLatch opened = new CountDownLatch(1);
  private volatile boolean hangs;
  private HttpServer server;
  private ExecutorService serving;
  private String issuer;
  private OutboundHttp http;
  private IssuerKeys keys;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
    serving = Executors.newVirtualThreadPerTaskExecutor();
    server.setExecutor(serving);
    issuer = "http://127.0.0.1:" + server.getAddress().getPort() + "/realm";
    document = document(issuer, issuer + "/keys");
    server.createContext(
        "/",
        exchange -> {
          boolean isSet = exchange.getRequestURI().getPath().equals("/realm/keys");
          boolean isDocument =
              exchange.getRequestURI().getPath().equals("/realm/.well-known/openid-configuration");
          if (isSet) {
            asked.incrementAndGet();
            if (hangs) {
              awaitOpened();
            }
          }
          byte[] body = (isSet ? set : document).getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(isSet || isDocument ? status.get() : 404, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    http =
        OutboundHttp.to(
            new OutboundHttp.Peer(
                URI.create(issuer),
                new AllowedAddresses(List.of(Network.parse("127.0.0.0/8"))),
                null),
            VERTX);
    keys =
        new IssuerKeys(
            new Discovery(URI.create(issuer), Discovery.Need.KEYS, http, nanos::get),
            null,
            http,
            nanos::get);
    publish("one");
  }

  private void awaitOpened() {
    try {
      opened.await();
    } catch (InterruptedException end) {
      Thread.currentThread().interrupt();
    }
  }

  @AfterEach
  void stop() {
    opened.countDown();
    http.close();
    server.stop(0);
    serving.shutdownNow();
  }

  private static String document(String issuer, String keys) {
    return """
        {"issuer":"%s","jwks_uri":"%s","authorization_endpoint":"%s/auth",
         "subject_types_supported":["public"],"response_types_supported":["code"],
         "id_token_signing_alg_values_supported":["ES256"]}"""
        .formatted(issuer, keys, issuer);
  }

  private void publish(String... ids) {
    List<JWK> published = new ArrayList<>();
    for (String id : ids) {
      published.add(key(id));
    }
    set = new JWKSet(published).toString(true);
  }

  private static JWK key(String id) {
    try {
      return new ECKeyGenerator(Curve.P_256).keyID(id).generate();
    } catch (JOSEException failed) {
      throw new IllegalStateException(failed);
    }
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  @Test
  void keysAreAskedForOnceAndRecalled() {
    assertThat(keys.withId("one")).hasSize(1);
    assertThat(keys.withId("one")).hasSize(1);
    assertThat(keys.withId(null)).hasSize(1);
    assertThat(asked.get()).isEqualTo(1);
  }

  @Test
  void keyRotatedAtIssuerWorksAtOnce() {
    assertThat(keys.withId("one")).hasSize(1);
    publish("one", "two");
    assertThat(keys.withId("two")).hasSize(1);
    publish("two", "three");
    assertThat(keys.withId("three")).hasSize(1);
    pass(IssuerKeys.FETCH_INTERVAL);
    assertThat(keys.withId("one")).isEmpty();
  }

  @Test
  void floodOfUnknownKeysCausesBoundedNumberOfFetches() {
    assertThat(keys.withId("forged")).as("the first question is for the set").isEmpty();
    for (int i = 2; i < IssuerKeys.MAX_FETCHES_IN_A_ROW; i++) {
      assertThat(keys.withId("forged-" + i)).isEmpty();
    }
    assertThat(asked.get()).isEqualTo(IssuerKeys.MAX_FETCHES_IN_A_ROW);
    for (int i = 0; i < 1_000; i++) {
      assertIsAskedTooOften("forged-" + i);
    }
    assertThat(assertIsAskedTooOften("forged")).isEqualTo(IssuerKeys.FETCH_INTERVAL);
    pass(IssuerKeys.FETCH_INTERVAL.minusMillis(1));
    assertThat(assertIsAskedTooOften("forged")).isEqualTo(Duration.ofMillis(1));
    pass(Duration.ofMillis(1));
    assertThat(keys.withId("forged")).isEmpty();
    assertIsAskedTooOften("forged");
    assertThat(asked.get()).isEqualTo(IssuerKeys.MAX_FETCHES_IN_A_ROW + 1);
    publish("one", "two");
    // It may be a new key of the issuer, and it is one.
    assertIsAskedTooOften("two");
    assertThat(keys.withId("one")).as("a known key goes on").hasSize(1);
    pass(IssuerKeys.FETCH_INTERVAL);
    assertThat(keys.withId("two")).hasSize(1);
  }

  // When it may be asked again.
  private @Nullable Duration assertIsAskedTooOften(String keyId) {
    IssuerUnavailableException unavailable =
        catchThrowableOfType(IssuerUnavailableException.class, () -> keys.withId(keyId));
    assertThat(unavailable).hasMessageContaining("asked too often");
    return unavailable.retryAfter();
  }

  @Test
  void hangingFetchOfUnknownKeyDelaysNoTokenWithKnownKey() throws Exception {
    assertThat(keys.withId("one")).hasSize(1);
    hangs = true;
    List<Future<Boolean>> forged = new ArrayList<>();
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 200; i++) {
        String id = "forged-" + i;
        forged.add(callers.submit(() -> isFound(id)));
      }
      assertThat(keys.withId("one")).hasSize(1);
      opened.countDown();
    }
    for (Future<Boolean> found : forged) {
      assertThat(found.get()).isFalse();
    }
    assertThat(asked.get()).isLessThanOrEqualTo(IssuerKeys.MAX_FETCHES_IN_A_ROW + 1);
  }

  private boolean isFound(String id) {
    try {
      return !keys.withId(id).isEmpty();
    } catch (IssuerUnavailableException askedTooOften) {
      return false;
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {500, 302, 404})
  void keySetIsKeptDuringOutage(int answer) {
    assertThat(keys.withId("one")).hasSize(1);
    status.set(answer);
    pass(Duration.ofHours(12));
    assertThat(keys.withId("one")).hasSize(1);
    // It may have a new key, and nobody can be asked.
    assertThatThrownBy(() -> keys.withId("two")).isInstanceOf(IssuerUnavailableException.class);
    status.set(200);
    publish("two");
    pass(IssuerKeys.FETCH_INTERVAL);
    assertThat(keys.withId("two")).hasSize(1);
    assertThat(keys.withId("one")).isEmpty();
  }

  @Test
  void keySetExpiresAfterOutageOfOneDay() {
    assertThat(keys.withId("one")).hasSize(1);
    status.set(500);
    pass(IssuerKeys.MAX_AGE_DURING_OUTAGE);
    assertThatThrownBy(() -> keys.withId("one")).isInstanceOf(IssuerUnavailableException.class);
  }

  @Test
  void htmlInPlaceOfKeySetLeavesKnownKeys() {
    assertThat(keys.withId("one")).hasSize(1);
    set = "<!doctype html><title>Maintenance</title>";
    pass(Duration.ofMinutes(6));
    assertThat(keys.withId("one")).hasSize(1);
  }

  @Test
  void aKeyThatTheIssuerTookBackEndsWithinFiveMinutes() {
    assertThat(keys.withId("one")).hasSize(1);
    publish("two");
    pass(IssuerKeys.MAX_AGE);
    assertThat(keys.withId("one")).isEmpty();
  }

  @Test
  void anIssuerThatNeverAnsweredIsUnavailableAndIsNotAskedInALoop() {
    status.set(503);
    for (int i = 0; i < 100; i++) {
      assertThatThrownBy(() -> keys.withId("one"))
          .isInstanceOf(IssuerUnavailableException.class)
          .hasMessageContaining("answered 503");
    }
    assertThat(asked.get()).isZero(); // it gave no document to say where
    status.set(200);
    pass(IssuerKeys.FETCH_INTERVAL);
    assertThat(keys.withId("one")).hasSize(1);
  }

  @Test
  void ignoresDocumentOfAnotherIssuer() {
    document = document("https://id.evil.example", issuer + "/keys");
    assertThatThrownBy(() -> keys.withId("one"))
        .isInstanceOf(IssuerUnavailableException.class)
        .hasMessageContaining("names another issuer, https://id.evil.example");
  }

  @Test
  void doesNotFollowDocumentThatPointsToInternalAddress() {
    document = document(issuer, "https://169.254.169.254/latest/meta-data");
    assertThatThrownBy(() -> keys.withId("one"))
        .isInstanceOf(IssuerUnavailableException.class)
        .hasMessageContaining("at which clouds serve credentials");
  }

  @Test
  void aSecretInASetIsNoKeyOfAnybodys() throws JOSEException {
    set =
        new JWKSet(List.of(new OctetSequenceKeyGenerator(256).keyID("secret").generate()))
            .toString(false);
    assertThat(keys.withId("secret")).isEmpty();
  }

  @Test
  void oneMemberThatCannotBeUsedIsSkippedAndTheOthersCount() {
    String good = key("good").toPublicJWK().toJSONString();
    for (String bad :
        List.of(
            // A point of small order: one signature fits every message.
            "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"bad\","
                + "\"x\":\"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}",
            "{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"bad\",\"x\":\"AQ\",\"y\":\"AQ\"}",
            "{\"kty\":\"RSA\",\"kid\":\"bad\",\"n\":\"AQAB\",\"e\":\"AQAB\"}",
            "{\"kty\":\"RSA\",\"kid\":\"bad\",\"n\":\"\",\"e\":\"\"}",
            "{\"kty\":\"RSA\",\"kid\":\"bad\",\"n\":7,\"e\":[]}",
            "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"bad\",\"x\":\"AQ\"}",
            "{\"kty\":\"OKP\",\"crv\":\"Ed448\",\"kid\":\"bad\",\"x\":\"AQ\"}",
            "{\"kty\":\"EC\",\"crv\":\"secp256k1\",\"kid\":\"bad\",\"x\":\"AQ\",\"y\":\"AQ\"}",
            "{\"kty\":\"oct\",\"kid\":\"bad\",\"k\":\"\"}",
            "{\"kty\":\"RSA\",\"kid\":\"bad\",\"n\":\"AQAB\",\"e\":\"AQAB\",\"x5c\":[\"!\"]}",
            "{\"kty\":\"RSA\",\"kid\":\"bad\",\"n\":\"AQAB\",\"e\":\"AQAB\",\"key_ops\":[\"connect\"]}",
            "{\"kty\":\"RSA\",\"kid\":\"bad\",\"n\":\"AQAB\",\"e\":\"AQAB\",\"use\":7}",
            "{\"kty\":\"unheard-of\",\"kid\":\"bad\"}",
            "{\"kid\":\"bad\"}",
            "7",
            "null")) {
      set = "{\"keys\":[" + bad + "," + good + "]}";
      nanos.addAndGet(IssuerKeys.MAX_AGE.toNanos());

      assertThat(keys.withId("good")).as(bad).hasSize(1);
      assertThat(keys.withId(null)).as(bad).hasSize(1);
    }
  }

  @Test
  void memberThatNoParserReadsIsSkippedAndTheOthersCount() {
    String good = key("good").toPublicJWK().toJSONString();
    for (String bad :
        List.of(
            "{\"kty\":\"x\",\"z\":1e400}",
            "{\"kty\":\"x\",\"z\":" + "1".repeat(1_500) + "}",
            "{\"kty\":\"x\",\"z\":" + "[".repeat(300) + "]".repeat(300) + "}",
            "{\"kty\":\"x\",\"z\":" + "[".repeat(50_000) + "]".repeat(50_000) + "}",
            "{\"kty\":\"x\",\"z\":\"\\ud83d\"}",
            "{\"kty\":\"x\",\"" + "z".repeat(60_000) + "\":1}",
            "[1,{\"a\":[\"]\"]}]")) {
      for (String json : List.of(bad + "," + good, good + "," + bad)) {
        set = "\ufeff { \"more\": [1e400], \"keys\" : [ " + json + " ] }\n";
        nanos.addAndGet(IssuerKeys.MAX_AGE.toNanos());

        assertThat(keys.withId("good")).as(bad.substring(0, 15)).hasSize(1);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"keys\":[MAX_AGE]} x",
        "{\"keys\":[MAX_AGE]",
        "{\"keys\":[MAX_AGE,]}",
        "[MAX_AGE]",
        "{\"keys\":[MAX_AGE],\"a\":1,\"a\":2}",
        "{\"keys\":[MAX_AGE}"
      })
  void textThatIsNoJsonObjectIsNoKeySet(String text) {
    set = text.replace("MAX_AGE", key("one").toPublicJWK().toJSONString());

    assertThatThrownBy(() -> keys.withId("one"))
        .isInstanceOf(IssuerUnavailableException.class)
        .hasMessageContaining("no key set");
  }

  @Test
  void keyThatIsListedTwiceIsOneKey() {
    JWK one = key("one").toPublicJWK();
    set = "{\"keys\":[" + one.toJSONString() + "," + one.toJSONString() + "]}";
    assertThat(keys.withId("one")).hasSize(1);

    set = "{\"keys\":[" + one.toJSONString() + "," + key("one").toPublicJWK().toJSONString() + "]}";
    nanos.addAndGet(IssuerKeys.MAX_AGE.toNanos());
    assertThat(keys.withId("one")).as("two keys of one name").hasSize(2);
  }

  @Test
  void keyCountsThatAlsoNamesAnOperationOfSomebodyElse() {
    String good = key("good").toPublicJWK().toJSONString();
    for (String operations : List.of("\"verify\",\"connect\"", "7,\"verify\"", "null,\"verify\"")) {
      set = "{\"keys\":[" + good.replace("{", "{\"key_ops\":[" + operations + "],") + "]}";
      nanos.addAndGet(IssuerKeys.MAX_AGE.toNanos());

      assertThat(keys.withId("good")).as(operations).hasSize(1);
    }
    set = "{\"keys\":[" + good.replace("{", "{\"key_ops\":[\"connect\"],") + "]}";
    nanos.addAndGet(IssuerKeys.MAX_AGE.toNanos());

    assertThat(keys.withId("good")).as("it is not for signatures").isEmpty();
  }

  @Test
  void setWithoutAnyReadableMemberIsNoAnswerAndTheKnownKeysStay() {
    assertThat(keys.withId("one")).hasSize(1);
    set = "{\"keys\":[{\"kid\":\"one\"},7]}";
    nanos.addAndGet(IssuerKeys.MAX_AGE.toNanos());

    assertThat(keys.withId("one")).hasSize(1);
  }

  @Test
  void keyThatRepeatsAMemberIsSkipped() {
    String good = key("good").toPublicJWK().toJSONString();
    String bad = key("bad").toPublicJWK().toJSONString();
    set =
        """
        {"more":[{"a":1,"a":2}],"keys":[{"kid":"first",%s,%s,{"x":[{"a":1,"\\u0061":2}],%s]}"""
            .formatted(bad.substring(1), good, bad.substring(1));

    assertThat(keys.withId("good")).hasSize(1);
    assertThat(keys.withId("bad")).isEmpty();
    assertThat(keys.withId("first")).isEmpty();
  }

  @Test
  void membersOfOneNameInDifferentKeysAreNotRepeated() {
    set =
        """
        {"keys":[%s,%s]}"""
            .formatted(
                key("a").toPublicJWK().toJSONString(), key("b").toPublicJWK().toJSONString());

    assertThat(keys.withId(null)).hasSize(2);
  }

  @Test
  void setThatRepeatsItsKeysIsNoAnswer() {
    set =
        """
        {"keys":[],"keys":[%s]}"""
            .formatted(key("one").toPublicJWK().toJSONString());

    assertThatThrownBy(() -> keys.withId("one"))
        .isInstanceOf(IssuerUnavailableException.class)
        .hasMessageContaining("no key set");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"mtls_endpoint_aliases\":{\"a\":1,\"a\":2}", "\"issuer\":\"x\""})
  void documentThatRepeatsAMemberIsNotUsed(String more) {
    document = "{" + more + "," + document.substring(1);

    assertThatThrownBy(() -> keys.withId("one")).isInstanceOf(IssuerUnavailableException.class);
  }
}
