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
import dev.gatehouse.account.Accounts;
import dev.gatehouse.account.SignIn;
import dev.gatehouse.jwt.Grant;
import dev.gatehouse.jwt.Issuance;
import dev.gatehouse.jwt.TokenPair;
import dev.gatehouse.jwt.Tokens;
import dev.gatehouse.mtls.ClientCertificates;
import dev.gatehouse.password.Passwords;
import dev.gatehouse.route.CorsPolicy;
import dev.gatehouse.secret.Digest;
import dev.gatehouse.server.gateway.CorsAnswer;
import dev.gatehouse.server.gateway.OwnPath;
import dev.gatehouse.server.listen.Admissions;
import io.vertx.core.json.JsonObject;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Where tokens come from: people's for a password, a service's for its API key.
public final class TokenPaths {

  // Whoever signs in without naming an application uses the product's own.
  private static final String OWN_CLIENT = "gatehouse";

  // RFC 6749 §5.2.
  private static final String INVALID_REQUEST = "invalid_request";
  private static final String INVALID_SCOPE = "invalid_scope";
  private static final Pattern NOT_IN_A_DESCRIPTION =
      Pattern.compile("[^\\x20\\x21\\x23-\\x5b\\x5d-\\x7e]");

  private final Gate gate;
  private final Admissions admissions;
  private final Accounts accounts;
  private final Passwords passwords;
  private final Tokens tokens;
  private static final String UNBINDABLE =
      "No token can be bound to the client certificate, because its key is too weak: show another"
          + " certificate, or none";

  private final CertificateUse certificates;
  private final CorsAnswer cors;
  private final @Nullable OneTimeCodes codes;

  /// What client certificates are for where tokens are issued.
  ///
  /// @param registered those by which a service may get a token (RFC 8705 §2.1); null: by none
  /// @param bind a token that is issued to who shows a certificate is good only together with it
  ///   (RFC 8705 §3)
  public record CertificateUse(@Nullable ClientCertificates registered, boolean bind) {}

  /// @param admissions for sign-ins alone: they wait for slow hashes
  /// @param cors whose scripts may ask
  /// @param codes of people who signed in with a provider; null: no page may get one
  public TokenPaths(
      Admissions admissions,
      Accounts accounts,
      Passwords passwords,
      Tokens tokens,
      CertificateUse certificates,
      CorsPolicy cors,
      @Nullable OneTimeCodes codes) {
    this.gate = admissions.gate();
    this.admissions = admissions;
    this.accounts = accounts;
    this.passwords = passwords;
    this.tokens = tokens;
    this.certificates = certificates;
    this.cors = new CorsAnswer(cors, Set.of("POST"));
    this.codes = codes;
  }

  /// Every path under that prefix, with what serves it.
  public Map<String, OwnPath> under(String prefix) {
    return Map.of(
        prefix + "/api/auth/login", endpoint(this::signIn),
        prefix + "/api/auth/refresh", endpoint(this::refresh),
        prefix + "/api/auth/logout", endpoint(this::signOut),
        prefix + "/auth/token",
            new Endpoint(
                admissions,
                cors,
                Map.of("POST", this::token),
                (request, why) -> refused(request, INVALID_REQUEST, why)));
  }

  // To what a new token is bound; null: to nothing.
  private @Nullable Digest binding(AuthRequest request) {
    return certificates.bind ? request.certificates().thumbprint() : null;
  }

  // RFC 8705 §3: the token would be good without the key that the client showed.
  private boolean cannotBind(AuthRequest request) {
    return certificates.bind && !request.certificates().isEmpty() && binding(request) == null;
  }

  private OwnPath endpoint(Endpoint.Action post) {
    return new Endpoint(admissions, cors, Map.of("POST", post));
  }

  private Reply signIn(Visit visit) {
    AuthRequest request = visit.request();
    String name = visit.signInName();
    String password = visit.text("password");
    if (cannotBind(request)) {
      return new Reply.Refused(
          Refusal.of(request, Reason.INVALID_CLIENT_CERTIFICATE, UNBINDABLE, UNBINDABLE));
    }
    Optional<Refusal> mustWait = gate.mustWait(request, Method.JWT);
    if (mustWait.isPresent()) {
      return new Reply.Refused(mustWait.get());
    }
    return switch (passwords.verify(name, password, request.peer())) {
      case Passwords.Verification.Verified verified ->
          answer(request, tokens.signIn(verified.signIn(), OWN_CLIENT, binding(request)));
      case Passwords.Verification.Rejected(Outcome.Rejected rejected) ->
          new Reply.Refused(gate.refuse(request, rejected, Method.JWT));
      case Passwords.Verification.Unavailable(Throwable cause) ->
          new Reply.Refused(SignInPaths.unavailable(request, cause));
    };
  }

  private Reply refresh(Visit visit) {
    AuthRequest request = visit.request();
    String refreshToken = visit.text("refreshToken");
    return answer(request, tokens.refresh(refreshToken, null, request.certificates().thumbprint()));
  }

  // Whether or not there was something to end, it is over.
  private Reply signOut(Visit visit) {
    tokens.logout(visit.text("refreshToken"));
    return Reply.noContent();
  }

  private Reply answer(AuthRequest request, Issuance issuance) {
    return switch (issuance) {
      case Issuance.Issued(TokenPair pair) ->
          Reply.json(
              200,
              new JsonObject()
                  .put("accessToken", pair.accessToken())
                  .put("refreshToken", pair.refreshToken())
                  .put("tokenType", "Bearer")
                  .put("expiresIn", pair.expiresIn().toSeconds()));
      case Issuance.Rejected(Outcome.Rejected rejected) ->
          new Reply.Refused(gate.refuse(request, rejected, Method.JWT));
    };
  }

  // RFC 6749 §3.2: the token endpoint, with its own names for everything.
  private Reply token(Visit visit) {
    if (cannotBind(visit.request())) {
      return refused(visit.request(), INVALID_REQUEST, UNBINDABLE);
    }
    if (namesTwoClients(visit)) {
      return refused(
          visit.request(),
          INVALID_REQUEST,
          "client_id names another client than the Authorization field");
    }
    return switch (given(visit, "grant_type").orElse("")) {
      case "client_credentials" -> clientCredentials(visit);
      case "refresh_token" -> refreshGrant(visit);
      case "authorization_code" -> codes == null ? unsupported(visit) : codeGrant(visit, codes);
      case "" -> refused(visit.request(), INVALID_REQUEST, "grant_type is missing");
      default -> unsupported(visit);
    };
  }

  private Reply unsupported(Visit visit) {
    return refused(
        visit.request(),
        "unsupported_grant_type",
        codes == null
            ? "grant_type is client_credentials, or refresh_token"
            : "grant_type is client_credentials, refresh_token, or authorization_code");
  }

  // RFC 6749 §4.1.3, for the page that a person came back to from a provider: a public client,
  // known by its proof key (RFC 7636 §4.5).
  private Reply codeGrant(Visit visit, OneTimeCodes given) {
    AuthRequest request = visit.request();
    Optional<String> code = given(visit, "code");
    Optional<String> verifier = given(visit, "code_verifier");
    if (code.isEmpty() || verifier.isEmpty()) {
      return refused(
          request, INVALID_REQUEST, (code.isEmpty() ? "code" : "code_verifier") + " is missing");
    }
    Optional<Refusal> mustWait = gate.mustWait(request, Method.JWT);
    if (mustWait.isPresent()) {
      return new Reply.Refused(mustWait.get());
    }
    return switch (given.redeem(code.get(), verifier.get())) {
      case OneTimeCodes.Redeemed.Good(String account, long generation, String credential) ->
          accounts
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
    return switch (tokens.signIn(signIn, OWN_CLIENT, binding(request))) {
      case Issuance.Issued(TokenPair pair) ->
          granted(pair.accessToken(), pair.expiresIn(), pair.scopes(), pair.refreshToken());
      case Issuance.Rejected(Outcome.Rejected rejected) ->
          error(400, INVALID_SCOPE, gate.refuse(request, rejected, Method.JWT));
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
        : error(400, "invalid_grant", refusal);
  }

  // RFC 6749 §3.2: a parameter without a value is as good as none.
  private static Optional<String> given(Visit visit, String name) {
    return visit.optional(name).filter(value -> !value.isEmpty());
  }

  private static Reply withScopes(Visit visit, Function<Optional<Scopes>, Reply> grant) {
    Optional<Scopes> requested;
    try {
      requested = given(visit, "scope").map(Scopes::parse);
    } catch (IllegalArgumentException noScopes) {
      // Not handed on: the message quotes what was sent.
      return refused(visit.request(), INVALID_SCOPE, "scope is no list of scopes");
    }
    return grant.apply(requested);
  }

  private Reply refreshGrant(Visit visit) {
    AuthRequest request = visit.request();
    Optional<String> refreshToken = given(visit, "refresh_token");
    if (refreshToken.isEmpty()) {
      return refused(request, INVALID_REQUEST, "refresh_token is missing");
    }
    return withScopes(
        visit,
        requested ->
            switch (tokens.refresh(
                refreshToken.get(), requested.orElse(null), request.certificates().thumbprint())) {
              case Issuance.Issued(TokenPair issued) ->
                  granted(
                      issued.accessToken(),
                      issued.expiresIn(),
                      issued.scopes(),
                      issued.refreshToken());
              case Issuance.Rejected(Outcome.Rejected rejected) -> {
                Refusal refusal = gate.refuse(request, rejected, Method.JWT); // counted, on record
                yield switch (refusal.reason()) {
                  case INVALID_REFRESH_TOKEN -> error(400, "invalid_grant", refusal);
                  case INSUFFICIENT_SCOPE -> error(400, INVALID_SCOPE, refusal);
                  default -> new Reply.Refused(refusal);
                };
              }
            });
  }

  // The secret of a client is an API key of that service: with its scopes, networks and end, and
  // its revocation ends what was issued for it.
  private Reply clientCredentials(Visit visit) {
    AuthRequest request = visit.request();
    if (waysToShow(visit) > 1) {
      // RFC 6749 §5.2: more than one way of authenticating the client.
      return refused(request, INVALID_REQUEST, "show the client's secret in one way");
    }
    Optional<Client> client = client(visit);
    if (client.isEmpty() && certificates.registered != null && !request.certificates().isEmpty()) {
      return byCredential(visit, request, Method.MTLS, given(visit, "client_id").orElse(""));
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
    return byCredential(visit, byKey, Method.API_KEY, client.get().id());
  }

  // A token for the service that this request proves to be, by that method.
  private Reply byCredential(Visit visit, AuthRequest proving, Method method, String clientId) {
    AuthRequest request = visit.request();
    Policy policy = Policy.accepting(method);
    return switch (gate.recall(proving, policy).orElseGet(() -> gate.admit(proving, policy))) {
      case Decision.Refused(Refusal refusal) ->
          refusal.status() == 401 ? invalidClient(refusal) : new Reply.Refused(refusal);
      case Decision.Admitted admitted ->
          admitted.proofs().stream()
              .findFirst()
              .map(Decision.Proof::accepted)
              .filter(accepted -> isService(clientId, accepted.principal()))
              .map(accepted -> withScopes(visit, requested -> issued(request, accepted, requested)))
              .orElseGet(
                  () ->
                      invalidClient(request, "a credential of another account than the client's"));
    };
  }

  // Whether the credential is one of the service that the client says it is, if it says anything.
  private boolean isService(String clientId, Principal principal) {
    return accounts
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
    return switch (tokens.issueFor(
        proved, principal.subject(), requested.orElse(null), binding(request))) {
      case Grant.Issued issued ->
          granted(issued.accessToken(), issued.expiresIn(), issued.scopes(), null);
      case Grant.ScopeNotAllowed(Scopes notAllowed) ->
          refused(request, INVALID_SCOPE, "the client may not have " + notAllowed);
      case Grant.TooManyScopes() ->
          refused(request, INVALID_SCOPE, "the client has more scopes than a token can hold");
      case Grant.CredentialNotGood() ->
          invalidClient(request, principal.credential() + " is not good any more");
    };
  }

  // Null: it was proved by no certificate, or by one that is not good any more.
  private @Nullable String path(AuthRequest request, Principal principal) {
    return principal.method() == Method.MTLS && certificates.registered != null
        ? certificates
            .registered
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

  /// What a client says of itself. It has no text form.
  private record Client(String id, String secret) {

    @Override
    public String toString() {
      return "Client[" + id + "]";
    }
  }

  private static int waysToShow(Visit visit) {
    return visit.request().fields().values("Authorization").size()
        + visit.request().fields().values("X-API-Key").size()
        + (given(visit, "client_secret").isPresent() ? 1 : 0);
  }

  // Some clients send their id in the body beside Basic.
  private static boolean namesTwoClients(Visit visit) {
    String basic = visit.request().credentials("Basic");
    String inBasic = basic == null ? "" : ofBasic(basic).map(Client::id).orElse("");
    return !inBasic.isEmpty()
        && given(visit, "client_id").filter(id -> !id.equals(inBasic)).isPresent();
  }

  // RFC 6749 §2.3.1: as Basic, or in the body. Or the key alone, as everywhere else.
  private static Optional<Client> client(Visit visit) {
    AuthRequest request = visit.request();
    String basic = request.credentials("Basic");
    if (basic != null) {
      return ofBasic(basic);
    }
    return given(visit, "client_secret")
        .or(() -> request.fields().values("X-API-Key").stream().findFirst())
        .or(() -> Optional.ofNullable(request.credentials("ApiKey")))
        .map(secret -> new Client(given(visit, "client_id").orElse(""), secret));
  }

  // RFC 6749 §2.3.1: both halves are form-encoded.
  private static Optional<Client> ofBasic(String credentials) {
    try {
      String pair = new String(Base64.getDecoder().decode(credentials), StandardCharsets.UTF_8);
      int colon = pair.indexOf(':');
      return colon < 0
          ? Optional.empty()
          : Optional.of(
              new Client(
                  URLDecoder.decode(pair.substring(0, colon), StandardCharsets.UTF_8),
                  URLDecoder.decode(pair.substring(colon + 1), StandardCharsets.UTF_8)));
    } catch (IllegalArgumentException broken) {
      return Optional.empty();
    }
  }

  private Reply invalidClient(AuthRequest request, String cause) {
    return invalidClient(Refusal.of(request, Reason.INVALID_API_KEY, Conditions.NOT_GOOD, cause));
  }

  // RFC 6749 §5.2: 401 with the challenges of the schemes that a client may use.
  private Reply invalidClient(Refusal refusal) {
    return Reply.with(
        error(401, "invalid_client", refusal),
        "WWW-Authenticate",
        List.of(gate.challenge(Method.API_KEY).toString(), "Basic realm=\"client\""));
  }

  private static Reply.Sent refused(AuthRequest request, String error, String description) {
    return error(
        400,
        error,
        Refusal.of(
            request,
            error.equals(INVALID_SCOPE) ? Reason.INSUFFICIENT_SCOPE : Reason.MALFORMED_REQUEST,
            description,
            error + ": " + description));
  }

  // RFC 6749 §5.2, in place of a document that is on record already: the id leads there.
  private static Reply.Sent error(int status, String error, Refusal refusal) {
    return Reply.json(
        status,
        new JsonObject()
            .put("error", error)
            .put(
                "error_description", NOT_IN_A_DESCRIPTION.matcher(refusal.detail()).replaceAll("?"))
            .put("id", refusal.id()));
  }
}
