package dev.gatehouse.server.provider;

import dev.gatehouse.FailureText;
import dev.gatehouse.server.tls.ServerTrust;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// One request to a server whose addresses are checked, and its answer.
///
/// All addresses of the host are checked against [AllowedAddresses], and the connection goes to an
/// address that was checked. At most [#MAX_ANSWER_BYTES] of the answer's body are read. Redirects
/// are not followed. There is no time limit here: the caller interrupts. Thread-safe; every call
/// blocks.
final class OutboundExchange {

  /// The most that is read of an answer's body.
  static final int MAX_ANSWER_BYTES = 256 << 10;

  /// What is sent.
  record Question(URI uri, HttpMethod method, MultiMap fields, Buffer body) {}

  /// What came back.
  record Answer(int status, MultiMap fields, Buffer body) {

    // RFC 8259 §8.1: the text is UTF-8, and a reader may ignore a byte order mark. In a successful
    // answer, malformed bytes are an error: replacing them could make two names of subjects equal.
    String text() throws CharacterCodingException {
      String text =
          status / 100 == 2
              ? StandardCharsets.UTF_8
                  .newDecoder()
                  .decode(ByteBuffer.wrap(body.getBytes()))
                  .toString()
              : body.toString(StandardCharsets.UTF_8);
      return text.startsWith("\ufeff") ? text.substring(1) : text;
    }
  }

  private final HttpClient client;
  private final OutboundHttp.Peer peer;
  private final OutboundHttp.Resolver resolver;

  OutboundExchange(HttpClient client, OutboundHttp.Peer peer, OutboundHttp.Resolver resolver) {
    this.client = client;
    this.peer = peer;
    this.resolver = resolver;
  }

  /// Sends the request to the first address that takes the connection. Throws [IOException], which
  /// [#reason] puts into words.
  Answer ask(Question question) throws IOException, InterruptedException {
    ConnectException unreached = null;
    for (InetAddress address : addresses(question.uri)) {
      try {
        return ask(question, address);
      } catch (HttpClosedException closed) {
        // RFC 9110 §9.2.2: a kept connection may be closed just when it is used again. What is
        // idempotent is asked once more.
        if (!question.method.equals(HttpMethod.GET)) {
          throw closed;
        }
        return ask(question, address);
      } catch (ConnectException failed) {
        unreached = failed;
      }
    }
    throw unreached == null ? new UnknownHostException() : unreached;
  }

  // The name server of a host may answer with any address. All of them are checked, and one that
  // was checked is connected to.
  private InetAddress[] addresses(URI uri) throws IOException {
    InetAddress[] addresses = resolver.addresses(host(uri));
    for (InetAddress address : addresses) {
      Optional<String> refusal = peer.addresses().refusal(address);
      if (refusal.isPresent()) {
        throw new Refused(refusal.get());
      }
      if (uri.getScheme().equalsIgnoreCase("http") && !address.isLoopbackAddress()) {
        throw new Refused("is plain http, which is for loopback only");
      }
    }
    return addresses;
  }

  private static String host(URI uri) {
    return Objects.requireNonNull(uri.getHost());
  }

  private Answer ask(Question question, InetAddress address)
      throws IOException, InterruptedException {
    boolean tls = question.uri.getScheme().equalsIgnoreCase("https");
    int port = question.uri.getPort() < 0 ? (tls ? 443 : 80) : question.uri.getPort();
    String query = question.uri.getRawQuery();
    String path = question.uri.getRawPath().isEmpty() ? "/" : question.uri.getRawPath();
    AtomicBoolean abandoned = new AtomicBoolean();
    CompletableFuture<HttpClientRequest> opened = new CompletableFuture<>();
    CompletableFuture<Answer> answered = new CompletableFuture<>();
    client
        .request(
            new RequestOptions()
                // A literal: nothing is looked up.
                .setServer(SocketAddress.inetSocketAddress(port, address.getHostAddress()))
                .setHost(host(question.uri))
                .setPort(port)
                .setSsl(tls)
                .setMethod(question.method)
                .setURI(query == null ? path : path + "?" + query)
                .setHeaders(question.fields)
                .setFollowRedirects(false))
        .onComplete(
            request -> {
              request.exceptionHandler(answered::completeExceptionally);
              opened.complete(request);
              if (abandoned.get()) {
                request.reset();
                return;
              }
              request
                  .response()
                  .onComplete(
                      response -> read(request, response, answered),
                      answered::completeExceptionally);
              if (question.body.length() == 0) {
                request.end();
              } else {
                request.end(question.body);
              }
            },
            answered::completeExceptionally);
    try {
      return answered.get();
    } catch (ExecutionException failed) {
      if (failed.getCause() instanceof HttpClosedException closed) {
        throw closed;
      }
      throw asIoException(failed.getCause());
    } finally {
      // If the exchange is not complete, the connection is closed.
      abandoned.set(true);
      if (!answered.isDone()) {
        var _ = opened.thenAccept(HttpClientRequest::reset);
      }
    }
  }

  private static void read(
      HttpClientRequest request, HttpClientResponse response, CompletableFuture<Answer> answered) {
    Buffer body = Buffer.buffer();
    response.exceptionHandler(answered::completeExceptionally);
    response.handler(
        part -> {
          if (body.length() + part.length() > MAX_ANSWER_BYTES) {
            answered.completeExceptionally(
                new Refused("failed: its answer has more than " + MAX_ANSWER_BYTES + " bytes"));
            request.reset();
          } else {
            body.appendBuffer(part);
          }
        });
    response.endHandler(
        end -> answered.complete(new Answer(response.statusCode(), response.headers(), body)));
  }

  // The exception that says what failed in the handshake may be the cause of others.
  private static IOException asIoException(@Nullable Throwable failed) {
    for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
      if (cause instanceof IOException io) {
        return io;
      }
    }
    return new IOException(failed == null ? "no cause" : FailureText.of(failed), failed);
  }

  private static final class Refused extends IOException {

    private static final long serialVersionUID = 1L;

    Refused(String message) {
      super(message);
    }
  }

  /// What went wrong, in words for operators that follow the address.
  static String reason(ExecutionException failed) {
    return switch (failed.getCause()) {
      case Refused refused -> String.valueOf(refused.getMessage());
      case UnknownHostException _ -> "has a name that can't be resolved";
      case SSLException tls -> "is not trusted (" + ServerTrust.reason(tls) + ")";
      case ConnectException _ -> "refuses connections";
      case null -> "failed";
      case Throwable cause -> "failed: " + FailureText.of(cause);
    };
  }
}
