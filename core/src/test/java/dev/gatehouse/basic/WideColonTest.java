package dev.gatehouse.basic;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;

class WideColonTest {

  @Test
  void aColonThatComesOutOfFoldingDoesNotMoveTheBorderOfNameAndPassword() {
    // U+FF1A folds to the colon that RFC 7617 §2 keeps out of names.
    assertThat(bytes("alice\uff1ax:secret")).isNotEqualTo(bytes("alice:x:secret"));
  }

  private static byte[] bytes(String pair) {
    String text = Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    return PresentedBasic.parse(text).orElseThrow().bytes();
  }
}
