package dev.gatehouse.server.signin;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.Gate;
import dev.gatehouse.Method;
import dev.gatehouse.Outcome;
import dev.gatehouse.Reason;
import dev.gatehouse.Refusal;
import dev.gatehouse.account.Accounts;
import dev.gatehouse.jwt.TokenPair;
import dev.gatehouse.jwt.TokenPairIssuance;
import dev.gatehouse.jwt.Tokens;
import dev.gatehouse.mtls.ClientCertificates;
import dev.gatehouse.password.Passwords;
import dev.gatehouse.route.CorsPolicy;
import dev.gatehouse.secret.Digest;
import dev.gatehouse.server.gateway.CorsAnswer;
import dev.gatehouse.server.gateway.OwnPath;
import dev.gatehouse.server.listen.Admissions;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The paths that issue tokens: to people for a password, and to services for a credential of
/// theirs.
public final class TokenPaths {

  /// The services behind the paths.
  ///
  /// @param codes of people who signed in with a provider; null: no page may get one
  public record Services(
      Accounts accounts, Passwords passwords, Tokens tokens, @Nullable OneTimeCodes codes) {}

  /// The use of client certificates where tokens are issued.
  ///
  /// @param registered the certificates by which a service may get a token (RFC 8705 §2.1); null:
  ///   none
  /// @param bind whether a token that is issued to a caller with a client certificate is valid only
  ///   together with it (RFC 8705 §3)
  public record CertificateUse(@Nullable ClientCertificates registered, boolean bind) {

    // The thumbprint to which a new token is bound; null: it is not bound.
    @Nullable Digest binding(AuthRequest request) {
      return bind ? request.certificates().thumbprint() : null;
    }

    // Whether the client showed a certificate to which no token can be bound. An unbound token
    // would be valid without the client's key (RFC 8705 §3).
    boolean cannotBind(AuthRequest request) {
      return bind && !request.certificates().isEmpty() && binding(request) == null;
    }
  }

  static final String UNBINDABLE =
      "No token can be bound to the client certificate, because its key is too weak: show another"
          + " certificate, or none";

  // The client of a sign-in that names no application.
  static final String OWN_CLIENT = "gatehouse";

  private final Gate gate;
  private final Admissions admissions;
  private final Services services;
  private final TokenEndpoint tokenEndpoint;
  private final CertificateUse certificates;
  private final CorsAnswer cors;

  /// @param admissions for sign-ins alone: they wait for slow hashes
  /// @param cors whose scripts may ask
  public TokenPaths(
      Admissions admissions, Services services, CertificateUse certificates, CorsPolicy cors) {
    this.gate = admissions.gate();
    this.admissions = admissions;
    this.services = services;
    this.certificates = certificates;
    this.cors = new CorsAnswer(cors, Set.of("POST"));
    this.tokenEndpoint = new TokenEndpoint(gate, services, certificates);
  }

  /// Every path under that prefix with its handler.
  public Map<String, OwnPath> under(String prefix) {
    return Map.of(
        prefix + "/api/auth/login", endpoint(this::signIn),
        prefix + "/api/auth/refresh", endpoint(this::refresh),
        prefix + "/api/auth/logout", endpoint(this::signOut),
        prefix + "/auth/token",
            new Endpoint(
                admissions,
                cors,
                Map.of("POST", tokenEndpoint::token),
                (request, why) ->
                    TokenErrors.badRequest(request, TokenErrors.INVALID_REQUEST, why)));
  }

  private OwnPath endpoint(Endpoint.Action post) {
    return new Endpoint(admissions, cors, Map.of("POST", post));
  }

  private Reply signIn(FormRequest form) {
    AuthRequest request = form.request();
    String name = form.signInName();
    String password = form.text("password");
    if (certificates.cannotBind(request)) {
      return new Reply.Refused(
          Refusal.of(request, Reason.INVALID_CLIENT_CERTIFICATE, UNBINDABLE, UNBINDABLE));
    }
    Optional<Refusal> mustWait = gate.mustWait(request, Method.JWT);
    if (mustWait.isPresent()) {
      return new Reply.Refused(mustWait.get());
    }
    return switch (services.passwords().verify(name, password, request.peer())) {
      case Passwords.Verification.Verified verified ->
          answer(
              request,
              services
                  .tokens()
                  .signIn(verified.signIn(), OWN_CLIENT, certificates.binding(request)));
      case Passwords.Verification.Rejected(Outcome.Rejected rejected) ->
          new Reply.Refused(gate.refuse(request, rejected, Method.JWT));
      case Passwords.Verification.Unavailable(Throwable cause) ->
          new Reply.Refused(SignInPaths.unavailable(request, cause));
    };
  }

  private Reply refresh(FormRequest form) {
    AuthRequest request = form.request();
    String refreshToken = form.text("refreshToken");
    return answer(
        request,
        services.tokens().refresh(refreshToken, null, request.certificates().thumbprint()));
  }

  // The answer is the same whether or not the token was valid.
  private Reply signOut(FormRequest form) {
    services.tokens().logout(form.text("refreshToken"));
    return Reply.noContent();
  }

  private Reply answer(AuthRequest request, TokenPairIssuance issuance) {
    return switch (issuance) {
      case TokenPairIssuance.Issued(TokenPair pair) ->
          Reply.json(
              200,
              new JsonObject()
                  .put("accessToken", pair.accessToken())
                  .put("refreshToken", pair.refreshToken())
                  .put("tokenType", "Bearer")
                  .put("expiresIn", pair.expiresIn().toSeconds()));
      case TokenPairIssuance.Rejected(Outcome.Rejected rejected) ->
          new Reply.Refused(gate.refuse(request, rejected, Method.JWT));
    };
  }
}
