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
import java.util.List;
import java.util.Optional;

/// Counts attempts to sign in by name, by name and address, and by address, and says who must wait.
///
/// An attempt is counted before it is made, so that a thousand at once are a thousand, and given
/// back unless it failed. Whether there is an account of that name makes no difference.
///
/// Strangers can't lock the owner out. From an address from which the name signed in lately, only
/// the attempts from there count. And as many attempts as the name has are kept for newcomers, of
/// which one address gets a few an hour: a few strangers who never stop take every attempt that
/// comes back to the name, and leave those. It takes hundreds of addresses to use them up. Bounded;
/// thread-safe; never blocks.
public final class SignInAttempts {

  private static final int MAX_NAMES = 50_000;
  // How long an address stays one from which the name signs in.
  private static final Duration LATELY = Duration.ofDays(30);
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
  private final Cache<Digest, Boolean> home;

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
    this.home =
        Caffeine.newBuilder()
            .maximumSize(MAX_NAMES)
            .expireAfterWrite(LATELY)
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
    Digest name = key(signInName, ByteBuffer.allocate(0));
    Digest nameAndAddress = key(signInName, Subscriber.of(from).prefix());
    Bucket here = byNameAndAddress.get(nameAndAddress, first -> meter.bucket(perNameAndAddress));
    ConsumptionProbe probe = here.tryConsumeAndReturnRemaining(1);
    if (!probe.isConsumed()) {
      return new Answer.Wait(Duration.ofNanos(probe.getNanosToWaitForRefill()));
    }
    Runnable onSuccess = () -> home.put(nameAndAddress, true);
    if (home.getIfPresent(nameAndAddress) != null) {
      return new Answer.Attempt(List.of(here), byAddress, from, onSuccess);
    }
    Bucket everywhere = byName.get(name, first -> meter.bucket(perName));
    probe = everywhere.tryConsumeAndReturnRemaining(1);
    if (probe.isConsumed()) {
      return new Answer.Attempt(List.of(here, everywhere), byAddress, from, onSuccess);
    }
    Bucket newcomer =
        newcomers.get(nameAndAddress, first -> meter.bucket(PER_NEWCOMER, NEWCOMER_TIME));
    if (newcomer.tryConsume(1)) {
      Bucket kept = keptByName.get(name, first -> meter.bucket(perName));
      if (kept.tryConsume(1)) {
        return new Answer.Attempt(List.of(here, newcomer, kept), byAddress, from, onSuccess);
      }
      newcomer.addTokens(1);
    }
    here.addTokens(1);
    return new Answer.Wait(Duration.ofNanos(probe.getNanosToWaitForRefill()));
  }

  /// How long that address must wait, whatever the name.
  public Optional<Duration> mustWait(InetAddress from) {
    return byAddress.mustWait(from);
  }

  // The address's length in front keeps address and name apart.
  private Digest key(String signInName, ByteBuffer address) {
    byte[] name = signInName.getBytes(StandardCharsets.UTF_8);
    return digests.of(
        ByteBuffer.allocate(1 + address.remaining() + name.length)
            .put((byte) address.remaining())
            .put(address.duplicate())
            .put(name)
            .array());
  }
}
