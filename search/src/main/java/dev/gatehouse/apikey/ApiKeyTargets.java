package dev.gatehouse.apikey;

import dev.gatehouse.search.Holds;
import dev.gatehouse.search.Inputs;

/// API keys.
public final class ApiKeyTargets {

  private static final String PREFIX = "gk_";

  private ApiKeyTargets() {}

  /// The text of a key. One that differs in a character from one that is accepted is refused.
  public static void key(byte[] input) {
    String text = Inputs.latin1(input);
    PresentedApiKey.parse(text, PREFIX)
        .ifPresent(
            key -> {
              Holds.equal(key.reveal(), text);
              for (int i = 0; i < text.length(); i++) {
                char other = text.charAt(i) == 'A' ? 'B' : 'A';
                Holds.that(
                    PresentedApiKey.parse(
                            text.substring(0, i) + other + text.substring(i + 1), PREFIX)
                        .isEmpty(),
                    "the checksum covers every character");
              }
            });
  }
}
