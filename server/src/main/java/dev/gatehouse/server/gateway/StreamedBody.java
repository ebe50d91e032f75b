package dev.gatehouse.server.gateway;

import dev.gatehouse.BodyDigest;
import dev.gatehouse.server.listen.ArrivedBody;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/// A body that is passed on as it comes. At most one piece of it waits here, or the whole body if a
/// method had to read it.
///
/// If the body must have a certain digest, its last piece waits until the digest was compared. So
/// an upstream gets a complete request only if it is the one that was signed.
final class StreamedBody implements ForwardedBody {

  private final Exchange exchange;
  private final HttpServerRequest from;
  private final long maxBytes;

  private @Nullable Buffer held;
  private long bytes;
  private boolean ended;
  private boolean stopped;
  private boolean paused;

  // Null: nothing is demanded of it.
  private @Nullable BodyVerification verification;

  // Null: it is not sent to an upstream yet.
  private @Nullable HttpClientRequest to;
  private @Nullable BodyPace pace;
  // Null: its end was not sent yet.
  private @Nullable Future<Void> sent;

  StreamedBody(Exchange exchange) {
    this.exchange = exchange;
    this.from = exchange.request;
    this.maxBytes = exchange.route.destination().upstream().maxBodyBytes();
  }

  @Override
  public void withhold() {
    if (exchange.arrival.auth().body() instanceof ArrivedBody arrived) {
      arrived.withhold();
    }
  }

  @Override
  public void take() {
    from.exceptionHandler(exchange::clientFailed);
    if (exchange.arrival.auth().body() instanceof ArrivedBody arrived) {
      arrived.leave();
    }
    from.handler(this::came);
    from.endHandler(this::ended);
  }

  @Override
  public void leaveToGate() {
    from.pause();
  }

  @Override
  public void takeFromGate() {
    Buffer whole =
        exchange.arrival.auth().body() instanceof ArrivedBody arrived ? arrived.collected() : null;
    if (whole == null) {
      take();
      from.resume();
    } else {
      held = whole.length() == 0 ? null : whole;
      bytes = whole.length();
      ended = true;
    }
  }

  @Override
  public boolean mayMeet(@Nullable BodyDigest digest) {
    if (digest == null) {
      return true;
    }
    BodyVerification demanded = new BodyVerification(digest);
    if (held != null) {
      demanded.update(held);
    }
    verification = demanded;
    // A body that announces no bytes is whole with its head: no end of it can be withheld. RFC 9112
    // §6.3.
    return (!ended && announced() != 0) || demanded.isMet();
  }

  // -1: its length is not announced.
  private long announced() {
    String length = from.getHeader(HttpHeaders.CONTENT_LENGTH);
    return length == null ? -1 : Long.parseLong(length);
  }

  @Override
  public boolean isTooLarge() {
    return bytes > maxBytes || announced() > maxBytes;
  }

  @Override
  public boolean isEnded() {
    return ended;
  }

  // Only the end came, as with most requests of HTTP/2.
  @Override
  public boolean isEmpty() {
    return ended && bytes == 0;
  }

  @Override
  public boolean isSent() {
    return sent != null && sent.succeeded();
  }

  @Override
  public void sendTo(HttpClientRequest upstream) {
    frame(upstream);
    if (ended) {
      to = upstream;
      sendEnd(upstream);
      return;
    }
    if (expectsContinue()) {
      // RFC 9110 §10.1.1: passed on, so that an upstream too can refuse before the body comes.
      upstream.putHeader(HttpHeaders.EXPECT, HttpHeaders.CONTINUE);
    }
    to = upstream;
    pace = new BodyPace(exchange.now(), bytes);
    upstream.writeHead();
    Buffer first = held;
    if (first != null && verification == null) {
      held = null;
      write(upstream, first);
    }
    if (paused && !upstream.writeQueueFull()) {
      paused = false;
      from.resume();
    }
  }

  // The length that the client announced stays; what came without one goes in chunks.
  private void frame(HttpClientRequest upstream) {
    if (upstream.headers().contains(HttpHeaders.CONTENT_LENGTH)) {
      return;
    }
    if (!ended) {
      upstream.setChunked(true);
    } else if (held != null || expectsBody(from.method().name())) {
      int length = held == null ? 0 : held.length();
      upstream.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(length));
    }
  }

  // RFC 9110 §8.6: an empty body is said to be one where a body would have a meaning.
  private static boolean expectsBody(String method) {
    return method.equals("POST") || method.equals("PUT") || method.equals("PATCH");
  }

  private boolean expectsContinue() {
    return from.version() != HttpVersion.HTTP_1_0 && from.headers().contains(HttpHeaders.EXPECT);
  }

  @Override
  public boolean isTooSlow(long now, GatewaySettings settings) {
    return pace != null && !ended && !stopped && !paused && pace.isTooSlow(now, bytes, settings);
  }

  @Override
  public void stop() {
    stopped = true;
    held = null;
  }

  private void came(Buffer piece) {
    // An empty frame of HTTP/2 is no piece: it must not push out the one that is withheld.
    if (stopped || piece.length() == 0) {
      return;
    }
    bytes += piece.length();
    if (bytes > maxBytes) {
      stopped = true;
      exchange.bodyTooLarge();
      return;
    }
    exchange.progressed();
    if (verification != null) {
      verification.update(piece);
    }
    HttpClientRequest upstream = to;
    if (upstream == null) {
      hold(piece);
    } else if (verification == null) {
      write(upstream, piece);
    } else {
      Buffer before = held;
      held = piece;
      if (before != null) {
        write(upstream, before);
      }
    }
  }

  // Until the request is sent. Pieces that were read before the pause may still come.
  private void hold(Buffer piece) {
    held =
        held == null ? piece : Buffer.buffer(held.length()).appendBuffer(held).appendBuffer(piece);
    paused = true;
    from.pause();
  }

  private void write(HttpClientRequest upstream, Buffer piece) {
    upstream.write(piece);
    if (upstream.writeQueueFull()) {
      paused = true;
      from.pause();
      upstream.drainHandler(drained -> readOn());
    }
  }

  private void readOn() {
    if (!stopped && paused) {
      paused = false;
      if (pace != null) {
        pace.restart(exchange.now(), bytes);
      }
      from.resume();
    }
  }

  private void ended(Void end) {
    ended = true;
    if (!stopped && to != null) {
      exchange.progressed();
      sendEnd(to);
    }
  }

  // Withholds the last piece of a body that is not the one that was signed.
  private void sendEnd(HttpClientRequest upstream) {
    Buffer last = held;
    held = null;
    if (verification != null && !verification.isMet()) {
      stopped = true;
      exchange.bodyIsWrong();
    } else if (last == null) {
      sent = upstream.end();
    } else {
      sent = upstream.end(last);
    }
  }
}
