package dev.gatehouse.server.listen;

import dev.gatehouse.Outcome;
import dev.gatehouse.Reason;
import dev.gatehouse.RequestBody;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/// The body of a request, for a method that signs bodies. It is read only when such a method asks
/// for it. Then it is read as a whole on the event loop of the request. Its bytes and its time are
/// bounded, and so are the bytes of all bodies that are being read.
///
/// The request must be paused before a method may ask for the body.
public final class ArrivedBody implements RequestBody {

  private final HttpServerRequest request;
  private final BodyBytes bytes;
  private final Duration within;
  private final Context loop = Objects.requireNonNull(Vertx.currentContext(), "on an event loop");

  // Written on the event loop, before the answer.
  private final CompletableFuture<byte[]> whole = new CompletableFuture<>();
  private @Nullable Buffer collected;
  private boolean asked;
  private boolean over;
  private long timer;

  // Written before the gate is asked.
  private volatile boolean withheld;

  /// @param bytes which it may take of those of all bodies; what finds none is refused with 503
  /// @param within later than that is refused with 408, and a failed attempt of the sender
  ArrivedBody(HttpServerRequest request, BodyBytes bytes, Duration within) {
    this.request = request;
    this.bytes = bytes;
    this.within = within;
  }

  @Override
  public boolean isEmpty() {
    return false;
  }

  @Override
  public byte[] bytes(int maxBytes) {
    if (!whole.isDone()) {
      loop.runOnContext(next -> collect(maxBytes));
    }
    try {
      byte[] bytes = whole.join();
      if (bytes.length > maxBytes) {
        throw Unreadable.tooLarge(maxBytes);
      }
      return bytes;
    } catch (CompletionException failed) {
      if (failed.getCause() instanceof Unreadable unreadable) {
        throw unreadable;
      }
      throw failed;
    }
  }

  @Override
  public boolean isWithheld() {
    return withheld;
  }

  /// Promises to withhold its end until it was seen to be what the admission says.
  public void withhold() {
    withheld = true;
  }

  /// Leaves the body to another reader: from now on, a method that asks for it can't have it, since
  /// some of it may be gone. What was read whole before stays known. On its event loop.
  public void leave() {
    if (!asked && !over) {
      over = true;
      String detail = "The body can't be verified now";
      whole.completeExceptionally(
          new Unreadable(
              new Outcome.Rejected(Reason.UNAVAILABLE, detail, "another reader takes the body")));
    }
  }

  /// What was read, if it was; on its event loop.
  public @Nullable Buffer collected() {
    return collected;
  }

  /// Releases the bytes that were taken from the budget, because the body is not needed any more.
  /// Must be called on the event loop of the request.
  public void release() {
    bytes.release();
    if (!over) { // another reader takes what comes
      over = true;
      whole.completeExceptionally(Unreadable.brokenOff());
    }
  }

  private void collect(int maxBytes) {
    if (asked || over) {
      return;
    }
    asked = true;
    Buffer body = Buffer.buffer();
    timer = loop.owner().setTimer(within.toMillis(), late -> fail(Unreadable.late(within)));
    request.exceptionHandler(broken -> fail(MalformedBodyException.reason(broken)));
    request.handler(chunk -> add(body, chunk, maxBytes));
    request.endHandler(end -> complete(body));
    // RFC 9110 §10.1.1: a client may wait for that before it sends the body; HTTP/1.0 knows no 100.
    if (request.version() != HttpVersion.HTTP_1_0
        && request.headers().contains(HttpHeaders.EXPECT)) {
      request.response().writeContinue();
    }
    request.resume();
  }

  private void add(Buffer body, Buffer chunk, int maxBytes) {
    if (over) {
      return;
    }
    if (body.length() + chunk.length() > maxBytes) {
      fail(Unreadable.tooLarge(maxBytes));
    } else if (!bytes.tryTake(chunk.length())) {
      fail(tooMany());
    } else {
      body.appendBuffer(chunk);
    }
  }

  private void complete(Buffer body) {
    if (!over) {
      over = true;
      loop.owner().cancelTimer(timer);
      collected = body;
      whole.complete(body.getBytes());
    }
  }

  private void fail(Unreadable why) {
    if (!over) {
      over = true;
      loop.owner().cancelTimer(timer);
      request.handler(null);
      request.endHandler(null);
      request.pause();
      whole.completeExceptionally(why);
    }
  }

  /// There is no room for the body now.
  static Unreadable tooMany() {
    String detail = "Too many bodies are being read";
    return new Unreadable(new Outcome.Rejected(Reason.UNAVAILABLE, detail, detail));
  }
}
