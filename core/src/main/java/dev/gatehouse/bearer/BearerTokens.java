package dev.gatehouse.bearer;

import dev.gatehouse.Method;
import dev.gatehouse.Policy;
import dev.gatehouse.json.Json;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Tells the gate's own tokens from those of others, where it takes both.
///
/// It goes by what a token says of itself, unverified: that decides which method judges it, and
/// nothing else. Thread-safe; parses only.
public final class BearerTokens {

  private final String own;
  private final Set<String> foreign;
  private final boolean takesOpaque;
  private final Predicate<String> isOurs;

  /// @param own the issuer of the gate's own tokens
  /// @param foreign the other issuers whose tokens count
  /// @param takesOpaque whether one of them is asked about tokens that say nothing
  /// @param isOurs whether a text that says nothing is the gate's own all the same, and nobody
  ///   else's to see
  public BearerTokens(
      String own, Set<String> foreign, boolean takesOpaque, Predicate<String> isOurs) {
    this.own = own;
    this.foreign = Set.copyOf(foreign);
    this.takesOpaque = takesOpaque;
    this.isOurs = isOurs;
  }

  /// The one method that judges that token, [Method#JWT] or [Method#OAUTH].
  ///
  /// @param policy of the route for which it came: it decides about what names no known issuer
  public Method methodOf(String token, Policy policy) {
    PresentedJwt jwt = PresentedJwt.parse(token).orElse(null);
    String issuer = jwt == null ? null : issuer(jwt);
    if (issuer != null && issuer.equals(own)) {
      return Method.JWT;
    }
    if (issuer != null && foreign.contains(issuer)) {
      return Method.OAUTH;
    }
    if (isOurs.test(token) || !policy.names(Method.OAUTH)) {
      return Method.JWT;
    }
    boolean opaque = jwt == null && takesOpaque;
    return opaque || !policy.names(Method.JWT) ? Method.OAUTH : Method.JWT;
  }

  /// The `iss` that a token claims; null when it claims none.
  public static @Nullable String issuer(PresentedJwt token) {
    byte[] claims = token.payload();
    String plain = PlainMember.of(claims, "iss");
    return plain != null ? plain : whole(claims);
  }

  private static @Nullable String whole(byte[] claims) {
    return Json.object(claims)
        .map(members -> members.get("iss") instanceof String issuer ? issuer : null)
        .orElse(null);
  }
}
