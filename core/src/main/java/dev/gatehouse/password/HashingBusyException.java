package dev.gatehouse.password;

/// No password can be hashed now: the queue is full, the wait was too long, or the hashing was
/// closed.
///
/// The gate answers 503. It neither admits the request nor answers 401.
public final class HashingBusyException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  HashingBusyException(String message, Throwable cause) {
    super(message, cause);
  }
}
