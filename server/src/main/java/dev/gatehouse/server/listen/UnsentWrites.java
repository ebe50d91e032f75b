package dev.gatehouse.server.listen;

/// Counts the writes of one HTTP/2 stream that its client has not taken yet, and says whether the
/// client takes them in time.
///
/// A mark is set behind the writes that are waiting. All that is before the mark must be taken
/// within the allowed time; then a new mark is set. So a client that takes one byte now and then
/// does not keep them for ever. The writes of a stream are taken in their order. Not thread-safe.
final class UnsentWrites {

  private long given;
  private long taken;
  private long mark;
  private long markedAt;

  /// A write was given to the stream.
  void give(long now) {
    given++;
    if (given - taken == 1) {
      mark(now);
    }
  }

  /// The oldest write was taken or dropped.
  void take(long now) {
    taken++;
    if (taken == mark) {
      mark(now);
    }
  }

  private void mark(long now) {
    mark = given;
    markedAt = now;
  }

  /// Whether no write is waiting.
  boolean isEmpty() {
    return taken == given;
  }

  /// Whether what lies before the mark has waited for longer than that.
  boolean isOverdue(long now, long allowedNanos) {
    return !isEmpty() && now - markedAt > allowedNanos;
  }
}
