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

class BearerTokensTest {

  private static final String OURS = "https://gate.example.com";
  private static final String THEIRS = "https://id.example.com";
  private static final Policy BOTH = Policy.accepting(Method.JWT, Method.OAUTH);
  private static final Policy JWT = Policy.accepting(Method.JWT);
  private static final Policy OAUTH = Policy.accepting(Method.OAUTH);
  private static final Policy NEITHER = Policy.accepting(Method.API_KEY);

  private static BearerTokens tokens(boolean opaque) {
    return new BearerTokens(
        OURS, Set.of(THEIRS), opaque, new OwnSecrets(List.of(SecretForm.base62("rt_"))));
  }

  private static String from(String issuer) {
    return Base64URL.encode("{}")
        + "."
        + Base64URL.encode("{\"iss\":\"" + issuer + "\"}")
        + "."
        + Base64URL.encode("signature");
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

  @Test
  void ownSecretsBelongToNoOtherIssuer() {
    String secret = SecretForm.base62("rt_").random();
    for (Policy policy : Set.of(BOTH, JWT, OAUTH, NEITHER)) {
      assertThat(tokens(true).methodOf(secret, policy)).isEqualTo(Method.JWT);
    }
    assertThat(tokens(true).isOwnSecret(secret)).isTrue();
    assertThat(tokens(true).isOwnSecret("opaque")).isFalse();
  }

  @Test
  void withoutOwnTokensEveryTokenBelongsToOAuth() {
    BearerTokens foreignOnly = new BearerTokens(null, Set.of(THEIRS), true, OwnSecrets.NONE);
    for (Policy policy : Set.of(OAUTH, NEITHER)) {
      assertThat(foreignOnly.methodOf(from(OURS), policy)).isEqualTo(Method.OAUTH);
      assertThat(foreignOnly.methodOf("opaque", policy)).isEqualTo(Method.OAUTH);
    }
  }
}
