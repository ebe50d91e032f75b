package dev.gatehouse.throttle;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import io.github.bucket4j.Bucket;
import java.time.Duration;

/// Limits how often a credential may be used, with a bucket for each credential in memory. Beyond
/// 100,000 credentials, the least used start again.
///
/// Thread-safe; never blocks.
public final class RateLimits {

  private static final int MAX_CREDENTIALS = 100_000;

  private record Limit(String credential, int perMinute) {}

  private final TickerMeter meter;
  private final Cache<Limit, Bucket> buckets;

  /// The buckets refill by that ticker.
  public RateLimits(Ticker ticker) {
    this.meter = new TickerMeter(ticker);
    this.buckets =
        Caffeine.newBuilder()
            .maximumSize(MAX_CREDENTIALS)
            .expireAfterAccess(Duration.ofMinutes(1))
            .ticker(ticker)
            .build();
  }

  /// Takes one use of the credential.
  ///
  /// @return how long to wait before the next one; zero if this one is allowed
  public Duration take(String credential, int perMinute) {
    return Duration.ofNanos(
        bucket(credential, perMinute).tryConsumeAndReturnRemaining(1).getNanosToWaitForRefill());
  }

  /// Returns how long to wait before the credential may be used again, without taking a use; zero
  /// if it may be used now.
  public Duration mustWait(String credential, int perMinute) {
    return Duration.ofNanos(
        bucket(credential, perMinute).estimateAbilityToConsume(1).getNanosToWaitForRefill());
  }

  private Bucket bucket(String credential, int perMinute) {
    return buckets.get(new Limit(credential, perMinute), limit -> meter.bucket(limit.perMinute));
  }
}
