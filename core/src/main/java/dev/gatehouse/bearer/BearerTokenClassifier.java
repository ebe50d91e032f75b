package dev.gatehouse.bearer;

import dev.gatehouse.Method;
import dev.gatehouse.Policy;
import dev.gatehouse.json.Json;
import dev.gatehouse.secret.OwnSecrets;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Tells the gate's own tokens from those of other issuers.
///
/// It goes by what a token says of itself, unverified: that decides which method judges it, and
/// nothing else. Thread-safe; parses only.
public final class BearerTokenClassifier {

  private final @Nullable String own;
  private final IssuerTokenFinder ownTokens;
  private final Set<String> foreign;
  private final boolean takesOpaque;
  private final OwnSecrets ownSecrets;

  /// @param own the issuer of the gate's own tokens
  /// @param takesOwn whether some route takes them
  /// @param foreign the other issuers whose tokens count
  /// @param takesOpaque whether one of them is asked about tokens that say nothing
  /// @param ownSecrets which no other issuer may see
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

  /// Whether no issuer is asked about the text: it is, holds, or may be a secret of the gate, it
  /// holds what a token of the gate says of its issuer, or it looks like a signed token that was
  /// damaged. Such a token may be one of the gate, or of another issuer than the one that would be
  /// asked. Reads all of it: to be asked before an issuer is, and not of every token.
  ///
  /// @param jwt the same, parsed; null: it is no signed token
  public boolean isWithheldFromIssuers(String token, @Nullable PresentedJwt jwt) {
    return jwt == null
        ? ownSecrets.mayBeIn(token) || ownTokens.isIn(token) || PresentedJwt.isDamaged(token)
        : ownSecrets.isIn(token) || Json.object(jwt.payload()).isEmpty();
  }

  /// The one method that judges that token, [Method#JWT] or [Method#OAUTH].
  ///
  /// @param policy of the route for which it came: it decides about what names no known issuer
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

  /// The `iss` that a token claims; null when it claims none.
  public static @Nullable String issuer(PresentedJwt token) {
    return JsonMemberScanner.of(token.payload(), "iss");
  }
}
