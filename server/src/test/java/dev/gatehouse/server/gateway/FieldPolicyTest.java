package dev.gatehouse.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class FieldPolicyTest {

  @Test
  void noTwoSubjectsLookAlikeInAField() {
    assertThat(FieldPolicy.visible("u_7f3a")).isEqualTo("u_7f3a");
    assertThat(FieldPolicy.visible("https://issuer|sub")).isEqualTo("https://issuer|sub");
    assertThat(FieldPolicy.visible("a b")).isEqualTo("a%20b");
    assertThat(FieldPolicy.visible("a%20b")).isEqualTo("a%2520b");
    assertThat(FieldPolicy.visible("\u00e4\r\nX: y")).isEqualTo("%C3%A4%0D%0AX:%20y");
    assertThat(FieldPolicy.visible("\u65e5")).isNotEqualTo(FieldPolicy.visible("\u672c"));
  }

  @Test
  void aNameIsFoundInEverySpellingAndNoOtherIs() {
    FieldNames<String> names =
        new FieldNames<String>()
            .add("whole", List.of("X-Auth-Subject"))
            .add("all", List.of("X-F-*"));
    assertThat(names.find("x_auth.subject")).isEqualTo("whole");
    assertThat(names.find("X-Auth-Subjects")).isNull();
    assertThat(names.find("X-Auth-Subjec")).isNull();
    assertThat(names.find("x_f_or")).isEqualTo("all");
    assertThat(names.find("X-F")).isNull();
    assertThat(names.find("!")).isNull();
  }
}
