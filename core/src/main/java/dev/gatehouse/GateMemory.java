package dev.gatehouse;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.gatehouse.revocation.Revocations;
import dev.gatehouse.throttle.FailedAttempts;
import dev.gatehouse.throttle.RateLimits;
import dev.gatehouse.usage.Usage;

/// What gates remember and count: accepted credentials, what was revoked since, failed attempts by
/// address, the rates of credentials, and uses. Several gates may share one memory, at the same
/// time or one after the other: so what was counted outlives the configuration by which a gate was
/// made.
///
/// An acceptance counts for the authenticator that gave it only. The key under which it is
/// remembered comes from [Presented.Credential#memoryKey], and each authenticator has its own keys.
/// So another authenticator, which may know other roles, verifies the credential itself.
/// Thread-safe; nothing here blocks.
public final class GateMemory {

  final Verifications verifications;
  final FailedAttempts failedAttempts;
  final RateLimits rateLimits;
  final Usage usage;

  /// @param usage notes who was proved by which method
  /// @param ticker measures how long acceptances are remembered, and by which rates refill
  public GateMemory(
      Revocations revocations, FailedAttempts failedAttempts, Usage usage, Ticker ticker) {
    this.verifications = new Verifications(revocations, ticker);
    this.failedAttempts = failedAttempts;
    this.rateLimits = new RateLimits(ticker);
    this.usage = usage;
  }
}
