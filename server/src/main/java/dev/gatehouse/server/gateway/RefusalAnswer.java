package dev.gatehouse.server.gateway;

import dev.gatehouse.Decision;
import dev.gatehouse.Refusal;
import dev.gatehouse.server.listen.Answers;
import io.vertx.core.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/// Answers a request that is refused: with a problem document and the fields of the route, or, for
/// a browser whose person only has to sign in, with a redirect to the sign-in page.
final class RefusalAnswer {

  private RefusalAnswer() {}

  /// Answers the request of an exchange that is over.
  ///
  /// @param admitted what the gate admitted the request by before it was refused; null: the gate
  ///   did not admit it
  static void send(Exchange exchange, Refusal refusal, Decision.@Nullable Admitted admitted) {
    Destination destination = exchange.route.destination();
    destination.cors().addTo(exchange.request, exchange.response.headers());
    if (refusal.status() >= 500) { // the upstream's fault: the caller was let in
      destination.ends().addTo(exchange.response.headers(), admitted);
    }
    SignInLink signIn = exchange.loop.gateway.settings.signIn();
    if (signIn != null && refusal.signInMayHelp() && !exchange.response.headWritten()) {
      sendToSignIn(exchange, signIn);
    } else {
      Answers.refuse(exchange.request, refusal);
    }
  }

  // RFC 9110 §15.4.4: 303 leads on with GET, whatever this was.
  private static void sendToSignIn(Exchange exchange, SignInLink signIn) {
    String method = exchange.arrival.auth().method();
    String target = exchange.arrival.target();
    boolean reads = method.equals("GET") || method.equals("HEAD");
    boolean comesBack = reads && target.startsWith("/");
    exchange
        .response
        .setStatusCode(303)
        .putHeader(HttpHeaders.LOCATION, comesBack ? signIn.leadingBackTo(target) : signIn.path())
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
    Answers.end(exchange.request, "");
  }
}
