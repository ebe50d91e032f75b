package dev.gatehouse.server.signin;

import dev.gatehouse.AuthRequest;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/// The id and the secret by which a client authenticates at the token endpoint (RFC 6749 §2.3.1).
/// The secret is an API key of a service. It is not verified here, and it is in no text form.
///
/// @param id empty if the client does not name itself
record PresentedClient(String id, String secret) {

  /// How many secrets the request holds.
  static int count(FormRequest form) {
    return form.request().fields().values("Authorization").size()
        + form.request().fields().values("X-API-Key").size()
        + (TokenEndpoint.given(form, "client_secret").isPresent() ? 1 : 0);
  }

  /// Whether the body names another client than the `Authorization` field. Some clients send their
  /// id in the body beside Basic.
  static boolean isAmbiguous(FormRequest form) {
    String basic = form.request().credentials("Basic");
    String inBasic = basic == null ? "" : ofBasic(basic).map(PresentedClient::id).orElse("");
    return !inBasic.isEmpty()
        && TokenEndpoint.given(form, "client_id").filter(id -> !id.equals(inBasic)).isPresent();
  }

  /// The client that the request presents: as Basic, in the body, or the key alone as everywhere
  /// else. Empty if it presents none, or one that can't be read.
  static Optional<PresentedClient> in(FormRequest form) {
    AuthRequest request = form.request();
    String basic = request.credentials("Basic");
    if (basic != null) {
      return ofBasic(basic);
    }
    return TokenEndpoint.given(form, "client_secret")
        .or(() -> request.fields().values("X-API-Key").stream().findFirst())
        .or(() -> Optional.ofNullable(request.credentials("ApiKey")))
        .map(
            secret ->
                new PresentedClient(TokenEndpoint.given(form, "client_id").orElse(""), secret));
  }

  // RFC 6749 §2.3.1: both halves are form-encoded.
  private static Optional<PresentedClient> ofBasic(String credentials) {
    try {
      String pair = new String(Base64.getDecoder().decode(credentials), StandardCharsets.UTF_8);
      int colon = pair.indexOf(':');
      return colon < 0
          ? Optional.empty()
          : Optional.of(
              new PresentedClient(
                  URLDecoder.decode(pair.substring(0, colon), StandardCharsets.UTF_8),
                  URLDecoder.decode(pair.substring(colon + 1), StandardCharsets.UTF_8)));
    } catch (IllegalArgumentException broken) {
      return Optional.empty();
    }
  }

  @Override
  public String toString() {
    return "PresentedClient[" + id + "]";
  }
}
