package dev.gatehouse.store;

import org.jspecify.annotations.Nullable;

/// Thrown if Gatehouse cannot use a database file. The message is one line for operators: it names
/// the file, the problem and what to do.
public final class UnusableDatabaseException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  UnusableDatabaseException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
