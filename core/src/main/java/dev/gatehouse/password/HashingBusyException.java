package dev.gatehouse.password;

/// No password can be hashed now: the queue is full, the wait was too long, or the hashing ended.
///
/// It becomes 503; it never admits and is never answered with 401.
public final class HashingBusyException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  HashingBusyException(String message, Throwable cause) {
    super(message, cause);
  }
}
