package dev.gatehouse.hmac.webhook;

import java.time.Duration;

/// Settings of inbound webhooks.
///
/// @param untimedEventRetention how long a body is remembered that is signed without a time
///   (GitHub's): the same body is refused within it, also when the vendor's own people send it
///   again
public record WebhookSettings(Duration untimedEventRetention) {

  private static final Duration MAX_UNTIMED_EVENT_RETENTION = Duration.ofDays(7);

  /// What holds when nothing is set.
  public static final WebhookSettings DEFAULT = new WebhookSettings(Duration.ofHours(1));

  /// Checks it; throws [IllegalArgumentException] that says what it must be.
  public WebhookSettings {
    if (untimedEventRetention.compareTo(Duration.ofMinutes(1)) < 0
        || untimedEventRetention.compareTo(MAX_UNTIMED_EVENT_RETENTION) > 0) {
      throw new IllegalArgumentException(
          "a body that is signed without a time is remembered from one minute to seven days");
    }
  }
}
