package dev.gatehouse.usage;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/// When each credential was last used, gathered in memory until somebody drains it.
///
/// Noting a use allocates nothing once the credential is known. Bounded: past the limit the uses of
/// further credentials are not noted until the next drain. Thread-safe; never blocks.
public final class Usage {

  private static final int MAX_CREDENTIALS = 100_000;

  private final ConcurrentHashMap<String, AtomicLong> lastUsedMillis = new ConcurrentHashMap<>();

  /// Nothing noted yet.
  public Usage() {}

  /// Notes that the credential of that public id was used at that time.
  public void note(String credential, Instant at) {
    AtomicLong cell = lastUsedMillis.get(credential);
    while (true) {
      if (cell == null) {
        if (lastUsedMillis.mappingCount() >= MAX_CREDENTIALS) {
          return;
        }
        cell = lastUsedMillis.computeIfAbsent(credential, first -> new AtomicLong());
      }
      cell.set(at.toEpochMilli());
      AtomicLong kept = lastUsedMillis.get(credential);
      if (cell.equals(kept)) { // the very same: atomics have no other equality
        return;
      }
      cell = kept; // drained meanwhile, perhaps before the time was in it: noted once more
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
