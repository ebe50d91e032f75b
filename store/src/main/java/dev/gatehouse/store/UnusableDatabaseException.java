package dev.gatehouse.store;

import org.jspecify.annotations.Nullable;

/// A database that Gatehouse can't work with. The message is one line for a person: what is wrong
/// with which file, and what to do.
public final class UnusableDatabaseException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  UnusableDatabaseException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
