package dev.gatehouse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.apikey.ApiKeySettings;
import dev.gatehouse.hmac.SignatureKeys;
import dev.gatehouse.jwt.Tokens;
import dev.gatehouse.oauth.Invitations;
import dev.gatehouse.password.Passwords;
import dev.gatehouse.secret.RandomIds;
import dev.gatehouse.secret.SecretForm;
import dev.gatehouse.session.Sessions;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AuthRequestTest {

  private static String logged(String target) {
    return new AuthRequest(
            "GET", target, HeaderFields.of(Map.of()), InetAddress.getLoopbackAddress())
        .toString();
  }

  @Test
  void textFormHoldsNoSecretOfAnyForm() {
    for (SecretForm form :
        List.of(
            new ApiKeySettings("sk_live_", "orders").secretForm(),
            Tokens.REFRESH_TOKEN,
            Sessions.SECRET,
            SignatureKeys.REQUEST_SECRET_FORM,
            Passwords.RESET_SECRET,
            Invitations.SECRET)) {
      String secret = form.random();
      String body = secret.substring(form.prefix().length());
      for (String written :
          List.of(
              secret,
              body,
              secret + "Fk2Ab3",
              secret.substring(0, secret.length() - 7),
              "x." + secret + "-",
              secret.replace("_", "%5f"),
              "%" + Integer.toHexString(secret.charAt(0)) + secret.substring(1))) {
        assertThat(logged("/a/" + written + "/b?c=" + written)).isEqualTo("GET /a/.../b");
        assertThat(logged("https://localhost/a/" + written))
            .isEqualTo("GET https://localhost/a/...");
      }
    }
  }

  @Test
  void textFormHoldsNoSecretOfAWebhookThatHasSlashes() {
    String half = RandomIds.text(21);
    for (String prefix : List.of("whsec_", "%77hsec_", "whsec%5F", "%2577hsec%255f")) {
      assertThat(logged("/a/" + prefix + half + "/" + half + "=")).isEqualTo("GET /a/...");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "/, /",
    "/orders/2024-01-01/k_7f3aBcDeFgHiJkLmNoPqRs, /orders/2024-01-01/k_7f3aBcDeFgHiJkLmNoPqRs",
    "/o/0f8fad5b-d9cb-469f-a165-70867728950e/, /o/0f8fad5b-d9cb-469f-a165-70867728950e/",
    "/how-to-read-a-page-with-a-very-long-name, /how-to-read-a-page-with-a-very-long-name",
    "/caf%C3%A9?x=1, /caf%C3%A9",
    "*, *",
  })
  void textFormNamesThePath(String target, String path) {
    assertThat(logged(target)).isEqualTo("GET " + path);
  }

  @Test
  void textFormIsBoundedAndVisibleAscii() {
    assertThat(logged("/a\nb\u00e4" + "/c".repeat(10_000))).matches("[\\x20-\\x7e]{200,230}");
  }
}
