package dev.gatehouse.server.gateway;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
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

  @Test
  void exactNameCountsBeforeABeginningAndALongBeginningBeforeAShortOne() {
    FieldNames<String> names =
        new FieldNames<String>()
            .add("short", List.of("X-A-*"))
            .add("long", List.of("X-A-B-*"))
            .add("whole", List.of("X-A-B-C"));
    assertThat(names.find("x-a-c")).isEqualTo("short");
    assertThat(names.find("x-a-b-d")).isEqualTo("long");
    assertThat(names.find("x-a-b-c")).isEqualTo("whole");
  }

  @Test
  void documentationListsTheIdentityFieldsOfOtherGateways() throws IOException {
    String page = Files.readString(Path.of("../docs/reference/fields.md"));
    String names =
        ClientFields.IDENTITY_OF_OTHER_GATEWAYS.stream()
            .map(name -> "`" + name + "`")
            .collect(joining(", "));

    assertThat(page.replaceAll("\\s+", " ")).contains(names + ".");
  }

  @Test
  void documentationListsWhatOnlyTheGateMaySayAndWhatMakesAnotherRequest() throws IOException {
    String page = Files.readString(Path.of("../docs/reference/fields.md"));
    String removed =
        page.substring(
            page.indexOf("## What is removed"),
            page.indexOf("### Identity fields of other gateways"));

    assertThat(
            Stream.of(ControlledFields.ORIGIN_OF_REQUEST, ControlledFields.REQUEST_OVERRIDES)
                .flatMap(List::stream)
                .filter(name -> !List.of("Host", "Forwarded").contains(name))) // in a table above
        .allSatisfy(name -> assertThat(removed).contains("`" + name + "`"));
  }

  @Test
  void addressBesideTheIdentityFieldsIsNotKept() {
    for (String address : List.of("X-Remote-Addr", "X-Remote-IP", "X-Forwarded-For")) {
      assertThatIllegalArgumentException()
          .as(address)
          .isThrownBy(() -> ClientFields.keepable(address));
    }
    assertThat(ClientFields.keepable("X-Remote-User")).isEqualTo("X-Remote-User");
    assertThat(ClientFields.keepable("OIDC_CLAIM_sub")).isEqualTo("OIDC_CLAIM_sub");
  }
}
