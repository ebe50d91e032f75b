package dev.gatehouse.credential;

import java.time.Duration;
import java.time.Instant;
import java.util.PriorityQueue;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Which of the credentials that ended a store still keeps.
///
/// @param now the time of the purge
/// @param time how long one is kept after its end; at least a day
/// @param most how many are kept that ended more than a day ago; at least one
public record EndedRetention(Instant now, Duration time, int most) {

  private static final Duration ALWAYS_KEPT = Duration.ofDays(1);

  /// Checks the bounds; throws [IllegalArgumentException].
  public EndedRetention {
    if (time.compareTo(ALWAYS_KEPT) < 0 || most < 1) {
      throw new IllegalArgumentException("at least a day, and one credential");
    }
  }

  /// When a credential ended or will end: at its revocation or at its expiry, whichever comes
  /// first; null: never.
  public static @Nullable Instant end(@Nullable Instant revokedAt, @Nullable Instant expiresAt) {
    if (revokedAt == null || expiresAt == null) {
      return revokedAt == null ? expiresAt : revokedAt;
    }
    return revokedAt.isBefore(expiresAt) ? revokedAt : expiresAt;
  }

  /// The time before which all that ended is forgotten. Credentials that ended in the same
  /// millisecond are kept or forgotten together.
  ///
  /// @param ends when they ended or will end, to the millisecond, in any order
  public Instant forgottenBefore(Stream<Instant> ends) {
    Instant recent = now.minus(ALWAYS_KEPT);
    PriorityQueue<Instant> latest = new PriorityQueue<>();
    ends.filter(end -> end.isBefore(recent))
        .forEach(
            end -> {
              latest.add(end);
              if (latest.size() > most + 1L) {
                latest.remove();
              }
            });
    Instant byTime = now.minus(time);
    if (latest.size() <= most) {
      return byTime;
    }
    Instant byNumber = latest.element().plusMillis(1);
    return byNumber.isAfter(byTime) ? byNumber : byTime;
  }
}
