package dev.gatehouse.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenAnswerTest {

  private static final String GOOD =
      "{\"accessToken\":\"at\",\"refreshToken\":\"rt\",\"tokenType\":\"Bearer\",\"expiresIn\":900}";

  private static TokenAnswer read(String text) throws ParseException {
    return TokenAnswer.read(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void bothWaysOfNamingTheMembersAreRead() throws Exception {
    assertThat(read(GOOD)).isEqualTo(new TokenAnswer("at", "rt", Duration.ofMinutes(15)));
    assertThat(
            read(
                "{\"access_token\":\"at\",\"token_type\":\"bearer\",\"expires_in\":60,"
                    + "\"scope\":\"a b\",\"more\":[{}]}"))
        .isEqualTo(new TokenAnswer("at", null, Duration.ofMinutes(1)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"at\"|null",
        "\"at\"|1",
        "\"at\"|\"\"",
        "\"at\"|\"a b\"",
        "\"at\"|\"a\\r\\nX: y\"",
        "\"at\"|\"ü\"",
        "\"rt\"|null",
        "\"rt\"|{}",
        "\"rt\"|\"\"",
        "\"Bearer\"|\"DPoP\"",
        "\"Bearer\"|null",
        "900|0",
        "900|-1",
        "900|\"900\"",
        "900|900.0",
        "900|1e3",
        "900|null",
        "900|99999999999",
        "accessToken|AccessToken",
        "tokenType|token_type",
        "expiresIn|expires"
      })
  void anAnswerThatIsNoneOfTheContractIsRefused(String change) {
    String[] parts = change.split("\\|", -1);
    String bad = GOOD.replace(parts[0], parts[1]);
    assertThat(bad).isNotEqualTo(GOOD);
    assertThatThrownBy(() -> read(bad)).isInstanceOf(ParseException.class);
  }

  @Test
  void itsTextHoldsNoToken() throws Exception {
    assertThat(read(GOOD).toString()).doesNotContain("at\"", "rt").isEqualTo("TokenAnswer[…]");
  }
}
