package dev.gatehouse.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OriginTest {

  private static final Origin ORIGIN = Origin.of(URI.create("https://API.Example.com:443/"));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://api.example.com/v1",
        "https://api.example.com?x",
        "https://api.example.com#x",
        "https://alice:secret@api.example.com",
        "api.example.com",
        "/",
        "https:api",
        "ftp://api.example.com",
        "http://api.example.com",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
        "http://10.0.0.1",
        "http://[::2]"
      })
  void whatIsNoOriginOrWouldSendInTheClearIsRefused(String base) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Origin.of(URI.create(base)))
        .withMessageNotContaining("secret");
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://localhost:8080", "http://127.0.0.1", "http://[::1]:80/"})
  void plainHttpGoesToLoopback(String base) {
    assertThat(Origin.of(URI.create(base)).isHttps()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "https://api.example.com, https://api.example.com/",
    "HTTPS://API.example.COM:443?a=b#c, https://api.example.com/?a=b",
    "https://api.example.com/a%2Fb//c/../d?x=%20&y, https://api.example.com/a%2Fb//c/../d?x=%20&y",
    "https://api.example.com/ü?ü=€, https://api.example.com/%C3%BC?%C3%BC=%E2%82%AC"
  })
  void aRequestGoesOutInOneForm(String given, String sent) {
    assertThat(ORIGIN.own(URI.create(given))).hasToString(sent);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://evil.example.com/",
        "https://api.example.com.evil.example/",
        "https://api.example.com:444/",
        "http://api.example.com/",
        "http://api.example.com:443/",
        "https://api.example.com@evil.example/",
        "https://alice@api.example.com/",
        "/orders",
        "//api.example.com/",
        "mailto:api.example.com",
        "https://api_example.com/"
      })
  void nothingIsSentToAnotherOrigin(String other) {
    assertThatIllegalArgumentException().isThrownBy(() -> ORIGIN.own(URI.create(other)));
  }

  @Test
  void aPathCannotLeadElsewhere() {
    assertThat(ORIGIN.resolve("/orders?a=b")).hasToString("https://api.example.com/orders?a=b");
    assertThat(ORIGIN.resolve("//evil.example/"))
        .hasToString("https://api.example.com//evil.example/");
    for (String elsewhere : new String[] {".evil.example/", "@evil.example/", ":444/", "", "x"}) {
      assertThatIllegalArgumentException().isThrownBy(() -> ORIGIN.resolve(elsewhere));
    }
  }
}
