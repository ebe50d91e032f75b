package dev.gatehouse.usage;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Usage records in memory, for tests and for programs that need only those since their start.
/// Thread-safe.
public final class InMemoryUsageStore implements UsageStore {

  private final TreeMap<UsageRecord.Key, UsageRecord> kept = new TreeMap<>();
  private final Map<String, Long> batches = new HashMap<>();

  /// An empty store.
  public InMemoryUsageStore() {}

  @Override
  public synchronized void add(String writer, long batch, List<UsageRecord> uses) {
    if (batch <= batches.getOrDefault(writer, Long.MIN_VALUE)) {
      return;
    }
    batches.put(writer, batch);
    for (UsageRecord more : uses) {
      kept.merge(more.key(), toMillis(more), UsageRecord::plus);
    }
  }

  private static UsageRecord toMillis(UsageRecord uses) {
    return new UsageRecord(
        uses.owner(),
        uses.method(),
        uses.credential(),
        uses.route(),
        uses.count(),
        uses.first().truncatedTo(ChronoUnit.MILLIS),
        uses.last().truncatedTo(ChronoUnit.MILLIS));
  }

  @Override
  public synchronized List<UsageRecord> list(
      Filter filter, UsageRecord.@Nullable Key after, int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("a page has at least one row, not " + limit);
    }
    Instant since = filter.since().truncatedTo(ChronoUnit.MILLIS);
    return (after == null ? kept : kept.tailMap(after, false))
        .values().stream()
            .filter(uses -> filter.owner() == null || filter.owner().equals(uses.owner()))
            .filter(uses -> filter.method() == null || filter.method() == uses.method())
            .filter(uses -> filter.route() == null || filter.route().equals(uses.route()))
            .filter(uses -> !filter.announced() || !uses.route().isEmpty())
            .filter(uses -> !uses.last().isBefore(since))
            .limit(limit)
            .toList();
  }

  @Override
  public synchronized void purge(Instant unusedSince, int most) {
    Instant before = unusedSince.truncatedTo(ChronoUnit.MILLIS);
    Instant firstTooMany =
        kept.values().stream()
            .map(UsageRecord::last)
            .sorted(Comparator.reverseOrder())
            .skip(most)
            .findFirst()
            .orElse(Instant.MIN);
    kept.values()
        .removeIf(uses -> uses.last().isBefore(before) || !uses.last().isAfter(firstTooMany));
  }
}
