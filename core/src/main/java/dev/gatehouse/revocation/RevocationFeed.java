package dev.gatehouse.revocation;

import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;

/// The rows that every revocation, disabling and change of grants writes in its own transaction.
///
/// Each method throws [dev.gatehouse.StoreUnavailableException] when the store does not answer.
public interface RevocationFeed {

  /// The sequence of the newest row; 0 when there is none.
  long newest();

  /// Up to `limit` rows behind that sequence, in their order. No row that commits later than this
  /// call carries a sequence below the last that it returned.
  List<FeedEntry> after(long sequence, int limit);

  /// Calls the listener for every row that this process commits, at the commit: before the change
  /// is acknowledged.
  void onCommit(Consumer<FeedEntry> listener);

  /// Removes rows written before that instant. Callers leave the last hour.
  void purgeBefore(Instant instant);
}
