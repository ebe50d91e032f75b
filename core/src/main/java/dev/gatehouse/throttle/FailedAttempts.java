package dev.gatehouse.throttle;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.TimeMeter;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/// Counts failed attempts by address, and says who must wait.
///
/// Only failures cost: a caller with good credentials is never slowed by its own success. An IPv6
/// address counts as its /64, which one subscriber has to itself (RFC 6177 §2). Bounded: past
/// `MAX_ADDRESSES` the least used are forgotten. Thread-safe; never blocks.
public final class FailedAttempts {

  private static final int MAX_ADDRESSES = 50_000;
  private static final int IPV6_SUBNET_BYTES = 8;

  private final int perMinute;
  private final TimeMeter clock;
  private final Cache<String, Bucket> byAddress;

  /// Allows that many failures a minute, and as many at once.
  public FailedAttempts(int perMinute, Ticker ticker) {
    if (perMinute < 1) {
      throw new IllegalArgumentException("at least one failed attempt a minute");
    }
    this.perMinute = perMinute;
    this.clock = new TickerMeter(ticker);
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
    Bucket bucket = byAddress.getIfPresent(subscriber(address));
    if (bucket == null) {
      return Optional.empty();
    }
    long nanos = bucket.estimateAbilityToConsume(1).getNanosToWaitForRefill();
    return nanos == 0 ? Optional.empty() : Optional.of(Duration.ofNanos(nanos));
  }

  /// Notes a failed attempt from this address.
  public void failed(InetAddress address) {
    byAddress.get(subscriber(address), first -> bucket()).tryConsume(1);
  }

  private Bucket bucket() {
    return Bucket.builder()
        .addLimit(limit -> limit.capacity(perMinute).refillGreedy(perMinute, Duration.ofMinutes(1)))
        .withCustomTimePrecision(clock)
        .build();
  }

  private static String subscriber(InetAddress address) {
    byte[] bytes = address.getAddress();
    return Arrays.toString(
        bytes.length > IPV6_SUBNET_BYTES ? Arrays.copyOf(bytes, IPV6_SUBNET_BYTES) : bytes);
  }
}
