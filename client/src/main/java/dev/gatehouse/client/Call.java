package dev.gatehouse.client;

import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// One request: reads its body if it is signed, gets a token, adds the credentials and sends it. If
/// the gate refuses the token, sends it once more with another one. Thread-safe.
final class Call<T> {

  private static final int STATUS_UNAUTHORIZED = 401;
  private static final int MAX_REFUSAL_BYTES = 64 * 1024;
  private static final byte[] NO_BODY = {};

  // RFC 6750 §3.1: this error is sent only if the request had a token
  private static final Pattern INVALID_TOKEN =
      Pattern.compile("(?:^|[\\s,])error\\s*=\\s*\"?invalid_token\"?", Pattern.CASE_INSENSITIVE);

  private final HttpClient http;
  private final List<Credential> credentials;
  private final @Nullable Tokens tokens;
  private final HttpRequest request;
  private final BodyHandler<T> handler;

  private final CompletableFuture<HttpResponse<T>> result = new CompletableFuture<>();
  private volatile @Nullable CompletableFuture<?> exchange;

  Call(
      HttpClient http,
      List<Credential> credentials,
      @Nullable Tokens tokens,
      HttpRequest request,
      BodyHandler<T> handler) {
    this.http = http;
    this.credentials = credentials;
    this.tokens = tokens;
    this.request = request;
    this.handler = handler;
  }

  /// Begins the call. Returns the future response; does not block, except to read a body that is
  /// signed.
  CompletableFuture<HttpResponse<T>> begin(int maxSignedBodyBytes) {
    var unused =
        signedBody(maxSignedBodyBytes)
            .thenCompose(this::sent)
            .whenComplete(
                (answer, failed) -> {
                  if (failed == null) {
                    result.complete(answer);
                  } else {
                    result.completeExceptionally(cause(failed));
                  }
                });
    var unusedEnd = result.whenComplete((answer, failed) -> endExchange());
    return result;
  }

  // The caller cancelled the call, or it timed out; otherwise it is over anyway. The wait for a
  // token is not cancelled, since other calls wait for it too.
  private void endExchange() {
    CompletableFuture<?> running = exchange;
    if (running != null) {
      running.cancel(true);
    }
  }

  private CompletableFuture<byte[]> signedBody(int maxBytes) {
    BodyPublisher publisher = request.bodyPublisher().orElse(null);
    if (publisher == null || credentials.stream().noneMatch(Credential::readsBody)) {
      return CompletableFuture.completedFuture(NO_BODY);
    }
    return WholeBody.of(
        publisher, maxBytes, "A body that is signed has " + maxBytes + " bytes at most");
  }

  private CompletableFuture<HttpResponse<T>> sent(byte[] body) {
    HttpRequest known = withBody(body);
    if (tokens == null) {
      return exchanged(known, body, null, handler);
    }
    // A body of unknown length may come from a stream that was read already, and would then be sent
    // as empty.
    boolean repeatable =
        known.bodyPublisher().map(publisher -> publisher.contentLength() >= 0).orElse(true);
    Tokens held = tokens;
    return held.token()
        .thenCompose(
            token ->
                exchanged(known, body, token, repeatable ? this::unlessRefused : handler)
                    .thenCompose(
                        answer -> {
                          if (!tokenRefused(answer.statusCode(), answer.headers())) {
                            return CompletableFuture.completedFuture(answer);
                          }
                          CompletableFuture<String> other = held.insteadOf(token);
                          return repeatable
                              ? other.thenCompose(next -> exchanged(known, body, next, handler))
                              : CompletableFuture.completedFuture(answer);
                        }));
  }

  private HttpRequest withBody(byte[] body) {
    if (request.bodyPublisher().isEmpty()
        || credentials.stream().noneMatch(Credential::readsBody)) {
      return request;
    }
    return HttpRequest.newBuilder(request, (name, value) -> true)
        .method(
            request.method(),
            body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body))
        .build();
  }

  private CompletableFuture<HttpResponse<T>> exchanged(
      HttpRequest known, byte[] body, @Nullable String token, BodyHandler<T> answered) {
    if (result.isDone()) {
      return CompletableFuture.failedFuture(new java.util.concurrent.CancellationException());
    }
    CompletableFuture<HttpResponse<T>> begun =
        http.sendAsync(proving(known, body, token), answered);
    exchange = begun;
    if (result.isDone()) {
      begun.cancel(true);
    }
    return begun;
  }

  private HttpRequest proving(HttpRequest known, byte[] body, @Nullable String token) {
    Map<String, List<String>> fields = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    fields.putAll(known.headers().map());
    HttpRequest.Builder proving = HttpRequest.newBuilder(known, (name, value) -> true);
    if (token != null) {
      add(Map.of("Authorization", "Bearer " + token), fields, proving);
    }
    for (Credential credential : credentials) {
      add(
          credential.fields(
              new OutgoingRequest(
                  known.method(), known.uri(), HttpHeaders.of(fields, (n, v) -> true), body)),
          fields,
          proving);
    }
    return proving.build();
  }

  private static void add(
      Map<String, String> more, Map<String, List<String>> fields, HttpRequest.Builder proving) {
    more.forEach(
        (name, value) -> {
          if (fields.putIfAbsent(name, List.of(value)) != null) {
            throw new IllegalArgumentException(
                "The request has the field " + name + " already, which this client sets");
          }
          proving.header(name, value);
        });
  }

  // The answer to a refused token is not needed: it is read and discarded.
  private BodySubscriber<T> unlessRefused(HttpResponse.ResponseInfo info) {
    return tokenRefused(info.statusCode(), info.headers())
        ? BodySubscribers.mapping(
            new WholeBody(MAX_REFUSAL_BYTES, "A refusal that is larger than any of a gate"),
            bytes -> null)
        : handler.apply(info);
  }

  private static boolean tokenRefused(int status, HttpHeaders fields) {
    return status == STATUS_UNAUTHORIZED
        && fields.allValues("WWW-Authenticate").stream()
            .anyMatch(challenge -> INVALID_TOKEN.matcher(challenge).find());
  }

  private static Throwable cause(Throwable failed) {
    return failed instanceof CompletionException && failed.getCause() != null
        ? failed.getCause()
        : failed;
  }
}
