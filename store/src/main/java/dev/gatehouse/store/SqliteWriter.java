package dev.gatehouse.store;

import dev.gatehouse.StoreUnavailableException;
import dev.gatehouse.revocation.FeedEntry;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs all changes, on one connection.
///
/// Changes that wait at the same time are committed in one transaction, so that one sync of the
/// disk is enough. Each change has a savepoint, so that a change that is refused does not affect
/// the others. After the commit, the listeners get the feed rows, and then the callers get their
/// results.
final class SqliteWriter implements Runnable {

  private static final Logger LOG = LoggerFactory.getLogger(SqliteWriter.class);

  private final SqliteFile file;
  private final Clock clock;
  private final Supplier<List<DatabaseTask<Change, ?>>> next;
  private final List<Consumer<FeedEntry>> listeners = new CopyOnWriteArrayList<>();
  private @Nullable Handle handle;

  /// @param next returns the changes that are committed together, and waits for them; empty: there
  ///   are no more
  SqliteWriter(
      SqliteFile file, Handle handle, Clock clock, Supplier<List<DatabaseTask<Change, ?>>> next) {
    this.file = file;
    this.handle = handle;
    this.clock = clock;
    this.next = next;
  }

  /// A change that was made in the transaction. Its caller has no result yet.
  private record Made(DatabaseTask<Change, ?> task, Runnable answer, List<FeedEntry> rows) {}

  /// Registers a listener for feed rows.
  void onCommit(Consumer<FeedEntry> listener) {
    listeners.add(listener);
  }

  @Override
  public void run() {
    for (List<DatabaseTask<Change, ?>> batch = next.get(); !batch.isEmpty(); batch = next.get()) {
      batch.removeIf(task -> !task.begin());
      if (!batch.isEmpty()) {
        commit(batch);
      }
    }
    disconnect();
  }

  private void commit(List<DatabaseTask<Change, ?>> batch) {
    List<Made> made = new ArrayList<>();
    String outcome = "nothing changed";
    try {
      Handle connected = connected();
      Connection connection = connected.getConnection();
      connection.setAutoCommit(false); // BEGIN IMMEDIATE
      for (DatabaseTask<Change, ?> task : batch) {
        make(task, connected, made);
      }
      outcome = "the outcome is unknown";
      connection.setAutoCommit(true); // COMMIT
    } catch (Throwable failure) {
      // Closing the connection rolls back the transaction, unless it was committed.
      disconnect();
      Throwable cause = failure;
      SQLException sql = SqlFailures.sql(failure);
      if (sql != null) {
        cause = sql;
      }
      for (DatabaseTask<Change, ?> task : batch) {
        task.fail(
            SqlFailures.unavailable(
                task.what(), SqlFailures.firstLine(cause) + "; " + outcome, cause));
      }
      return;
    }
    made.forEach(this::acknowledge);
  }

  private void make(DatabaseTask<Change, ?> task, Handle connected, List<Made> made)
      throws SQLException {
    Connection connection = connected.getConnection();
    Savepoint before = connection.setSavepoint();
    Change change = new Change(connected, clock.instant());
    try {
      made.add(new Made(task, task.run(change), change.rows()));
    } catch (RuntimeException | SQLException failure) {
      SQLException sql = SqlFailures.sql(failure);
      if (sql == null) {
        connection.rollback(before);
        task.fail(
            SqlFailures.unavailable(
                task.what(), SqlFailures.firstLine(failure) + "; nothing changed", failure));
      } else if (SqlFailures.isConstraintViolation(sql)) {
        connection.rollback(before);
        task.fail(
            new IllegalArgumentException(
                "the database refused to " + task.what() + ": " + SqlFailures.firstLine(sql), sql));
      } else {
        // After some failures, SQLite itself rolls back the whole transaction
        // (https://sqlite.org/lang_transaction.html#response_to_errors_within_a_transaction). So no
        // change of the batch can be committed.
        throw sql;
      }
    }
    connection.releaseSavepoint(before);
  }

  private void acknowledge(Made change) {
    Throwable deaf = null;
    for (FeedEntry row : change.rows()) {
      for (Consumer<FeedEntry> listener : listeners) {
        try {
          listener.accept(row);
        } catch (Throwable failure) {
          LOG.error("A listener to the revocation feed failed at row {}", row.sequence(), failure);
          deaf = failure;
        }
      }
    }
    if (deaf == null) {
      change.answer().run();
    } else {
      change
          .task()
          .fail(
              new StoreUnavailableException(
                  "the change stands, but a listener to the revocation feed failed", deaf));
    }
  }

  private Handle connected() throws SQLException {
    Handle connected = handle;
    if (connected == null) {
      connected = file.writer();
      handle = connected;
    }
    return connected;
  }

  private void disconnect() {
    file.close(handle);
    handle = null;
  }
}
