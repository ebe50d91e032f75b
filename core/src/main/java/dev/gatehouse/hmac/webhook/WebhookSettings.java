package dev.gatehouse.hmac.webhook;

import java.time.Duration;

/// Settings of inbound webhooks.
///
/// @param window how far a signed time may be from now, before and after
/// @param untimedMemory how long a body is remembered that is signed without a time (GitHub's): the
///   same body is refused within it, also when the vendor's own people send it again
public record WebhookSettings(Duration window, Duration untimedMemory) {

  /// What holds when nothing is set.
  public static final WebhookSettings DEFAULT =
      new WebhookSettings(Duration.ofMinutes(5), Duration.ofHours(1));

  private static final Duration MAX_WINDOW = Duration.ofHours(1);
  private static final Duration MAX_MEMORY = Duration.ofDays(7);

  /// Checks both; throws [IllegalArgumentException] that says what they must be.
  public WebhookSettings {
    if (window.compareTo(Duration.ofSeconds(1)) < 0 || window.compareTo(MAX_WINDOW) > 0) {
      throw new IllegalArgumentException("a window lasts from one second to one hour");
    }
    if (untimedMemory.compareTo(Duration.ofMinutes(1)) < 0
        || untimedMemory.compareTo(MAX_MEMORY) > 0) {
      throw new IllegalArgumentException(
          "bodies signed without a time are remembered from one minute to seven days");
    }
  }
}
