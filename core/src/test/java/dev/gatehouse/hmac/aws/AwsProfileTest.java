package dev.gatehouse.hmac.aws;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.Decision;
import dev.gatehouse.Explanation;
import dev.gatehouse.Gate;
import dev.gatehouse.Method;
import dev.gatehouse.Policy;
import dev.gatehouse.Reason;
import dev.gatehouse.Webhook;
import dev.gatehouse.credential.CredentialIssuance;
import dev.gatehouse.hmac.MalformedSignatureException;
import dev.gatehouse.hmac.ProfileHouse;
import dev.gatehouse.hmac.SignatureKeys.Material;
import dev.gatehouse.hmac.StoredSignatureKey;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Signatures of AWS before a whole gate.
class AwsProfileTest {

  private static final AwsSettings SCOPE = new AwsSettings("eu-central-1", "orders");
  private static final Policy POLICY = Policy.accepting(Method.HMAC);
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
  private static final String BODY = "{\"item\":\"book\"}";

  private final ProfileHouse house = new ProfileHouse(check -> new AwsProfile(SCOPE, check));
  private final CredentialIssuance.Issued<StoredSignatureKey> key =
      house.issued(new Material.NewSecret(), null);

  private static String sha256(String body) {
    return AwsSignature.sha256(body.getBytes(StandardCharsets.UTF_8));
  }

  private String time() {
    return TIME.format(house.time.now());
  }

  // Signs what is given, whatever the request is.
  private Map<String, String> signed(
      String method, String path, String query, String bodyHash, String time) {
    return signed(
        method
            + "\n"
            + path
            + "\n"
            + query
            + "\nhost:"
            + ProfileHouse.HOST
            + "\nx-amz-date:"
            + time
            + "\n\nhost;x-amz-date\n"
            + bodyHash,
        "host;x-amz-date",
        time);
  }

  private Map<String, String> signed(String canonical, String signedFields, String time) {
    String scope = time.substring(0, 8) + "/eu-central-1/orders/aws4_request";
    try {
      AwsAuthorization authorization =
          AwsAuthorization.parse(
              "Credential="
                  + key.credential().id()
                  + "/"
                  + scope
                  + ", SignedHeaders="
                  + signedFields
                  + ", Signature="
                  + "0".repeat(64));
      String signature =
          HexFormat.of()
              .formatHex(
                  AwsSignature.sign(
                      AwsSignature.signingKey(
                          key.newSecret().getBytes(StandardCharsets.US_ASCII), authorization),
                      AwsSignature.stringToSign(time, scope, canonical)));
      Map<String, String> fields = new LinkedHashMap<>();
      fields.put("X-Amz-Date", time);
      fields.put(
          "Authorization",
          "AWS4-HMAC-SHA256 Credential="
              + key.credential().id()
              + "/"
              + scope
              + ", SignedHeaders="
              + signedFields
              + ", Signature="
              + signature);
      return fields;
    } catch (MalformedSignatureException wrong) {
      throw new AssertionError(wrong);
    }
  }

  private AuthRequest good() {
    return house.request(
        "POST", "/orders?a=1", signed("POST", "/orders", "a=1", sha256(BODY), time()), BODY);
  }

  private Reason reason(AuthRequest request) {
    return house.refused(request, POLICY).reason();
  }

  private Explanation explanation(AuthRequest request) {
    return Objects.requireNonNull(house.refused(request, POLICY).explanation());
  }

  @Test
  void signedRequestIsAdmittedAsItsKey() {
    assertThat(house.admit(good(), POLICY))
        .isInstanceOfSatisfying(
            Decision.Admitted.class,
            admitted ->
                assertThat(admitted.proofs().getFirst().accepted().principal().credential())
                    .isEqualTo(key.credential().id()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"x-amz-date", "close, X-Amz-Date", "host"})
  void refusesSignedFieldThatConnectionTakesOutOfWhatIsForwarded(String connection) {
    Map<String, String> fields = signed("POST", "/orders", "a=1", sha256(BODY), time());
    fields.put("Connection", connection);
    assertThat(reason(house.request("POST", "/orders?a=1", fields, BODY)))
        .isEqualTo(Reason.INVALID_SIGNATURE);
    fields.put("Connection", "close, x-other");
    assertThat(house.admit(house.request("POST", "/orders?a=1", fields, BODY), POLICY))
        .isInstanceOf(Decision.Admitted.class);
  }

  @Test
  void secondUseIsRefusedAlsoOnAnotherNode() {
    AuthRequest request = good();
    Gate other = house.gate();
    Decision.Admitted admitted = (Decision.Admitted) house.admit(request, POLICY);

    assertThat(reason(request)).isEqualTo(Reason.REPLAYED);
    assertThat(((Decision.Refused) other.admit(request, POLICY)).refusal().reason())
        .isEqualTo(Reason.REPLAYED);
    assertThat(house.review(admitted, request, POLICY)).isInstanceOf(Decision.Admitted.class);
  }

  @Test
  void refusesTheSameSignatureUnderTheIdOfAnotherKeyWithTheSameSecret() {
    String secret = key.newSecret();
    CredentialIssuance.Issued<StoredSignatureKey> other =
        house.issued(new Material.GivenSecret(secret), null);
    AuthRequest request = good();
    Map<String, String> fields = signed("POST", "/orders", "a=1", sha256(BODY), time());
    fields.computeIfPresent(
        "Authorization",
        (name, value) -> value.replace(key.credential().id(), other.credential().id()));
    AuthRequest copy = house.request("POST", "/orders?a=1", fields, BODY);
    assertThat(house.admit(request, POLICY)).isInstanceOf(Decision.Admitted.class);

    assertThat(reason(copy)).isEqualTo(Reason.REPLAYED);
  }

  @Test
  void whatIsNotSignedMakesNoOtherUse() {
    Map<String, String> fields = signed("POST", "/orders", "a=1&b=2", sha256(BODY), time());
    assertThat(house.admit(house.request("POST", "/orders?a=1&b=2", fields, BODY), POLICY))
        .isInstanceOf(Decision.Admitted.class);

    fields.put("X-More", "1");
    fields.computeIfPresent("Authorization", (name, value) -> value.replace(", ", ","));
    assertThat(reason(house.request("POST", "/orders?b=2&a=1", fields, BODY)))
        .isEqualTo(Reason.REPLAYED);
  }

  @ParameterizedTest
  @CsvSource({"-300,true", "300,true", "-301,false", "301,false", "-86400,false"})
  void windowIsFiveMinutesEitherWay(int seconds, boolean admitted) {
    String signedAt = TIME.format(house.time.now().plusSeconds(seconds));
    Decision decision =
        house.admit(
            house.request("GET", "/orders", signed("GET", "/orders", "", sha256(""), signedAt), ""),
            POLICY);
    assertThat(decision instanceof Decision.Admitted).isEqualTo(admitted);
    if (decision instanceof Decision.Refused refused) {
      assertThat(refused.refusal().reason()).isEqualTo(Reason.REQUEST_EXPIRED);
    }
  }

  @Test
  void useIsKnownAsLongAsItsTimeIsGood() {
    house.time.pass(Duration.ofMinutes(5));
    Map<String, String> ahead =
        signed("GET", "/orders", "", sha256(""), TIME.format(house.time.now().plusSeconds(300)));
    AuthRequest request = house.request("GET", "/orders", ahead, "");
    assertThat(house.admit(request, POLICY)).isInstanceOf(Decision.Admitted.class);
    house.pass(Duration.ofMinutes(10));
    assertThat(reason(request)).isEqualTo(Reason.REPLAYED);
    house.pass(Duration.ofSeconds(1));
    assertThat(reason(request)).isEqualTo(Reason.REQUEST_EXPIRED);
  }

  @Test
  void refusesReplayWhoseBodyArrivesAfterItsUseWasForgotten() {
    AuthRequest request = good();
    assertThat(house.admit(request, POLICY)).isInstanceOf(Decision.Admitted.class);
    house.time.pass(Duration.ofMinutes(5));
    house.whileBodyArrives = () -> house.pass(Duration.ofSeconds(1));
    assertThat(reason(request)).isEqualTo(Reason.REQUEST_EXPIRED);
  }

  @Test
  void bodyHashThatIsSignedMustBeThatOfTheBody() {
    String claimed = sha256("{}");
    String time = time();
    Map<String, String> fields =
        signed(
            "POST\n/orders\n\nhost:"
                + ProfileHouse.HOST
                + "\nx-amz-content-sha256:"
                + claimed
                + "\nx-amz-date:"
                + time
                + "\n\nhost;x-amz-content-sha256;x-amz-date\n"
                + claimed,
            "host;x-amz-content-sha256;x-amz-date",
            time);
    fields.put("X-Amz-Content-Sha256", claimed);

    assertThat(reason(house.request("POST", "/orders", fields, BODY)))
        .isEqualTo(Reason.INVALID_SIGNATURE);
    assertThat(reason(house.request("POST", "/orders", fields, "")))
        .isEqualTo(Reason.INVALID_SIGNATURE);
    assertThat(explanation(house.request("POST", "/orders", fields, BODY)).hints().getFirst())
        .contains(sha256(BODY));
    assertThat(house.admit(house.request("POST", "/orders", fields, "{}"), POLICY))
        .isInstanceOf(Decision.Admitted.class);
  }

  @Test
  void bodyIsReadForNobodyWithoutAKeyNorOutOfTime() {
    Map<String, String> unknown = signed("POST", "/orders", "", sha256(BODY), time());
    unknown.computeIfPresent(
        "Authorization", (name, value) -> value.replace(key.credential().id(), "h_unknown"));
    assertThat(reason(house.request("POST", "/orders", unknown, BODY)))
        .isEqualTo(Reason.INVALID_SIGNATURE);
    Map<String, String> late = signed("POST", "/orders", "", sha256(BODY), "20250101T000000Z");
    assertThat(reason(house.request("POST", "/orders", late, BODY)))
        .isEqualTo(Reason.REQUEST_EXPIRED);
    assertThat(house.bodiesRead).hasValue(0);

    Map<String, String> large =
        signed("POST", "/orders", "", sha256("x".repeat(ProfileHouse.MAX_BODY + 1)), time());
    assertThat(
            reason(house.request("POST", "/orders", large, "x".repeat(ProfileHouse.MAX_BODY + 1))))
        .isEqualTo(Reason.BODY_TOO_LARGE);
  }

  @Test
  void revokedKeyAndAWebhooksSecretSignNoRequest() {
    AuthRequest request = good();
    house.keys.revoke(key.credential().id());
    assertThat(reason(request)).isEqualTo(Reason.INVALID_SIGNATURE);

    CredentialIssuance.Issued<StoredSignatureKey> webhook =
        house.issued(new Material.NewSecret(), "payments");
    Map<String, String> fields = signed("GET", "/orders", "", sha256(""), time());
    fields.computeIfPresent(
        "Authorization",
        (name, value) -> value.replace(key.credential().id(), webhook.credential().id()));
    assertThat(reason(house.request("GET", "/orders", fields, "")))
        .isEqualTo(Reason.INVALID_SIGNATURE);
  }

  @Test
  void anotherHostIsRefused() {
    assertThat(
            reason(
                house.request(
                    "POST",
                    "other.example",
                    "/orders?a=1",
                    signed("POST", "/orders", "a=1", sha256(BODY), time()),
                    BODY)))
        .isEqualTo(Reason.INVALID_SIGNATURE);
  }

  @Test
  void routeOfAWebhookTakesNoOtherSignature() {
    Policy webhook = POLICY.forWebhook(new Webhook(Webhook.Vendor.GITHUB, "code"));
    assertThat(house.refused(good(), webhook).reason()).isEqualTo(Reason.METHOD_NOT_ACCEPTED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/orders?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=x",
        "/orders?a=1&x-amz-signature=00",
      })
  void presignedUrlIsRefusedAndSaysWhy(String target) {
    assertThat(house.refused(house.request("GET", target, Map.of(), ""), POLICY))
        .satisfies(
            refusal -> {
              assertThat(refusal.reason()).isEqualTo(Reason.MALFORMED_REQUEST);
              assertThat(refusal.detail()).contains("presigned");
            });
    assertThat(reason(house.request("GET", target, signed("GET", "/", "", "", time()), "")))
        .isEqualTo(Reason.MALFORMED_REQUEST);
  }

  @Test
  void signatureOfVersion4AIsRefusedAndSaysWhy() {
    assertThat(
            house
                .refused(
                    house.request(
                        "GET",
                        "/orders",
                        Map.of("Authorization", "AWS4-ECDSA-P256-SHA256 Credential=x"),
                        ""),
                    POLICY)
                .detail())
        .contains("4A");
  }

  @Test
  void explanationShowsWhatWasSignedAndNoSecretOfTheRequest() {
    String time = time();
    Map<String, String> fields =
        signed(
            "GET\n/orders\ntoken=wrong\nhost:"
                + ProfileHouse.HOST
                + "\nx-amz-date:"
                + time
                + "\nx-pin:1234\n\nhost;x-amz-date;x-pin\n"
                + sha256(""),
            "host;x-amz-date;x-pin",
            time);
    fields.put("X-Pin", "1234");
    Explanation explanation = explanation(house.request("GET", "/orders?token=hidden", fields, ""));
    assertThat(explanation.signed())
        .contains("GET\n/orders\ntoken=***\nhost:" + ProfileHouse.HOST)
        .contains("x-pin:***")
        .contains("AWS4-HMAC-SHA256\n" + time)
        .doesNotContain("hidden", "1234");
    assertThat(explanation.hints().getFirst()).contains("wrong key");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/orders?a=1|/orders||''|query was left out",
        "/orders?b=2&a=1|/orders|b=2&a=1|''|query was signed as it is sent",
        "/a%20b|/a%20b||''|path was signed as it is sent",
        "/a%20b?b=1&a=2|/a%20b|b=1&a=2|''|Path and query were signed as they are sent",
        "/x/./y|/x/./y||''|path was signed as it is sent",
        "/x/./y%20z|/x/./y%2520z||''|not normalised",
        "/orders|/orders||UNSIGNED-PAYLOAD|UNSIGNED-PAYLOAD",
        "/orders|/order||''|wrong key",
      })
  void explanationFindsWhatSignersGetWrong(
      String target, String path, String query, String bodyHash, String hint) {
    Map<String, String> fields =
        signed(
            "GET",
            path,
            query == null ? "" : query,
            bodyHash.isEmpty() ? sha256("") : bodyHash,
            time());
    assertThat(explanation(house.request("GET", target, fields, "")).hints().getFirst())
        .contains(hint);
  }

  @Test
  void explanationFindsThatTheBodyWasLeftOutAndThatAClockIsOff() {
    assertThat(
            explanation(
                    house.request(
                        "POST", "/orders", signed("POST", "/orders", "", sha256(""), time()), BODY))
                .hints()
                .getFirst())
        .contains("body was left out");
    assertThat(
            explanation(
                    house.request(
                        "GET",
                        "/orders",
                        signed(
                            "GET",
                            "/orders",
                            "",
                            sha256(""),
                            TIME.format(house.time.now().minusSeconds(400))),
                        ""))
                .hints()
                .getFirst())
        .contains("400 s behind");
  }
}
