package dev.gatehouse.server.gateway;

import dev.gatehouse.BodyDigest;
import io.vertx.core.buffer.Buffer;
import java.security.MessageDigest;

/// Compares a body, as it comes, with the digest that was signed.
final class BodyVerification {

  private final BodyDigest expected;
  private final MessageDigest hash;
  private boolean judged;
  private boolean met;

  BodyVerification(BodyDigest expected) {
    this.expected = expected;
    this.hash = expected.begin();
  }

  /// Takes in the next piece.
  void update(Buffer piece) {
    hash.update(piece.getBytes());
  }

  /// Whether the body is the one that was signed. To be called when all of it was taken in; may be
  /// called again.
  boolean isMet() {
    if (!judged) {
      judged = true;
      met = expected.matches(hash);
    }
    return met;
  }
}
