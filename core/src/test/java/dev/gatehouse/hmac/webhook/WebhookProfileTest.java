package dev.gatehouse.hmac.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.Decision;
import dev.gatehouse.Explanation;
import dev.gatehouse.Method;
import dev.gatehouse.Policy;
import dev.gatehouse.Reason;
import dev.gatehouse.Webhook;
import dev.gatehouse.Webhook.Vendor;
import dev.gatehouse.credential.CredentialIssuance;
import dev.gatehouse.hmac.ProfileHouse;
import dev.gatehouse.hmac.SignatureAlgorithm;
import dev.gatehouse.hmac.SignatureKeys.Material;
import dev.gatehouse.hmac.StoredSignatureKey;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Events of vendors before a whole gate.
class WebhookProfileTest {

  private static final String NAME = "payments";
  private static final String BODY = "{\"a\":1, \"a\": 1.0}";

  private final ProfileHouse house =
      new ProfileHouse(check -> new WebhookProfile(WebhookSettings.DEFAULT, check, clock()));

  // The house's clock, which is there only after the profile is asked for.
  private Clock clock() {
    return new Clock() {
      @Override
      public Instant instant() {
        return house.time.now();
      }

      @Override
      public ZoneId getZone() {
        return ZoneOffset.UTC;
      }

      @Override
      public Clock withZone(ZoneId zone) {
        return this;
      }
    };
  }

  private static Policy policy(Vendor vendor) {
    return Policy.accepting(Method.HMAC).forWebhook(new Webhook(vendor, NAME));
  }

  private static String secret(Vendor vendor) {
    return WebhookSecrets.random(vendor).orElse("a-secret-that-the-vendor-made-0123456789");
  }

  // As the vendor signs it now.
  private Map<String, String> signed(Vendor vendor, String secret, String body) {
    return signed(vendor, secret, body, Long.toString(house.time.now().getEpochSecond()));
  }

  private static Map<String, String> signed(
      Vendor vendor, String secret, String body, String time) {
    byte[] key =
        vendor == Vendor.STANDARD
            ? Base64.getDecoder().decode(secret.substring("whsec_".length()))
            : secret.getBytes(StandardCharsets.UTF_8);
    Map<String, String> fields = new HashMap<>();
    switch (vendor) {
      case GITHUB -> fields.put("X-Hub-Signature-256", "sha256=" + hex(key, body));
      case STRIPE ->
          fields.put("Stripe-Signature", "t=" + time + ",v1=" + hex(key, time + "." + body));
      case SLACK -> {
        fields.put("X-Slack-Request-Timestamp", time);
        fields.put("X-Slack-Signature", "v0=" + hex(key, "v0:" + time + ":" + body));
      }
      case STANDARD -> {
        fields.put("webhook-id", "msg_1");
        fields.put("webhook-timestamp", time);
        fields.put(
            "webhook-signature",
            "v1," + Base64.getEncoder().encodeToString(hmac(key, "msg_1." + time + "." + body)));
      }
    }
    return fields;
  }

  private static byte[] hmac(byte[] key, String text) {
    return SignatureAlgorithm.hmacSha256(key, text.getBytes(StandardCharsets.UTF_8));
  }

  private static String hex(byte[] key, String text) {
    return HexFormat.of().formatHex(hmac(key, text));
  }

  private AuthRequest request(Map<String, String> fields, String body) {
    return house.request("POST", "/hooks?x=1", fields, body);
  }

  private Reason reason(AuthRequest request, Vendor vendor) {
    return house.refused(request, policy(vendor)).reason();
  }

  @ParameterizedTest
  @EnumSource(Vendor.class)
  void eventIsAdmittedOnceAndWithItsBytesAsTheyCame(Vendor vendor) {
    String secret = secret(vendor);
    CredentialIssuance.Issued<StoredSignatureKey> key =
        house.issued(new Material.GivenSecret(secret), NAME);
    Map<String, String> fields = signed(vendor, secret, BODY);

    assertThat(reason(request(fields, "{\"a\":1.0}"), vendor)).isEqualTo(Reason.INVALID_SIGNATURE);
    assertThat(reason(request(fields, ""), vendor)).isEqualTo(Reason.INVALID_SIGNATURE);
    Decision.Admitted admitted =
        (Decision.Admitted) house.admit(request(fields, BODY), policy(vendor));
    assertThat(credential(admitted)).isEqualTo(key.credential().id());
    assertThat(reason(request(fields, BODY), vendor)).isEqualTo(Reason.REPLAYED);
    assertThat(house.review(admitted, request(fields, BODY), policy(vendor)))
        .isInstanceOf(Decision.Admitted.class);
  }

  private static String credential(Decision.Admitted admitted) {
    return admitted.proofs().getFirst().accepted().principal().credential();
  }

  @ParameterizedTest
  @EnumSource(Vendor.class)
  void rejectsEventWhoseSecretIsRevokedWhileItsBodyArrivesThoughAnotherIsGood(Vendor vendor) {
    String leaked = secret(vendor);
    CredentialIssuance.Issued<StoredSignatureKey> old =
        house.issued(new Material.GivenSecret(leaked), NAME);
    house.issued(new Material.GivenSecret(another(leaked)), NAME);
    house.whileBodyArrives = () -> house.keys.revoke(old.credential().id());

    assertThat(reason(request(signed(vendor, leaked, BODY), BODY), vendor))
        .isEqualTo(Reason.INVALID_SIGNATURE);
  }

  @Test
  void openExchangeOfAnEventEndsWithItsSecretThoughAnotherIsGoodAndNotWithItsRotation() {
    String secret = secret(Vendor.GITHUB);
    CredentialIssuance.Issued<StoredSignatureKey> key =
        house.issued(new Material.GivenSecret(secret), NAME);
    AuthRequest request = request(signed(Vendor.GITHUB, secret, BODY), BODY);
    Policy policy = policy(Vendor.GITHUB);
    Decision.Admitted admitted = (Decision.Admitted) house.admit(request, policy);
    house.keys.rotate(
        key.credential().id(),
        new Material.GivenSecret(another(secret)),
        Duration.ofHours(1),
        null);

    Decision.Admitted rotated = (Decision.Admitted) house.review(admitted, request, policy);
    assertThat(credential(rotated)).isEqualTo(key.credential().id());
    house.keys.revoke(key.credential().id());
    assertThat(house.review(rotated, request, policy))
        .isInstanceOfSatisfying(
            Decision.Refused.class,
            refused -> assertThat(refused.refusal().reason()).isEqualTo(Reason.INVALID_SIGNATURE));
  }

  // Of the same form.
  private static String another(String secret) {
    return new StringBuilder(secret)
        .replace(secret.length() - 8, secret.length() - 4, "ABCD")
        .toString();
  }

  @ParameterizedTest
  @EnumSource(Vendor.class)
  void anEmptyBodyIsSignedToo(Vendor vendor) {
    String secret = secret(vendor);
    house.issued(new Material.GivenSecret(secret), NAME);
    assertThat(house.admit(request(signed(vendor, secret, ""), ""), policy(vendor)))
        .isInstanceOf(Decision.Admitted.class);
  }

  @ParameterizedTest
  @EnumSource(value = Vendor.class, names = "GITHUB", mode = EnumSource.Mode.EXCLUDE)
  void oldTimeIsRefusedAndNoBodyReadForIt(Vendor vendor) {
    String secret = secret(vendor);
    house.issued(new Material.GivenSecret(secret), NAME);
    long now = house.time.now().getEpochSecond();
    for (long wrong : new long[] {now - 301, now + 301, 0, now / 1000}) {
      assertThat(reason(request(signed(vendor, secret, BODY, Long.toString(wrong)), BODY), vendor))
          .isEqualTo(Reason.REQUEST_EXPIRED);
    }
    assertThat(house.bodiesRead).hasValue(0);
    for (long right : new long[] {now - 300, now + 300}) {
      assertThat(
              house.admit(
                  request(signed(vendor, secret, BODY, Long.toString(right)), BODY),
                  policy(vendor)))
          .isInstanceOf(Decision.Admitted.class);
    }
  }

  @Test
  void gitHubsBodyIsRefusedAgainForAnHourWhateverIsSentBesideIt() {
    String secret = secret(Vendor.GITHUB);
    house.issued(new Material.GivenSecret(secret), NAME);
    Map<String, String> fields = signed(Vendor.GITHUB, secret, BODY);
    fields.put("X-GitHub-Delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958");
    assertThat(house.admit(request(fields, BODY), policy(Vendor.GITHUB)))
        .isInstanceOf(Decision.Admitted.class);

    fields.replace("X-GitHub-Delivery", "00000000-cc78-11e3-81ab-4c9367dc0958");
    house.pass(Duration.ofHours(1));
    assertThat(reason(request(fields, BODY), Vendor.GITHUB)).isEqualTo(Reason.REPLAYED);

    // What that costs: nothing in it says that it is old.
    house.pass(Duration.ofSeconds(1));
    assertThat(house.admit(request(fields, BODY), policy(Vendor.GITHUB)))
        .isInstanceOf(Decision.Admitted.class);
  }

  @Test
  void gitHubsBodyThatWasAcceptedWhileTheClockWasBehindIsRefusedForItsHour() {
    String secret = secret(Vendor.GITHUB);
    house.issued(new Material.GivenSecret(secret), NAME);
    Map<String, String> fields = signed(Vendor.GITHUB, secret, BODY);
    house.time.setClock(Duration.ofHours(-2));
    house.pass(Duration.ofSeconds(10));
    assertThat(house.admit(request(fields, BODY), policy(Vendor.GITHUB)))
        .isInstanceOf(Decision.Admitted.class);

    house.time.setClock(Duration.ofHours(2));
    house.pass(Duration.ofSeconds(10));
    assertThat(reason(request(fields, BODY), Vendor.GITHUB)).isEqualTo(Reason.REPLAYED);
    house.pass(Duration.ofHours(1).minusSeconds(10));
    assertThat(reason(request(fields, BODY), Vendor.GITHUB)).isEqualTo(Reason.REPLAYED);
    house.pass(Duration.ofSeconds(11));
    assertThat(house.admit(request(fields, BODY), policy(Vendor.GITHUB)))
        .isInstanceOf(Decision.Admitted.class);
  }

  @Test
  void gitHubsBodyThatAClockThatWasAheadMadeTheRecordForgetIsRefusedForItsHour() {
    String secret = secret(Vendor.GITHUB);
    house.issued(new Material.GivenSecret(secret), NAME);
    Map<String, String> fields = signed(Vendor.GITHUB, secret, BODY);
    assertThat(house.admit(request(fields, BODY), policy(Vendor.GITHUB)))
        .isInstanceOf(Decision.Admitted.class);

    house.forget(Duration.ofHours(2));
    assertThat(reason(request(fields, BODY), Vendor.GITHUB)).isEqualTo(Reason.UNAVAILABLE);
    house.time.pass(Duration.ofHours(1));
    assertThat(reason(request(fields, BODY), Vendor.GITHUB)).isEqualTo(Reason.UNAVAILABLE);
    house.time.pass(Duration.ofSeconds(1));
    assertThat(house.admit(request(fields, BODY), policy(Vendor.GITHUB)))
        .isInstanceOf(Decision.Admitted.class);
  }

  @ParameterizedTest
  @EnumSource(value = Vendor.class, names = "GITHUB", mode = EnumSource.Mode.EXCLUDE)
  void useIsKnownAsLongAsItsTimeIsGood(Vendor vendor) {
    String secret = secret(vendor);
    house.issued(new Material.GivenSecret(secret), NAME);
    String ahead = Long.toString(house.time.now().plusSeconds(300).getEpochSecond());
    Map<String, String> fields = signed(vendor, secret, BODY, ahead);
    assertThat(house.admit(request(fields, BODY), policy(vendor)))
        .isInstanceOf(Decision.Admitted.class);

    house.pass(Duration.ofMinutes(10));
    assertThat(reason(request(fields, BODY), vendor)).isEqualTo(Reason.REPLAYED);
    house.pass(Duration.ofSeconds(1));
    assertThat(reason(request(fields, BODY), vendor)).isEqualTo(Reason.REQUEST_EXPIRED);
  }

  @ParameterizedTest
  @EnumSource(value = Vendor.class, names = "GITHUB", mode = EnumSource.Mode.EXCLUDE)
  void refusesReplayWhoseBodyArrivesAfterItsUseWasForgotten(Vendor vendor) {
    String secret = secret(vendor);
    house.issued(new Material.GivenSecret(secret), NAME);
    Map<String, String> fields = signed(vendor, secret, BODY);
    assertThat(house.admit(request(fields, BODY), policy(vendor)))
        .isInstanceOf(Decision.Admitted.class);

    house.time.pass(Duration.ofMinutes(5));
    house.whileBodyArrives = () -> house.pass(Duration.ofSeconds(1));
    assertThat(reason(request(fields, BODY), vendor)).isEqualTo(Reason.REQUEST_EXPIRED);
  }

  @ParameterizedTest
  @EnumSource(Vendor.class)
  void bothSecretsOfARotationCountUntilItsEnd(Vendor vendor) {
    String old = secret(vendor);
    CredentialIssuance.Issued<StoredSignatureKey> first =
        house.issued(new Material.GivenSecret(old), NAME);
    String fresh =
        WebhookSecrets.random(vendor).orElse("another-secret-the-vendor-made-0123456789");
    house.keys.rotate(
        first.credential().id(), new Material.GivenSecret(fresh), Duration.ofHours(1), null);

    assertThat(house.admit(request(signed(vendor, old, "1"), "1"), policy(vendor)))
        .isInstanceOf(Decision.Admitted.class);
    assertThat(house.admit(request(signed(vendor, fresh, "2"), "2"), policy(vendor)))
        .isInstanceOf(Decision.Admitted.class);
    // The same event, signed with the other secret, is the same event.
    assertThat(reason(request(signed(vendor, fresh, "1"), "1"), vendor)).isEqualTo(Reason.REPLAYED);

    house.time.pass(Duration.ofHours(1));
    assertThat(reason(request(signed(vendor, old, "3"), "3"), vendor))
        .isEqualTo(Reason.INVALID_SIGNATURE);
    assertThat(house.admit(request(signed(vendor, fresh, "3"), "3"), policy(vendor)))
        .isInstanceOf(Decision.Admitted.class);
  }

  @ParameterizedTest
  @EnumSource(Vendor.class)
  void secretOfAnotherWebhookOrOfNoneIsRefused(Vendor vendor) {
    String secret = secret(vendor);
    assertThat(reason(request(signed(vendor, secret, BODY), BODY), vendor))
        .isEqualTo(Reason.INVALID_SIGNATURE);
    house.issued(new Material.GivenSecret(secret), "others");
    house.issued(new Material.NewSecret(), null);
    assertThat(reason(request(signed(vendor, secret, BODY), BODY), vendor))
        .isEqualTo(Reason.INVALID_SIGNATURE);
    CredentialIssuance.Issued<StoredSignatureKey> key =
        house.issued(new Material.GivenSecret(secret), NAME);
    house.keys.revoke(key.credential().id());
    assertThat(reason(request(signed(vendor, secret, BODY), BODY), vendor))
        .isEqualTo(Reason.INVALID_SIGNATURE);
  }

  @ParameterizedTest
  @EnumSource(Vendor.class)
  void vendorsFieldsAreTheUpstreamsOwnWhereNoWebhookIsDemanded(Vendor vendor) {
    Map<String, String> fields = signed(vendor, secret(vendor), BODY);
    assertThat(house.admit(request(fields, BODY), Policy.openToAll()))
        .isEqualTo(Decision.Admitted.ANONYMOUS);
    assertThat(house.refused(request(fields, BODY), Policy.accepting(Method.HMAC)).reason())
        .isEqualTo(Reason.NO_CREDENTIALS);
  }

  @Test
  void signatureOfAnotherVendorIsNone() {
    String secret = secret(Vendor.GITHUB);
    house.issued(new Material.GivenSecret(secret), NAME);
    assertThat(reason(request(signed(Vendor.GITHUB, secret, BODY), BODY), Vendor.STRIPE))
        .isEqualTo(Reason.NO_CREDENTIALS);
  }

  @Test
  void bodyThatIsTooLargeIsRefused() {
    String secret = secret(Vendor.GITHUB);
    house.issued(new Material.GivenSecret(secret), NAME);
    String large = "x".repeat(ProfileHouse.MAX_BODY + 1);
    assertThat(reason(request(signed(Vendor.GITHUB, secret, large), large), Vendor.GITHUB))
        .isEqualTo(Reason.BODY_TOO_LARGE);
  }

  @Test
  void explanationNamesTheBodyByItsHashAndFindsWhatPeopleGetWrong() {
    String secret = "0123456789abcdefghijklmnop";
    house.issued(new Material.GivenSecret(secret), NAME);
    Explanation explanation =
        explanation(signed(Vendor.STRIPE, "whsec_" + secret, "private"), "private");
    assertThat(explanation.signed())
        .startsWith(house.time.now().getEpochSecond() + ".<the body of 7 bytes")
        .doesNotContain("private");
    assertThat(explanation.hints().getFirst()).contains("whsec_");
    assertThat(
            explanation(signed(Vendor.STRIPE, secret + "\n", "private"), "private")
                .hints()
                .getFirst())
        .contains("line break");
    assertThat(explanation(signed(Vendor.STRIPE, secret, ""), "private").hints().getFirst())
        .contains("body was left out");
    assertThat(
            explanation(signed(Vendor.STRIPE, "quite-another-secret", "private"), "private")
                .hints()
                .getFirst())
        .contains("wrong secret");
  }

  private Explanation explanation(Map<String, String> fields, String body) {
    return Objects.requireNonNull(
        house.refused(request(fields, body), policy(Vendor.STRIPE)).explanation());
  }
}
