package dev.gatehouse;

import dev.gatehouse.throttle.FailedAttempts;
import dev.gatehouse.throttle.RateLimits;
import dev.gatehouse.usage.Usage;
import java.time.Clock;

/// What the judgements of one gate share. Thread-safe.
record GateState(
    Verifications verifications,
    FailedAttempts failedAttempts,
    RateLimits rateLimits,
    Usage usage,
    Clock clock,
    RefusalComposer refusals) {

  /// The rejection, counted against the address of the request if it is a failed attempt. Over the
  /// limit, the address is told only that it must wait.
  Outcome.Rejected failed(Outcome.Rejected rejected, AuthRequest request) {
    return rejected.countsAsFailure()
        ? failedAttempts.count(request.peer()).map(Rejections::throttled).orElse(rejected)
        : rejected;
  }
}
