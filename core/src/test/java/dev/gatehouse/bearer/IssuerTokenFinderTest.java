package dev.gatehouse.bearer;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.Base64URL;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IssuerTokenFinderTest {

  private static final IssuerTokenFinder TOKENS = new IssuerTokenFinder("https://gate.example.com");

  private static String token(String claims) {
    return Base64URL.encode("{\"alg\":\"ES256\"}")
        + "."
        + Base64URL.encode(claims)
        + "."
        + Base64URL.encode("a signature");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"iss\":\"https://gate.example.com\"}",
        "{\"iss\":\"https://gate.example.com\",\"aud\":\"a\"}",
        "{\"a\":1,\"iss\":\"https://gate.example.com\"}",
        "{\"a\":12,\"iss\":\"https://gate.example.com\",\"b\":2}",
        "{\"a\":123,\"iss\":\"https://gate.example.com\",\"c\":34}",
      })
  void findsTokenWhereverItsIssuerStands(String claims) {
    String token = token(claims);
    assertThat(TOKENS.isIn(token)).isTrue();
    assertThat(TOKENS.isIn("name:xx" + token + "=, b=c")).isTrue();
    assertThat(TOKENS.isIn(token.substring(1, token.length() - 3))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"iss\":\"https://gate.example.com/\"}",
        "{\"iss\":\"https://gate.example.co\"}",
        "{\"aud\":\"https://gate.example.com\"}",
        "{}",
      })
  void takesNoOtherTokenForOne(String claims) {
    assertThat(TOKENS.isIn(token(claims))).isFalse();
  }
}
