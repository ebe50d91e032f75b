package dev.gatehouse.hmac.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.HeaderFields;
import dev.gatehouse.PeerCertificates;
import dev.gatehouse.Reason;
import dev.gatehouse.RequestBody;
import dev.gatehouse.hmac.MalformedSignatureException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Requests that are no signed ones, or were changed on the way.
class AwsAttacksTest {

  private static final byte[] SECRET =
      "a-secret-of-the-orders-service-0123456789".getBytes(StandardCharsets.US_ASCII);
  private static final AwsSettings SCOPE = new AwsSettings("eu-central-1", "orders");
  private static final String TIME = "20260101T000000Z";
  private static final String BODY = AwsSignature.sha256("{}".getBytes(StandardCharsets.US_ASCII));
  private static final String CREDENTIAL =
      "Credential=k_1/20260101/eu-central-1/orders/aws4_request";
  private static final String SIGNED = "SignedHeaders=host;x-amz-date";
  private static final String HEX = "0123456789abcdef".repeat(4);

  // The canonical request is written down here as Amazon's documents say, not computed.
  private static final String CANONICAL =
      "POST\n/orders\na=1\nhost:gate.example:8443\nx-amz-date:" + TIME + "\n\nhost;x-amz-date\n";

  private static AuthRequest request(String method, String target, Map<String, String> fields) {
    Map<String, List<String>> lines = new LinkedHashMap<>();
    lines.put("Host", List.of("gate.example:8443"));
    lines.put("X-Amz-Date", List.of(TIME));
    fields.forEach((name, value) -> lines.put(name, List.of(value)));
    lines.values().removeIf(value -> value.getFirst().isEmpty());
    return new AuthRequest(
        method, target, HeaderFields.of(lines), InetAddress.getLoopbackAddress());
  }

  private static String signature(String canonical) throws MalformedSignatureException {
    AwsAuthorization scope =
        AwsAuthorization.parse(CREDENTIAL + ", " + SIGNED + ", Signature=" + HEX);
    return HexFormat.of()
        .formatHex(
            AwsSignature.sign(
                AwsSignature.signingKey(SECRET, scope),
                AwsSignature.stringToSign(TIME, scope.scope(), canonical)));
  }

  private static boolean isSignedBy(PresentedAwsSignature presented, byte[] secret, String bodyHash)
      throws MalformedSignatureException {
    return presented.matches(presented.signingKey(secret), presented.canonicalRequest(bodyHash));
  }

  private static PresentedAwsSignature parsed(AuthRequest request, String credentials)
      throws MalformedSignatureException {
    return PresentedAwsSignature.parse(request, credentials, SCOPE);
  }

  private static String signed() throws MalformedSignatureException {
    return CREDENTIAL + ", " + SIGNED + ", Signature=" + signature(CANONICAL + BODY);
  }

  @Test
  void requestAsItWasSignedPasses() throws Exception {
    assertThat(isSignedBy(parsed(request("POST", "/orders?a=1", Map.of()), signed()), SECRET, BODY))
        .isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "PUT,/orders?a=1,gate.example:8443",
    "post,/orders?a=1,gate.example:8443",
    "POST,/orders?a=2,gate.example:8443",
    "POST,/orders?a=1&b=2,gate.example:8443",
    "POST,/orders?A=1,gate.example:8443",
    "POST,/orders,gate.example:8443",
    "POST,/orders?,gate.example:8443",
    "POST,/Orders?a=1,gate.example:8443",
    "POST,/orders/?a=1,gate.example:8443",
    "POST,/order%73?a=1,gate.example:8443",
    "POST,/orders?a=1,gate.example",
    "POST,/orders?a=1,evil.example:8443",
  })
  void methodPathQueryOrHostChangedAfterSigningIsRefused(String method, String target, String host)
      throws Exception {
    assertThat(
            isSignedBy(
                parsed(request(method, target, Map.of("Host", host)), signed()), SECRET, BODY))
        .isFalse();
  }

  @Test
  void bodyChangedAfterSigningIsRefused() throws Exception {
    PresentedAwsSignature presented = parsed(request("POST", "/orders?a=1", Map.of()), signed());
    for (String body : List.of("", "{ }", "{}\n", "{\"a\":1}")) {
      assertThat(
              isSignedBy(
                  presented, SECRET, AwsSignature.sha256(body.getBytes(StandardCharsets.US_ASCII))))
          .as(body)
          .isFalse();
    }
  }

  @Test
  void signatureOfAnotherKeysSecretIsRefused() throws Exception {
    byte[] other = SECRET.clone();
    other[0] ^= 1;
    assertThat(isSignedBy(parsed(request("POST", "/orders?a=1", Map.of()), signed()), other, BODY))
        .isFalse();
  }

  @Test
  void theHostIsTheOneThatTheGateWentBy() throws Exception {
    AuthRequest request =
        new AuthRequest(
            "POST",
            "https",
            "elsewhere.example",
            "/orders?a=1",
            request("POST", "/", Map.of()).fields(),
            InetAddress.getLoopbackAddress(),
            PeerCertificates.NONE,
            RequestBody.NONE);
    assertThat(isSignedBy(parsed(request, signed()), SECRET, BODY)).isFalse();
  }

  @Test
  void signedFieldsCountWithTheirValuesTrimmedAndCollapsed() throws Exception {
    String canonical =
        "POST\n/orders\na=1\nhost:gate.example:8443\nx-amz-date:"
            + TIME
            + "\nx-note:a b c\n\nhost;x-amz-date;x-note\n"
            + BODY;
    String credentials =
        CREDENTIAL + ",SignedHeaders=host;x-amz-date;x-note,Signature=" + signature(canonical);
    for (String note : List.of("a b c", "  a   b c\t", "a b  c")) {
      assertThat(
              isSignedBy(
                  parsed(request("POST", "/orders?a=1", Map.of("X-Note", note)), credentials),
                  SECRET,
                  BODY))
          .isTrue();
    }
    assertThat(
            isSignedBy(
                parsed(request("POST", "/orders?a=1", Map.of("X-Note", "a bc")), credentials),
                SECRET,
                BODY))
        .isFalse();
    assertThatThrownBy(
            () ->
                isSignedBy(
                    parsed(request("POST", "/orders?a=1", Map.of()), credentials), SECRET, BODY))
        .hasMessageContaining("x-note, which the request does not have");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "2026-01-01T00:00:00Z",
        "1767225600",
        "20260101T000000",
        "20260101T000000z",
        "20260101t000000Z",
        " 20260101T000000Z",
        "20260101T000000Z ",
        "20260101T000000.000Z",
        "20260101T000000+0000",
        "20260101T240000Z",
        "20260101T000060Z",
        "20260230T000000Z",
        "20261301T000000Z",
        "-0260101T000000Z",
        "٢٠٢٦٠١٠١T000000Z",
        "Thu, 01 Jan 2026 00:00:00 GMT",
        "NaN",
      })
  void dateThatIsNoneIsRefused(String date) {
    AuthRequest request = request("POST", "/orders?a=1", Map.of("X-Amz-Date", date));
    assertThatThrownBy(() -> parsed(request, signed()))
        .isInstanceOf(MalformedSignatureException.class)
        .hasMessageContaining("X-Amz-Date");
  }

  @Test
  void scopeOfAnotherDayIsRefused() {
    AuthRequest request = request("POST", "/orders", Map.of("X-Amz-Date", "20260102T000000Z"));
    assertThatThrownBy(() -> parsed(request, signed())).hasMessageContaining("day of X-Amz-Date");
  }

  @Test
  void twoDatesOrTwoBodyHashesAreAmbiguous() {
    for (String field : List.of("X-Amz-Date", "X-Amz-Content-Sha256")) {
      Map<String, List<String>> fields = new LinkedHashMap<>();
      fields.put("Host", List.of("gate.example"));
      fields.put("X-Amz-Date", List.of(TIME));
      fields.put(field, List.of(TIME, TIME));
      AuthRequest request =
          new AuthRequest("GET", "/", HeaderFields.of(fields), InetAddress.getLoopbackAddress());
      assertThatThrownBy(() -> parsed(request, signed()))
          .isInstanceOfSatisfying(
              MalformedSignatureException.class,
              refused ->
                  assertThat(refused.rejection().reason()).isEqualTo(Reason.AMBIGUOUS_CREDENTIALS));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Credential=k_1/20260101/us-east-1/orders/aws4_request",
        "Credential=k_1/20260101/eu-central-1/s3/aws4_request",
        "Credential=k_1/20260101/eu-central-1/orders/aws4",
        "Credential=k_1/20260101/eu-central-1/orders",
        "Credential=k_1/20260101/eu-central-1/orders/aws4_request/",
        "Credential=/20260101/eu-central-1/orders/aws4_request",
        "Credential=k_1/2026011/eu-central-1/orders/aws4_request",
        "Credential=k 1/20260101/eu-central-1/orders/aws4_request",
        "Credential=k_1/20260101/EU-central-1/orders/aws4_request",
        "Credential=",
        "Credential",
        "credential=k_1/20260101/eu-central-1/orders/aws4_request",
        "",
      })
  void credentialOfAnotherScopeOrFormIsRefused(String credential) {
    assertThatThrownBy(
            () ->
                parsed(
                    request("POST", "/orders?a=1", Map.of()),
                    credential + ", " + SIGNED + ", Signature=" + HEX))
        .isInstanceOf(MalformedSignatureException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0",
        "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF",
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde",
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0",
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdefzz",
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef junk",
        "\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"",
      })
  void signatureThatIsNotSixtyFourLowerCaseDigitsIsRefused(String signature) {
    assertThatThrownBy(
            () ->
                parsed(
                    request("POST", "/orders?a=1", Map.of()),
                    CREDENTIAL + ", " + SIGNED + ", Signature=" + signature))
        .isInstanceOf(MalformedSignatureException.class);
  }

  @Test
  void partThatIsMissingOrTwiceOrUnknownIsRefused() {
    String signature = "Signature=" + HEX;
    for (String credentials :
        List.of(
            "",
            CREDENTIAL,
            CREDENTIAL + ", " + SIGNED,
            SIGNED + ", " + signature,
            CREDENTIAL + ", " + signature,
            CREDENTIAL + ", " + CREDENTIAL + ", " + SIGNED + ", " + signature,
            CREDENTIAL + ", " + SIGNED + ", " + signature + ", " + signature,
            CREDENTIAL + ", " + SIGNED + ", " + signature + ",",
            CREDENTIAL + ", " + SIGNED + ", " + signature + ", Extra=1",
            CREDENTIAL + " " + SIGNED + " " + signature,
            "x".repeat(5000))) {
      assertThatThrownBy(() -> parsed(request("POST", "/orders?a=1", Map.of()), credentials))
          .as(credentials)
          .isInstanceOf(MalformedSignatureException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "host",
        "x-amz-date",
        "",
        "x-amz-date;host",
        "host;host;x-amz-date",
        "host;x-amz-date;",
        ";host;x-amz-date",
        "Host;x-amz-date",
        "host;X-Amz-Date",
        "host; x-amz-date",
        "host;x-amz-date\u00e9",
      })
  void signedFieldsThatLackOneOrAreOutOfOrderAreRefused(String names) {
    assertThatThrownBy(
            () ->
                parsed(
                    request("POST", "/orders?a=1", Map.of()),
                    CREDENTIAL + ", SignedHeaders=" + names + ", Signature=" + HEX))
        .isInstanceOf(MalformedSignatureException.class)
        .hasMessageContaining("SignedHeaders");
  }

  @Test
  void moreThanSixtyFourSignedFieldsAreRefused() {
    StringBuilder names = new StringBuilder("host");
    for (int i = 0; i < 64; i++) {
      names.append(String.format(Locale.ROOT, ";x%03d", i));
    }
    assertThatThrownBy(
            () ->
                AwsAuthorization.parse(
                    CREDENTIAL + ", SignedHeaders=" + names + ", Signature=" + HEX))
        .isInstanceOf(MalformedSignatureException.class);
  }

  @Test
  void bodyHashThatIsSentAndNotSignedIsRefused() {
    assertThatThrownBy(
            () ->
                parsed(
                    request("POST", "/orders?a=1", Map.of("X-Amz-Content-Sha256", BODY)), signed()))
        .hasMessageContaining("must name x-amz-content-sha256");
  }

  @ParameterizedTest
  @CsvSource({
    "UNSIGNED-PAYLOAD,UNSIGNED-PAYLOAD is refused",
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD,STREAMING",
    "STREAMING-UNSIGNED-PAYLOAD-TRAILER,STREAMING",
    "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD,STREAMING",
    "unsigned-payload,64 lower-case",
    "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855,64 lower-case",
    "e3b0,64 lower-case",
  })
  void bodyThatIsNotSignedAsAWholeIsRefused(String hash, String why) {
    String credentials =
        CREDENTIAL + ", SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=" + HEX;
    assertThatThrownBy(
            () ->
                parsed(
                    request("POST", "/orders?a=1", Map.of("X-Amz-Content-Sha256", hash)),
                    credentials))
        .hasMessageContaining(why);
  }

  @Test
  void sessionTokenIsRefusedSignedOrNot() {
    assertThatThrownBy(
            () ->
                parsed(
                    request("POST", "/orders?a=1", Map.of("X-Amz-Security-Token", "t")), signed()))
        .hasMessageContaining("no session tokens");
  }

  @Test
  void nothingPrintsTheSignature() throws Exception {
    PresentedAwsSignature presented = parsed(request("POST", "/orders?a=1", Map.of()), signed());
    assertThat(presented.toString()).isEqualTo("PresentedAwsSignature[k_1]");
    assertThat(AwsAuthorization.parse(signed()).toString()).isEqualTo("AwsAuthorization[k_1]");
  }

  // Random and damaged texts: refused, or read, and never anything else.
  @Test
  void whateverBytesComeTheAnswerIsNoFailure() throws Exception {
    Random random = new Random(58);
    String good = signed();
    int read = 0;
    for (int i = 0; i < 20_000; i++) {
      StringBuilder text = new StringBuilder(good);
      for (int changes = random.nextInt(4); changes >= 0; changes--) {
        int at = random.nextInt(text.length());
        switch (random.nextInt(4)) {
          case 0 -> text.setCharAt(at, (char) random.nextInt(0x180));
          case 1 -> text.deleteCharAt(at);
          case 2 -> text.insert(at, (char) random.nextInt(0x180));
          default -> text.insert(at, text.substring(random.nextInt(at + 1), at));
        }
      }
      List<String> targets = new ArrayList<>(List.of("/orders?a=1"));
      targets.add("/" + text.substring(0, random.nextInt(text.length())));
      for (String target : targets) {
        try {
          boolean same = target.equals("/orders?a=1") && text.toString().equals(good);
          assertThat(
                  isSignedBy(
                      parsed(request("POST", target, Map.of()), text.toString()), SECRET, BODY))
              .as(text.toString())
              .isEqualTo(same || isSameForTheSignature(target, text, good));
          read++;
        } catch (MalformedSignatureException refused) {
          assertThat(refused.rejection().detail()).doesNotContain(HEX);
        }
      }
    }
    assertThat(read).isPositive();
  }

  // The blanks around the commas are not signed and say nothing; neither is the id, which says with
  // whose secret to verify.
  private static boolean isSameForTheSignature(String target, StringBuilder text, String good) {
    return target.equals("/orders?a=1")
        && text.toString()
            .replaceAll("[ \t]*,[ \t]*", ", ")
            .replaceFirst("Credential=[^/]*/", "Credential=k_1/")
            .equals(good);
  }

  @Test
  void blanksCountAroundACommaOnly() throws Exception {
    String signature = "Signature=" + HEX;
    AwsAuthorization plain = AwsAuthorization.parse(CREDENTIAL + "," + SIGNED + "," + signature);
    String blanks = " \t".repeat(500);
    assertThat(
            AwsAuthorization.parse(CREDENTIAL + blanks + "," + blanks + SIGNED + " , " + signature))
        .isEqualTo(plain);
    for (String wrong :
        List.of(
            blanks + CREDENTIAL + "," + SIGNED + "," + signature,
            CREDENTIAL + "," + SIGNED + "," + signature + blanks,
            CREDENTIAL + "," + SIGNED + "," + signature + ",",
            CREDENTIAL + "," + SIGNED + "," + signature + ",x=y,a=b")) {
      assertThatThrownBy(() -> AwsAuthorization.parse(wrong))
          .isInstanceOf(MalformedSignatureException.class);
    }
  }
}
