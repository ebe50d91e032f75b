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
  void pitfall46WhatMayLeadToAnotherOriginIsNoTarget(String target) {
    assertThat(ReturnTarget.parse(Optional.of(target))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/orders",
        "/orders?page=2&x=https://evil.example#top",
        "/@evil.example",
        "/%2F/evil.example", // a browser does not decode a path
        "/a//b",
        "/:443",
      })
  void aPathOfThisOriginIsOne(String target) {
    assertThat(ReturnTarget.parse(Optional.of(target))).contains(target);
  }

  @Test
  void oneWithoutEndIsNone() {
    assertThat(ReturnTarget.parse(Optional.of("/" + "x".repeat(1_999)))).isPresent();
    assertThat(ReturnTarget.parse(Optional.of("/" + "x".repeat(2_000)))).isEmpty();
  }
}
