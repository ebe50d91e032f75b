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

  private static final SecretForm LINK = SecretForm.base62("reset_");
  private static final String BODY = "0123456789abcdefghijABCDEFGHIJ0123456789abc";
  private static final OwnSecrets SECRETS =
      new OwnSecrets(
          List.of(
              new ApiKeySettings("sk_live_", "orders").secretForm(),
              SecretForm.base62("rt_"),
              LINK,
              SignatureKeys.WEBHOOK_SECRET_FORM,
              new SecretForm("ac_", 150, "-_", true)));

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
        "%2525sk_live_BODY",
        "/hooks/whsec_BODY",
        "the+secret+is+whsec_BODY",
        "%25%73k_live_BODY",
        "%5Frt_BODY",
        "sk%5Flive%5FBODY",
        "a=%22sk_live%5fBODY%22",
        "bearer.rt_BODY",
        "eyJhbGciOiJub25lIn0.rt_BODY",
        "x-rt_BODY",
        "rt_BODY-",
        "rt_BODY__",
        "rt_BODY-.",
        "rt_CUT2",
        "%72t_BODY",
        "r%74_BODY",
        "%2572t_BODY",
        "%25252572t%2525255FBODY",
        "a%3D%22%72%74%5fBODY",
        "rt_%30123456789abcdefghijABCDEFGHIJ0123456789abc",
        "n=%ZZ%72t_BODY",
        "n=%%72t_BODY",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2%2FLaLaSw",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_+/KQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw==",
      })
  void findsSecret(String text) {
    assertThat(SECRETS.isIn(written(text))).isTrue();
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
        "x_rt_BODY", // another system's longer prefix
        "rt_BODY-abc", // base64url of another system
        "rt_BODY_-abc",
        "rt_CUT3",
        "cart_BODY",
        "ca%72t_BODY",
        "rt_a94a8fe5ccb19ba61c4c0873d391e987982fbbd3", // SHA-1
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
    assertThat(SECRETS.isIn(written(text))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rt_BODY",
        "x.rt_BODY",
        "xrt_BODY",
        "Bearerrt_BODY",
        "my-_token_here:rt_BODY",
        "rt_BODYrt_BODY",
        "rt_BODYsk_live_BODY",
        "rt_BODY-abc",
        "rt_BODY_",
        "rt_BODY=",
        "rt_BODYBODY",
        "rt_CUT7",
        "abcdefgh-1234_67rt_CUT7",
        "abcdefgh-1234_67-rt_BODY", // a word of its own
        "reset_BODY",
      })
  void findsWhatMayBeASecretInAToken(String token) {
    assertThat(SECRETS.mayBeIn(written(token))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"opaque", "rt_short", "rt_CUT8", "RT_BODY", "abcdefgh-1234_678rt_BODY"})
  void takesOtherTokensForNone(String token) {
    assertThat(SECRETS.mayBeIn(written(token))).isFalse();
  }

  @Test
  void manyPrefixesTakeLinearTime() {
    assertThat(SECRETS.mayBeIn("rt_".repeat(1_000_000))).isFalse();
    assertThat(SECRETS.isIn("x" + "ac_".repeat(1_000_000))).isFalse();
    assertThat(SECRETS.mayBeIn("abcdefgh-1234_678" + "ac_".repeat(1_000_000))).isFalse();
    assertThat(SECRETS.isIn("%25".repeat(1_000_000))).isFalse();
    assertThat(SECRETS.isIn("rt_" + "_-".repeat(1_000_000))).isFalse();
  }

  // CUT and a digit: without so many characters at the end.
  private static String written(String text) {
    String written = text.replace("BODY", BODY);
    for (int missing = 1; missing <= 8; missing++) {
      written = written.replace("CUT" + missing, BODY.substring(0, BODY.length() - missing));
    }
    return written;
  }

  @Test
  void codeMayStandInTheQueryOfItsPageAndNoOtherSecretMay() {
    String code = "code=ac_" + BODY.repeat(4);
    assertThat(SECRETS.isIn(code)).isTrue();
    assertThat(SECRETS.isInPageQuery(code)).isFalse();
    assertThat(SECRETS.isInPageQuery(code + "&token=reset_" + BODY)).isTrue();
    assertThat(SECRETS.isInPageQuery("rt_" + BODY)).isTrue();
  }

  @Test
  void eachKindOfSecretHasItsOwnForm() {
    List<SecretForm> forms =
        List.of(
            Tokens.REFRESH_TOKEN,
            Sessions.SECRET,
            SignatureKeys.REQUEST_SECRET_FORM,
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
