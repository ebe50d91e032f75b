package dev.gatehouse.server.listen;

import dev.gatehouse.Reason;
import dev.gatehouse.Refusal;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/// Reads the small body of a request to one of the gate's own paths: bounded in bytes, in time, and
/// together with all others that are being read.
public final class WholeBody {

  private final Arrival arrival;
  private final Semaphore budget;
  private final Vertx vertx =
      Objects.requireNonNull(Vertx.currentContext(), "on an event loop only").owner();
  private final Buffer body = Buffer.buffer();
  private final long timer;

  private WholeBody(
      Arrival arrival, Semaphore budget, int maxBytes, Duration within, Consumer<String> then) {
    this.arrival = arrival;
    this.budget = budget;
    HttpServerRequest request = arrival.http();
    this.timer =
        vertx.setTimer(
            within.toMillis(),
            late ->
                refuse(
                    Reason.REQUEST_TIMEOUT,
                    "The body did not come within " + within.toSeconds() + " seconds"));
    request.exceptionHandler(gone -> end());
    request.handler(chunk -> add(chunk, maxBytes));
    request.endHandler(
        whole -> {
          String text;
          try {
            // A decoder that reports: one that replaces would make one text of many.
            text =
                StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(body.getBytes()))
                    .toString();
          } catch (CharacterCodingException noUtf8) {
            refuse(Reason.MALFORMED_REQUEST, "The body is not UTF-8");
            return;
          }
          end();
          then.accept(text);
        });
    // RFC 9110 §10.1.1: a client may wait for that before it sends the body; HTTP/1.0 knows no 100.
    if (request.version() != HttpVersion.HTTP_1_0
        && request.headers().contains(HttpHeaders.EXPECT)) {
      request.response().writeContinue();
    }
  }

  /// Reads the body, on the event loop on which it comes.
  ///
  /// @param budget a permit for each byte that may lie in memory, of all bodies that are being
  ///   read; what finds none is refused with 503
  /// @param maxBytes more is refused with 413
  /// @param within later than that is refused with 408
  /// @param then gets the body as text, on the same event loop; never when it was refused, as one
  ///   is with 400 that is not UTF-8
  public static void read(
      Arrival arrival, Semaphore budget, int maxBytes, Duration within, Consumer<String> then) {
    var _ = new WholeBody(arrival, budget, maxBytes, within, then);
  }

  private void add(Buffer chunk, int maxBytes) {
    if (body.length() + chunk.length() > maxBytes) {
      refuse(Reason.BODY_TOO_LARGE, "A body has at most " + maxBytes + " bytes here");
    } else if (!budget.tryAcquire(chunk.length())) {
      refuse(Reason.UNAVAILABLE, "Too many bodies are being read");
    } else {
      body.appendBuffer(chunk);
    }
  }

  private void refuse(Reason reason, String detail) {
    arrival.http().handler(null);
    arrival.http().endHandler(null);
    end();
    Answers.refuse(arrival.http(), Refusal.of(arrival.auth(), reason, detail, detail));
  }

  // Once: each way to the end leaves no other.
  private void end() {
    vertx.cancelTimer(timer);
    arrival.http().exceptionHandler(null);
    budget.release(body.length());
  }
}
