package dev.gatehouse.hmac.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.util.JSONObjectUtils;
import dev.gatehouse.HeaderFields;
import dev.gatehouse.Reason;
import dev.gatehouse.Webhook.Vendor;
import dev.gatehouse.hmac.MalformedSignatureException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Each vendor's own example, and what is none.
class WebhookFormatsTest {

  private static final String HEX = "0123456789abcdef".repeat(4);
  private static final String BASE64 = "K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=";

  // "Validating webhook deliveries" in GitHub's documents, section "Testing the webhook payload
  // validation".
  private static final String GITHUB_SECRET = "It's a Secret to Everybody";
  private static final String GITHUB_SIGNATURE =
      "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

  // "Verifying requests from Slack" in Slack's documents.
  private static final String SLACK_SECRET = "8f742231b10e8888abcd99yyyzzz85a5";
  private static final String SLACK_SIGNATURE =
      "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";
  private static final String SLACK_BODY =
      "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow"
          + "&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner"
          + "&command=%2Fwebhook-collect&text="
          + "&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F"
          + "96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447f"
          + "ce8b6703c";

  private static @Nullable PresentedWebhook parse(Vendor vendor, String... fields)
      throws MalformedSignatureException {
    return WebhookFormat.of(vendor)
        .parse(
            HeaderFields.of(
                Stream.of(fields)
                    .map(field -> field.split(": ", 2))
                    .collect(
                        Collectors.groupingBy(
                            field -> field[0],
                            Collectors.mapping(field -> field[1], Collectors.toList())))));
  }

  private static PresentedWebhook read(Vendor vendor, String... fields)
      throws MalformedSignatureException {
    return Objects.requireNonNull(parse(vendor, fields));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void gitHubsOwnExamplePasses() throws Exception {
    PresentedWebhook webhook =
        read(Vendor.GITHUB, "x-hub-signature-256: " + GITHUB_SIGNATURE, "X-Hub-Signature: sha1=00");

    assertThat(GITHUB_SECRET).isEqualTo("It's a Secret to Everybody");
    byte[] key = WebhookSecrets.key(Vendor.GITHUB, GITHUB_SECRET);
    assertThat(webhook.isSignedBy(key, bytes("Hello, World!"))).isTrue();
    assertThat(webhook.isSignedBy(bytes(GITHUB_SECRET), bytes("Hello, World"))).isFalse();
    assertThat(webhook.signedAt()).isNull();
  }

  @Test
  void slacksOwnExamplePasses() throws Exception {
    PresentedWebhook webhook =
        read(
            Vendor.SLACK,
            "X-Slack-Signature: " + SLACK_SIGNATURE,
            "X-Slack-Request-Timestamp: 1531420618");

    assertThat(
            webhook.isSignedBy(WebhookSecrets.key(Vendor.SLACK, SLACK_SECRET), bytes(SLACK_BODY)))
        .isTrue();
    assertThat(webhook.signedAt()).isEqualTo(Instant.ofEpochSecond(1531420618));
    assertThat(
            read(
                    Vendor.SLACK,
                    "X-Slack-Signature: " + SLACK_SIGNATURE,
                    "X-Slack-Request-Timestamp: 1531420619")
                .isSignedBy(WebhookSecrets.key(Vendor.SLACK, SLACK_SECRET), bytes(SLACK_BODY)))
        .isFalse();
  }

  @Test
  void theVectorOfStandardWebhooksPasses() throws Exception {
    try (InputStream file =
        Objects.requireNonNull(
            WebhookFormatsTest.class.getResourceAsStream(
                "/vectors/standard-webhooks/signatures.json"))) {
      String json = new String(file.readAllBytes(), StandardCharsets.UTF_8);
      Map<String, Object>[] vectors =
          JSONObjectUtils.getJSONObjectArray(
              JSONObjectUtils.parse("{\"vectors\":" + json + "}"), "vectors");
      assertThat(vectors).hasSize(1);
      for (Map<String, Object> vector : vectors) {
        String id = JSONObjectUtils.getString(vector, "id");
        long time = JSONObjectUtils.getLong(vector, "timestamp");
        byte[] key =
            WebhookSecrets.key(Vendor.STANDARD, JSONObjectUtils.getString(vector, "secret"));
        byte[] body = bytes(JSONObjectUtils.getString(vector, "payload"));
        PresentedWebhook webhook =
            read(
                Vendor.STANDARD,
                "webhook-id: " + id,
                "webhook-timestamp: " + time,
                "webhook-signature: " + JSONObjectUtils.getString(vector, "signature"));

        assertThat(webhook.isSignedBy(key, body)).isTrue();
        assertThat(webhook.signedAt()).isEqualTo(Instant.ofEpochSecond(time));
        body[0] ^= 1;
        assertThat(webhook.isSignedBy(key, body)).isFalse();
      }
    }
  }

  @Test
  void oneOfSeveralSignaturesAndOneOfSeveralSecretsMustBeRight() throws Exception {
    byte[] key = bytes("stripe-secret-of-the-test");
    byte[] other = bytes("another-secret-of-the-test");
    String made = hexOf(key, "1700000000.{}");

    PresentedWebhook webhook =
        read(
            Vendor.STRIPE,
            "Stripe-Signature: t=1700000000,v1=" + HEX + ",v0=zz,v1=" + made + ",v2=whatever");
    assertThat(webhook.isSignedBy(key, bytes("{}"))).isTrue();
    assertThat(webhook.isSignedBy(key, bytes("{}"))).isTrue();
    assertThat(webhook.isSignedBy(other, bytes("{}"))).isFalse();
    assertThat(webhook.isSignedBy(key, bytes("{ }"))).isFalse();
  }

  private static String hexOf(byte[] key, String signed) throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    return HexFormat.of().formatHex(mac.doFinal(bytes(signed)));
  }

  @Test
  void schemeThatIsNotTheVendorsOwnNeverCounts() throws Exception {
    String made = hexOf(bytes("stripe-secret-of-the-test"), "1700000000.{}");
    for (String[] fields :
        new String[][] {
          {"Stripe-Signature: t=1700000000,v0=" + made},
          {"Stripe-Signature: t=1700000000,v2=" + made},
          {"Stripe-Signature: t=1700000000,V1=" + made},
          {"Stripe-Signature: t=1700000000"},
          {"Stripe-Signature: v1=" + made},
        }) {
      assertNone(Vendor.STRIPE, fields);
    }
    assertNone(Vendor.GITHUB, "X-Hub-Signature: sha1=" + "0".repeat(40));
    assertNone(Vendor.GITHUB, "X-Hub-Signature-256: sha1=" + "0".repeat(40));
    assertNone(Vendor.GITHUB, "X-Hub-Signature-256: " + HEX);
    assertNone(
        Vendor.SLACK, "X-Slack-Signature: v1=" + HEX, "X-Slack-Request-Timestamp: 1700000000");
    assertNone(
        Vendor.STANDARD,
        "webhook-id: msg_1",
        "webhook-timestamp: 1700000000",
        "webhook-signature: v1a," + BASE64 + " v2," + BASE64);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "NaN",
        "1e9",
        "0x65",
        "-1700000000",
        "+1700000000",
        "1700000000.0",
        "1700000000000",
        " 1700000000",
        "1700000000 ",
        "1_700_000_000",
        "١٧٠٠٠٠٠٠٠٠",
        "99999999999999999999",
      })
  void timeThatIsNoPlainNumberOfSecondsIsRefused(String time) {
    assertNone(Vendor.STRIPE, "Stripe-Signature: t=" + time + ",v1=" + HEX);
    assertNone(Vendor.SLACK, "X-Slack-Signature: v0=" + HEX, "X-Slack-Request-Timestamp: " + time);
    assertNone(
        Vendor.STANDARD,
        "webhook-id: msg_1",
        "webhook-timestamp: " + time,
        "webhook-signature: v1," + BASE64);
  }

  @Test
  void connectionTakesNoSignedFieldOutOfWhatIsForwarded() {
    assertNone(
        Vendor.SLACK,
        "X-Slack-Signature: v0=" + HEX,
        "X-Slack-Request-Timestamp: 1700000000",
        "Connection: close, x-slack-request-timestamp");
    for (String named : List.of("webhook-id", "Webhook-Timestamp")) {
      assertNone(
          Vendor.STANDARD,
          "webhook-id: msg_1",
          "webhook-timestamp: 1700000000",
          "webhook-signature: v1," + BASE64,
          "Connection: " + named);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "zz", "0123456789ABCDEF", "junk behind", "odd length", "upper"})
  void signatureOfAnotherFormIsRefused(String damage) {
    String hex =
        switch (damage) {
          case "junk behind" -> HEX + "00";
          case "odd length" -> HEX.substring(1);
          case "upper" -> HEX.toUpperCase(Locale.ROOT);
          default -> damage;
        };
    assertNone(Vendor.GITHUB, "X-Hub-Signature-256: sha256=" + hex);
    assertNone(Vendor.STRIPE, "Stripe-Signature: t=1700000000,v1=" + hex);
    assertNone(
        Vendor.SLACK, "X-Slack-Signature: v0=" + hex, "X-Slack-Request-Timestamp: 1700000000");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "v1",
        "v1,",
        "v1,AAAA",
        "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4",
        "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI5=",
        "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN_H_pI4=",
        "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=,",
        "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4= ",
        " v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
        "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=  v2,x",
        ",K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
        "v1=K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
      })
  void standardSignatureOfAnotherFormIsRefused(String signature) {
    assertNone(
        Vendor.STANDARD,
        "webhook-id: msg_1",
        "webhook-timestamp: 1700000000",
        "webhook-signature: " + signature);
  }

  @Test
  void idWithADotWouldMoveTheBorderToTheTimeAndIsRefused() throws Exception {
    assertThat(
            read(
                    Vendor.STANDARD,
                    "webhook-id: msg_1",
                    "webhook-timestamp: 1700000000",
                    "webhook-signature: v1," + BASE64)
                .signedPrefix())
        .isEqualTo("msg_1.1700000000.");
    for (String id : List.of("", ".", "msg_1.1700000000", "msg 1", "m\u00e9", "m".repeat(257))) {
      assertNone(
          Vendor.STANDARD,
          "webhook-id: " + id,
          "webhook-timestamp: 1700000000",
          "webhook-signature: v1," + BASE64);
    }
  }

  @Test
  void partThatIsMissingIsRefusedAndAllOfThemMissingIsNoSignature() throws Exception {
    for (Vendor vendor : Vendor.values()) {
      assertThat(parse(vendor, "Content-Type: application/json")).isNull();
    }
    assertNone(Vendor.SLACK, "X-Slack-Signature: v0=" + HEX);
    assertNone(Vendor.SLACK, "X-Slack-Request-Timestamp: 1700000000");
    assertNone(Vendor.STANDARD, "webhook-id: msg_1", "webhook-signature: v1," + BASE64);
    assertNone(Vendor.STANDARD, "webhook-timestamp: 1700000000", "webhook-signature: v1," + BASE64);
    assertNone(Vendor.STANDARD, "webhook-id: msg_1", "webhook-timestamp: 1700000000");
  }

  @Test
  void fieldsOfSvixAreThoseOfStandardWebhooks() throws Exception {
    String[] standard = {
      "webhook-id: msg_1", "webhook-timestamp: 1700000000", "webhook-signature: v1," + BASE64
    };
    String[] svix =
        Stream.of(standard)
            .map(field -> field.replaceFirst("webhook", "svix"))
            .toArray(String[]::new);
    PresentedWebhook webhook = read(Vendor.STANDARD, svix);

    assertThat(webhook.signedPrefix()).isEqualTo("msg_1.1700000000.");
    assertThat(webhook.signedPrefix()).isEqualTo(read(Vendor.STANDARD, standard).signedPrefix());
    assertThat(WebhookFormat.of(Vendor.STANDARD).signatureFields())
        .containsExactly("webhook-signature", "svix-signature");
    assertThat(read(Vendor.STANDARD, both(standard, svix)).signedPrefix())
        .isEqualTo("msg_1.1700000000.");
    assertNone(Vendor.STANDARD, svix[0], svix[1]);
    assertNone(Vendor.STANDARD, svix[0], standard[1], standard[2]);
    for (int i = 0; i < svix.length; i++) {
      String[] other = svix.clone();
      other[i] = other[i].replaceFirst("(svix-\\w+: .*).$", "$1x");
      assertNone(Vendor.STANDARD, both(standard, other));
    }
  }

  private static String[] both(String[] one, String[] other) {
    return Stream.concat(Stream.of(one), Stream.of(other)).toArray(String[]::new);
  }

  @Test
  void fieldThatIsThereTwiceIsAmbiguous() {
    for (Vendor vendor : Vendor.values()) {
      String field = WebhookFormat.of(vendor).signatureFields().getFirst();
      assertThatThrownBy(() -> parse(vendor, field + ": a", field + ": a"))
          .isInstanceOfSatisfying(
              MalformedSignatureException.class,
              refused ->
                  assertThat(refused.rejection().reason()).isEqualTo(Reason.AMBIGUOUS_CREDENTIALS));
    }
    assertNone(Vendor.STRIPE, "Stripe-Signature: t=1700000000,t=1700000000,v1=" + HEX);
  }

  @Test
  void moreSignaturesThanARotationNeedsAreRefused() throws Exception {
    String v1 = ",v1=" + HEX;
    String standard = "v1," + BASE64 + " ";
    assertThat(parse(Vendor.STRIPE, "Stripe-Signature: t=1700000000" + v1.repeat(8))).isNotNull();
    assertNone(Vendor.STRIPE, "Stripe-Signature: t=1700000000" + v1.repeat(9));
    assertNone(Vendor.STRIPE, "Stripe-Signature: t=1700000000" + v1 + ",v0=0".repeat(100));
    for (int count : List.of(9, 100)) {
      assertNone(
          Vendor.STANDARD,
          "webhook-id: msg_1",
          "webhook-timestamp: 1700000000",
          "webhook-signature: " + standard.repeat(count).strip());
    }
    assertNone(Vendor.GITHUB, "X-Hub-Signature-256: sha256=" + "0".repeat(100_000));
  }

  @ParameterizedTest
  @EnumSource(Vendor.class)
  void newSecretIsOfTheVendorsFormWhereTheReceiverMakesIt(Vendor vendor) {
    assertThat(WebhookSecrets.random(vendor).isPresent())
        .isEqualTo(vendor == Vendor.GITHUB || vendor == Vendor.STANDARD);
    WebhookSecrets.random(vendor)
        .ifPresent(
            secret -> assertThat(WebhookSecrets.key(vendor, secret).length).isGreaterThan(31));
  }

  @Test
  void secretOfNoUseIsRefusedAndNotShown() {
    for (Vendor vendor : List.of(Vendor.GITHUB, Vendor.STRIPE, Vendor.SLACK)) {
      for (String secret :
          List.of(
              "",
              "short",
              "x".repeat(513),
              " a blank at the beginning",
              "a blank at the end ",
              "a\ttab-is-no-visible-character",
              "newline-at-the-end\n")) {
        assertThatThrownBy(() -> WebhookSecrets.key(vendor, secret))
            .isInstanceOf(IllegalArgumentException.class);
      }
    }
    for (String secret :
        List.of(
            "",
            "whsec_",
            "whsec_AAAA",
            "whsec_" + "A".repeat(100),
            "whsec_not base64 at all, not at all",
            "whsk_" + BASE64,
            "whpk_" + BASE64)) {
      assertThatThrownBy(() -> WebhookSecrets.key(Vendor.STANDARD, secret))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageNotContaining("not at all")
          .hasMessageNotContaining(BASE64);
    }
    assertThat(WebhookSecrets.key(Vendor.STANDARD, "whsec_" + BASE64))
        .isEqualTo(WebhookSecrets.key(Vendor.STANDARD, BASE64));
  }

  @Test
  void useIsKnownByTheNameAndAllThatIsSigned() throws Exception {
    PresentedWebhook webhook = read(Vendor.STRIPE, "Stripe-Signature: t=1700000000,v1=" + HEX);
    PresentedWebhook otherSignature =
        read(Vendor.STRIPE, "Stripe-Signature: t=1700000000,v1=" + HEX.replace('0', 'f'));
    PresentedWebhook later = read(Vendor.STRIPE, "Stripe-Signature: t=1700000001,v1=" + HEX);

    assertThat(otherSignature.useDigest("pay", bytes("{}")))
        .isEqualTo(webhook.useDigest("pay", bytes("{}")));
    assertThat(webhook.useDigest("pay2", bytes("{}")))
        .isNotEqualTo(webhook.useDigest("pay", bytes("{}")));
    assertThat(webhook.useDigest("pay", bytes("{ }")))
        .isNotEqualTo(webhook.useDigest("pay", bytes("{}")));
    assertThat(later.useDigest("pay", bytes("{}")))
        .isNotEqualTo(webhook.useDigest("pay", bytes("{}")));
  }

  @Test
  void whateverBytesComeTheAnswerIsNoFailure() throws Exception {
    Random random = new Random(60);
    List<Vendor> vendors = List.of(Vendor.GITHUB, Vendor.STRIPE, Vendor.SLACK, Vendor.STANDARD);
    String[][] good = {
      {"X-Hub-Signature-256: sha256=" + HEX},
      {"Stripe-Signature: t=1700000000,v1=" + HEX + ",v0=" + HEX},
      {"X-Slack-Signature: v0=" + HEX, "X-Slack-Request-Timestamp: 1700000000"},
      {
        "webhook-signature: v1," + BASE64 + " v1," + BASE64,
        "webhook-id: msg_1",
        "webhook-timestamp: 1700000000"
      },
    };
    int read = 0;
    for (int i = 0; i < 40_000; i++) {
      int vendor = i % good.length;
      String[] fields = Arrays.copyOf(good[vendor], good[vendor].length);
      int field = random.nextInt(fields.length);
      int begin = fields[field].indexOf(": ") + 2;
      StringBuilder text = new StringBuilder(fields[field]);
      for (int changes = random.nextInt(3); changes >= 0; changes--) {
        int at = begin + random.nextInt(text.length() - begin);
        switch (random.nextInt(3)) {
          case 0 -> text.setCharAt(at, (char) random.nextInt(0x180));
          case 1 -> text.insert(at, (char) random.nextInt(0x180));
          default -> text.insert(at, text.substring(begin + random.nextInt(at - begin + 1), at));
        }
      }
      fields[field] = text.toString();
      try {
        PresentedWebhook webhook = parse(vendors.get(vendor), fields);
        if (webhook != null) {
          read++;
          assertThat(webhook.isSignedBy(bytes("another-secret-of-the-test"), bytes("{}")))
              .isFalse();
        }
      } catch (MalformedSignatureException refused) {
        assertThat(refused.rejection().reason())
            .isIn(Reason.INVALID_SIGNATURE, Reason.AMBIGUOUS_CREDENTIALS);
      }
    }
    assertThat(read).isPositive();
  }

  private static void assertNone(Vendor vendor, String... fields) {
    assertThatThrownBy(() -> parse(vendor, fields))
        .as(String.join(" | ", fields))
        .isInstanceOf(MalformedSignatureException.class);
  }
}
