package dev.gatehouse.credential;

import java.time.Duration;
import java.time.Instant;
import java.util.PriorityQueue;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Says which ended credentials a store keeps. Immutable; no method blocks.
///
/// @param now the time of the purge
/// @param maxAge how long a credential is kept after its end; at least a day
/// @param maxCount how many credentials are kept that ended more than a day ago; at least one
public record EndedRetention(Instant now, Duration maxAge, int maxCount) {

  private static final Duration MIN_RETENTION = Duration.ofDays(1);

  /// Throws [IllegalArgumentException] if a bound is too low.
  public EndedRetention {
    if (maxAge.compareTo(MIN_RETENTION) < 0 || maxCount < 1) {
      throw new IllegalArgumentException("at least a day, and one credential");
    }
  }

  /// Returns when a credential ended or will end: at its revocation or at its expiry, whichever is
  /// first; null: never.
  public static @Nullable Instant end(@Nullable Instant revokedAt, @Nullable Instant expiresAt) {
    if (revokedAt == null || expiresAt == null) {
      return revokedAt == null ? expiresAt : revokedAt;
    }
    return revokedAt.isBefore(expiresAt) ? revokedAt : expiresAt;
  }

  /// Returns the time before which all ended credentials are deleted. Credentials that ended in the
  /// same millisecond are kept or deleted together.
  ///
  /// @param ends the times at which credentials ended or will end, in milliseconds and in any order
  public Instant forgottenBefore(Stream<Instant> ends) {
    Instant recent = now.minus(MIN_RETENTION);
    PriorityQueue<Instant> latest = new PriorityQueue<>();
    ends.filter(end -> end.isBefore(recent))
        .forEach(
            end -> {
              latest.add(end);
              if (latest.size() > maxCount + 1L) {
                latest.remove();
              }
            });
    Instant byTime = now.minus(maxAge);
    if (latest.size() <= maxCount) {
      return byTime;
    }
    Instant byNumber = latest.element().plusMillis(1);
    return byNumber.isAfter(byTime) ? byNumber : byTime;
  }
}
