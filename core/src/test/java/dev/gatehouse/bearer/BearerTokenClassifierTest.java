package dev.gatehouse.bearer;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.Base64URL;
import dev.gatehouse.Method;
import dev.gatehouse.Policy;
import dev.gatehouse.secret.OwnSecrets;
import dev.gatehouse.secret.SecretForm;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BearerTokenClassifierTest {

  private static final String OURS = "https://gate.example.com";
  private static final String THEIRS = "https://id.example.com";
  private static final Policy BOTH = Policy.accepting(Method.JWT, Method.OAUTH);
  private static final Policy JWT = Policy.accepting(Method.JWT);
  private static final Policy OAUTH = Policy.accepting(Method.OAUTH);
  private static final Policy NEITHER = Policy.accepting(Method.API_KEY);

  private static BearerTokenClassifier tokens(boolean opaque) {
    return new BearerTokenClassifier(
        OURS, true, Set.of(THEIRS), opaque, new OwnSecrets(List.of(SecretForm.base62("rt_"))));
  }

  private static String from(String issuer) {
    return Base64URL.encode("{\"alg\":\"ES256\"}")
        + "."
        + Base64URL.encode("{\"iss\":\"" + issuer + "\"}")
        + "."
        + Base64URL.encode("a signature");
  }

  private static boolean isWithheldFromIssuers(String token) {
    PresentedJwt jwt = PresentedJwt.parse(token).orElse(null);
    return tokens(true).isWithheldFromIssuers(token, jwt);
  }

  @Test
  void tokenOfAKnownIssuerBelongsToThatMethodOnEveryRoute() {
    for (Policy policy : Set.of(BOTH, JWT, OAUTH, NEITHER)) {
      assertThat(tokens(true).methodOf(from(OURS), policy)).isEqualTo(Method.JWT);
      assertThat(tokens(true).methodOf(from(THEIRS), policy)).isEqualTo(Method.OAUTH);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://id.example.com/", "https://ID.example.com", "", "null"})
  void otherTokensBelongToTheOneMethodThatTheRouteTakes(String issuer) {
    for (boolean opaque : new boolean[] {true, false}) {
      assertThat(tokens(opaque).methodOf(from(issuer), BOTH)).isEqualTo(Method.JWT);
      assertThat(tokens(opaque).methodOf(from(issuer), JWT)).isEqualTo(Method.JWT);
      assertThat(tokens(opaque).methodOf(from(issuer), OAUTH)).isEqualTo(Method.OAUTH);
      assertThat(tokens(opaque).methodOf(from(issuer), NEITHER)).isEqualTo(Method.JWT);
    }
  }

  @Test
  void tokenThatSaysNothingBelongsToWhoCanAskAboutIt() {
    assertThat(tokens(true).methodOf("opaque", BOTH)).isEqualTo(Method.OAUTH);
    assertThat(tokens(true).methodOf("opaque", JWT)).isEqualTo(Method.JWT);
    assertThat(tokens(false).methodOf("opaque", BOTH)).isEqualTo(Method.JWT);
    assertThat(tokens(false).methodOf("opaque", OAUTH)).isEqualTo(Method.OAUTH);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"SECRET", "x.SECRET", "SECRETAA.AAAA.AAAA", "AAAA.SECRETAA.AAAA", "SECRET-"})
  void ownSecretsBelongToNoOtherIssuer(String form) {
    String secret = form.replace("SECRET", SecretForm.base62("rt_").random());
    assertThat(isWithheldFromIssuers(secret)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HEAD.BODY.SIGN=",
        "HEAD=.BODY.SIGN",
        "HEAD.BODY=.SIGN",
        "HEAD.BODY.SIGB", // SIGN, and a bit that stands for nothing
        "HEAD.BODY.SIGN.",
        "HEAD.BODY.SIGN..",
        "HEAD.BODY.SIGN.AAAA",
        "HEAD.BODY.SIGN.AAAA.AAAA",
        ".HEAD.BODY.SIGN",
        "x.HEAD.BODY.SIGN",
        "HEAD.BODY.",
        "HEAD.BODY",
        ".BODY.SIGN",
        "BODY.SIGN",
        "BODY.SIGN~",
        "xBODY.SIGN",
        "HEAD..SIGN",
        "HEAD..BODY.SIGN",
        "HEAD.~BODY.SIGN",
        "~HEAD.BODY.SIGN",
        "Bearer+HEAD.BODY.SIGN",
        "HEAD.BODY.SIGN~",
        "HEAD.BODY.SIGN/HEAD.BODY.SIGN",
        "HEAD.xxBODY.SIGN", // well formed, and can't be read
      })
  void damagedTokenIsForNoIssuer(String form) {
    String[] parts = from(OURS).split("\\.", -1);
    assertThat(parts[2]).hasSize(15).endsWith("U");
    String token =
        form.replace("HEAD", parts[0])
            .replace("BODY", parts[1])
            .replace("SIGN", parts[2])
            .replace("SIGB", parts[2].substring(0, parts[2].length() - 1) + "V");
    assertThat(isWithheldFromIssuers(token)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "opaque",
        "opaque.of.three~parts",
        "eyJpdiI6ImEifQ", // JSON in base64url, without a dot
        "eyJpdiI6ImEifQ==",
        "eyJpdiI6ImEifQ.AAAA",
        "eyJlbmMiOiJBMjU2R0NNIn0..AAAA.AAAA.AAAA", // encrypted: RFC 7516 §3.1
        "v4.public.eyJpc3MiOiJhIn0AAAA",
        "ory_at_AAAA.AAAA",
      })
  void opaqueTokenMayBeAskedAbout(String token) {
    assertThat(isWithheldFromIssuers(token)).isFalse();
    assertThat(tokens(true).methodOf(token, BOTH)).isEqualTo(Method.OAUTH);
  }

  @Test
  void signedTokenMayBeAskedAbout() {
    assertThat(isWithheldFromIssuers(from(THEIRS))).isFalse();
    assertThat(isWithheldFromIssuers(from(THEIRS).replaceFirst("\\..*\\.", ".e30."))).isFalse();
  }

  @Test
  void withoutOwnTokensEveryTokenBelongsToOAuth() {
    BearerTokenClassifier foreignOnly =
        new BearerTokenClassifier(OURS, false, Set.of(THEIRS), true, OwnSecrets.NONE);
    for (Policy policy : Set.of(OAUTH, NEITHER)) {
      assertThat(foreignOnly.methodOf(from(OURS), policy)).isEqualTo(Method.OAUTH);
      assertThat(foreignOnly.methodOf("opaque", policy)).isEqualTo(Method.OAUTH);
    }
  }
}
