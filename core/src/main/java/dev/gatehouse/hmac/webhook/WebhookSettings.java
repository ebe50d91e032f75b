package dev.gatehouse.hmac.webhook;

import java.time.Duration;

/// Settings of webhooks.
///
/// @param untimedEventRetention how long the use of an event without a signed time (GitHub's) is
///   remembered; the same body is refused within this time, even if the vendor sends it again; from
///   one minute to seven days
public record WebhookSettings(Duration untimedEventRetention) {

  private static final Duration MAX_UNTIMED_EVENT_RETENTION = Duration.ofDays(7);

  /// The settings if the configuration has none: one hour.
  public static final WebhookSettings DEFAULT = new WebhookSettings(Duration.ofHours(1));

  /// Checks the value. Throws [IllegalArgumentException], whose message gives the range, if it is
  /// outside the range.
  public WebhookSettings {
    if (untimedEventRetention.compareTo(Duration.ofMinutes(1)) < 0
        || untimedEventRetention.compareTo(MAX_UNTIMED_EVENT_RETENTION) > 0) {
      throw new IllegalArgumentException(
          "a body that is signed without a time is remembered from one minute to seven days");
    }
  }
}
