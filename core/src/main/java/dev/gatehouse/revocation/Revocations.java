package dev.gatehouse.revocation;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// What this process has heard from the revocation feed, and whether it still hears.
///
/// Whoever remembers an acceptance takes a [#stamp()] *before* asking the store and keeps it with
/// the answer. The answer counts as long as [#vouchesFor] says so: nothing that it rests on was
/// named since the question, and the feed gave a sign of life lately. So an answer that was under
/// way while its credential was revoked never counts, and no index of what is remembered is needed.
///
/// Thread-safe; no method blocks.
public final class Revocations {

  private final Duration memory;
  private final @Nullable Duration silence;
  private final Ticker ticker;
  private final AtomicLong stamps = new AtomicLong();
  private final AtomicLong floor = new AtomicLong();
  private final Cache<String, Long> named;
  private volatile long lastSignNanos;
  private volatile boolean heardYet;

  /// Hears a feed.
  ///
  /// @param memory the longest time for which anything is remembered
  /// @param maxNames how many names are told apart; beyond it the oldest are forgotten together
  ///   with everything that was remembered before them
  /// @param silence how old the last sign of life may be; null: the feed is always heard, since
  ///   only this process writes it
  /// @param ticker nanoseconds that go on while the process is stopped
  public Revocations(Duration memory, int maxNames, @Nullable Duration silence, Ticker ticker) {
    this.memory = memory;
    this.silence = silence;
    this.ticker = ticker;
    this.named =
        Caffeine.newBuilder()
            .maximumSize(maxNames)
            // An acceptance is remembered for `memory`, so a name is needed no longer than that;
            // twice as long leaves room for the time that the question took.
            .expireAfterWrite(memory.multipliedBy(2))
            .ticker(ticker)
            .executor(Runnable::run)
            .evictionListener(
                (@Nullable String name, @Nullable Long stamp, RemovalCause cause) ->
                    raiseFloor(stamp))
            .build();
  }

  /// Hears only this process: for stores that live in it. It is always alive.
  public static Revocations inProcess() {
    return new Revocations(Duration.ofMinutes(1), 100_000, null, Ticker.systemTicker());
  }

  /// The longest time for which an acceptance may be remembered.
  public Duration memory() {
    return memory;
  }

  /// A mark in time, to be taken before a store is asked.
  public long stamp() {
    return stamps.get();
  }

  /// Takes note of an entry. Hearing one twice does no harm.
  public void hear(FeedEntry entry) {
    named.put(key(entry.kind(), entry.name()), stamps.incrementAndGet());
  }

  /// Notes that the feed was read to its end by a question that was *sent* at that time of the
  /// ticker.
  public void alive(long sentNanos) {
    lastSignNanos = sentNanos;
    heardYet = true;
  }

  /// Whether the feed gave a sign of life lately.
  public boolean isAlive() {
    Duration allowed = silence;
    return allowed == null || (heardYet && ticker.read() - lastSignNanos <= allowed.toNanos());
  }

  /// Whether an answer to a question that was asked at that stamp still counts.
  public boolean vouchesFor(long stamp, String subject, String credential) {
    return isAlive()
        && stamp >= floor.get()
        && notNamedSince(stamp, FeedEntry.Kind.SUBJECT, subject)
        && notNamedSince(stamp, FeedEntry.Kind.CREDENTIAL, credential);
  }

  private boolean notNamedSince(long stamp, FeedEntry.Kind kind, String name) {
    // Most of the time nothing was revoked lately: one comparison instead of two look-ups.
    if (stamps.get() == stamp) {
      return true;
    }
    Long at = named.getIfPresent(key(kind, name));
    return at == null || at <= stamp;
  }

  private void raiseFloor(@Nullable Long stamp) {
    if (stamp != null) {
      floor.accumulateAndGet(stamp, Math::max);
    }
  }

  // Subjects and credentials have names of their own: a prefix keeps them apart.
  private static String key(FeedEntry.Kind kind, String name) {
    return kind == FeedEntry.Kind.SUBJECT ? "s:".concat(name) : "c:".concat(name);
  }
}
