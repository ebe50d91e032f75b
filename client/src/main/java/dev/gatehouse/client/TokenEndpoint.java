package dev.gatehouse.client;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.text.ParseException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// The paths of a gate that issue, renew and revoke tokens. Thread-safe; no method blocks.
final class TokenEndpoint {

  private static final int MAX_BYTES = 64 * 1024;
  private static final long MAX_RETRY_SECONDS = Duration.ofMinutes(5).toSeconds();

  private final HttpClient http;
  private final Origin origin;
  private final String prefix;
  private final Duration timeout;

  /// @param prefix the prefix of the gate's own paths; empty for none
  /// @param timeout the time for an answer, from the first byte sent to the last byte received
  TokenEndpoint(HttpClient http, Origin origin, String prefix, Duration timeout) {
    this.http = http;
    this.origin = origin;
    this.prefix = prefix;
    this.timeout = timeout;
  }

  /// Requests tokens.
  ///
  /// The future fails with a [SignInException] if the gate answered and gave none, and with another
  /// [java.io.IOException] if there was no answer.
  CompletableFuture<TokenAnswer> ask(Grant.Form form) {
    return post(form)
        .thenApply(
            answer -> {
              if (answer.statusCode() != 200) {
                throw new CompletionException(refused(answer));
              }
              try {
                return TokenAnswer.read(answer.body());
              } catch (ParseException notUnderstood) {
                throw new CompletionException(
                    new SignInException(
                        "The answer of "
                            + form.path()
                            + " holds no tokens: "
                            + notUnderstood.getMessage(),
                        200,
                        "",
                        Duration.ZERO));
              }
            });
  }

  /// Requests tokens with a refresh token, which is spent by that.
  CompletableFuture<TokenAnswer> refresh(String refreshToken) {
    return ask(
        Grant.Form.json(
            "/api/auth/refresh", "{\"refreshToken\":" + Json.quoted(refreshToken) + "}"));
  }

  /// Revokes everything that resulted from a sign-in.
  CompletableFuture<Void> logout(String refreshToken) {
    return post(Grant.Form.json(
            "/api/auth/logout", "{\"refreshToken\":" + Json.quoted(refreshToken) + "}"))
        .thenAccept(
            answer -> {
              // 401: it was over before
              if (answer.statusCode() != 204 && answer.statusCode() != 401) {
                throw new CompletionException(refused(answer));
              }
            });
  }

  private CompletableFuture<HttpResponse<byte[]>> post(Grant.Form form) {
    URI uri = origin.resolve(prefix + form.path());
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .header("Content-Type", form.contentType())
            .POST(HttpRequest.BodyPublishers.ofString(form.body()));
    form.fields().forEach(request::header);
    CompletableFuture<HttpResponse<byte[]>> exchange =
        http.sendAsync(
            request.build(),
            info -> new WholeBody(MAX_BYTES, "The gate's answer is larger than any with tokens"));
    // The request's own timeout would end with the head of the answer.
    return exchange
        .copy()
        .orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
        .exceptionallyCompose(
            failed -> {
              exchange.cancel(true);
              return CompletableFuture.failedFuture(
                  failed instanceof TimeoutException
                      ? new HttpTimeoutException("No answer of " + form.path() + " in " + timeout)
                      : failed);
            });
  }

  private static SignInException refused(HttpResponse<byte[]> answer) {
    String code = code(answer.body());
    return new SignInException(
        "The gate gave no token: "
            + answer.statusCode()
            + (code.isEmpty() ? "" : " " + code)
            + " from "
            + answer.uri().getPath(),
        answer.statusCode(),
        code,
        retryAfter(answer));
  }

  // RFC 9110 §10.2.3, in seconds
  private static Duration retryAfter(HttpResponse<byte[]> answer) {
    return answer
        .headers()
        .firstValue("Retry-After")
        .filter(value -> value.matches("[0-9]{1,9}"))
        .map(seconds -> Duration.ofSeconds(Math.min(Long.parseLong(seconds), MAX_RETRY_SECONDS)))
        .orElse(Duration.ZERO);
  }

  // From a problem document, or an error of RFC 6749 §5.2. Only a text that is certainly not a
  // secret
  private static String code(byte[] body) {
    try {
      Map<String, @Nullable Object> members = Json.object(body);
      for (String name : new String[] {"code", "error"}) {
        if (members.get(name) instanceof String code && code.matches("[A-Za-z_]{1,64}")) {
          return code;
        }
      }
      return "";
    } catch (ParseException notJson) {
      return "";
    }
  }
}
