package dev.gatehouse.hmac.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class MessageSignatureSettingsTest {

  @Test
  void theChallengeAsksForWhatIsRequired() {
    assertThat(MessageSignatureSettings.defaults().acceptSignature("n1"))
        .isEqualTo("sig=(\"@method\" \"@target-uri\" \"content-digest\");created;nonce=\"n1\"");
    assertThat(
            new MessageSignatureSettings(
                    List.of("@method", "@authority", "@path", "@query", "content-digest", "date"),
                    false,
                    "mine",
                    "my-app")
                .acceptSignature("n1"))
        .isEqualTo(
            "mine=(\"@method\" \"@authority\" \"@path\" \"@query\" \"content-digest\" \"date\")"
                + ";created;tag=\"my-app\"");
  }

  @Test
  void noSettingLeavesMethodOrTargetOpen() {
    refused(List.of());
    refused(List.of("@method"));
    refused(List.of("@target-uri"));
    refused(List.of("@method", "@authority"));
    refused(List.of("@method", "@authority", "@path"));
    refused(List.of("@method", "@path", "@query"));
    refused(List.of("@method", "@request-target"));
  }

  @Test
  void onlyComponentsThatThereAreCanBeRequired() {
    refused(List.of("@method", "@target-uri", "@status"));
    refused(List.of("@method", "@target-uri", "@query-param"));
    refused(List.of("@method", "@target-uri", "Date"));
    refused(List.of("@method", "@target-uri", "date", "date"));
    refused(List.of("@method", "@target-uri", "created"), "parameter");
  }

  @Test
  void labelAndTagHaveTheirForm() {
    for (String label : List.of("", "Sig", "1", "a b", "a,b=1")) {
      assertThatThrownBy(
              () ->
                  new MessageSignatureSettings(
                      List.of("@method", "@target-uri"), true, label, null))
          .as(label)
          .isInstanceOf(IllegalArgumentException.class);
    }
    for (String tag : List.of("", "a b", "\u00e9")) {
      assertThatThrownBy(
              () ->
                  new MessageSignatureSettings(List.of("@method", "@target-uri"), true, null, tag))
          .as(tag)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  private static void refused(List<String> components) {
    refused(components, "");
  }

  private static void refused(List<String> components, String says) {
    assertThatThrownBy(() -> new MessageSignatureSettings(components, true, null, null))
        .as("%s", components)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(says);
  }
}
