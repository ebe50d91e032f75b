package dev.gatehouse.throttle;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import io.github.bucket4j.Bucket;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;

/// Counts failed attempts by address, and says who must wait.
///
/// Only failures cost: a caller with good credentials is never slowed by its own success. Addresses
/// count by their [Subscriber]. Bounded: past `MAX_ADDRESSES` the least used are forgotten.
/// Thread-safe; never blocks.
public final class FailedAttempts {

  private static final int MAX_ADDRESSES = 50_000;

  private final int perMinute;
  private final TickerMeter meter;
  private final Cache<Subscriber, Bucket> byAddress;

  /// Allows that many failures a minute, and as many at once.
  public FailedAttempts(int perMinute, Ticker ticker) {
    if (perMinute < 1) {
      throw new IllegalArgumentException("at least one failed attempt a minute");
    }
    this.perMinute = perMinute;
    this.meter = new TickerMeter(ticker);
    this.byAddress =
        Caffeine.newBuilder()
            .maximumSize(MAX_ADDRESSES)
            // A full minute refills the bucket: forgetting it then changes nothing.
            .expireAfterAccess(Duration.ofMinutes(1))
            .ticker(ticker)
            .build();
  }

  /// How long this address must wait; empty when it need not.
  public Optional<Duration> mustWait(InetAddress address) {
    Bucket bucket = byAddress.getIfPresent(Subscriber.of(address));
    if (bucket == null) {
      return Optional.empty();
    }
    long nanos = bucket.estimateAbilityToConsume(1).getNanosToWaitForRefill();
    return nanos == 0 ? Optional.empty() : Optional.of(Duration.ofNanos(nanos));
  }

  /// Counts a failed attempt from this address, or one that may fail.
  ///
  /// @return how long the address must wait, when it had none left; empty when it had
  public Optional<Duration> count(InetAddress address) {
    long nanos =
        byAddress
            .get(Subscriber.of(address), first -> meter.bucket(perMinute))
            .tryConsumeAndReturnRemaining(1)
            .getNanosToWaitForRefill();
    return nanos == 0 ? Optional.empty() : Optional.of(Duration.ofNanos(nanos));
  }

  /// Gives back what was counted: it did not fail.
  public void giveBack(InetAddress address) {
    byAddress
        .asMap()
        .computeIfPresent(
            Subscriber.of(address),
            (subscriber, bucket) -> {
              bucket.addTokens(1);
              return bucket;
            });
  }
}
