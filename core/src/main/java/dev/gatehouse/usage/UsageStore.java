package dev.gatehouse.usage;

import dev.gatehouse.Method;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Keeps how often methods were used. Thread-safe; every call may block, and throws
/// [dev.gatehouse.StoreUnavailableException] when the store does not answer.
///
/// Times are kept to the millisecond.
public interface UsageStore {

  /// Adds to what is kept, all of it or nothing.
  ///
  /// A writer numbers its batches upwards, and sends the same one again until it knows that it was
  /// added: a batch whose number is not above that of the writer's last is passed over, so that
  /// nothing is counted twice when the answer got lost.
  ///
  /// @param writer one running gate
  void add(String writer, long batch, List<UsageRecord> uses);

  /// What a list shall hold.
  ///
  /// @param owner null: any
  /// @param method null: any
  /// @param route null: any; otherwise what was counted under that route's announcement
  /// @param announced only what was counted under an announcement
  /// @param since only what was used then or later
  record Filter(
      @Nullable String owner,
      @Nullable Method method,
      @Nullable String route,
      boolean announced,
      Instant since) {

    /// Everything.
    public static final Filter ALL = new Filter(null, null, null, false, Instant.EPOCH);
  }

  /// Up to `limit` of them, in the order of [UsageRecord.Key], behind that one (from the beginning: null).
  List<UsageRecord> list(Filter filter, UsageRecord.@Nullable Key after, int limit);

  /// Forgets what was last used before that time. Of the rest it forgets what was used longest ago,
  /// so that no more than that many are kept. Where several were last used in one millisecond, more
  /// may be forgotten.
  void purge(Instant unusedSince, int most);
}
