package dev.gatehouse.server.listen;

import dev.gatehouse.throttle.Shares;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/// Counts the bytes in memory of one body that is being read. They are part of the share of all
/// such bytes that the address of the sender has. Belongs to one event loop.
final class BodyBytes {

  private final Shares budget;
  private final InetAddress sender;
  private Shares.@Nullable Place place;

  /// @param budget a place for each byte of all bodies that are being read
  BodyBytes(Shares budget, InetAddress sender) {
    this.budget = budget;
    this.sender = sender;
  }

  /// Takes so many more.
  ///
  /// @return false when there are too few for that sender
  boolean tryTake(int bytes) {
    if (bytes == 0) {
      return true;
    }
    if (place != null) {
      return place.tryGrow(bytes);
    }
    place = budget.tryAcquire(sender, bytes).orElse(null);
    return place != null;
  }

  /// Gives all of them back; does nothing when they were given back before.
  void release() {
    if (place != null) {
      place.release();
    }
  }
}
