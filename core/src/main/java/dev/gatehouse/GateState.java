package dev.gatehouse;

import dev.gatehouse.throttle.FailedAttempts;
import dev.gatehouse.throttle.RateLimits;
import dev.gatehouse.usage.Usage;
import java.time.Clock;

/// The state that all judgements of one gate share. Thread-safe.
record GateState(
    Verifications verifications,
    FailedAttempts failedAttempts,
    RateLimits rateLimits,
    Usage usage,
    Clock clock,
    RefusalComposer refusals) {

  /// Counts the rejection against the address of the request if it is a failed attempt. Returns the
  /// rejection; if the address has no attempt left, it returns one that only says to wait.
  Outcome.Rejected failed(Outcome.Rejected rejected, AuthRequest request) {
    return rejected.countsAsFailure()
        ? failedAttempts.count(request.peer()).map(Rejections::throttled).orElse(rejected)
        : rejected;
  }
}
