package dev.gatehouse.server.listen;

import dev.gatehouse.Refusal;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Headers;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/// Sends refusals. It makes sure that a body that was not read is never taken for the next request.
/// Must be called on the event loop of the request.
public final class Answers {

  // What is read on after a refusal, so that the client gets to read it before the connection
  // closes (RFC 9112 §9.6).
  private static final long LINGER_BYTES = 256 * 1024;
  private static final long LINGER_TIMEOUT_MILLIS = TimeUnit.SECONDS.toMillis(2);

  // The same after a refusal behind which nothing is read.
  private static final long REFUSED_LINGER_TIMEOUT_MILLIS = LINGER_TIMEOUT_MILLIS / 4;

  // RFC 9113 §7.
  private static final long NO_ERROR = 0;
  private static final long INTERNAL_ERROR = 2;
  private static final long ENHANCE_YOUR_CALM = 11;

  private Answers() {}

  /// Answers with the refusal's status, fields and document. Breaks off where another answer has
  /// already begun; does nothing where it is over.
  ///
  /// Fields that the answer already has, as those of CORS, go along.
  public static void refuse(HttpServerRequest request, Refusal refusal) {
    HttpServerResponse response = request.response();
    if (response.ended() || response.closed()) {
      return;
    }
    if (response.headWritten()) {
      breakOff(request);
      return;
    }
    response.setStatusCode(refusal.status());
    refusal.fields().forEach(response::putHeader);
    response.putHeader(HttpHeaders.CONTENT_TYPE, Refusal.MEDIA_TYPE);
    end(request, refusal.document());
  }

  /// Ends the answer with that text. A body that is still to come is read for a while and dropped,
  /// and the connection closed. On a connection of HTTP/2 whose client leaves too many such answers
  /// lying, the stream is reset instead.
  public static void end(HttpServerRequest request, String text) {
    end(request, Buffer.buffer(text));
  }

  /// The same, with a body of bytes.
  public static void end(HttpServerRequest request, Buffer text) {
    HttpServerResponse response = request.response();
    boolean http1 = Arrival.isHttp1(request);
    boolean unread = !request.isEnded() && (!http1 || announcesBody(request));
    ConnectionWatch watch = ConnectionWatch.of(request.connection());
    if (watch != null && watch.isFullOfOwn()) {
      response.reset(ENHANCE_YOUR_CALM);
      return;
    }
    if (unread && http1) {
      response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
    boolean hasBody = text.length() > 0 && !request.method().equals(HttpMethod.HEAD);
    Future<Void> sent = hasBody ? response.end(text) : endWithoutBody(response, text);
    if (watch != null) {
      watch.sendsOwn(response, sent, hasBody ? text.length() : 0);
    }
    if (unread) {
      dropBody(request);
    }
  }

  // RFC 9110 §9.3.2: the fields that GET would get, and no body; §8.6: a 204 has no length. Vert.x
  // sends the body over HTTP/2, and no length over HTTP/1.
  private static Future<Void> endWithoutBody(HttpServerResponse response, Buffer body) {
    if (response.getStatusCode() != 204) {
      response.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length()));
    }
    return response.end();
  }

  /// Answers a call of gRPC with that refusal, in the terms of gRPC where it came over HTTP/2, and
  /// as any other over HTTP/1.
  ///
  /// A client of gRPC expects the status 200 and the outcome in `grpc-status`, in one head that
  /// ends the stream (gRPC over HTTP2, "Responses": Trailers-Only).
  ///
  /// @param status of gRPC
  public static void refuseGrpc(HttpServerRequest request, Refusal refusal, int status) {
    if (Arrival.isHttp1(request)) {
      refuse(request, refusal);
      return;
    }
    request
        .response()
        .putHeader(HttpHeaders.CONTENT_TYPE, "application/grpc")
        .putHeader("grpc-status", Integer.toString(status))
        .putHeader("grpc-message", refusal.detail() + " (" + refusal.id() + ")");
    end(request, Buffer.buffer());
  }

  /// Passes on an answer of 1xx, which comes before the answer proper (RFC 9110 §15.2). Does
  /// nothing where the client would not understand it, where it takes too little of what is sent to
  /// it, or where its answer has begun.
  public static void inform(HttpServerRequest request, int status, MultiMap fields) {
    HttpServerResponse response = request.response();
    Channel channel = ConnectionCloser.channel(request.connection());
    if (request.version() == HttpVersion.HTTP_1_0
        || response.headWritten()
        || response.closed()
        || !channel.isWritable()) {
      return;
    }
    if (Arrival.isHttp1(request)) {
      FullHttpResponse message =
          new DefaultFullHttpResponse(
              io.netty.handler.codec.http.HttpVersion.HTTP_1_1,
              HttpResponseStatus.valueOf(status),
              Unpooled.EMPTY_BUFFER);
      fields.forEach((name, value) -> message.headers().add(name, value));
      var _ = channel.writeAndFlush(message, channel.voidPromise());
    } else {
      Http2ConnectionHandler http2 = channel.pipeline().get(Http2ConnectionHandler.class);
      ChannelHandlerContext writer = channel.pipeline().context(http2);
      Http2Headers head = new DefaultHttp2Headers().status(Integer.toString(status));
      fields.forEach((name, value) -> head.add(name.toLowerCase(Locale.ROOT), value));
      var _ =
          http2
              .encoder()
              .writeHeaders(
                  writer,
                  Math.toIntExact(response.streamId()),
                  head,
                  0,
                  false,
                  writer.newPromise());
      writer.flush();
    }
  }

  /// Sends a piece of an answer that is carried through.
  ///
  /// @return is complete when the client took it, or it was dropped
  public static Future<Void> write(HttpServerRequest request, Buffer piece) {
    Future<Void> sent = request.response().write(piece);
    sends(request, sent, piece.length());
    return sent;
  }

  /// Whether so much waits in memory until the client takes it, or until other clients take theirs,
  /// that no more should be read from an upstream for this one.
  public static boolean isFull(HttpServerRequest request) {
    ConnectionWatch watch = ConnectionWatch.of(request.connection());
    return watch != null && watch.isFull();
  }

  /// Ends an answer that was carried through.
  public static void complete(HttpServerRequest request) {
    sends(request, request.response().end(), 0);
  }

  private static void sends(HttpServerRequest request, Future<Void> sent, long bytes) {
    ConnectionWatch watch = ConnectionWatch.of(request.connection());
    if (watch != null) {
      watch.sends(request.response(), sent, bytes);
    }
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
              close(request);
            } else if (!request.isEnded()) {
              request.response().reset(NO_ERROR); // RFC 9113 §8.1: asks to stop sending
            }
          }
        };
    ConnectionWatch watch = ConnectionWatch.of(request.connection());
    boolean nothingComes = watch != null && http1 && watch.isBodyMalformed();
    long timer =
        vertx()
            .setTimer(
                nothingComes ? REFUSED_LINGER_TIMEOUT_MILLIS : LINGER_TIMEOUT_MILLIS,
                id -> over.run());
    request.exceptionHandler(
        failed -> {
          vertx().cancelTimer(timer);
          if (failed instanceof MalformedBodyException) {
            over.run();
          }
        });
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

  /// Ends an answer that the client must get no more of: at once, and so that the client can tell
  /// it from the answer's end. What is queued is dropped. On HTTP/2 the stream ends, and the
  /// connection with it where its client reads nothing.
  public static void cut(HttpServerRequest request) {
    ConnectionWatch watch = ConnectionWatch.of(request.connection());
    if (Arrival.isHttp1(request) || (watch != null && watch.isStuck())) {
      ConnectionCloser.reset(ConnectionCloser.channel(request.connection()));
    } else {
      request.response().reset(INTERNAL_ERROR);
    }
  }

  /// Ends an answer that can't be completed: the client gets what there is of it, if it takes that
  /// soon, and can tell that more was to come.
  public static void breakOff(HttpServerRequest request) {
    if (Arrival.isHttp1(request)) {
      close(request);
    } else {
      request.response().reset(INTERNAL_ERROR);
    }
  }

  /// Closes the client's connection once what is queued was sent, and soon in any case.
  public static void close(HttpServerRequest request) {
    HttpConnection connection = request.connection();
    ConnectionCloser.afterFlush(ConnectionCloser.channel(connection), connection::close);
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
        .putHeader(HttpHeaders.CONTENT_TYPE, Refusal.MEDIA_TYPE);
    Buffer document = Buffer.buffer(refusal.document());
    var _ =
        request.method().equals(HttpMethod.HEAD)
            ? endWithoutBody(request.response(), document)
            : request.response().end(document);
    vertx().setTimer(REFUSED_LINGER_TIMEOUT_MILLIS, id -> close(request));
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
    return (length != null && !MessageForm.isZero(length))
        || request.headers().contains(HttpHeaders.TRANSFER_ENCODING);
  }
}
