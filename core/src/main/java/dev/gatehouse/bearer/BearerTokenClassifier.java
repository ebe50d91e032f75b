package dev.gatehouse.bearer;

import dev.gatehouse.Method;
import dev.gatehouse.Policy;
import dev.gatehouse.json.Json;
import dev.gatehouse.secret.OwnSecrets;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Decides which method judges a bearer token: [Method#JWT] for tokens of the gate, or
/// [Method#OAUTH] for tokens of other issuers.
///
/// It uses what an unverified token says about its issuer. That decides which method judges the
/// token, and nothing else. Thread-safe; does not block; parses only.
public final class BearerTokenClassifier {

  private final @Nullable String own;
  private final IssuerTokenFinder ownTokens;
  private final Set<String> foreign;
  private final boolean takesOpaque;
  private final OwnSecrets ownSecrets;

  /// @param own the issuer of the gate's tokens
  /// @param takesOwn whether a route accepts the gate's tokens
  /// @param foreign the other issuers whose tokens are accepted
  /// @param takesOpaque whether one of these issuers is asked about opaque tokens
  /// @param ownSecrets the secrets of the gate, which no other issuer may see
  public BearerTokenClassifier(
      String own,
      boolean takesOwn,
      Set<String> foreign,
      boolean takesOpaque,
      OwnSecrets ownSecrets) {
    this.own = takesOwn ? own : null;
    this.ownTokens = new IssuerTokenFinder(own);
    this.foreign = Set.copyOf(foreign);
    this.takesOpaque = takesOpaque;
    this.ownSecrets = ownSecrets;
  }

  /// Whether no issuer may be asked about the text, because it is, contains or may be a secret of
  /// the gate, contains the issuer's name as tokens of the gate do, or looks like a damaged signed
  /// token. Such a token may belong to the gate, or to another issuer than the one that would be
  /// asked. Reads the whole text, so call it only before asking an issuer.
  ///
  /// @param jwt the parsed text; null: it is not a signed token
  public boolean isWithheldFromIssuers(String token, @Nullable PresentedJwt jwt) {
    return jwt == null
        ? ownSecrets.mayBeIn(token) || ownTokens.isIn(token) || PresentedJwt.isDamaged(token)
        : ownSecrets.isIn(token) || Json.object(jwt.payload()).isEmpty();
  }

  /// Returns the method that judges that token, [Method#JWT] or [Method#OAUTH]. Exactly one method
  /// judges it.
  ///
  /// @param policy the policy of the route that the request is for: it decides about tokens that
  ///   name no known issuer
  public Method methodOf(String token, Policy policy) {
    if (own == null) {
      return Method.OAUTH;
    }
    PresentedJwt jwt = PresentedJwt.parse(token).orElse(null);
    String issuer = jwt == null ? null : issuer(jwt);
    if (issuer != null && issuer.equals(own)) {
      return Method.JWT;
    }
    if (issuer != null && foreign.contains(issuer)) {
      return Method.OAUTH;
    }
    if (!policy.accepts(Method.OAUTH)) {
      return Method.JWT;
    }
    boolean opaque = jwt == null && takesOpaque;
    return opaque || !policy.accepts(Method.JWT) ? Method.OAUTH : Method.JWT;
  }

  /// Returns the issuer that an unverified token claims (`iss`); null if it claims none.
  public static @Nullable String issuer(PresentedJwt token) {
    return JsonMemberScanner.of(token.payload(), "iss");
  }
}
