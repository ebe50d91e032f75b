package dev.gatehouse.usage;

import dev.gatehouse.Method;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Stores how often methods were used. Thread-safe; every method may block, and throws
/// [dev.gatehouse.StoreUnavailableException] if the store does not answer.
///
/// Times are stored in milliseconds.
public interface UsageStore {

  /// Adds a batch to the stored counts, as a whole or not at all.
  ///
  /// A writer numbers its batches in ascending order, and sends a batch again until it knows that
  /// it was added. A batch whose number is not greater than that of the writer's last one is
  /// ignored, so that nothing is counted twice if an answer was lost.
  ///
  /// @param writer the id of one running gate
  void add(String writer, long batch, List<UsageRecord> uses);

  /// Selects the records of a list.
  ///
  /// @param owner the subject; null: any
  /// @param method the method; null: any
  /// @param route the route under whose announcement the uses were counted; null: any
  /// @param announced whether only uses under an announcement are listed
  /// @param since only records that were last used then or later
  record Filter(
      @Nullable String owner,
      @Nullable Method method,
      @Nullable String route,
      boolean announced,
      Instant since) {

    /// Selects everything.
    public static final Filter ALL = new Filter(null, null, null, false, Instant.EPOCH);
  }

  /// Returns up to `limit` records in the order of [UsageRecord.Key], after that key (null: from
  /// the first).
  List<UsageRecord> list(Filter filter, UsageRecord.@Nullable Key after, int limit);

  /// Deletes the records that were last used before that time. Of the others it deletes those that
  /// were used longest ago, so that at most `most` remain. If several were last used in the same
  /// millisecond, more may be deleted.
  void purge(Instant unusedSince, int most);
}
