package dev.gatehouse.server.gateway;

import dev.gatehouse.Decision;
import dev.gatehouse.Method;
import dev.gatehouse.Reason;
import dev.gatehouse.Refusal;
import dev.gatehouse.Webhook;
import dev.gatehouse.hmac.webhook.WebhookProfile;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Checks what the gateway demands of a request that was admitted by a signature.
final class SignedRequest {

  private SignedRequest() {}

  /// Whether the request was admitted by a signature, alone or beside other methods.
  static boolean is(Decision.Admitted admitted) {
    for (Decision.Proof proof : admitted.proofs()) {
      if (proof.accepted().principal().method() == Method.HMAC) {
        return true;
      }
    }
    return false;
  }

  /// Looks for what could change the meaning of a signed request though no signature covers it.
  ///
  /// @return the refusal; null when there is nothing of it, or the request is not signed
  static @Nullable Refusal refusalOfUncovered(Exchange exchange, Admission admission) {
    if (!is(admission.current())) {
      return null;
    }
    if (exchange.webSocket) {
      return admission.refusal(
          Reason.MALFORMED_REQUEST,
          "A signed request opens no WebSocket, since no signature covers what follows",
          "a WebSocket on a signature");
    }
    Set<String> names = new HashSet<>(exchange.request.headers().names());
    Webhook webhook = exchange.route.policy().webhook();
    if (webhook != null) {
      names.addAll(WebhookProfile.signedFields(webhook.vendor()));
    }
    if (FieldNames.haveTwoSpellingsOfOne(names)) {
      return admission.refusal(
          Reason.MALFORMED_REQUEST,
          "Two fields of a signed request have names that some servers take for one, as a-b and a_b",
          "an unsigned field whose name is another spelling of a signed field's name");
    }
    return null;
  }
}
