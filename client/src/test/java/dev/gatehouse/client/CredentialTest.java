package dev.gatehouse.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.gatehouse.testkit.FixedClock;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CredentialTest {

  private static final HttpHeaders NO_FIELDS = HttpHeaders.of(Map.of(), (name, value) -> true);

  private static OutgoingRequest request(String method, String uri, String body) {
    return new OutgoingRequest(
        method, URI.create(uri), NO_FIELDS, body.getBytes(StandardCharsets.UTF_8));
  }

  private static final OutgoingRequest GET = request("GET", "https://api.example.com/", "");

  @Test
  void aKeyGoesInItsField() {
    assertThat(Credential.apiKey("sk_live_1").fields(GET))
        .isEqualTo(Map.of("X-API-Key", "sk_live_1"));
  }

  @Test
  void aTokenGoesAsBearer() {
    assertThat(Credential.bearer("a.b.c").fields(GET))
        .isEqualTo(Map.of("Authorization", "Bearer a.b.c"));
  }

  @ParameterizedTest
  @CsvSource({"alice, wonder:land, alice:wonder:land", "jürgen, pässwörd€, jürgen:pässwörd€"})
  void basicIsNfcInUtf8WithAllColonsOfThePassword(String name, String password, String pair) {
    for (java.text.Normalizer.Form form : java.text.Normalizer.Form.values()) {
      if (form == java.text.Normalizer.Form.NFC || form == java.text.Normalizer.Form.NFD) {
        String sent =
            Credential.basic(
                    java.text.Normalizer.normalize(name, form),
                    java.text.Normalizer.normalize(password, form))
                .fields(GET)
                .get("Authorization");
        assertThat(sent)
            .isEqualTo(
                "Basic "
                    + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
      }
    }
  }

  @Test
  void basicRefusesWhatTheRfcDoes() {
    assertThatIllegalArgumentException().isThrownBy(() -> Credential.basic("a:b", "secret"));
    for (String control : List.of("\n", "\u0000", "\u007F", "\u0085")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Credential.basic("alice", "secret" + control))
          .withMessageNotContaining("secret");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "sesame\r\nX-Evil: 1", "sesame ", "sesamé", "sesame\u0000", "sesame\n"})
  void whatCannotGoIntoAFieldIsRefusedWithoutItsText(String text) {
    for (org.assertj.core.api.ThrowableAssert.ThrowingCallable making :
        List.<org.assertj.core.api.ThrowableAssert.ThrowingCallable>of(
            () -> Credential.apiKey(text),
            () -> Credential.bearer(text),
            () -> Credential.hmac(text, "s"),
            () -> Grant.service(text),
            () -> Grant.refreshToken(text, token -> {}))) {
      assertThatIllegalArgumentException().isThrownBy(making).withMessageNotContaining("sesam");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "sesame\n", "sesame\r\n", "ses\u0000ame"})
  void aSecretThatHoldsALineEndIsRefusedWithoutItsText(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Credential.hmac("k", text))
        .withMessageNotContaining("ses");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MessageSignature.hmacSha256("k", text))
        .withMessageNotContaining("ses");
  }

  @Test
  void nothingHasATextFormWithASecret() throws Exception {
    for (Object holder :
        List.of(
            Credential.apiKey("sesame"),
            Credential.basic("alice", "sesame"),
            Credential.bearer("sesame"),
            Credential.hmac("k", "sesame"),
            MessageSignature.hmacSha256("k", "sesame".repeat(6).getBytes(StandardCharsets.UTF_8)),
            Grant.password("alice@example.com", "sesame"),
            Grant.service("sesame"),
            Grant.refreshToken("sesame", token -> {}),
            GatehouseClient.at(URI.create("https://localhost"))
                .with(Grant.refreshToken("sesame", token -> {}))
                .with(Credential.apiKey("sesame"))
                .build(),
            request("GET", "https://localhost/?key=sesame", "sesame"))) {
      assertThat(holder.toString())
          .doesNotContain(
              "sesame",
              Base64.getEncoder().encodeToString("alice:sesame".getBytes(StandardCharsets.UTF_8)));
    }
  }

  // The signatures are from: printf '%s' … | openssl dgst -sha256 -hmac s3cret-of-the-key
  @ParameterizedTest
  @CsvSource({
    "GET, https://api.example.com/orders?a=b%20c&a=, '', a973862ec86f23a6111ca49698fcd561fb658414edb77beeba009a760a262632",
    "POST, https://api.example.com, '{\"a\": 1}', b0920a1b42b83b4b968cfe6dff7791d956f8d3b157d557eaa9cc5285fa1a59e5"
  })
  void hmacSignsMethodTargetTimeBodyAndNonce(
      String method, String uri, String body, String signature) {
    HmacSignature credential =
        new HmacSignature(
            "k_1",
            "s3cret-of-the-key",
            FixedClock.at("2026-11-26T10:00:00.999Z"),
            () -> "0123456789abcdef");
    assertThat(credential.fields(request(method, uri, body)))
        .isEqualTo(
            Map.of(
                "X-Key-Id", "k_1",
                "X-Timestamp", "1795687200",
                "X-Nonce", "0123456789abcdef",
                "X-Signature", signature));
  }

  @Test
  void everySignatureHasANonceOfItsOwn() {
    Set<String> nonces = new HashSet<>();
    Credential hmac = Credential.hmac("k", "s");
    for (int i = 0; i < 1000; i++) {
      nonces.add(hmac.fields(GET).get("X-Nonce"));
    }
    // The contract: 16 to 128 visible ASCII
    assertThat(nonces).hasSize(1000).allMatch(nonce -> nonce.matches("[!-~]{16,128}"));
  }

  @Test
  void onlySignaturesReadTheBody() {
    assertThat(Credential.apiKey("k").readsBody()).isFalse();
    assertThat(Credential.basic("a", "b").readsBody()).isFalse();
    assertThat(Credential.hmac("k", "s").readsBody()).isTrue();
  }
}
