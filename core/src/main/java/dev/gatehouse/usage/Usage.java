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

/// Who used which method how often, gathered in memory until somebody drains it.
///
/// Noting a use allocates nothing once the principal is known. Bounded: past the limit further
/// principals are counted together, by their method, as uses of nobody in particular. Thread-safe;
/// never blocks; every use is in exactly one drain.
public final class Usage {

  /// How many principals are told apart.
  static final int MAX_PRINCIPALS = 100_000;

  private static final Logger LOG = LoggerFactory.getLogger(Usage.class);

  // Whoever finds no room: one for each method.
  private static final Map<Method, Principal> OVERFLOW_PRINCIPALS = new EnumMap<>(Method.class);

  static {
    for (Method method : Method.values()) {
      OVERFLOW_PRINCIPALS.put(method, new Principal("", method, "", Scopes.NONE));
    }
  }

  // The routes are those that announce an end, and "" for the rest.
  private final ConcurrentHashMap<String, ConcurrentHashMap<Principal, Cell>> byRoute =
      new ConcurrentHashMap<>();
  private final AtomicInteger principals = new AtomicInteger();
  private final AtomicBoolean saidThatItIsFull = new AtomicBoolean();

  /// Nothing noted yet.
  public Usage() {}

  /// What one principal did on one route. Once closed it takes no more.
  private static final class Cell {

    private static final long CLOSED = -1;

    final long firstMillis;
    private final AtomicLong lastMillis;
    private final AtomicLong count = new AtomicLong();

    Cell(long firstMillis) {
      this.firstMillis = firstMillis;
      this.lastMillis = new AtomicLong(firstMillis);
    }

    // The time first: whoever takes the use has its time.
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

    // How often it was used since; closes it when that is never, so that whoever is idle is
    // forgotten. Negative when it was closed before.
    long take() {
      while (true) {
        long seen = count.get();
        if (seen == CLOSED || count.compareAndSet(seen, seen == 0 ? CLOSED : 0)) {
          return seen;
        }
      }
    }
  }

  /// Notes that the principal was proved.
  ///
  /// @param route that announces the end of the principal's method; empty: none does
  /// @param atMillis since 1970
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
        forget(cells, counted, cell); // as whoever closed it is about to
      }
    }
  }

  // Null: there is no room.
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

  /// What was noted since the drain before.
  ///
  /// @param uses in the order of [UsageRecord.Key], each of another
  /// @param lastUsed by the public ids of credentials
  public record Drained(List<UsageRecord> uses, Map<String, Instant> lastUsed) {}

  /// Takes everything noted since the last drain, with every credential told apart.
  public Drained drain() {
    return drain(principal -> false);
  }

  /// Takes everything noted since the last drain.
  ///
  /// @param hasPassingCredential whose credential comes and goes, so that its uses are counted for its owner
  ///   only
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

  /// When each credential was last used that is not forgotten yet, by its public id; takes nothing.
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
      Principal principal, String route, Cell cell, long count, Predicate<Principal> hasPassingCredential) {
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
