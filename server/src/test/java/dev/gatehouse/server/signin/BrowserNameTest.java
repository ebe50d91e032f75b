package dev.gatehouse.server.signin;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BrowserNameTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Firefox on Linux | Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "Chrome on Windows | Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML,"
            + " like Gecko) Chrome/140.0.0.0 Safari/537.36",
        "Edge on Windows | Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML,"
            + " like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
        "Safari on macOS | Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15"
            + " (KHTML, like Gecko) Version/18.0 Safari/605.1.15",
        "Safari on iPhone | Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)"
            + " AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
        "Chrome on iPhone | Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)"
            + " AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0 Mobile/15E148 Safari/604.1",
        "Chrome on Android | Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like"
            + " Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
        "Firefox | Mozilla/5.0 (rv:140.0) Gecko/20100101 Firefox/140.0"
      })
  void browsersAreNamedAsPeopleNameThem(String name, String agent) {
    assertThat(BrowserName.of(agent)).contains(name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "curl/8.5.0", "Java-http-client/25", "Firefox/140.0", "Mozilla/4.0"})
  void whatIsNoBrowserIsCalledNone(String agent) {
    assertThat(BrowserName.of(agent)).isEmpty();
  }
}
