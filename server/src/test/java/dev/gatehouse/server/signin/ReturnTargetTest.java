package dev.gatehouse.server.signin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReturnTargetTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "\\/evil.example",
        "/\\/evil.example",
        "https:evil.example",
        "https:/evil.example",
        "https://evil.example",
        "https:///evil.example",
        "HTTPS://evil.example",
        "http:evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "evil.example",
        "@evil.example",
        ".evil.example",
        ":443/evil",
        "?x",
        "#x",
        "",
        " ",
        " /orders",
        "/orders ",
        "/\t/evil.example",
        "\t//evil.example",
        "/\n/evil.example",
        "/\r\nLocation: https://evil.example",
        "/\u0000",
        "/\u00e9",
        "/\u2028/evil.example",
        "/\u2044evil.example",
        "\uff0f/evil.example",
      })
  void rejectsTargetThatMayLeadToAnotherOrigin(String target) {
    assertThat(ReturnTarget.parse(Optional.of(target), "")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/orders",
        "/orders?page=2&x=https://evil.example#top",
        "/@evil.example",
        "/a//b",
        "/:443",
        "/auth",
        "/authors",
        "/AUTH/acme", // paths are compared as they are written: this is no path of the gate
        "/app/auth/acme",
        "/orders?return=/auth/acme",
        "/orders#/auth/acme",
        "/caf%C3%A9",
      })
  void aPathOfThisOriginIsOne(String target) {
    assertThat(ReturnTarget.parse(Optional.of(target), "")).contains(target);
  }

  @Test
  void oneWithoutEndIsNone() {
    assertThat(ReturnTarget.parse(Optional.of("/" + "x".repeat(8_191)), "")).isPresent();
    assertThat(ReturnTarget.parse(Optional.of("/" + "x".repeat(8_192)), "")).isEmpty();
  }

  // A page of the gate that leads there would show itself as the page that began the sign-in.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/auth/acme",
        "/auth/acme?return=/app/callback&code_challenge_method=S256&code_challenge=x",
        "/auth/acme#x",
        "/auth/",
        "/auth/acme/",
        "/auth//acme",
        "/a//../../auth/acme",
        "/auth//../acme",
        "/auth/./acme",
        "/./auth/acme",
        "/../auth/acme",
        "/orders/../auth/acme",
        "/orders/%2e%2E/auth/acme",
        "/orders/.%2e/auth/acme",
        "/%61uth/acme",
        "/auth/%61cme",
        "/%61%75%74%68/acme?x",
        "/auth%2Facme",
        "/auth%5cacme",
        "/auth\\acme",
        "/auth;x/acme",
        "/auth/acme;x",
        "/%2F/evil.example",
      })
  void pathThatBeginsASignInIsNoTarget(String target) {
    assertThat(ReturnTarget.parse(Optional.of(target), "")).isEmpty();
    assertThat(ReturnTarget.parse(Optional.of("/_gate" + target), "/_gate")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/auth/acme", "/_gate/account", "/_gate/login"})
  void pathsOfSignInsLieBelowThePrefix(String target) {
    assertThat(ReturnTarget.parse(Optional.of(target), "/_gate")).contains(target);
  }
}
