package dev.gatehouse.store;

import dev.gatehouse.revocation.FeedEntry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jdbi.v3.core.Handle;

/// A write in progress, inside a transaction. It holds the handle of the transaction and the rows
/// that the write adds to the revocation feed. Used by the writer's thread only.
final class Change {

  private static final String ADD_ROW =
      "INSERT INTO revocation_feed (kind, name, written_at) VALUES (?, ?, ?) RETURNING sequence";

  private final Handle handle;
  private final Instant now;
  private final List<FeedEntry> rows = new ArrayList<>();

  Change(Handle handle, Instant now) {
    this.handle = handle;
    this.now = now;
  }

  /// The handle on which the write runs its statements.
  Handle handle() {
    return handle;
  }

  /// Adds a row to the revocation feed, in the same transaction. The row names what every node must
  /// forget. Listeners get it after the commit.
  void forget(FeedEntry.Kind kind, String name) {
    long sequence =
        handle
            .createQuery(ADD_ROW)
            .bind(0, kind.name())
            .bind(1, name)
            .bind(2, now.toEpochMilli())
            .mapTo(Long.class)
            .one();
    rows.add(new FeedEntry(sequence, kind, name, Instant.ofEpochMilli(now.toEpochMilli())));
  }

  /// The feed rows of this write, in the order in which they were added.
  List<FeedEntry> rows() {
    return rows;
  }
}
