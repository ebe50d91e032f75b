package dev.gatehouse.secret;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LoggedTextTest {

  private static final String BODY = "0123456789abcdefghijABCDEFGHIJ0123456789abc";

  @ParameterizedTest
  @CsvSource({
    "rt_BODY, ...",
    "the answer is one of session_BODY, the answer is one of ...",
    "https://x.example/reset_BODY?a=1, https://x.example/...?a=1",
    "\"reset_BODY\";sf, \"...\";sf",
    "reset%5FBODY, ...",
    "reset%255FBODY, ...",
    "%72eset_BODY, ...",
    "x%20sk_live_BODY, ...",
    "my-rt_BODY, ...",
    "whsec_MfKQ9r8GKYqrTwjU/PD8ILPZIo2LaLaSw and more, ... and more",
    "rt_0123456789abcdefghijABCDEFGH, ...",
  })
  void leavesSecretsOut(String text, String logged) {
    assertThat(LoggedText.of(text.replace("BODY", BODY))).isEqualTo(logged);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "_",
        "%",
        "wrong form; not looked up",
        "k_0123456789abcdefghijAB was revoked",
        "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:",
        "GET /my_orders/of_a_customer_with_a_long_name/2026",
        "rt_9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
      })
  void leavesTheRestAsItIs(String text) {
    assertThat(LoggedText.of(text)).isEqualTo(text);
  }

  @Test
  void longTextTakesTimeInProportion() {
    String underscores = "_".repeat(1_000_000);
    assertThat(LoggedText.of(underscores)).isEqualTo(underscores);
  }
}
