package dev.gatehouse.client;

import java.io.IOException;

/// A body that must be held in memory is larger than the limit for it.
public final class BodyTooLargeException extends IOException {

  private static final long serialVersionUID = 1L;

  BodyTooLargeException(String message) {
    super(message);
  }
}
