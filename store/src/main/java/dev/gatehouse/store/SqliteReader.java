package dev.gatehouse.store;

import java.sql.SQLException;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// Runs read tasks, one after another, on one connection that cannot change anything. After a
/// failure of the database, it opens a new connection for the next task.
final class SqliteReader implements Runnable {

  private final SqliteFile file;
  private final Supplier<@Nullable DatabaseTask<Handle, ?>> next;
  private @Nullable Handle handle;

  /// @param next returns the next task, and waits for it; null: there are no more
  SqliteReader(SqliteFile file, Handle handle, Supplier<@Nullable DatabaseTask<Handle, ?>> next) {
    this.file = file;
    this.handle = handle;
    this.next = next;
  }

  @Override
  public void run() {
    for (DatabaseTask<Handle, ?> task = next.get(); task != null; task = next.get()) {
      if (task.begin()) {
        answer(task);
      }
    }
    disconnect();
  }

  private void answer(DatabaseTask<Handle, ?> task) {
    try {
      task.run(connected()).run();
    } catch (Throwable failure) {
      SQLException sql = SqlFailures.sql(failure);
      if (sql != null) {
        // The state of the connection is unknown, so the next task gets a new one.
        disconnect();
      }
      Throwable cause = sql == null ? failure : sql;
      task.fail(SqlFailures.unavailable(task.what(), SqlFailures.firstLine(cause), cause));
    }
  }

  private Handle connected() throws SQLException {
    Handle connected = handle;
    if (connected == null) {
      connected = file.reader();
      handle = connected;
    }
    return connected;
  }

  private void disconnect() {
    file.close(handle);
    handle = null;
  }
}
