package dev.gatehouse.throttle;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.gatehouse.secret.Digest;
import dev.gatehouse.secret.KeyedDigest;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Counts attempts to sign in by name, by name and address, and by address, and says who must wait.
///
/// An attempt is counted before it is made, so that a thousand concurrent attempts count as a
/// thousand. It is given back unless it failed. Whether there is an account of that name makes no
/// difference.
///
/// Strangers cannot lock the owner out. From an address from which the name signed in during the
/// last 30 days, only the attempts from there count. In addition, as many attempts as a name has
/// are reserved for newcomers, of which one address gets a few in an hour. A few strangers who
/// never stop use all other attempts of the name, but not these. It takes hundreds of IPv4
/// addresses, or dozens of IPv6 sites, to use them up: a site gets a few times what an address gets
/// ([AddressGroup]). The memory is bounded. Thread-safe; does not wait for input or output.
public final class SignInAttempts {

  private static final int MAX_NAMES = 50_000;
  // How long an address counts as one from which the name signs in.
  private static final Duration KNOWN_ADDRESS_RETENTION = Duration.ofDays(30);
  // For one name: the owner of one account can't make the gate forget the addresses of others.
  private static final int MAX_KNOWN_ADDRESSES = 16;
  private static final int MAX_ATTEMPTS_PER_NEWCOMER = 3;
  private static final Duration NEWCOMER_REFILL_TIME = Duration.ofHours(1);

  /// The answer to asking for an attempt.
  public sealed interface Answer {

    /// No attempt may be made now. One may be made after that time.
    record Wait(Duration time) implements Answer {}

    /// No attempt may be made now, but attempts with this name at this address are in progress. One
    /// that succeeds is given back, so ask again when one has ended.
    record Later(CompletableFuture<Void> ended) implements Answer {}

    /// One attempt may be made, and is counted for its name. It is in progress until it is closed.
    /// Thread-safe.
    final class Attempt implements Answer, AutoCloseable {

      private final List<Bucket> counted;
      private final FailedAttempts byAddress;
      private final InetAddress from;
      private final Runnable onSuccess;
      private final Runnable onEnd;
      private boolean begun;
      private boolean over;
      private boolean closed;

      private Attempt(
          List<Bucket> counted,
          FailedAttempts byAddress,
          InetAddress from,
          Runnable onSuccess,
          Runnable onEnd) {
        this.counted = List.copyOf(counted);
        this.byAddress = byAddress;
        this.from = from;
        this.onSuccess = onSuccess;
        this.onEnd = onEnd;
      }

      /// Counts the attempt against its address when its work begins, and not earlier. A caller
      /// that waits for a turn has not failed yet, and people who sign in at the same time from one
      /// address must not lock each other out.
      ///
      /// @return false if the work must not be done: the address has no attempt left, or this one
      ///   was given back
      public synchronized boolean begin() {
        begun = !over && byAddress.count(from).isEmpty();
        return begun;
      }

      /// Records a success: the attempt is given back, and its address becomes one of the name's.
      public void succeeded() {
        giveBack();
        onSuccess.run();
      }

      /// Gives the attempt back: it was not made, or it had no result.
      public synchronized void giveBack() {
        if (over) {
          return;
        }
        over = true;
        counted.forEach(bucket -> bucket.addTokens(1));
        if (begun) {
          byAddress.giveBack(from);
        }
      }

      /// Ends the attempt. It remains counted unless it was given back.
      @Override
      public synchronized void close() {
        if (!closed) {
          closed = true;
          onEnd.run();
        }
      }
    }
  }

  private final int perName;
  private final int perNameAndAddress;
  private final FailedAttempts byAddress;
  private final TickerMeter meter;
  private final KeyedDigest digests = new KeyedDigest("sign-in attempts");
  private final Cache<Digest, Bucket> byName;
  private final Cache<Digest, Bucket> byNameAndAddress;
  private final Cache<Digest, Bucket> keptByName;
  private final Cache<Digest, Bucket> newcomers;
  private final Ticker ticker;
  private final Cache<Digest, KnownAddresses> knownAddresses;

  // By name and address. Guarded by itself together with the buckets: a caller that finds a bucket
  // empty must see who emptied it.
  private final Map<Digest, UnderWay> underWay = new HashMap<>();

  private record UnderWay(int attempts, CompletableFuture<Void> ended) {}

  /// Allows that many failures in a minute, and as many at once.
  ///
  /// @param perName for one name from all addresses together; as many again are reserved for
  ///   newcomers
  /// @param perNameAndAddress for one name from one address
  /// @param byAddress counts them together with the other failures of an address
  public SignInAttempts(
      int perName, int perNameAndAddress, FailedAttempts byAddress, Ticker ticker) {
    if (perName < 1 || perNameAndAddress < 1) {
      throw new IllegalArgumentException("at least one attempt to sign in a minute");
    }
    this.perName = perName;
    this.perNameAndAddress = perNameAndAddress;
    this.byAddress = byAddress;
    this.meter = new TickerMeter(ticker);
    this.byName = buckets(Duration.ofMinutes(1), ticker);
    this.byNameAndAddress = buckets(Duration.ofMinutes(1), ticker);
    this.keptByName = buckets(Duration.ofMinutes(1), ticker);
    this.newcomers = buckets(NEWCOMER_REFILL_TIME, ticker);
    this.ticker = ticker;
    this.knownAddresses =
        Caffeine.newBuilder()
            .maximumSize(MAX_NAMES)
            .expireAfterAccess(KNOWN_ADDRESS_RETENTION)
            .ticker(ticker)
            .build();
  }

  // That time refills a bucket completely, so forgetting it then changes nothing.
  private static Cache<Digest, Bucket> buckets(Duration refill, Ticker ticker) {
    return Caffeine.newBuilder()
        .maximumSize(MAX_NAMES)
        .expireAfterAccess(refill)
        .ticker(ticker)
        .build();
  }

  /// Asks for one attempt. An [Answer.Attempt] must be closed.
  ///
  /// @param signInName the name in the form in which it is looked up
  /// @param from the client's address
  public Answer ask(String signInName, InetAddress from) {
    Digest name = key(signInName, null);
    List<AddressGroup> groups = AddressGroup.of(from);
    AddressGroup address = groups.getLast();
    // By the narrowest group only: a neighbour must not use up what the owner has at home.
    Digest nameAndAddress = key(signInName, address);
    List<Bucket> counted = new ArrayList<>();
    synchronized (underWay) {
      Duration wait = count(signInName, name, nameAndAddress, groups, counted);
      if (!wait.isZero()) {
        counted.forEach(bucket -> bucket.addTokens(1));
        UnderWay others = underWay.get(nameAndAddress);
        return others == null ? new Answer.Wait(wait) : new Answer.Later(others.ended);
      }
      underWay.merge(
          nameAndAddress,
          new UnderWay(1, new CompletableFuture<>()),
          (before, one) -> new UnderWay(before.attempts + 1, before.ended));
    }
    return new Answer.Attempt(
        counted,
        byAddress,
        from,
        () -> knownAddresses.get(name, first -> new KnownAddresses()).add(address, ticker.read()),
        () -> ended(nameAndAddress));
  }

  private void ended(Digest nameAndAddress) {
    UnderWay before;
    synchronized (underWay) {
      before = Objects.requireNonNull(underWay.remove(nameAndAddress));
      if (before.attempts > 1) {
        underWay.put(nameAndAddress, new UnderWay(before.attempts - 1, new CompletableFuture<>()));
      }
    }
    before.ended.complete(null);
  }

  // Takes from each bucket that counts the attempt, and adds the bucket to the list. Returns zero
  // if all had one left, and otherwise how long to wait.
  private Duration count(
      String signInName,
      Digest name,
      Digest nameAndAddress,
      List<AddressGroup> groups,
      List<Bucket> counted) {
    Bucket here = byNameAndAddress.get(nameAndAddress, first -> meter.bucket(perNameAndAddress));
    ConsumptionProbe probe = here.tryConsumeAndReturnRemaining(1);
    if (!probe.isConsumed()) {
      return Duration.ofNanos(probe.getNanosToWaitForRefill());
    }
    counted.add(here);
    KnownAddresses known = knownAddresses.getIfPresent(name);
    if (known != null && known.contains(groups.getLast(), ticker.read())) {
      return Duration.ZERO;
    }
    Bucket everywhere = byName.get(name, first -> meter.bucket(perName));
    probe = everywhere.tryConsumeAndReturnRemaining(1);
    if (probe.isConsumed()) {
      counted.add(everywhere);
      return Duration.ZERO;
    }
    if (takeAsNewcomer(signInName, groups, counted)) {
      Bucket kept = keptByName.get(name, first -> meter.bucket(perName));
      if (kept.tryConsume(1)) {
        counted.add(kept);
        return Duration.ZERO;
      }
    }
    return Duration.ofNanos(probe.getNanosToWaitForRefill());
  }

  // Takes one attempt from each group, and adds its bucket to the list. Returns false if one had
  // none left.
  private boolean takeAsNewcomer(
      String signInName, List<AddressGroup> groups, List<Bucket> counted) {
    for (AddressGroup group : groups) {
      Bucket newcomer =
          newcomers.get(
              key(signInName, group),
              first ->
                  meter.bucket(
                      MAX_ATTEMPTS_PER_NEWCOMER * group.width().allowance(), NEWCOMER_REFILL_TIME));
      if (!newcomer.tryConsume(1)) {
        return false;
      }
      counted.add(newcomer);
    }
    return true;
  }

  /// Returns how long that address must wait, whatever the name; empty if it need not.
  public Optional<Duration> mustWait(InetAddress from) {
    return byAddress.mustWait(from);
  }

  // The group always has the same length, so that group and name cannot run together.
  private Digest key(String signInName, @Nullable AddressGroup group) {
    byte[] name = signInName.getBytes(StandardCharsets.UTF_8);
    return digests.of(
        ByteBuffer.allocate(AddressGroup.BYTES + name.length)
            .put(group == null ? new byte[AddressGroup.BYTES] : group.bytes())
            .put(name)
            .array());
  }

  /// The addresses from which a name signed in recently, each with the time of its latest success.
  private static final class KnownAddresses {

    private final Map<AddressGroup, Long> successes =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<AddressGroup, Long> eldest) {
            return size() > MAX_KNOWN_ADDRESSES;
          }
        };

    synchronized void add(AddressGroup address, long now) {
      successes.put(address, now);
    }

    synchronized boolean contains(AddressGroup address, long now) {
      Long success = successes.get(address);
      return success != null && now - success < KNOWN_ADDRESS_RETENTION.toNanos();
    }
  }
}
