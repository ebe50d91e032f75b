package dev.gatehouse.usage;

import dev.gatehouse.Principal;
import dev.gatehouse.secret.RandomIds;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes the counted uses to the stores when it is told to. Thread-safe.
///
/// What cannot be written is written the next time. The memory is bounded nevertheless: as long as
/// uses wait, no more are drained, and further uses remain in [Usage].
public final class UsageWriter {

  /// The number of rows in one change. It is small because other writers wait for it.
  static final int BATCH_SIZE = 100;

  private static final Logger LOG = LoggerFactory.getLogger(UsageWriter.class);

  private final Usage usage;
  private final UsageStore store;
  private final List<Consumer<Map<String, Instant>>> credentials;
  private final Predicate<Principal> hasPassingCredential;
  private final String writer = RandomIds.next("w_");

  private final Deque<List<UsageRecord>> batches = new ArrayDeque<>();
  private long batch;
  private Map<String, Instant> lastUsed = Map.of();

  /// @param credentials the stores of credentials, which record when each of their credentials was
  ///   last used, and ignore all others
  /// @param hasPassingCredential whether the principal's credential is short-lived, so that its
  ///   uses are counted for its owner only: rows for each session would fill the store
  public UsageWriter(
      Usage usage,
      UsageStore store,
      List<Consumer<Map<String, Instant>>> credentials,
      Predicate<Principal> hasPassingCredential) {
    this.usage = usage;
    this.store = store;
    this.credentials = List.copyOf(credentials);
    this.hasPassingCredential = hasPassingCredential;
  }

  /// Writes everything that was counted until now. May block on the stores.
  ///
  /// Each store is tried. A failure of one does not prevent the others from writing; the first
  /// failure is thrown at the end.
  public synchronized void write() {
    RuntimeException failed = writeBatches();
    Map<String, Instant> recent;
    if (failed == null) {
      Usage.Drained drained = usage.drain(hasPassingCredential);
      List<UsageRecord> uses = drained.uses();
      for (int from = 0; from < uses.size(); from += BATCH_SIZE) {
        batches.add(uses.subList(from, Math.min(from + BATCH_SIZE, uses.size())));
      }
      failed = writeBatches();
      recent = drained.lastUsed();
    } else {
      recent = usage.lastUsed();
    }
    RuntimeException untouched = writeLastUsed(recent);
    if (failed != null || untouched != null) {
      throw failed != null ? failed : untouched;
    }
  }

  // A batch that may have been added is sent again with the same number, before any other.
  private @Nullable RuntimeException writeBatches() {
    try {
      while (!batches.isEmpty()) {
        try {
          store.add(writer, batch + 1, batches.getFirst());
        } catch (IllegalArgumentException never) {
          LOG.error(
              "{} rows of uses are lost, as the store refuses them", batches.getFirst().size());
          batches.removeFirst();
          return never;
        }
        batch++;
        batches.removeFirst();
      }
      return null;
    } catch (RuntimeException failed) {
      return failed;
    }
  }

  private @Nullable RuntimeException writeLastUsed(Map<String, Instant> recent) {
    Map<String, Instant> all = new HashMap<>(lastUsed);
    recent.forEach(
        (id, at) -> {
          if (all.size() < Usage.MAX_PRINCIPALS || all.containsKey(id)) {
            all.merge(id, at, Usage::later);
          }
        });
    RuntimeException first = null;
    lastUsed = Map.of();
    for (Consumer<Map<String, Instant>> owners : credentials) {
      try {
        owners.accept(Map.copyOf(all));
      } catch (RuntimeException failed) {
        lastUsed = all; // stores ignore times that they have already recorded
        first = first == null ? failed : first;
      }
    }
    return first;
  }
}
