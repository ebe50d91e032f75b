package dev.gatehouse.server.gateway;

import dev.gatehouse.Principal;
import dev.gatehouse.Reason;
import dev.gatehouse.server.listen.Answers;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/// Sends the request, and waits for the head of the upstream's answer.
final class AwaitingAnswer extends Sent {

  private final @Nullable String identity;

  /// @param unsent on the connection that came
  /// @param identity the caller's identity token for this upstream; null: there is no caller
  AwaitingAnswer(Connecting before, HttpClientRequest unsent, @Nullable String identity) {
    super(before, unsent);
    this.identity = identity;
  }

  /// Writes the head, and the body as far as it came.
  @Override
  public void begin() {
    UpstreamClient.begin(sent, this::inform);
    exchange.progressed();
    putFields();
    // A failure is reported twice. The second time, another connection may be in use already.
    sent.exceptionHandler(failed -> exchange.upstreamFailed(sent, failed));
    sent.response().onComplete(this::answered, failed -> exchange.upstreamFailed(sent, failed));
    if (exchange.webSocket) {
      WebSocketHandshake.ask(sent);
    } else {
      exchange.body.sendTo(sent);
    }
  }

  private void putFields() {
    Principal caller = admission.principal();
    Destination destination = exchange.route.destination();
    MultiMap fields = sent.headers();
    exchange.loop.gateway.fields.toUpstream(
        exchange.arrival, caller, identity, destination, exchange.route.policy().webhook(), fields);
    if (SignedRequest.is(admission.current())) {
      FieldPolicy.joinLines(fields);
    }
    if (!exchange.webSocket && !destination.places().mayKeepConnection()) {
      fields.set(HttpHeaders.CONNECTION, HttpHeaders.CLOSE); // RFC 9112 §9.6
    }
    String providerToken = admission.providerToken();
    if (providerToken != null) {
      fields.set(ControlledFields.PROVIDER_TOKEN, providerToken);
    }
  }

  // An interim answer (1xx) does not say when the final one comes, so the timeout goes on.
  private void inform(int status, MultiMap fields) {
    if (isCurrent()) {
      MultiMap passed = HttpHeaders.headers();
      exchange.loop.gateway.fields.toClient(fields, passed, false, false);
      Answers.inform(exchange.request, status, passed.remove(HttpHeaders.CONTENT_LENGTH));
    }
  }

  private void answered(HttpClientResponse answer) {
    if (!isCurrent()) {
      return;
    }
    exchange.progressed();
    answer.exceptionHandler(failed -> exchange.upstreamFailed(sent, failed));
    if (!exchange.webSocket || answer.statusCode() != 101) {
      exchange.answer(this, answer);
    } else if (WebSocketHandshake.isCompletedBy(answer)) {
      exchange.tunnel(this, answer);
    } else {
      exchange.refuse(
          admission.refusal(
              Reason.UPSTREAM_UNREACHABLE,
              "The upstream's answer can't be read",
              "the upstream switched to another protocol than asked for"));
    }
  }

  @Override
  void upstreamFailed(Throwable failed) {
    if (mayRetry()) {
      exchange.retry(this);
      return;
    }
    String why = UpstreamClient.described(failed);
    Exchange.LOG.warn("{} failed: {}", upstream().audience(), why);
    exchange.refuse(
        admission.refusal(Reason.UPSTREAM_UNREACHABLE, "The upstream did not answer", why));
  }

  // RFC 9110 §9.2.2: an idle connection may close while a request is sent on it. A request with a
  // safe method and without a body is sent once more.
  private boolean mayRetry() {
    return exchange.timesSent() == 1
        && exchange.body.isEmpty()
        && !exchange.webSocket
        && switch (exchange.request.method().name()) {
          case "GET", "HEAD", "OPTIONS" -> true;
          default -> false;
        };
  }

  @Override
  void sweepTimeouts(long now) {
    if (exchange.isIdleFor(upstream().responseTimeout(), now)) {
      Exchange.LOG.warn("{} did not answer in time", upstream().audience());
      exchange.refuse(
          admission.refusal(
              Reason.UPSTREAM_TIMEOUT,
              "The upstream did not answer in time",
              "no answer within " + upstream().responseTimeout()));
    }
  }
}
