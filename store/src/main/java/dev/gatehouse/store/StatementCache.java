package dev.gatehouse.store;

import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementBuilder;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/// Caches the prepared statements of one connection, because SQLite's driver does not.
///
/// The SQL of this package is constant, so the number of statements is bounded. Not thread-safe:
/// only the thread of the connection uses the cache. The statements are closed with their
/// connection.
final class StatementCache implements StatementBuilder {

  private final Map<String, PreparedStatement> idle = new HashMap<>();

  /// Converts the current row of a result.
  @FunctionalInterface
  interface RowReader<T> {
    T read(ResultSet row) throws SQLException;
  }

  /// Returns the first row of a query with one parameter; empty if there is none. Does not use
  /// Jdbi, and so takes a third of the time. Meant for queries on which requests wait.
  static <T> Optional<T> row(Handle handle, String sql, Object key, RowReader<T> reader)
      throws SQLException {
    StatementCache statements = of(handle);
    PreparedStatement statement = statements.take(handle.getConnection(), sql);
    try {
      statement.setObject(1, key);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? Optional.of(reader.read(row)) : Optional.empty();
      }
    } finally {
      statements.release(sql, statement);
    }
  }

  /// Runs a statement with these parameters, and returns the number of changed rows. Does not use
  /// Jdbi.
  static int update(Handle handle, String sql, @Nullable Object... values) throws SQLException {
    StatementCache statements = of(handle);
    PreparedStatement statement = statements.take(handle.getConnection(), sql);
    try {
      for (int i = 0; i < values.length; i++) {
        statement.setObject(i + 1, values[i]);
      }
      return statement.executeUpdate();
    } finally {
      statements.release(sql, statement);
    }
  }

  /// The cache of a handle that a [SqliteFile] opened.
  private static StatementCache of(Handle handle) {
    return (StatementCache) handle.getStatementBuilder();
  }

  @Override
  public Statement create(Connection connection, StatementContext context) throws SQLException {
    return connection.createStatement();
  }

  @Override
  public PreparedStatement create(Connection connection, String sql, StatementContext context)
      throws SQLException {
    return take(connection, sql);
  }

  private PreparedStatement take(Connection connection, String sql) throws SQLException {
    PreparedStatement kept = idle.remove(sql);
    return kept == null ? connection.prepareStatement(sql) : kept;
  }

  @Override
  public CallableStatement createCall(Connection connection, String sql, StatementContext context)
      throws SQLException {
    return connection.prepareCall(sql);
  }

  @Override
  public void close(Connection connection, String sql, Statement statement) throws SQLException {
    if (statement instanceof PreparedStatement prepared) {
      release(sql, prepared);
    } else {
      statement.close();
    }
  }

  /// Puts a statement back, so that it can be used again. Its results must be closed.
  private void release(String sql, PreparedStatement statement) throws SQLException {
    statement.clearBatch();
    statement.clearParameters();
    PreparedStatement twin = idle.put(sql, statement);
    if (twin != null) {
      twin.close();
    }
  }
}
