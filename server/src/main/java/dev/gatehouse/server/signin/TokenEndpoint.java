package dev.gatehouse.server.signin;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.Conditions;
import dev.gatehouse.Decision;
import dev.gatehouse.Gate;
import dev.gatehouse.HeaderFields;
import dev.gatehouse.Method;
import dev.gatehouse.Outcome;
import dev.gatehouse.Policy;
import dev.gatehouse.Principal;
import dev.gatehouse.Reason;
import dev.gatehouse.Refusal;
import dev.gatehouse.RequestBody;
import dev.gatehouse.Scopes;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.SignIn;
import dev.gatehouse.jwt.ServiceTokenIssuance;
import dev.gatehouse.jwt.TokenPair;
import dev.gatehouse.jwt.TokenPairIssuance;
import dev.gatehouse.jwt.Tokens;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The token endpoint (RFC 6749 §3.2) with the grants `client_credentials`, `refresh_token`, and
/// `authorization_code` for pages that hold tokens. Thread-safe; every call may block.
final class TokenEndpoint {

  private final Gate gate;
  private final TokenPaths.Services services;
  private final TokenPaths.CertificateUse certificates;

  TokenEndpoint(Gate gate, TokenPaths.Services services, TokenPaths.CertificateUse certificates) {
    this.gate = gate;
    this.services = services;
    this.certificates = certificates;
  }

  /// Answers one request for a token.
  Reply token(FormRequest form) {
    if (certificates.cannotBind(form.request())) {
      return TokenErrors.badRequest(
          form.request(), TokenErrors.INVALID_REQUEST, TokenPaths.UNBINDABLE);
    }
    if (PresentedClient.isAmbiguous(form)) {
      return TokenErrors.badRequest(
          form.request(),
          TokenErrors.INVALID_REQUEST,
          "client_id names another client than the Authorization field");
    }
    return switch (given(form, "grant_type").orElse("")) {
      case "client_credentials" -> clientCredentials(form);
      case "refresh_token" -> refreshGrant(form);
      case "authorization_code" ->
          services.codes() == null ? unsupported(form) : codeGrant(form, services.codes());
      case "" ->
          TokenErrors.badRequest(
              form.request(), TokenErrors.INVALID_REQUEST, "grant_type is missing");
      default -> unsupported(form);
    };
  }

  private Reply unsupported(FormRequest form) {
    return TokenErrors.badRequest(
        form.request(),
        "unsupported_grant_type",
        services.codes() == null
            ? "grant_type is client_credentials, or refresh_token"
            : "grant_type is client_credentials, refresh_token, or authorization_code");
  }

  // RFC 6749 §4.1.3, for a page to which a person came back from a provider. The page is a public
  // client, which is known by its code verifier (RFC 7636 §4.5).
  private Reply codeGrant(FormRequest form, OneTimeCodes given) {
    AuthRequest request = form.request();
    Optional<String> code = given(form, "code");
    Optional<String> verifier = given(form, "code_verifier");
    if (code.isEmpty() || verifier.isEmpty()) {
      return TokenErrors.badRequest(
          request,
          TokenErrors.INVALID_REQUEST,
          (code.isEmpty() ? "code" : "code_verifier") + " is missing");
    }
    Optional<Refusal> mustWait = gate.mustWait(request, Method.JWT);
    if (mustWait.isPresent()) {
      return new Reply.Refused(mustWait.get());
    }
    return switch (given.redeem(code.get(), verifier.get())) {
      case OneTimeCodes.Redeemed.Good(String account, long generation, String credential) ->
          services
              .accounts()
              .find(account)
              .filter(person -> !person.disabled() && person.generation() == generation)
              .map(person -> codeGranted(request, new SignIn(person, credential)))
              .orElseGet(() -> codeNotGood(request, "the sign-ins of " + account + " were ended"));
      case OneTimeCodes.Redeemed.NotGood(String why) -> codeNotGood(request, why);
      case OneTimeCodes.Redeemed.Unavailable(String why) ->
          new Reply.Refused(
              Refusal.of(
                  request,
                  Reason.UNAVAILABLE,
                  "The code can't be exchanged now: try again, or sign in anew",
                  why));
    };
  }

  private Reply codeGranted(AuthRequest request, SignIn signIn) {
    return switch (services
        .tokens()
        .signIn(signIn, TokenPaths.OWN_CLIENT, certificates.binding(request))) {
      case TokenPairIssuance.Issued(TokenPair pair) ->
          granted(pair.accessToken(), pair.expiresIn(), pair.scopes(), pair.refreshToken());
      case TokenPairIssuance.Rejected(Outcome.Rejected rejected) ->
          TokenErrors.of(
              400, TokenErrors.INVALID_SCOPE, gate.refuse(request, rejected, Method.JWT));
    };
  }

  // RFC 6749 §5.2
  private Reply codeNotGood(AuthRequest request, String why) {
    Refusal refusal =
        gate.refuse(
            request,
            new Outcome.Rejected(
                Reason.SIGN_IN_REFUSED,
                "The code was used, is older than a minute, or is another page's: begin again",
                why,
                null,
                true,
                null),
            Method.JWT);
    return refusal.reason() == Reason.THROTTLED
        ? new Reply.Refused(refusal)
        : TokenErrors.of(400, TokenErrors.INVALID_GRANT, refusal);
  }

  private static Reply withScopes(FormRequest form, Function<Optional<Scopes>, Reply> grant) {
    Optional<Scopes> requested;
    try {
      requested = given(form, "scope").map(Scopes::parse);
    } catch (IllegalArgumentException noScopes) {
      // The message is not passed on, because it quotes the request.
      return TokenErrors.badRequest(
          form.request(), TokenErrors.INVALID_SCOPE, "scope is no list of scopes");
    }
    return grant.apply(requested);
  }

  private Reply refreshGrant(FormRequest form) {
    AuthRequest request = form.request();
    Optional<String> refreshToken = given(form, "refresh_token");
    if (refreshToken.isEmpty()) {
      return TokenErrors.badRequest(
          request, TokenErrors.INVALID_REQUEST, "refresh_token is missing");
    }
    return withScopes(
        form,
        requested ->
            switch (services
                .tokens()
                .refresh(
                    refreshToken.get(),
                    requested.orElse(null),
                    request.certificates().thumbprint())) {
              case TokenPairIssuance.Issued(TokenPair issued) ->
                  granted(
                      issued.accessToken(),
                      issued.expiresIn(),
                      issued.scopes(),
                      issued.refreshToken());
              case TokenPairIssuance.Rejected(Outcome.Rejected rejected) -> {
                Refusal refusal = gate.refuse(request, rejected, Method.JWT); // counted, on record
                yield switch (refusal.reason()) {
                  case INVALID_REFRESH_TOKEN ->
                      TokenErrors.of(400, TokenErrors.INVALID_GRANT, refusal);
                  case INSUFFICIENT_SCOPE ->
                      TokenErrors.of(400, TokenErrors.INVALID_SCOPE, refusal);
                  default -> new Reply.Refused(refusal);
                };
              }
            });
  }

  // The secret of a client is an API key of a service. The token has the scopes, the networks and
  // the expiry of the key, and ends when the key is revoked.
  private Reply clientCredentials(FormRequest form) {
    AuthRequest request = form.request();
    if (PresentedClient.count(form) > 1) {
      // RFC 6749 §5.2: more than one way of authenticating the client.
      return TokenErrors.badRequest(
          request, TokenErrors.INVALID_REQUEST, "show the client's secret in one way");
    }
    Optional<PresentedClient> client = PresentedClient.in(form);
    if (client.isEmpty()
        && certificates.registered() != null
        && !request.certificates().isEmpty()) {
      return byCredential(form, request, Method.MTLS, given(form, "client_id").orElse(""));
    }
    if (client.isEmpty()) {
      return invalidClient(
          Refusal.of(
              request,
              Reason.NO_CREDENTIALS,
              "send the client's id and secret, an API key of the service",
              "no client secret"));
    }
    AuthRequest byKey =
        new AuthRequest(
            request.method(),
            request.scheme(),
            request.authority(),
            request.path(),
            HeaderFields.of(Map.of("X-API-Key", List.of(client.get().secret()))),
            request.peer(),
            request.certificates(),
            RequestBody.NONE);
    return byCredential(form, byKey, Method.API_KEY, client.get().id());
  }

  // A token for the service that the request authenticates by that method.
  private Reply byCredential(
      FormRequest form, AuthRequest proving, Method method, String clientId) {
    AuthRequest request = form.request();
    Policy policy = Policy.accepting(method);
    return switch (gate.recall(proving, policy).orElseGet(() -> gate.admit(proving, policy))) {
      case Decision.Refused(Refusal refusal) ->
          refusal.status() == 401 ? invalidClient(refusal) : new Reply.Refused(refusal);
      case Decision.Admitted admitted ->
          admitted.proofs().stream()
              .findFirst()
              .map(Decision.Proof::accepted)
              .filter(accepted -> isService(clientId, accepted.principal()))
              .map(accepted -> withScopes(form, requested -> issued(request, accepted, requested)))
              .orElseGet(
                  () ->
                      invalidClient(request, "a credential of another account than the client's"));
    };
  }

  // Whether the credential belongs to the service that the client names, if it names one.
  private boolean isService(String clientId, Principal principal) {
    return services
        .accounts()
        .find(clientId.isEmpty() ? principal.subject() : clientId)
        .filter(account -> account.id().equals(principal.subject()))
        .filter(account -> account.kind() == Account.Kind.SERVICE)
        .isPresent();
  }

  private Reply issued(AuthRequest request, Outcome.Accepted accepted, Optional<Scopes> requested) {
    Principal principal = accepted.principal();
    Tokens.Basis proved =
        new Tokens.Basis(
            principal.credential(), accepted.conditions().expiresAt(), path(request, principal));
    return switch (services
        .tokens()
        .issueForService(
            proved, principal.subject(), requested.orElse(null), certificates.binding(request))) {
      case ServiceTokenIssuance.Issued issued ->
          granted(issued.accessToken(), issued.expiresIn(), issued.scopes(), null);
      case ServiceTokenIssuance.ScopeNotAllowed(Scopes notAllowed) ->
          TokenErrors.badRequest(
              request, TokenErrors.INVALID_SCOPE, "the client may not have " + notAllowed);
      case ServiceTokenIssuance.TooManyScopes() ->
          TokenErrors.badRequest(
              request,
              TokenErrors.INVALID_SCOPE,
              "the client has more scopes than a token can hold");
      case ServiceTokenIssuance.CredentialNotGood() ->
          invalidClient(request, principal.credential() + " is not good any more");
    };
  }

  // Null: the service was authenticated without a certificate, or the certificate is not valid any
  // more.
  private @Nullable String path(AuthRequest request, Principal principal) {
    return principal.method() == Method.MTLS && certificates.registered() != null
        ? certificates
            .registered()
            .certificationPath(principal.credential(), request.certificates())
            .orElse(null)
        : null;
  }

  // RFC 6749 §5.1.
  private static Reply granted(
      String accessToken, Duration expiresIn, Scopes scopes, @Nullable String refreshToken) {
    JsonObject answer =
        new JsonObject()
            .put("access_token", accessToken)
            .put("token_type", "Bearer")
            .put("expires_in", expiresIn.toSeconds());
    // RFC 6749 §3.3: a scope has at least one token.
    if (!scopes.isEmpty()) {
      answer.put("scope", scopes.toString());
    }
    return Reply.json(
        200, refreshToken == null ? answer : answer.put("refresh_token", refreshToken));
  }

  private Reply invalidClient(AuthRequest request, String cause) {
    return invalidClient(
        Refusal.of(request, Reason.INVALID_API_KEY, Conditions.UNIFORM_DETAIL, cause));
  }

  // RFC 6749 §5.2: 401 with the challenges of the schemes that a client may use.
  private Reply invalidClient(Refusal refusal) {
    return Reply.with(
        TokenErrors.of(401, "invalid_client", refusal),
        "WWW-Authenticate",
        List.of(gate.challenge(Method.API_KEY).toString(), "Basic realm=\"client\""));
  }

  /// The value of a parameter. RFC 6749 §3.2: a parameter without a value is treated as omitted.
  static Optional<String> given(FormRequest form, String name) {
    return form.optional(name).filter(value -> !value.isEmpty());
  }
}
