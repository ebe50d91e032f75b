package dev.gatehouse.server.signin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.HeaderFields;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FormRequestTest {

  private static AuthRequest request(String target) {
    return new AuthRequest(
        "POST",
        target,
        HeaderFields.of(
            Map.of("Content-Type", List.of("application/x-www-form-urlencoded; charset=utf-8"))),
        InetAddress.getLoopbackAddress());
  }

  private static FormRequest form(String body) {
    return FormRequest.writing(request("/login"), body);
  }

  private static FormRequest query(String query) {
    return FormRequest.reading(request("/auth/acme/callback?" + query));
  }

  @Test
  void emptyPairsOfAFormAreNoFields() {
    for (String more : List.of("&&", "&=", "&=&=", "&".repeat(40), "&=".repeat(40))) {
      assertThat(form("a=b" + more).parameters()).as(more).isEqualTo(Map.of("a", List.of("b")));
      assertThat(query(more.substring(1) + "&a=b").parameters()).containsKey("a");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a=b&a=c", "a=b&a", "=1&=2", "%61=b&a=b", "x=%E9", "x=%"})
  void formInWhichAFieldIsThereTwiceOrUnreadableIsRefused(String body) {
    assertThatThrownBy(() -> form(body)).isInstanceOf(FormRequest.BadInputException.class);
  }

  @Test
  void formOfMoreFieldsThanAreTakenIsRefused() {
    StringBuilder body = new StringBuilder("a=b");
    for (int i = 1; i < 32; i++) {
      body.append("&f").append(i).append("=x");
    }
    assertThat(form(body.toString()).text("f31")).isEqualTo("x");
    assertThatThrownBy(() -> form(body + "&f=x")).hasMessageContaining("at most 32 fields");
    assertThatThrownBy(() -> query(body + "&f=x")).hasMessageContaining("at most 32 fields");
  }

  // RFC 6749 §4.1.2: the client MUST ignore unrecognized response parameters.
  @Test
  void parameterOfAQueryThatNoOneAsksForIsIgnoredHoweverItIsWritten() {
    FormRequest form = query("code=c&scope=a&scope=b&error_description=%E9t%E9&state=s&%E9=1");
    assertThat(form.text("code")).isEqualTo("c");
    assertThat(form.parameters()).isEqualTo(Map.of("code", List.of("c"), "state", List.of("s")));
    for (String name : List.of("scope", "error_description")) {
      assertThatThrownBy(() -> form.optional(name))
          .isInstanceOf(FormRequest.BadInputException.class);
    }
  }
}
