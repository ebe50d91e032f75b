package dev.gatehouse.server.gateway;

import dev.gatehouse.Reason;
import dev.gatehouse.server.listen.Answers;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Passes the upstream's answer on to the client. If a single use was reserved for the request, it
/// is settled first.
final class Answering extends Carrying {

  private final HttpClientResponse answer;
  private boolean headPut; // into the response to the client

  Answering(AwaitingAnswer before, HttpClientResponse answer) {
    super(before);
    this.answer = answer;
  }

  /// Settles the single use, then passes the answer on.
  @Override
  public void begin() {
    ReservedUse use = admission.use();
    if (!use.isOpen()) {
      passOn();
      return;
    }
    // The client gets the answer only when the use is settled. So the outcome is on disk when the
    // sender reads it, and after a failure the sender may send the same request again at once.
    answer.pause();
    use.answered(answer.statusCode(), exchange, this::settled);
  }

  private void settled() {
    if (isCurrent()) {
      passOn();
    }
    if (isCurrent()) {
      answer.resume();
    }
  }

  private void passOn() {
    String unreadable = whyUnreadable();
    if (unreadable != null) {
      exchange.refuse(
          admission.refusal(
              Reason.UPSTREAM_UNREACHABLE, "The upstream's answer can't be read", unreadable));
      return;
    }
    // RFC 9110 §15.3.6: a 205 has no content.
    boolean dropped = answer.statusCode() == 205;
    answer.handler(dropped ? piece -> exchange.progressed() : this::write);
    answer.endHandler(end -> finish());
    exchange.loop.context.runOnContext(v -> sendHead());
  }

  private @Nullable String whyUnreadable() {
    int status = answer.statusCode();
    if (status < 200 || status > 599) {
      return "the upstream answered with the status " + status;
    }
    // RFC 9112 §6.1: the body of any other coding would be passed on without the name of its
    // coding.
    List<String> codings = answer.headers().getAll(HttpHeaders.TRANSFER_ENCODING);
    return codings.isEmpty()
            || (codings.size() == 1 && codings.getFirst().strip().equalsIgnoreCase("chunked"))
        ? null
        : "the upstream's answer has a transfer coding other than chunked";
  }

  // The fields are put only when the head is about to be sent. Before that, the answer may turn out
  // to be broken, and a refusal takes its place.
  private void putHead() {
    if (headPut) {
      return;
    }
    headPut = true;
    HttpServerResponse response = exchange.response;
    CorsAnswer cors = exchange.route.destination().cors();
    response.setStatusCode(answer.statusCode());
    exchange.loop.gateway.fields.toClient(
        answer.headers(), response.headers(), admission.principal() != null, cors.isActive());
    switch (answer.statusCode()) {
      case 204 -> response.headers().remove(HttpHeaders.CONTENT_LENGTH); // RFC 9110 §8.6
      case 205 -> response.headers().set(HttpHeaders.CONTENT_LENGTH, "0");
      default -> {
        // its length is what the upstream says
      }
    }
    cors.addTo(exchange.request, response.headers());
    exchange.route.destination().ends().addTo(response.headers(), admission.current());
  }

  // An event stream may be silent for a long time. Its head is sent without waiting for a piece.
  private void sendHead() {
    if (isCurrent() && !exchange.response.headWritten()) {
      putHead();
      exchange.response.writeHead();
    }
  }

  private void write(Buffer piece) {
    if (!isCurrent()) {
      return;
    }
    exchange.progressed();
    putHead();
    Future<Void> taken = Answers.write(exchange.request, piece);
    if (exchange.response.writeQueueFull()) {
      holdBack();
      exchange.response.drainHandler(drained -> readOn());
    } else if (Answers.isFull(exchange.request) && !taken.isComplete()) {
      holdBack(); // its other streams, or other clients, hold too much
      taken.onSuccess(now -> readOn());
    }
  }

  private void holdBack() {
    clientIsFull();
    answer.pause();
  }

  private void readOn() {
    clientTakesMore();
    answer.resume();
  }

  private void finish() {
    if (isCurrent()) {
      putHead();
      exchange.finish(this);
    }
  }

  @Override
  void upstreamFailed(Throwable failed) {
    String why = UpstreamClient.described(failed);
    Exchange.LOG.warn("{} broke off: {}", upstream().audience(), why);
    exchange.refuseOrBreakOff(
        admission.refusal(Reason.UPSTREAM_UNREACHABLE, "The upstream's answer can't be read", why));
  }
}
