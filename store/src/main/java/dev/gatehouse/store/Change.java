package dev.gatehouse.store;

import dev.gatehouse.revocation.FeedEntry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jdbi.v3.core.Handle;

/// A write in progress: the handle of its transaction, and the feed rows that it has written.
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

  Handle handle() {
    return handle;
  }

  /// Writes the feed row that names what must be forgotten.
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

  /// The rows written so far, in their order.
  List<FeedEntry> rows() {
    return rows;
  }
}
