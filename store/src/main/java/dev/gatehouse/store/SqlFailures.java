package dev.gatehouse.store;

import dev.gatehouse.StoreUnavailableException;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/// What went wrong in the database, told in the words of the ports.
final class SqlFailures {

  private SqlFailures() {}

  static StoreUnavailableException unavailable(String what, String why, Throwable cause) {
    return new StoreUnavailableException("the database could not " + what + ": " + why, cause);
  }

  /// The SQL failure behind this one; null when there is none.
  static @Nullable SQLException sql(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql) {
        return sql;
      }
    }
    return null;
  }

  /// SQLite's primary result code (<https://sqlite.org/rescode.html>: the low byte).
  static SQLiteErrorCode code(SQLException failure) {
    return failure instanceof SQLiteException sqlite
        ? SQLiteErrorCode.getErrorCode(sqlite.getResultCode().code & 0xff)
        : SQLiteErrorCode.UNKNOWN_ERROR;
  }

  /// Whether the database refused a change because a constraint of its tables forbids it.
  static boolean isConstraintViolation(SQLException failure) {
    return code(failure) == SQLiteErrorCode.SQLITE_CONSTRAINT;
  }

  /// The first line of the message: SQLite names tables and columns there, never values.
  static String firstLine(Throwable failure) {
    String message = failure.getMessage();
    return message == null || message.isBlank()
        ? failure.getClass().getSimpleName()
        : message.lines().findFirst().orElseThrow();
  }
}
