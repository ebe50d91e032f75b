package dev.gatehouse.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.gatehouse.Webhook;
import dev.gatehouse.apikey.ApiKeySettings;
import dev.gatehouse.hmac.SignatureKeys;
import dev.gatehouse.hmac.webhook.WebhookSecrets;
import dev.gatehouse.jwt.Tokens;
import dev.gatehouse.oauth.Invitations;
import dev.gatehouse.password.Passwords;
import dev.gatehouse.session.Sessions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OwnSecretsTest {

  private static final SecretForm LINK = SecretForm.base62("reset_").withLinks();
  private static final String BODY = "0123456789abcdefghijABCDEFGHIJ0123456789abc";
  private static final OwnSecrets SECRETS =
      new OwnSecrets(
          List.of(
              new ApiKeySettings("sk_live_", "orders").secretForm(),
              SecretForm.base62("rt_"),
              LINK,
              WebhookSecrets.SECRET));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rt_BODY",
        " rt_BODY ",
        "Token rt_BODY",
        "key=\"rt_BODY\", realm=x",
        "name:rt_BODY",
        "rt_BODY:",
        "[\"rt_BODY\"]",
        "a_b rt_x rt_BODY",
        "sk_live_BODY",
        "sk_live_BODYabcdef",
        "sk_live_BODYabcdefg", // nearly the key
        "tokens=%7B%22refreshToken%22%3A%22rt_BODY%22%7D",
        "https://api.example.com/login?return=%2Fapp%3Ft%3drt_BODY",
        "%252Fx%253Ft%253Drt_BODY",
        "n=%ZZrt_BODY", // no encoding, but read by what is less strict
        "rt%5FBODY",
        "rt%5fBODY",
        "rt%255FBODY",
        "%5Frt_BODY",
        "sk%5Flive%5FBODY",
        "a=%22sk_live%5fBODY%22",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_+/KQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw==",
      })
  void findsSecret(String text) {
    assertThat(SECRETS.isIn(text.replace("BODY", BODY))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "_",
        "rt_",
        "BODY",
        "RT_BODY",
        "rt_short",
        "xrt_BODY",
        "-rt_BODY",
        "eyJhbGciOiJub25lIn0.rt_BODY", // a part of a token
        "rt_BODY-abc", // base64url of another system
        "22rt_BODY",
        "2522rt_BODY",
        "rt5FBODY",
        "rt%5BODY",
        "rt%25BODY",
        "%5F",
        "%25",
        "rt_9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", // a hash
        "sk_test_BODY",
        "sk_live_51HabcdefghijklmnopQRSTU",
      })
  void takesNothingElseForOne(String text) {
    assertThat(SECRETS.isIn(text.replace("BODY", BODY))).isFalse();
  }

  @Test
  void linkOfTheGateMayStandInAnAddress() {
    assertThat(SECRETS.isIn("reset_" + BODY)).isTrue();
    assertThat(SECRETS.isInAddress("reset_" + BODY)).isFalse();
    assertThat(SECRETS.isInAddress("rt_" + BODY)).isTrue();
  }

  @Test
  void eachKindOfSecretHasItsOwnForm() {
    List<SecretForm> forms =
        List.of(
            Tokens.REFRESH_TOKEN,
            Sessions.SECRET,
            SignatureKeys.SECRET,
            Passwords.RESET_SECRET,
            Invitations.SECRET);
    for (SecretForm form : forms) {
      String secret = form.random();
      assertThat(new OwnSecrets(List.of(form)).isIn(secret)).isTrue();
      assertThat(forms.stream().filter(other -> other.matches(secret))).containsExactly(form);
      assertThat(form.matches(secret + "a")).isFalse();
      assertThat(form.matches(secret.substring(1))).isFalse();
    }
    assertThat(SECRETS.isIn(WebhookSecrets.random(Webhook.Vendor.GITHUB).orElseThrow())).isTrue();
    assertThat(SECRETS.isIn(WebhookSecrets.random(Webhook.Vendor.STANDARD).orElseThrow())).isTrue();
  }

  @Test
  void rejectsPrefixWithoutUnderscore() {
    assertThatIllegalArgumentException().isThrownBy(() -> SecretForm.base62("key"));
  }
}
