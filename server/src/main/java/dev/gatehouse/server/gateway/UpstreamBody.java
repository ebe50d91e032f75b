package dev.gatehouse.server.gateway;

import dev.gatehouse.BodyDigest;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpServerRequest;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/// A request's body on its way to the upstream: at most one piece of it waits here, or all of one
/// that a method had to read whole.
///
/// Where the body must have a digest, its last piece waits for that: an upstream gets a whole
/// request only when it is the one that was signed.
final class UpstreamBody {

  private final HttpServerRequest from;
  private final Exchange exchange;
  private final long maxBytes;

  private @Nullable Buffer held;
  private @Nullable HttpClientRequest to;
  private @Nullable Future<Void> sent;
  private boolean ended;
  private boolean over;
  private boolean paused;
  private long bytes;
  private long windowBytes;
  private long windowSince;

  // Null: nothing is asked of the body.
  private @Nullable BodyDigest expected;
  private @Nullable MessageDigest hashed;
  private boolean asExpected;

  UpstreamBody(HttpServerRequest from, Exchange exchange, long maxBytes) {
    this.from = from;
    this.exchange = exchange;
    this.maxBytes = maxBytes;
  }

  /// Begins to take what comes, as far as one piece.
  void take() {
    from.handler(this::came);
    from.endHandler(this::ended);
  }

  /// All of it came already.
  void took(Buffer whole) {
    held = whole.length() == 0 ? null : whole;
    bytes = whole.length();
    ended = true;
  }

  /// How much of it came.
  long receivedBytes() {
    return bytes;
  }

  /// Whether all of it came.
  boolean isEnded() {
    return ended;
  }

  /// Whether all of it was sent to the upstream: no byte of it is queued.
  boolean isSent() {
    return sent != null && sent.succeeded();
  }

  /// Whether there was none: only the end came, as with most requests of HTTP/2.
  boolean isEmpty() {
    return ended && bytes == 0;
  }

  /// How much of it waits here.
  int heldBytes() {
    return held == null ? 0 : held.length();
  }

  /// Demands that all of it has that digest; to be called before anything is sent.
  void expect(BodyDigest digest) {
    expected = digest;
    hashed = digest.begin();
    if (held != null) {
      hashed.update(held.getBytes());
    }
  }

  /// Whether all of it came, and it is not what it must be.
  boolean isWrong() {
    return ended && !isAsExpected();
  }

  /// Sends what is held, and from now on all that comes.
  void sendTo(HttpClientRequest upstream, long now) {
    to = upstream;
    windowSince = now;
    windowBytes = bytes;
    if (ended) {
      endAsExpected(upstream);
      return;
    }
    upstream.writeHead();
    Buffer first = held;
    if (first != null && expected == null) {
      held = null;
      write(upstream, first);
    }
    if (paused && !upstream.writeQueueFull()) {
      paused = false;
      from.resume();
    }
  }

  /// Takes no more; what comes is somebody else's.
  void stop() {
    over = true;
    held = null;
  }

  /// Whether the client has sent less than it must while it was waited for.
  boolean isTooSlow(long now, GatewaySettings settings) {
    if (ended || over || paused || to == null || windowSince == 0) {
      return false;
    }
    long grace = settings.slowBodyGrace().toNanos();
    long elapsed = now - windowSince;
    if (elapsed < grace) {
      return false;
    }
    double enough = settings.minBodyBytesPerSecond() * (elapsed / 1e9);
    if (bytes - windowBytes < enough) {
      return true;
    }
    windowSince = now;
    windowBytes = bytes;
    return false;
  }

  private void came(Buffer piece) {
    // An empty frame of HTTP/2 is no piece: it must not push out the one that is withheld.
    if (over || piece.length() == 0) {
      return;
    }
    bytes += piece.length();
    if (bytes > maxBytes) {
      over = true;
      exchange.bodyTooLarge();
      return;
    }
    exchange.progressed();
    if (hashed != null) {
      hashed.update(piece.getBytes());
    }
    HttpClientRequest upstream = to;
    if (upstream != null && expected != null) {
      Buffer before = held;
      held = piece;
      if (before != null) {
        write(upstream, before);
      }
    } else if (upstream == null) {
      held =
          held == null ? piece : Buffer.buffer(heldBytes()).appendBuffer(held).appendBuffer(piece);
      paused = true;
      from.pause();
    } else {
      write(upstream, piece);
    }
  }

  private void write(HttpClientRequest upstream, Buffer piece) {
    upstream.write(piece);
    if (upstream.writeQueueFull()) {
      paused = true;
      from.pause();
      upstream.drainHandler(
          drained -> {
            if (!over && paused) {
              paused = false;
              windowSince = exchange.now();
              windowBytes = bytes;
              from.resume();
            }
          });
    }
  }

  private void ended(Void end) {
    ended = true;
    if (!over && to != null) {
      exchange.progressed();
      endAsExpected(to);
    }
  }

  private void endAsExpected(HttpClientRequest upstream) {
    Buffer last = held;
    held = null;
    if (!isAsExpected()) {
      over = true;
      exchange.bodyIsWrong();
    } else if (last == null) {
      sent = upstream.end();
    } else {
      sent = upstream.end(last);
    }
  }

  private boolean isAsExpected() {
    if (expected != null && hashed != null) {
      asExpected = expected.isMetBy(hashed);
      hashed = null; // it is read but once
    }
    return expected == null || asExpected;
  }
}
