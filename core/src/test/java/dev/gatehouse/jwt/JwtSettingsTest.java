package dev.gatehouse.jwt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.gatehouse.signing.SigningAlgorithm;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class JwtSettingsTest {

  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration WEEK = Duration.ofDays(7);
  private static final Duration MONTH = Duration.ofDays(30);

  private static JwtSettings of(
      Duration access, Duration refresh, Duration family, Duration grace, Duration skew) {
    return new JwtSettings(
        "https://gate.example.com",
        "orders",
        "orders",
        SigningAlgorithm.ES256,
        access,
        refresh,
        family,
        grace,
        skew);
  }

  @Test
  void defaultsAreTheContracts() {
    assertThat(JwtSettings.of("https://gate.example.com", "orders", "orders"))
        .isEqualTo(
            of(Duration.ofMinutes(15), WEEK, MONTH, Duration.ofSeconds(10), Duration.ofSeconds(5)));
  }

  @Test
  void limitsAreWithinAndWhatIsBeyondIsRefused() {
    of(MINUTE, WEEK, WEEK, MINUTE, MINUTE);
    of(HOUR, HOUR, Duration.ofDays(366), Duration.ZERO, Duration.ZERO);
    refused("access", () -> of(MINUTE.minusMillis(1), WEEK, MONTH, Duration.ZERO, Duration.ZERO));
    refused("access", () -> of(HOUR.plusMillis(1), WEEK, MONTH, Duration.ZERO, Duration.ZERO));
    refused("refresh", () -> of(HOUR, WEEK.plusMillis(1), WEEK, Duration.ZERO, Duration.ZERO));
    // The family would be purged while its access token is good.
    refused("refresh", () -> of(HOUR, HOUR.minusMillis(1), WEEK, Duration.ZERO, Duration.ZERO));
    refused("family", () -> of(HOUR, WEEK, Duration.ofDays(367), Duration.ZERO, Duration.ZERO));
    refused("grace", () -> of(HOUR, WEEK, MONTH, MINUTE.plusMillis(1), Duration.ZERO));
    refused("grace", () -> of(HOUR, WEEK, MONTH, Duration.ofMillis(-1), Duration.ZERO));
    refused("skew", () -> of(HOUR, WEEK, MONTH, Duration.ZERO, MINUTE.plusMillis(1)));
  }

  @Test
  void namesAreVisibleAsciiAndNotEmpty() {
    refused("issuer", () -> JwtSettings.of("", "orders", "orders"));
    refused("issuer", () -> JwtSettings.of("a b", "orders", "orders"));
    refused("audience", () -> JwtSettings.of("gate", "", "orders"));
    refused("audience", () -> JwtSettings.of("gate", "x".repeat(501), "orders"));
    refused("realm", () -> JwtSettings.of("gate", "orders", "a\nb"));
  }

  private static void refused(String why, Runnable made) {
    assertThatIllegalArgumentException().isThrownBy(made::run).withMessageContaining(why);
  }
}
