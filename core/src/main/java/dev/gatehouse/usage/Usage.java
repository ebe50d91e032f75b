package dev.gatehouse.usage;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/// When each credential was last used, gathered in memory until somebody drains it.
///
/// Noting a use allocates nothing once the credential is known. Bounded: past the limit the uses of
/// further credentials are not noted until the next drain. Thread-safe; never blocks.
public final class Usage {

  private static final int MAX_CREDENTIALS = 100_000;

  private final ConcurrentHashMap<String, AtomicLong> lastUsedMillis = new ConcurrentHashMap<>();

  /// Nothing noted yet.
  public Usage() {}

  /// Notes that the credential of that public id was used at that time, unless it was used later.
  public void note(String credential, Instant at) {
    AtomicLong cell = lastUsedMillis.get(credential);
    while (true) {
      if (cell == null) {
        if (lastUsedMillis.mappingCount() >= MAX_CREDENTIALS) {
          return;
        }
        cell = lastUsedMillis.computeIfAbsent(credential, first -> new AtomicLong());
      }
      cell.accumulateAndGet(at.toEpochMilli(), Math::max);
      AtomicLong kept = lastUsedMillis.get(credential);
      if (cell.equals(kept)) { // the very same: atomics have no other equality
        return;
      }
      cell = kept; // drained meanwhile, perhaps before the time was in it: noted once more
    }
  }

  /// Drains into each of these stores by itself; each takes what is its own. What one can't write
  /// is noted again, for the next time, and the first of such failures is thrown in the end.
  public void drainTo(List<Consumer<Map<String, Instant>>> stores) {
    Map<String, Instant> drained = drain();
    RuntimeException first = null;
    for (Consumer<Map<String, Instant>> store : stores) {
      try {
        store.accept(drained);
      } catch (RuntimeException failed) {
        drained.forEach(this::note); // stores pass over what they have written
        first = first == null ? failed : first;
      }
    }
    if (first != null) {
      throw first;
    }
  }

  /// Takes everything noted since the last drain.
  public Map<String, Instant> drain() {
    Map<String, Instant> drained = new HashMap<>();
    for (String credential : lastUsedMillis.keySet()) {
      AtomicLong cell = lastUsedMillis.remove(credential);
      if (cell != null && cell.get() > 0) {
        drained.put(credential, Instant.ofEpochMilli(cell.get()));
      }
    }
    return drained;
  }
}
