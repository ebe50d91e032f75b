package dev.gatehouse.revocation;

import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;

/// The feed of revocations. Each revocation, each disabling and each change of roles and scopes
/// writes a row in its own transaction. Thread-safe; every method may block, except [#onCommit].
///
/// Each method throws [dev.gatehouse.StoreUnavailableException] if the store does not answer.
public interface RevocationFeed {

  /// Returns the sequence of the newest row; 0 if there is none.
  long newest();

  /// Returns up to `limit` rows after that sequence in their order. No row that commits after this
  /// call has a sequence below the last one that it returned.
  List<FeedEntry> after(long sequence, int limit);

  /// Registers a listener for every row that this process commits. It is called at the commit,
  /// before the change is acknowledged.
  void onCommit(Consumer<FeedEntry> listener);

  /// Deletes the rows that were written before that instant. Callers must keep those of the last
  /// hour.
  void purgeBefore(Instant instant);
}
