package dev.gatehouse.server.listen;

import dev.gatehouse.Reason;
import dev.gatehouse.Refusal;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;

/// Reads the small body of a request to one of the gate's own paths: bounded in bytes and in time.
public final class WholeBody {

  private WholeBody() {}

  /// Reads the body, on the event loop on which it comes.
  ///
  /// @param maxBytes more is refused with 413
  /// @param within later than that is refused with 408
  /// @param then gets the body as UTF-8 text, on the same event loop; never when it was refused
  public static void read(Arrival arrival, int maxBytes, Duration within, Consumer<String> then) {
    HttpServerRequest request = arrival.http();
    Vertx vertx = Objects.requireNonNull(Vertx.currentContext(), "on an event loop only").owner();
    Buffer body = Buffer.buffer();
    long timer =
        vertx.setTimer(
            within.toMillis(),
            late ->
                refuse(
                    arrival,
                    Reason.REQUEST_TIMEOUT,
                    "The body did not come within " + within.toSeconds() + " seconds"));
    request.exceptionHandler(gone -> vertx.cancelTimer(timer));
    request.handler(
        chunk -> {
          if (body.length() + chunk.length() > maxBytes) {
            vertx.cancelTimer(timer);
            refuse(
                arrival, Reason.BODY_TOO_LARGE, "A body has at most " + maxBytes + " bytes here");
          } else {
            body.appendBuffer(chunk);
          }
        });
    // RFC 9110 §10.1.1: a client may wait for that before it sends the body; HTTP/1.0 knows no 100.
    if (request.version() != HttpVersion.HTTP_1_0
        && request.headers().contains(HttpHeaders.EXPECT)) {
      request.response().writeContinue();
    }
    request.endHandler(
        end -> {
          vertx.cancelTimer(timer);
          then.accept(body.toString(StandardCharsets.UTF_8));
        });
  }

  private static void refuse(Arrival arrival, Reason reason, String detail) {
    arrival.http().handler(null);
    arrival.http().endHandler(null);
    Answers.refuse(arrival.http(), Refusal.of(arrival.auth(), reason, detail, detail));
  }
}
