package dev.gatehouse.server.listen;

import java.util.concurrent.atomic.AtomicLong;

/// Counts the bytes of answers that lie in memory because clients have not taken them yet, over all
/// connections of one listener. It refuses nothing: the connections ask it whether there is room.
/// Thread-safe; does not block.
final class UnsentBytes {

  private final AtomicLong free;

  /// @param max what all connections together may hold
  UnsentBytes(long max) {
    this.free = new AtomicLong(max);
  }

  /// Takes note of bytes that begin to wait; below zero, of bytes that wait no longer.
  void add(long bytes) {
    free.addAndGet(-bytes);
  }

  /// How many more bytes may wait; below zero where more wait than may.
  long free() {
    return free.get();
  }
}
