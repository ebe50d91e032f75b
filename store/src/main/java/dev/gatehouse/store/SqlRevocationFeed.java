package dev.gatehouse.store;

import dev.gatehouse.revocation.FeedEntry;
import dev.gatehouse.revocation.RevocationFeed;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;

/// The revocation feed, in the table `revocation_feed`.
///
/// There is one writer. It assigns the sequence numbers and commits the rows in their order. So
/// after a follower has read a row, no row with a lower number appears. Exceptions, blocking and
/// threads: see [SqlDatabase].
public final class SqlRevocationFeed implements RevocationFeed {

  private static final String NEWEST = "SELECT COALESCE(MAX(sequence), 0) FROM revocation_feed";
  private static final String AFTER =
      """
      SELECT sequence, kind, name, written_at FROM revocation_feed
      WHERE sequence > ? ORDER BY sequence LIMIT ?
      """;
  private static final String PURGE =
      """
      DELETE FROM revocation_feed WHERE sequence IN
        (SELECT sequence FROM revocation_feed WHERE written_at < ? LIMIT ?)
      """;

  private final SqliteThreads threads;

  SqlRevocationFeed(SqliteThreads threads) {
    this.threads = threads;
  }

  @Override
  public long newest() {
    return threads.read(
        "read the newest row of the feed",
        handle -> handle.createQuery(NEWEST).mapTo(Long.class).one());
  }

  @Override
  public List<FeedEntry> after(long sequence, int limit) {
    int page = Columns.page(limit);
    return threads.read(
        "read the feed",
        handle ->
            handle
                .createQuery(AFTER)
                .bind(0, sequence)
                .bind(1, page)
                .map(
                    (row, context) ->
                        new FeedEntry(
                            row.getLong(1),
                            FeedEntry.Kind.valueOf(row.getString(2)),
                            row.getString(3),
                            Columns.instant(row, 4)))
                .list());
  }

  /// Registers a listener. It runs on the writer's thread, so it must be quick and must not write
  /// to this database. If it throws, the other listeners still get the row, and the caller of the
  /// change gets [dev.gatehouse.StoreUnavailableException], although the change is in force.
  @Override
  public void onCommit(Consumer<FeedEntry> listener) {
    threads.onCommit(listener);
  }

  @Override
  public void purgeBefore(Instant instant) {
    Purge.removeInBatches(threads, "purge the feed", PURGE, instant);
  }
}
