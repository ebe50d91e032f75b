package dev.gatehouse.usage;

import dev.gatehouse.Method;
import dev.gatehouse.Principal;
import dev.gatehouse.Scopes;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Counts in memory who used which method and how often, until the counts are drained.
///
/// Counting a use of a known principal allocates nothing. The memory is bounded: beyond the limit,
/// further principals are counted together, by method and without a subject. Thread-safe; never
/// blocks; every use is in exactly one drain.
public final class Usage {

  /// How many principals are counted separately.
  static final int MAX_PRINCIPALS = 100_000;

  private static final Logger LOG = LoggerFactory.getLogger(Usage.class);

  // Further principals are counted under these, one for each method.
  private static final Map<Method, Principal> OVERFLOW_PRINCIPALS = new EnumMap<>(Method.class);

  static {
    for (Method method : Method.values()) {
      OVERFLOW_PRINCIPALS.put(method, new Principal("", method, "", Scopes.NONE));
    }
  }

  // The keys are the routes that announce a deprecation, and "" for all others.
  private final ConcurrentHashMap<String, ConcurrentHashMap<Principal, Cell>> byRoute =
      new ConcurrentHashMap<>();
  private final AtomicInteger principals = new AtomicInteger();
  private final AtomicBoolean saidThatItIsFull = new AtomicBoolean();

  /// Nothing is counted yet.
  public Usage() {}

  /// The uses of one principal on one route. After it is closed, it counts no more.
  private static final class Cell {

    private static final long CLOSED = -1;

    final long firstMillis;
    private final AtomicLong lastMillis;
    private final AtomicLong count = new AtomicLong();

    Cell(long firstMillis) {
      this.firstMillis = firstMillis;
      this.lastMillis = new AtomicLong(firstMillis);
    }

    // The time first: a drain that takes the use must have its time.
    boolean add(long atMillis) {
      lastMillis.accumulateAndGet(atMillis, Math::max);
      while (true) {
        long seen = count.get();
        if (seen == CLOSED) {
          return false;
        }
        if (count.compareAndSet(seen, seen + 1)) {
          return true;
        }
      }
    }

    // Returns how often it was used since the last time. Closes the cell if it was not used, so
    // that idle principals are forgotten. Negative if it was already closed.
    long take() {
      while (true) {
        long seen = count.get();
        if (seen == CLOSED || count.compareAndSet(seen, seen == 0 ? CLOSED : 0)) {
          return seen;
        }
      }
    }
  }

  /// Counts one use by the principal.
  ///
  /// @param route the route that announces the deprecation of the principal's method; empty: none
  ///   does
  /// @param atMillis milliseconds since 1970
  public void note(Principal principal, String route, long atMillis) {
    ConcurrentHashMap<Principal, Cell> cells = byRoute.get(route);
    if (cells == null) {
      cells = byRoute.computeIfAbsent(route, first -> new ConcurrentHashMap<>());
    }
    Principal counted = principal;
    while (true) {
      Cell cell = cells.get(counted);
      if (cell == null) {
        cell = add(cells, counted, atMillis);
      }
      if (cell == null) {
        counted = others(principal.method());
      } else if (cell.add(atMillis)) {
        return;
      } else {
        forget(cells, counted, cell); // the thread that closed it is about to do the same
      }
    }
  }

  // Null: the limit is reached.
  private @Nullable Cell add(
      ConcurrentHashMap<Principal, Cell> cells, Principal principal, long atMillis) {
    boolean others = principal.equals(others(principal.method()));
    if (!others && principals.incrementAndGet() > MAX_PRINCIPALS) {
      principals.decrementAndGet();
      if (saidThatItIsFull.compareAndSet(false, true)) {
        LOG.warn(
            "More than {} credentials are in use at once: the uses of further ones are counted"
                + " together, until some of these are idle",
            MAX_PRINCIPALS);
      }
      return null;
    }
    Cell added = new Cell(atMillis);
    Cell earlier = cells.putIfAbsent(principal, added);
    if (earlier != null && !others) {
      principals.decrementAndGet();
    }
    return earlier == null ? added : earlier;
  }

  private static Principal others(Method method) {
    return Objects.requireNonNull(OVERFLOW_PRINCIPALS.get(method));
  }

  private void forget(ConcurrentHashMap<Principal, Cell> cells, Principal principal, Cell closed) {
    if (cells.remove(principal, closed) && !principal.equals(others(principal.method()))) {
      principals.decrementAndGet();
    }
  }

  /// The counts since the previous drain.
  ///
  /// @param uses the records in the order of [UsageRecord.Key], with different keys
  /// @param lastUsed the last uses by the public ids of credentials
  public record Drained(List<UsageRecord> uses, Map<String, Instant> lastUsed) {}

  /// Takes everything that was counted since the last drain, with every credential counted
  /// separately.
  public Drained drain() {
    return drain(principal -> false);
  }

  /// Takes everything that was counted since the last drain.
  ///
  /// @param hasPassingCredential whether the principal's credential is short-lived, so that its
  ///   uses are counted for its owner only
  public Drained drain(Predicate<Principal> hasPassingCredential) {
    TreeMap<UsageRecord.Key, UsageRecord> uses = new TreeMap<>();
    Map<String, Instant> lastUsed = new HashMap<>();
    byRoute.forEach(
        (route, cells) ->
            cells.forEach(
                (principal, cell) -> {
                  long count = cell.take();
                  if (count == 0) {
                    forget(cells, principal, cell);
                  } else if (count > 0) {
                    UsageRecord taken = uses(principal, route, cell, count, hasPassingCredential);
                    uses.merge(taken.key(), taken, UsageRecord::plus);
                    if (!principal.credential().isEmpty()) {
                      lastUsed.merge(principal.credential(), taken.last(), Usage::later);
                    }
                  }
                }));
    if (principals.get() < MAX_PRINCIPALS) {
      saidThatItIsFull.set(false);
    }
    return new Drained(List.copyOf(uses.values()), Map.copyOf(lastUsed));
  }

  /// Returns when each credential that is not forgotten yet was last used, by its public id. Takes
  /// nothing.
  Map<String, Instant> lastUsed() {
    Map<String, Instant> lastUsed = new HashMap<>();
    byRoute
        .values()
        .forEach(
            cells ->
                cells.forEach(
                    (principal, cell) -> {
                      if (!principal.credential().isEmpty()) {
                        lastUsed.merge(
                            principal.credential(),
                            Instant.ofEpochMilli(cell.lastMillis.get()),
                            Usage::later);
                      }
                    }));
    return lastUsed;
  }

  private static UsageRecord uses(
      Principal principal,
      String route,
      Cell cell,
      long count,
      Predicate<Principal> hasPassingCredential) {
    return new UsageRecord(
        principal.subject(),
        principal.method(),
        hasPassingCredential.test(principal) ? "" : principal.credential(),
        route,
        count,
        Instant.ofEpochMilli(cell.firstMillis),
        Instant.ofEpochMilli(cell.lastMillis.get()));
  }

  static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }
}
