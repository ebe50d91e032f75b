package dev.gatehouse.server.config;

import dev.gatehouse.RefusalLog;
import java.time.Duration;

/// How much the gate keeps of data that grows with use, and for how long.
///
/// @param refusalLinesPerMinute how many refusals of callers without a verified credential are
///   logged one by one: see [RefusalLog]
/// @param acceptedCredentials for how long an accepted credential is remembered
/// @param uses how long the count of a credential that is not used any more is kept
/// @param useRows how many such counts are kept
/// @param endedCredentials how long keys and certificates are kept that ended
/// @param endedCredentialRows how many of each kind are kept that ended
public record RetentionConfig(
    int refusalLinesPerMinute,
    Duration acceptedCredentials,
    Duration uses,
    int useRows,
    Duration endedCredentials,
    int endedCredentialRows) {

  // 400 days are longer than a year, so a credential that is used once a year counts as used.
  static final RetentionConfig DEFAULT =
      new RetentionConfig(
          RefusalLog.DEFAULT_LINES_PER_MINUTE,
          Duration.ofSeconds(60),
          Duration.ofDays(400),
          1_000_000,
          Duration.ofDays(400),
          100_000);

  // Shorter than the shortest idle time of a session: each look-up of a session begins a new idle
  // time.
  private static final Duration MAX_ACCEPTED_CREDENTIALS_RETENTION = Duration.ofMinutes(4);

  static final Duration MAX_RETENTION = Duration.ofDays(3650);

  static RetentionConfig read(Section retention) {
    RetentionConfig read =
        new RetentionConfig(
            retention.integer("refusalLinesPerMinute", DEFAULT.refusalLinesPerMinute, 5, 1_000_000),
            retention.duration(
                "acceptedCredentials",
                DEFAULT.acceptedCredentials,
                Duration.ofSeconds(1),
                MAX_ACCEPTED_CREDENTIALS_RETENTION),
            retention.duration("uses", DEFAULT.uses, Duration.ofDays(1), MAX_RETENTION),
            retention.integer("useRows", DEFAULT.useRows, 1_000, 100_000_000),
            retention.duration(
                "endedCredentials", DEFAULT.endedCredentials, Duration.ofDays(1), MAX_RETENTION),
            retention.integer(
                "endedCredentialRows", DEFAULT.endedCredentialRows, 1_000, 100_000_000));
    retention.refuseUnknown();
    return read;
  }
}
