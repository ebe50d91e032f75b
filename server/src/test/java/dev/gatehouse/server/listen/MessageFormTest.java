package dev.gatehouse.server.listen;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageFormTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost",
        "localhost:8443",
        "localhost.",
        "localhost.:8443",
        "API.example.com",
        "xn--bcher-kva.example",
        "my_api",
        "10.0.0.1:80",
        "[::1]",
        "[::1]:8443",
        "[::]",
        "[2001:DB8:0:0:0:0:0:1]",
        "[::ffff:10.0.0.1]:80",
      })
  void takesHostsOfRfc3986(String authority) {
    assertThat(MessageForm.isAuthority(authority)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":80",
        "[]",
        "[::1",
        "[::1]x",
        "[::::::]",
        "[:]",
        "[1]",
        "[1]:443",
        "[1.2.3.4]",
        "[::1::2]",
        "[12345::1]",
        "[1:2:3:4:5:6:7:8:9]",
        "[::1%25lo]",
        "[v1.a]",
        ".",
        "..",
        ".:80",
        ".a",
        "a..",
        "a..b",
        "a..b:80",
        "a:99999",
      })
  void refusesWhatIsNoHostOfRfc3986(String authority) {
    assertThat(MessageForm.isAuthority(authority)).isFalse();
  }
}
