package dev.gatehouse.store;

import dev.gatehouse.StoreUnavailableException;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/// Converts failures of the database into the exceptions of the ports.
final class SqlFailures {

  private SqlFailures() {}

  /// Returns an exception for a task that failed.
  ///
  /// @param what the task in words, which follow "could not"
  static StoreUnavailableException unavailable(String what, String why, Throwable cause) {
    return new StoreUnavailableException("the database could not " + what + ": " + why, cause);
  }

  /// The first [SQLException] among the failure and its causes; null if there is none.
  static @Nullable SQLException sql(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql) {
        return sql;
      }
    }
    return null;
  }

  /// The primary result code of SQLite: the low byte of the code
  /// (<https://sqlite.org/rescode.html>).
  static SQLiteErrorCode code(SQLException failure) {
    return failure instanceof SQLiteException sqlite
        ? SQLiteErrorCode.getErrorCode(sqlite.getResultCode().code & 0xff)
        : SQLiteErrorCode.UNKNOWN_ERROR;
  }

  /// Returns true if the database refused the change because it violates a constraint of a table.
  static boolean isConstraintViolation(SQLException failure) {
    return code(failure) == SQLiteErrorCode.SQLITE_CONSTRAINT;
  }

  /// The first line of the message. In this line, SQLite names tables and columns, but no values.
  static String firstLine(Throwable failure) {
    String message = failure.getMessage();
    return message == null || message.isBlank()
        ? failure.getClass().getSimpleName()
        : message.lines().findFirst().orElseThrow();
  }
}
