package dev.gatehouse.server.signin;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.Reason;
import dev.gatehouse.Refusal;
import io.vertx.core.json.JsonObject;
import java.util.regex.Pattern;

/// The error answers of the token endpoint (RFC 6749 §5.2).
final class TokenErrors {

  static final String INVALID_REQUEST = "invalid_request";
  static final String INVALID_SCOPE = "invalid_scope";
  static final String INVALID_GRANT = "invalid_grant";

  private static final Pattern NOT_IN_A_DESCRIPTION =
      Pattern.compile("[^\\x20\\x21\\x23-\\x5b\\x5d-\\x7e]");

  private TokenErrors() {}

  /// An answer with 400 to a request that has no audit record yet.
  ///
  /// @param error the code of RFC 6749 §5.2
  static Reply.Sent badRequest(AuthRequest request, String error, String description) {
    return of(
        400,
        error,
        Refusal.of(
            request,
            error.equals(INVALID_SCOPE) ? Reason.INSUFFICIENT_SCOPE : Reason.MALFORMED_REQUEST,
            description,
            error + ": " + description));
  }

  /// An answer in place of a problem document. Its `id` is the one of the refusal.
  static Reply.Sent of(int status, String error, Refusal refusal) {
    return Reply.json(
        status,
        new JsonObject()
            .put("error", error)
            .put(
                "error_description", NOT_IN_A_DESCRIPTION.matcher(refusal.detail()).replaceAll("?"))
            .put("id", refusal.id()));
  }
}
