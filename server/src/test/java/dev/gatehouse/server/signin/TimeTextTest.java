package dev.gatehouse.server.signin;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimeTextTest {

  private static final Instant NOW = Instant.parse("2026-03-10T14:05:59Z");

  @Test
  void aMinuteIsInUtcAndSaysSo() {
    assertThat(TimeText.at(NOW)).isEqualTo("10 Mar 2026, 14:05 UTC");
  }

  @ParameterizedTest
  @CsvSource({
    "2026-03-10T14:06:30Z, just now",
    "2026-03-10T14:05:00Z, just now",
    "2026-03-10T14:04:59Z, 1 minute ago",
    "2026-03-10T13:06:00Z, 59 minutes ago",
    "2026-03-10T13:05:59Z, 1 hour ago",
    "2026-03-09T14:06:00Z, 23 hours ago",
    "2026-03-09T14:05:59Z, 1 day ago",
    "2026-02-08T14:05:59Z, 30 days ago",
    "2026-02-08T14:05:58Z, 8 Feb 2026",
    "1970-01-01T00:00:00Z, 1 Jan 1970"
  })
  void howLongAgo(Instant then, String words) {
    assertThat(TimeText.ago(then, NOW)).isEqualTo(words);
  }

  @Test
  void whatNeverWasIsSaidToBeNever() {
    assertThat(TimeText.ago(null, NOW)).isEqualTo("never");
  }
}
