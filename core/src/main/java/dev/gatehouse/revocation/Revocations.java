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

/// What this process has heard from the revocation feed, and whether it still hears.
///
/// Whoever remembers an acceptance takes a [#stamp()] *before* asking the store and keeps it with
/// the answer. The answer counts as long as [#vouchesFor] says so: nothing that it rests on was
/// named since the question, and the feed gave a sign of life lately. So an answer that was under
/// way while its credential was revoked never counts, and no index of what is remembered is needed.
///
/// The promise: once [#hear] has returned, no answer that rests on what it named, and that was
/// asked for before, ever counts again. Thread-safe; no reader waits, and [#hear] holds its lock
/// only for a few steps in memory.
public final class Revocations {

  private final Duration memory;
  private final @Nullable Duration silence;
  private final Ticker ticker;
  private final int maxNames;
  private final ReentrantLock hearing = new ReentrantLock();

  // What readers look up: the stamp at which a name was last heard.
  private final ConcurrentHashMap<String, Long> named = new ConcurrentHashMap<>();

  // The same, the longest unheard first; only under the lock.
  private final LinkedHashMap<String, Long> byAge = new LinkedHashMap<>();

  private final List<Rule> rules = new CopyOnWriteArrayList<>();

  /// What is forgotten with entries that end more than they name.
  private static final class Rule {

    final Predicate<FeedEntry> entries;
    final Predicate<String> credentials;

    // Written under the lock only. What was asked for before it is forgotten.
    volatile long floor;

    Rule(Predicate<FeedEntry> entries, Predicate<String> credentials) {
      this.entries = entries;
      this.credentials = credentials;
    }
  }

  // Written under the lock only, so that they never go back.
  private volatile long newest;
  private volatile long floor;
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
    this.maxNames = maxNames;
    if (maxNames < 1) {
      throw new IllegalArgumentException("at least one name");
    }
  }

  /// Hears that feed at its commits: for stores that live in this process, which therefore is the
  /// only one to write it. It is always alive.
  public static Revocations inProcess(RevocationFeed feed) {
    Revocations revocations =
        new Revocations(Duration.ofMinutes(1), 100_000, null, Ticker.systemTicker());
    feed.onCommit(revocations::hear);
    return revocations;
  }

  /// Forgets all that was remembered when an entry comes for which that holds: for what no
  /// acceptance names, though it may rest on it. It is asked before the entry counts, so that
  /// whatever it ends proves nothing that is remembered afterwards.
  public void forgetAllOn(Predicate<FeedEntry> entries) {
    forgetOn(entries, credential -> true);
  }

  /// As [#forgetAllOn], but forgets only what was accepted by such credentials.
  ///
  /// @param credentials asked for the public id of a credential; must not block
  public void forgetOn(Predicate<FeedEntry> entries, Predicate<String> credentials) {
    rules.add(new Rule(entries, credentials));
  }

  /// The longest time for which an acceptance may be remembered.
  public Duration memory() {
    return memory;
  }

  /// A mark in time, to be taken before a store is asked.
  public long stamp() {
    return newest;
  }

  /// Takes note of an entry. Hearing one twice does no harm.
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
        // The floor first: a reader that no longer finds the name finds the floor raised.
        floor = Math.max(floor, oldest.getValue());
        named.remove(oldest.getKey());
        byAge.pollFirstEntry();
      }
    } finally {
      hearing.unlock();
    }
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

  /// Whether an answer to a question that was asked at that stamp still counts: the feed gave a
  /// sign of life lately, and named neither the subject nor the credential since.
  public boolean vouchesFor(long stamp, String subject, String credential) {
    return isAlive() && !isNamedSince(stamp, subject, credential);
  }

  /// Whether the subject or the credential was named since that stamp, or all that was remembered
  /// or was accepted by such credentials was ended. What another process revoked while the feed was
  /// silent is not known here.
  public boolean isNamedSince(long stamp, String subject, String credential) {
    // Most of the time nothing was revoked lately: one comparison instead of two look-ups.
    return newest != stamp
        && (isNamedSince(stamp, FeedEntry.Kind.SUBJECT, subject)
            || isNamedSince(stamp, FeedEntry.Kind.CREDENTIAL, credential)
            || isEndedSince(stamp, credential)
            // Last: a name that gave way between a look-up and here has raised it.
            || stamp < floor);
  }

  /// Whether one of these credentials was named since that stamp. To be asked before [#vouchesFor]
  /// or [#isNamedSince], which know of names that had to give way.
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

  // Subjects and credentials have names of their own: a prefix keeps them apart.
  private static String key(FeedEntry.Kind kind, String name) {
    return kind == FeedEntry.Kind.SUBJECT ? "s:".concat(name) : "c:".concat(name);
  }
}
