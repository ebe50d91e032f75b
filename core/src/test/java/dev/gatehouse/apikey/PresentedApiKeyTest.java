package dev.gatehouse.apikey;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PresentedApiKeyTest {

  private static final String PREFIX = "gk_";

  @Test
  void aNewKeyIsReadBack() {
    for (int i = 0; i < 100; i++) {
      String text = PresentedApiKey.random(PREFIX).reveal();
      assertThat(PresentedApiKey.parse(text, PREFIX).map(PresentedApiKey::reveal)).contains(text);
    }
  }

  // Its checksum is right for its own prefix, and its length is that of a key.
  @ParameterizedTest
  @ValueSource(strings = {"gx_", "xk_", "gkx", "GK_"})
  void aKeyWithAnotherPrefixIsRefused(String prefix) {
    assertThat(PresentedApiKey.parse(PresentedApiKey.random(prefix).reveal(), PREFIX)).isEmpty();
  }
}
