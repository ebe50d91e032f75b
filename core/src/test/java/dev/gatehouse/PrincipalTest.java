package dev.gatehouse;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrincipalTest {

  @ParameterizedTest
  @ValueSource(strings = {"a b", "a\nb", "a\u0000", "a\u007f", "\u00e4", "\ud83d\ude00"})
  void subjectAndCredentialAreVisibleAsciiSoThatEveryPlaceShowsTheSameText(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Principal(text, Method.OAUTH, "k_1", Scopes.NONE));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Principal("u_1", Method.OAUTH, text, Scopes.NONE));
  }
}
