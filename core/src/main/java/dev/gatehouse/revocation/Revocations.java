package dev.gatehouse.revocation;

import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What this process has heard from the revocation feed, and whether it still reads it.
///
/// A caller that remembers an acceptance takes a [#stamp()] *before* it asks the store, and keeps
/// the stamp with the answer. The answer counts as long as [#vouchesFor] says so: nothing that it
/// rests on was named since the question, and the feed was read recently. So an answer that was on
/// its way while its credential was revoked never counts, and no index of what is remembered is
/// needed.
///
/// The guarantee: after [#hear] has returned, no answer counts that rests on what it named and
/// whose question was asked before. Thread-safe. Readers never block; [#hear] holds its lock for a
/// few steps in memory.
public final class Revocations {

  private final Duration memory;
  private final @Nullable Duration silence;
  private final Ticker ticker;
  private final int maxNames;
  private final ReentrantLock hearing = new ReentrantLock();

  // For readers: the stamp at which a name was last heard.
  private final ConcurrentHashMap<String, Long> named = new ConcurrentHashMap<>();

  // The same in the order of the last hearing. Guarded by the lock.
  private final LinkedHashMap<String, Long> byAge = new LinkedHashMap<>();

  private final List<Rule> rules = new CopyOnWriteArrayList<>();

  /// What is forgotten for entries that end more than they name.
  private static final class Rule {

    final Predicate<FeedEntry> entries;
    final Predicate<String> credentials;

    // Written under the lock only. Forgets what was asked for before it.
    volatile long floor;

    Rule(Predicate<FeedEntry> entries, Predicate<String> credentials) {
      this.entries = entries;
      this.credentials = credentials;
    }
  }

  // Written under the lock only, so that they never decrease.
  private volatile long newest;
  private volatile long floor;
  private volatile long lastSignNanos;
  private volatile boolean heardYet;

  /// @param memory the longest time for which anything is remembered
  /// @param maxNames how many names are remembered. Beyond that, the oldest name is forgotten,
  ///   together with every answer from before it was heard
  /// @param silence how long ago the feed may have been read last; null: it need not be read, since
  ///   only this process writes it
  /// @param ticker nanoseconds, which must continue while the process is stopped
  public Revocations(Duration memory, int maxNames, @Nullable Duration silence, Ticker ticker) {
    this.memory = memory;
    this.silence = silence;
    this.ticker = ticker;
    this.maxNames = maxNames;
    if (maxNames < 1) {
      throw new IllegalArgumentException("at least one name");
    }
  }

  /// Returns what is heard from that feed at its commits, for stores that only this process writes.
  /// It is always alive.
  public static Revocations inProcess(RevocationFeed feed) {
    Revocations revocations =
        new Revocations(Duration.ofMinutes(1), 100_000, null, Ticker.systemTicker());
    feed.onCommit(revocations::hear);
    return revocations;
  }

  /// Forgets everything that was remembered when an entry for which the predicate holds is heard.
  /// Use it for something on which acceptances rest without naming it. The predicate is asked
  /// before the entry takes effect, so that nothing that it ends is remembered afterwards.
  public void forgetAllOn(Predicate<FeedEntry> entries) {
    forgetOn(entries, credential -> true);
  }

  /// As [#forgetAllOn], but forgets only what such credentials proved.
  ///
  /// @param credentials asked with the public id of a credential; must not block
  public void forgetOn(Predicate<FeedEntry> entries, Predicate<String> credentials) {
    rules.add(new Rule(entries, credentials));
  }

  /// Returns the longest time for which an acceptance may be remembered.
  public Duration memory() {
    return memory;
  }

  /// Returns the current stamp. Take it before asking a store.
  public long stamp() {
    return newest;
  }

  /// Records an entry. It may be heard twice.
  public void hear(FeedEntry entry) {
    String name = key(entry.kind(), entry.name());
    List<Rule> ending = new ArrayList<>();
    for (Rule rule : rules) {
      if (rule.entries.test(entry)) {
        ending.add(rule);
      }
    }
    hearing.lock();
    try {
      long stamp = newest + 1;
      named.put(name, stamp);
      for (Rule rule : ending) {
        rule.floor = stamp;
      }
      newest = stamp;
      byAge.putLast(name, stamp);
      if (byAge.size() > maxNames) {
        Map.Entry<String, Long> oldest = byAge.firstEntry();
        // The floor first: a reader that no longer finds the name must find the raised floor.
        floor = Math.max(floor, oldest.getValue());
        named.remove(oldest.getKey());
        byAge.pollFirstEntry();
      }
    } finally {
      hearing.unlock();
    }
  }

  /// Records that the feed was read to its end, by a question that was *sent* at that time of the
  /// ticker.
  public void alive(long sentNanos) {
    lastSignNanos = sentNanos;
    heardYet = true;
  }

  /// Whether the feed was read recently.
  public boolean isAlive() {
    Duration allowed = silence;
    return allowed == null || (heardYet && ticker.read() - lastSignNanos <= allowed.toNanos());
  }

  /// Whether an answer to a question that was asked at that stamp still counts: the feed was read
  /// recently, and has named neither the subject nor the credential since.
  public boolean vouchesFor(long stamp, String subject, String credential) {
    return isAlive() && !isNamedSince(stamp, subject, credential);
  }

  /// Whether the feed has named the subject or the credential since that stamp, or a rule has ended
  /// everything, or everything of such credentials. Does not know what another process revoked
  /// while the feed was not read.
  public boolean isNamedSince(long stamp, String subject, String credential) {
    // Usually nothing was revoked recently: then this is one comparison instead of two look-ups.
    return newest != stamp
        && (isNamedSince(stamp, FeedEntry.Kind.SUBJECT, subject)
            || isNamedSince(stamp, FeedEntry.Kind.CREDENTIAL, credential)
            || isEndedSince(stamp, credential)
            // Last: a name that was removed between a look-up and here has raised it.
            || stamp < floor);
  }

  /// Whether the feed has named one of these credentials since that stamp. Ask this before
  /// [#vouchesFor] or [#isNamedSince], which also take removed names into account.
  public boolean isAnyNamedSince(long stamp, Set<String> credentials) {
    if (newest != stamp) {
      for (String credential : credentials) {
        if (isNamedSince(stamp, FeedEntry.Kind.CREDENTIAL, credential)) {
          return true;
        }
      }
    }
    return false;
  }

  private boolean isEndedSince(long stamp, String credential) {
    for (Rule rule : rules) {
      if (stamp < rule.floor && rule.credentials.test(credential)) {
        return true;
      }
    }
    return false;
  }

  private boolean isNamedSince(long stamp, FeedEntry.Kind kind, String name) {
    Long at = named.get(key(kind, name));
    return at != null && at > stamp;
  }

  // A prefix separates the names of subjects and credentials.
  private static String key(FeedEntry.Kind kind, String name) {
    return kind == FeedEntry.Kind.SUBJECT ? "s:".concat(name) : "c:".concat(name);
  }
}
