package dev.gatehouse.server.assembly;

import dev.gatehouse.FailureText;
import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What was opened. It is closed in the opposite order. For one thread at a time.
final class Opened implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Opened.class);

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();

  /// Remembers that the part is to be closed.
  <T extends AutoCloseable> T add(T part) {
    parts.push(part);
    return part;
  }

  /// Closes everything, once. A part that fails to close is logged, and the others are closed.
  @Override
  public void close() {
    while (!parts.isEmpty()) {
      AutoCloseable part = parts.pop();
      try {
        part.close();
      } catch (Exception failed) {
        LOG.warn("Closing {} failed: {}", part, FailureText.of(failed));
      }
    }
  }
}
