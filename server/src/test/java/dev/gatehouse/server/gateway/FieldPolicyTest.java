package dev.gatehouse.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class FieldPolicyTest {

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
