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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Counts attempts to sign in by name, by name and address, and by address, and says who must wait.
///
/// An attempt is counted before it is made, so that a thousand at once are a thousand, and given
/// back unless it failed. Whether there is an account of that name makes no difference.
///
/// Strangers can't lock the owner out. From an address from which the name signed in lately, only
/// the attempts from there count. And as many attempts as the name has are kept for newcomers, of
/// which one address gets a few an hour: a few strangers who never stop take every attempt that
/// comes back to the name, and leave those. It takes hundreds of IPv4 addresses, or dozens of IPv6
/// sites, to use them up: a site gets a few times what an address gets ([AddressGroup]). Bounded;
/// thread-safe; never blocks.
public final class SignInAttempts {

  private static final int MAX_NAMES = 50_000;
  // How long an address stays one from which the name signs in.
  private static final Duration LATELY = Duration.ofDays(30);
  // Of one name: so nobody who has one account makes the gate forget the addresses of others.
  private static final int MAX_HOMES = 16;
  private static final int PER_NEWCOMER = 3;
  private static final Duration NEWCOMER_TIME = Duration.ofHours(1);

  /// What came of asking for an attempt.
  public sealed interface Answer {

    /// No attempt now; one may be made after that time.
    record Wait(Duration time) implements Answer {}

    /// One attempt may be made, and is counted by its name.
    final class Attempt implements Answer {

      private final List<Bucket> counted;
      private final FailedAttempts byAddress;
      private final InetAddress from;
      private final Runnable onSuccess;
      private boolean begun;
      private boolean over;

      private Attempt(
          List<Bucket> counted, FailedAttempts byAddress, InetAddress from, Runnable onSuccess) {
        this.counted = List.copyOf(counted);
        this.byAddress = byAddress;
        this.from = from;
        this.onSuccess = onSuccess;
      }

      /// Counts it by its address, as its work begins and not before: who waits for a turn has not
      /// failed yet, and people who sign in at once from one address would keep each other out.
      ///
      /// @return false when the work must not be done: the address has no attempt left, or this one
      ///   was given back
      public synchronized boolean begin() {
        begun = !over && byAddress.count(from).isEmpty();
        return begun;
      }

      /// It succeeded: it is given back, and its address is one of the name's.
      public void succeeded() {
        giveBack();
        onSuccess.run();
      }

      /// It was not made, or nothing came of it: it is given back.
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
  private final Cache<Digest, Homes> homes;

  /// Allows that many failures a minute, and as many at once.
  ///
  /// @param perName from everywhere together; as many again are kept for newcomers
  /// @param byAddress counts them together with whatever else fails there
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
    this.newcomers = buckets(NEWCOMER_TIME, ticker);
    this.ticker = ticker;
    this.homes =
        Caffeine.newBuilder()
            .maximumSize(MAX_NAMES)
            .expireAfterAccess(LATELY)
            .ticker(ticker)
            .build();
  }

  // That time refills a bucket: forgetting it then changes nothing.
  private static Cache<Digest, Bucket> buckets(Duration refill, Ticker ticker) {
    return Caffeine.newBuilder()
        .maximumSize(MAX_NAMES)
        .expireAfterAccess(refill)
        .ticker(ticker)
        .build();
  }

  /// Asks for one attempt.
  ///
  /// @param signInName in the one form in which names are looked up
  /// @param from the client's address
  public Answer ask(String signInName, InetAddress from) {
    Digest name = key(signInName, null);
    List<AddressGroup> groups = AddressGroup.of(from);
    AddressGroup address = groups.getLast();
    // By the narrowest group alone: a neighbour must not use up what the owner has at home.
    Digest nameAndAddress = key(signInName, address);
    Bucket here = byNameAndAddress.get(nameAndAddress, first -> meter.bucket(perNameAndAddress));
    ConsumptionProbe probe = here.tryConsumeAndReturnRemaining(1);
    if (!probe.isConsumed()) {
      return new Answer.Wait(Duration.ofNanos(probe.getNanosToWaitForRefill()));
    }
    Runnable onSuccess = () -> homes.get(name, first -> new Homes()).add(address, ticker.read());
    Homes known = homes.getIfPresent(name);
    if (known != null && known.contains(address, ticker.read())) {
      return new Answer.Attempt(List.of(here), byAddress, from, onSuccess);
    }
    Bucket everywhere = byName.get(name, first -> meter.bucket(perName));
    probe = everywhere.tryConsumeAndReturnRemaining(1);
    if (probe.isConsumed()) {
      return new Answer.Attempt(List.of(here, everywhere), byAddress, from, onSuccess);
    }
    List<Bucket> counted = new ArrayList<>(List.of(here));
    if (takeAsNewcomer(signInName, groups, counted)) {
      Bucket kept = keptByName.get(name, first -> meter.bucket(perName));
      if (kept.tryConsume(1)) {
        counted.add(kept);
        return new Answer.Attempt(counted, byAddress, from, onSuccess);
      }
    }
    counted.forEach(bucket -> bucket.addTokens(1));
    return new Answer.Wait(Duration.ofNanos(probe.getNanosToWaitForRefill()));
  }

  // Takes one attempt from each group, and adds to the list what it took. False when one had none.
  private boolean takeAsNewcomer(
      String signInName, List<AddressGroup> groups, List<Bucket> counted) {
    for (AddressGroup group : groups) {
      Bucket newcomer =
          newcomers.get(
              key(signInName, group),
              first -> meter.bucket(PER_NEWCOMER * group.width().allowance(), NEWCOMER_TIME));
      if (!newcomer.tryConsume(1)) {
        return false;
      }
      counted.add(newcomer);
    }
    return true;
  }

  /// How long that address must wait, whatever the name.
  public Optional<Duration> mustWait(InetAddress from) {
    return byAddress.mustWait(from);
  }

  // What stands before the name has always the same length: so they never run together.
  private Digest key(String signInName, @Nullable AddressGroup group) {
    byte[] name = signInName.getBytes(StandardCharsets.UTF_8);
    return digests.of(
        ByteBuffer.allocate(1 + Long.BYTES + name.length)
            .put((byte) (group == null ? 0 : group.width().prefixBits()))
            .putLong(group == null ? 0 : group.prefix())
            .put(name)
            .array());
  }

  /// From where a name signed in lately, each with the time of its latest success.
  private static final class Homes {

    private final Map<AddressGroup, Long> successes =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<AddressGroup, Long> eldest) {
            return size() > MAX_HOMES;
          }
        };

    synchronized void add(AddressGroup address, long now) {
      successes.put(address, now);
    }

    synchronized boolean contains(AddressGroup address, long now) {
      Long success = successes.get(address);
      return success != null && now - success < LATELY.toNanos();
    }
  }
}
