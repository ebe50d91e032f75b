package dev.gatehouse.hmac;

import dev.gatehouse.Outcome;
import dev.gatehouse.Reason;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Checks the times that a signature states. Rejections for a time do not count as failed attempts.
/// Immutable and thread-safe; does not block.
///
/// @param window by how much the time of a signature may differ from now, in either direction; a
///   difference of exactly the window is accepted
record SignatureTimes(Duration window, Clock clock) {

  /// Returns the rejection for a time outside the window; null if the time is inside.
  Outcome.@Nullable Rejected outsideWindow(Instant signedAt) {
    Duration age = Duration.between(signedAt, clock.instant());
    if (age.abs().compareTo(window) <= 0) {
      return null;
    }
    long seconds = age.abs().toSeconds();
    String apart = seconds + " s " + (age.isNegative() ? "ahead of" : "behind");
    return new Outcome.Rejected(
            Reason.REQUEST_EXPIRED,
            "The time of the signature is "
                + apart
                + " the gate's clock; at most "
                + window.toSeconds()
                + " s are allowed",
            "signed " + apart + " the gate's clock")
        .notCountedAsFailure();
  }

  /// Returns the rejection for a signature that has expired; null if it has not, or states no
  /// expiry.
  ///
  /// @param expiresAt the first instant at which the signature is refused
  Outcome.@Nullable Rejected expired(@Nullable Instant expiresAt) {
    return expiresAt == null || clock.instant().isBefore(expiresAt)
        ? null
        : new Outcome.Rejected(
                Reason.REQUEST_EXPIRED,
                "The signature has expired, as its own parameter expires says",
                "the signature expired at " + expiresAt)
            .notCountedAsFailure();
  }

  /// The first instant, in milliseconds, at which the window refuses a signature with this time.
  Instant refusedFrom(Instant signedAt) {
    return signedAt.plus(window).plusMillis(1);
  }
}
