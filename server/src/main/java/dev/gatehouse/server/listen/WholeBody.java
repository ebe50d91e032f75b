package dev.gatehouse.server.listen;

import dev.gatehouse.Gate;
import dev.gatehouse.Outcome;
import dev.gatehouse.Reason;
import dev.gatehouse.RequestBody;
import dev.gatehouse.throttle.Shares;
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
import java.util.function.Consumer;

/// Reads the small body of a request to one of the gate's own paths: bounded in bytes, in time, and
/// together with all others that are being read.
public final class WholeBody {

  /// What a body may cost.
  ///
  /// @param budget a place for each byte that may lie in memory, of all bodies that are being read;
  ///   what finds none for its sender's address is refused with 503
  /// @param maxBytes more is refused with 413
  /// @param within later than that is refused with 408, and a failed attempt of the sender
  public record Limits(Shares budget, int maxBytes, Duration within) {}

  private final Arrival arrival;
  private final Gate gate;
  private final Limits limits;
  private final BodyBytes bytes;
  private final Vertx vertx =
      Objects.requireNonNull(Vertx.currentContext(), "on an event loop only").owner();
  private final Buffer body = Buffer.buffer();
  private final long timer;

  private WholeBody(Arrival arrival, Gate gate, Limits limits, Consumer<String> then) {
    this.arrival = arrival;
    this.gate = gate;
    this.limits = limits;
    this.bytes = new BodyBytes(limits.budget, arrival.auth().peer());
    HttpServerRequest request = arrival.http();
    this.timer =
        vertx.setTimer(
            limits.within.toMillis(), late -> refuse(RequestBody.Unreadable.late(limits.within)));
    request.exceptionHandler(broken -> refuse(MalformedBodyException.reason(broken)));
    request.handler(this::add);
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
    request.resume();
  }

  /// Reads the body, on the event loop on which it comes. Does nothing when the client has gone.
  ///
  /// @param gate counts a body that does not arrive against its sender
  /// @param then gets the body as text, on the same event loop; never when it was refused, as one
  ///   is with 400 that is not UTF-8
  public static void read(Arrival arrival, Gate gate, Limits limits, Consumer<String> then) {
    if (!arrival.http().response().closed()) {
      var _ = new WholeBody(arrival, gate, limits, then);
    }
  }

  private void add(Buffer chunk) {
    if (body.length() + chunk.length() > limits.maxBytes) {
      refuse(Reason.BODY_TOO_LARGE, "A body has at most " + limits.maxBytes + " bytes here");
    } else if (!bytes.tryTake(chunk.length())) {
      refuse(ArrivedBody.tooMany());
    } else {
      body.appendBuffer(chunk);
    }
  }

  private void refuse(Reason reason, String detail) {
    refuse(new RequestBody.Unreadable(new Outcome.Rejected(reason, detail, detail)));
  }

  private void refuse(RequestBody.Unreadable why) {
    arrival.http().handler(null);
    arrival.http().endHandler(null);
    end();
    Answers.refuse(arrival.http(), gate.refuseUnread(arrival.auth(), why));
  }

  // Once: each way to the end leaves no other.
  private void end() {
    vertx.cancelTimer(timer);
    arrival.http().exceptionHandler(null);
    bytes.release();
  }
}
