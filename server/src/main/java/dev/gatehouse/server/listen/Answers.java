package dev.gatehouse.server.listen;

import dev.gatehouse.Refusal;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/// Sends refusals, and sees to it that a body that nobody read is never taken for a request.
public final class Answers {

  // What is read on after a refusal, so that the client gets to read it before the connection
  // closes (RFC 9112 §9.6).
  private static final long LINGER_BYTES = 256 * 1024;
  private static final long LINGER_MILLIS = TimeUnit.SECONDS.toMillis(2);

  private Answers() {}

  /// Answers with the refusal's status, fields and document. Cuts the connection where another
  /// answer has already begun; does nothing where it is over.
  ///
  /// Fields that the answer already has, as those of CORS, go along.
  public static void refuse(HttpServerRequest request, Refusal refusal) {
    HttpServerResponse response = request.response();
    if (response.ended() || response.closed()) {
      return;
    }
    if (response.headWritten()) {
      cut(request);
      return;
    }
    response.setStatusCode(refusal.status());
    refusal.fields().forEach(response::putHeader);
    response.putHeader(HttpHeaders.CONTENT_TYPE, Refusal.MEDIA_TYPE);
    end(request, refusal.document());
  }

  /// Ends the answer with that text; a body that is still to come is read for a while and dropped,
  /// and the connection closed.
  public static void end(HttpServerRequest request, String text) {
    end(request, Buffer.buffer(text));
  }

  /// The same, with a body of bytes.
  public static void end(HttpServerRequest request, Buffer text) {
    HttpServerResponse response = request.response();
    boolean http1 = Arrival.isHttp1(request);
    boolean unread = !request.isEnded() && (!http1 || announcesBody(request));
    if (!unread) {
      response.end(text);
      return;
    }
    if (http1) {
      response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
    response.end(text);
    dropBody(request);
  }

  /// Reads what is left of the body for a while, then ends its way of coming: the connection, or
  /// the stream of HTTP/2.
  public static void dropBody(HttpServerRequest request) {
    boolean http1 = Arrival.isHttp1(request);
    if (request.isEnded()) {
      return;
    }
    var dropped =
        new Object() {
          long bytes;
          boolean over;
        };
    Runnable over =
        () -> {
          if (!dropped.over) {
            dropped.over = true;
            if (http1) {
              takeNoMore(request);
              request.connection().close();
            } else if (!request.isEnded()) {
              request.response().reset(0); // RFC 9113 §8.1: NO_ERROR asks to stop sending
            }
          }
        };
    long timer = vertx().setTimer(LINGER_MILLIS, id -> over.run());
    request.exceptionHandler(gone -> vertx().cancelTimer(timer));
    request.handler(
        chunk -> {
          dropped.bytes += chunk.length();
          if (dropped.bytes > LINGER_BYTES) {
            over.run();
          }
        });
    request.endHandler(
        end -> {
          vertx().cancelTimer(timer);
          over.run();
        });
    request.resume();
  }

  /// Ends an answer that can't be completed in a way that the client can tell from its end.
  public static void cut(HttpServerRequest request) {
    if (Arrival.isHttp1(request)) {
      request.connection().close();
    } else {
      request.response().reset(2); // RFC 9113 §7: INTERNAL_ERROR
    }
  }

  /// Answers with the refusal on a connection on which nothing that follows can be trusted to be a
  /// request: whatever comes is dropped, and the connection closed once the client had time to
  /// read.
  static void refuseAndClose(HttpServerRequest request, Refusal refusal) {
    takeNoMore(request);
    request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    refusal.fields().forEach(request.response()::putHeader);
    request
        .response()
        .setStatusCode(refusal.status())
        .putHeader(HttpHeaders.CONTENT_TYPE, Refusal.MEDIA_TYPE)
        .end(refusal.document());
    vertx().setTimer(LINGER_MILLIS / 4, id -> request.connection().close());
  }

  private static Vertx vertx() {
    return Objects.requireNonNull(Vertx.currentContext(), "on an event loop only").owner();
  }

  private static void takeNoMore(HttpServerRequest request) {
    ConnectionWatch watch = ConnectionWatch.of(request.connection());
    if (watch != null) {
      watch.noMore();
    }
  }

  private static boolean announcesBody(HttpServerRequest request) {
    String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    return (length != null && !length.equals("0"))
        || request.headers().contains(HttpHeaders.TRANSFER_ENCODING);
  }
}
