package dev.gatehouse.oauth;

import dev.gatehouse.bearer.Check;
import dev.gatehouse.bearer.TokenClaims;
import dev.gatehouse.secret.Digest;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What an issuer vouches for in an access token that is for this API and good at this time.
///
/// @param client who got the token; null: the issuer does not say
/// @param tokenId null: it has none
/// @param expiresAt the first instant at which it is refused; null: the issuer does not say, which
///   only one that is asked may leave open
/// @param certificate the SHA-256 of the client certificate that must come with it; null: none
record ForeignClaims(
    String subject,
    @Nullable String client,
    @Nullable String tokenId,
    @Nullable Instant expiresAt,
    @Nullable Digest certificate,
    Map<String, @Nullable Object> all) {

  // Claims that no access token has, and other tokens of the same issuer do: ID tokens (OpenID
  // Connect Core 1.0 §2 and §3.3.2.11), logout tokens and security events (RFC 8417 §2.2).
  private static final List<String> OF_OTHER_TOKENS =
      List.of("nonce", "at_hash", "c_hash", "s_hash", "events", "sub_jwk", "txn");

  // Claims that access tokens have and ID tokens have not: RFC 9068 §2.2 for the first two, and
  // what issuers that are older than it write.
  private static final List<String> OF_ACCESS_TOKENS =
      List.of("scope", "client_id", "scp", "cid", "appid", "gty");

  private static final List<String> CLIENT = List.of("client_id", "azp", "cid", "appid");

  /// Judges the claims of a token that a key of the issuer signed.
  ///
  /// @param typed whether its header says that it is an access token
  static Check<ForeignClaims> signed(
      Map<String, @Nullable Object> claims,
      TrustedIssuer issuer,
      boolean typed,
      Duration skew,
      Instant now) {
    if (!issuer.issuer().equals(claims.get("iss"))) {
      return Check.invalid("another issuer");
    }
    if (!typed) {
      String other = otherKind(claims);
      if (other != null) {
        return Check.invalid(other);
      }
    }
    if (!claims.containsKey("exp")) {
      return Check.invalid("exp is missing"); // RFC 9068 §2.2
    }
    return judged(claims, issuer, skew, now);
  }

  /// Judges what the issuer said when it was asked about a token, and said that it is active.
  static Check<ForeignClaims> told(
      Map<String, @Nullable Object> claims, TrustedIssuer issuer, Duration skew, Instant now) {
    // RFC 7662 §2.2: all of them are optional; what is there must be right.
    if (claims.containsKey("iss") && !issuer.issuer().equals(claims.get("iss"))) {
      return Check.invalid("another issuer");
    }
    // RFC 7662 §2.2: of access tokens, as in RFC 6749 §5.1; a refresh token may be active, too.
    Object type = claims.get("token_type");
    if (type != null
        && !(type instanceof String text
            && Set.of("bearer", "access_token", "dpop", "n_a").contains(lower(text)))) {
      return Check.invalid("its token_type is not that of an access token");
    }
    String other = ofOtherToken(claims);
    return other == null ? judged(claims, issuer, skew, now) : Check.invalid(other);
  }

  // RFC 8725 §3.12: kinds of tokens are told from each other. Those that say what they are do it in
  // `typ`; the rest by what they hold.
  private static @Nullable String otherKind(Map<String, @Nullable Object> claims) {
    String other = ofOtherToken(claims);
    if (other != null) {
      return other;
    }
    // Keycloak says what a token is in a claim `typ`, Amazon Cognito in `token_use`.
    boolean said = "access".equals(claims.get("token_use")) || "Bearer".equals(claims.get("typ"));
    return said || OF_ACCESS_TOKENS.stream().anyMatch(claims::containsKey)
        ? null
        : "nothing in it says that it is an access token";
  }

  private static @Nullable String ofOtherToken(Map<String, @Nullable Object> claims) {
    for (String claim : OF_OTHER_TOKENS) {
      if (claims.containsKey(claim)) {
        return "it has " + claim + ", as no access token has";
      }
    }
    if (claims.containsKey("token_use") && !"access".equals(claims.get("token_use"))) {
      return "its token_use is not access";
    }
    return claims.containsKey("typ")
            && !(claims.get("typ") instanceof String type
                && Set.of("bearer", "at+jwt", "jwt").contains(lower(type)))
        ? "its claim typ is not that of an access token"
        : null;
  }

  private static String lower(String text) {
    return text.toLowerCase(java.util.Locale.ROOT);
  }

  private static Check<ForeignClaims> judged(
      Map<String, @Nullable Object> claims, TrustedIssuer issuer, Duration skew, Instant now) {
    if (!isFor(issuer.audience(), claims.get("aud"))) {
      return Check.invalid("another audience");
    }
    if (!(claims.get("sub") instanceof String subject) || !ForeignNames.isName(subject)) {
      return Check.invalid("sub is missing, or no text of 1 to 255 characters");
    }
    // RFC 7519 §4.1.7: a text, which a denial may name.
    if (claims.get("jti") != null && !ForeignNames.isName(claims.get("jti"))) {
      return Check.invalid("jti is no text of 1 to 255 characters");
    }
    // RFC 9068 §2.2 and RFC 8693 §4.3: client_id is a text. With anything else, two clients might
    // have one name.
    if (CLIENT.stream()
        .map(claims::get)
        .anyMatch(client -> client != null && !ForeignNames.isClient(client))) {
      return Check.invalid("one of " + CLIENT + " is no text");
    }
    Check<TokenTimes> times = TokenTimes.of(claims, skew, now);
    if (times instanceof Check.Failed<TokenTimes>(var reason, var cause)) {
      return new Check.Failed<>(reason, cause);
    }
    Digest certificate = null;
    if (claims.containsKey("cnf")) {
      certificate = TokenClaims.certificate(claims.get("cnf"));
      if (certificate == null) {
        return Check.invalid("cnf asks for a proof that this gate does not know");
      }
    }
    return new Check.Passed<>(
        new ForeignClaims(
            subject,
            client(claims),
            (String) claims.get("jti"),
            ((Check.Passed<TokenTimes>) times).value().expiresAt(),
            certificate,
            claims));
  }

  // RFC 7519 §4.1.3: one text, or a list that has it.
  private static boolean isFor(String audience, @Nullable Object claim) {
    return audience.equals(claim)
        || (claim instanceof Collection<?> list && list.contains(audience));
  }

  // Null: none of them says it.
  private static @Nullable String client(Map<String, @Nullable Object> claims) {
    for (String claim : CLIENT) {
      if (claims.get(claim) instanceof String name && !name.isEmpty()) {
        return name;
      }
    }
    return null;
  }
}
