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

/// Brings what was noted to the stores, whenever it is told to. Thread-safe.
///
/// What can't be written is written the next time. It is bounded all the same: while uses wait, no
/// more of them are drained, and what is noted meanwhile stays in [Usage].
public final class UsageWriter {

  /// How many rows go in one change: few, because whoever else writes waits for them.
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

  /// @param credentials the stores of credentials, which note when each of their own was last used
  ///   and pass over all others
  /// @param hasPassingCredential whose credential comes and goes, so that its uses are counted for its owner
  ///   only: rows for sessions would fill the store
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

  /// Writes everything that was noted until now.
  ///
  /// Each store is tried, and what one can't write keeps none of the others from writing; the first
  /// of such failures is thrown in the end.
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

  // A batch that may have been added is sent again under its number, before any other.
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
        lastUsed = all; // stores pass over what they have written
        first = first == null ? failed : first;
      }
    }
    return first;
  }
}
