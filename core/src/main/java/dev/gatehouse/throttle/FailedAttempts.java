package dev.gatehouse.throttle;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import io.github.bucket4j.Bucket;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// Counts failed attempts by address, and says who must wait.
///
/// Only failures count: a caller with valid credentials is never slowed by its successes. A failure
/// counts against each [AddressGroup] of its address, so that a site cannot fail more often by
/// using many subnets.
///
/// The memory is bounded: beyond `MAX_GROUPS` of one width, the least used are forgotten and may
/// fail as often again. Each width has a separate bound, so that a flood from many IPv6 subnets
/// does not make the gate forget a site or an IPv4 address. Thread-safe; never blocks.
public final class FailedAttempts {

  private static final int MAX_GROUPS = 50_000;

  private final int perMinute;
  private final TickerMeter meter;
  private final Map<AddressGroup.Width, Cache<AddressGroup, Bucket>> byWidth =
      new EnumMap<>(AddressGroup.Width.class);

  /// Allows that many failures in a minute, and as many at once.
  ///
  /// @param perMinute for one IPv4 address or one /64; at least 1. A wider group may fail more
  ///   often by its [AddressGroup.Width#allowance]
  public FailedAttempts(int perMinute, Ticker ticker) {
    if (perMinute < 1) {
      throw new IllegalArgumentException("at least one failed attempt a minute");
    }
    this.perMinute = perMinute;
    this.meter = new TickerMeter(ticker);
    for (AddressGroup.Width width : AddressGroup.Width.values()) {
      byWidth.put(
          width,
          Caffeine.newBuilder()
              .maximumSize(MAX_GROUPS)
              // A minute refills the bucket completely, so forgetting it then changes nothing.
              .expireAfterAccess(Duration.ofMinutes(1))
              .ticker(ticker)
              .build());
    }
  }

  private Cache<AddressGroup, Bucket> like(AddressGroup group) {
    return Objects.requireNonNull(byWidth.get(group.width()));
  }

  /// Returns how long this address must wait; empty if it need not.
  public Optional<Duration> mustWait(InetAddress address) {
    long nanos = 0;
    for (AddressGroup group : AddressGroup.of(address)) {
      Bucket bucket = like(group).getIfPresent(group);
      if (bucket != null) {
        nanos = Math.max(nanos, bucket.estimateAbilityToConsume(1).getNanosToWaitForRefill());
      }
    }
    return nanos == 0 ? Optional.empty() : Optional.of(Duration.ofNanos(nanos));
  }

  /// Counts a failed attempt from this address, or one that may fail.
  ///
  /// @return how long the address must wait, if it or one of its groups had no attempt left; empty
  ///   otherwise
  public Optional<Duration> count(InetAddress address) {
    List<AddressGroup> groups = AddressGroup.of(address);
    List<Bucket> counted = new ArrayList<>(groups.size());
    // The widest first: a site that must wait must not fill the memory with its subnets.
    for (AddressGroup group : groups) {
      Bucket bucket = like(group).get(group, this::bucket);
      long nanos = bucket.tryConsumeAndReturnRemaining(1).getNanosToWaitForRefill();
      if (nanos != 0) {
        counted.forEach(wider -> wider.addTokens(1));
        return Optional.of(Duration.ofNanos(nanos));
      }
      counted.add(bucket);
    }
    return Optional.empty();
  }

  private Bucket bucket(AddressGroup group) {
    return meter.bucket(Math.multiplyExact(perMinute, group.width().allowance()));
  }

  /// Gives back an attempt that was counted and did not fail.
  public void giveBack(InetAddress address) {
    for (AddressGroup group : AddressGroup.of(address)) {
      like(group)
          .asMap()
          .computeIfPresent(
              group,
              (same, bucket) -> {
                bucket.addTokens(1);
                return bucket;
              });
    }
  }
}
