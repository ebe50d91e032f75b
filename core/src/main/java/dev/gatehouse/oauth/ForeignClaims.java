package dev.gatehouse.oauth;

import dev.gatehouse.bearer.Check;
import dev.gatehouse.bearer.TokenClaims;
import dev.gatehouse.secret.Digest;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The claims of an access token of another issuer, after it was found to be for this API and valid
/// at this time. Immutable.
///
/// @param subject the subject of the token
/// @param ofClient whether the token is that of a client: the issuer names no subject, and
///   `subject` is the client's id
/// @param ownSubject the subject that the token itself names, if its issuer was asked and names
///   another one; null otherwise
/// @param client the client that got the token; null: the issuer does not say
/// @param tokenId the `jti`; null: it has none
/// @param expiresAt the first instant at which it is refused; null: the issuer does not say, which
///   is allowed only if the issuer was asked
/// @param certificate the SHA-256 of the client certificate that must accompany it; null: none
/// @param all all claims
record ForeignClaims(
    String subject,
    boolean ofClient,
    @Nullable String ownSubject,
    @Nullable String client,
    @Nullable String tokenId,
    @Nullable Instant expiresAt,
    @Nullable Digest certificate,
    Map<String, @Nullable Object> all) {

  private static final String TOKEN_USE = "token_use";
  private static final String TYP = "typ";
  private static final String TOKEN_TYPE = "token_type";
  private static final String BEARER = "bearer";
  private static final String DPOP = "dpop";
  private static final String JWT = "jwt";

  // Claims that access tokens do not have, and other tokens of the same issuer do: ID tokens
  // (OpenID Connect Core 1.0 §2 and §3.3.2.11), logout tokens and security events (RFC 8417 §2.2).
  private static final List<String> CLAIMS_OF_OTHER_TOKENS =
      List.of("nonce", "at_hash", "c_hash", "s_hash", "events", "sub_jwk", "txn");

  // Claims that access tokens have and ID tokens do not: RFC 9068 §2.2 for the first two, and what
  // older issuers write.
  private static final List<String> CLAIMS_OF_ACCESS_TOKENS =
      List.of("scope", "client_id", "scp", "cid", "appid", "azpacr", "gty");

  // Claims in which issuers name the kind of a token, with their values for an access token in
  // lower case. docs/methods/oauth-tokens.md lists the values by issuer.
  private static final Map<String, Set<String>> TOKEN_KIND_CLAIMS =
      Map.of(
          TOKEN_USE,
          Set.of("access", "access_token"),
          TYP,
          Set.of(BEARER, DPOP, "at+jwt", JWT),
          // RFC 7662 §2.2: the type of RFC 6749 §7.1, which says how the token is used.
          TOKEN_TYPE,
          Set.of(BEARER, DPOP, "access_token"),
          "tokenName",
          Set.of("access_token"),
          "tokenType",
          Set.of("access-token", "access_token"),
          "purpose",
          Set.of("access_token"),
          "tok_type",
          Set.of("at"));

  // RFC 7662 §2.2: these are optional in an answer. Some servers write null for a missing one.
  private static final List<String> TIME_CLAIMS = List.of("exp", "nbf", "iat");

  // If the issuer's answer has one of these too, it must be the same as in the token. The subject
  // is not one of them: an issuer may use another subject for each API (RFC 7662 §2.2).
  private static final Set<String> CLAIMS_THAT_MUST_AGREE = Set.of("jti", "cnf");

  // Claims of a token that count if its issuer's answer does not have them. None of them can extend
  // what the token allows: audience and scopes are those of the answer.
  private static final Set<String> RESTRICTING_CLAIMS =
      Set.of(
          "sub", "jti", "cnf", "exp", "nbf", "nonce", "at_hash", "c_hash", "s_hash", "events",
          "sub_jwk", "txn");

  private static final String DPOP_REFUSED =
      "it is a DPoP token, and this gate does not check the proof of its key";

  private static final List<String> CLIENT_CLAIMS = List.of("client_id", "azp", "cid", "appid");

  /// Checks the claims of a token that a key of the issuer signed.
  ///
  /// @param typed whether the token's header says that it is an access token
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
      // RFC 8725 §3.12: kinds of tokens must be distinguished. Tokens that do not name their kind
      // are distinguished by their claims.
      if (!namesKind(claims) && CLAIMS_OF_ACCESS_TOKENS.stream().noneMatch(claims::containsKey)) {
        return Check.invalid("nothing in it says that it is an access token");
      }
    }
    if (!claims.containsKey("exp")) {
      return Check.invalid("exp is missing"); // RFC 9068 §2.2
    }
    return judged(claims, null, issuer, skew, now);
  }

  /// Checks the answer of an issuer that was asked about a token and said that it is active.
  ///
  /// The claims of a signed token itself can only lead to a refusal, or tell whose it is: they must
  /// not be those of another kind of token, and must not contradict the answer. Audience and scopes
  /// are those of the answer.
  ///
  /// @param own the claims of the token itself, whose signature the issuer has verified; empty for
  ///   an opaque token
  static Check<ForeignClaims> introspected(
      Map<String, @Nullable Object> answer,
      Map<String, @Nullable Object> own,
      TrustedIssuer issuer,
      Duration skew,
      Instant now) {
    // RFC 7662 §2.2: all of them are optional. Those that are present must be right.
    if (answer.containsKey("iss") && !issuer.issuer().equals(answer.get("iss"))) {
      return Check.invalid("another issuer");
    }
    Map<String, @Nullable Object> claims = new HashMap<>(answer);
    TIME_CLAIMS.forEach(time -> claims.remove(time, null));
    for (Map.Entry<String, @Nullable Object> claim : own.entrySet()) {
      String name = claim.getKey();
      if (CLAIMS_THAT_MUST_AGREE.contains(name)
          && answer.containsKey(name)
          && !Objects.equals(answer.get(name), claim.getValue())) {
        return Check.invalid("its issuer's answer has another " + name);
      }
      if (RESTRICTING_CLAIMS.contains(name)) {
        claims.putIfAbsent(name, claim.getValue());
      }
    }
    if (isDpop(own)) {
      return Check.invalid(DPOP_REFUSED);
    }
    // A refresh token may be active too, and some issuers answer about ID tokens.
    String other = otherKindSaid(own);
    if (other == null) {
      other = otherKind(claims);
    }
    if (other != null) {
      return Check.invalid(other);
    }
    String ofPerson =
        claims.containsKey("sub")
            ? null
            : ClientClaims.refusal(own, issuer.subjects().clientClaims());
    return ofPerson == null
        ? judged(claims, own.get("sub"), issuer, skew, now)
        : Check.invalid(ofPerson);
  }

  /// Whether the token is for this API, as that issuer names it.
  static boolean isFor(TrustedIssuer issuer, Map<String, @Nullable Object> claims) {
    String audience = issuer.audience();
    Object claim = claims.get("aud");
    // An access token of Amazon Cognito has no audience. It names the client that it is for.
    if (!claims.containsKey("aud") && "access".equals(claims.get(TOKEN_USE))) {
      return audience.equals(claims.get("client_id"));
    }
    // RFC 7519 §4.1.3: a string, or a list that contains it.
    return audience.equals(claim)
        || (claim instanceof Collection<?> list && list.contains(audience));
  }

  // Why the claims say that this is another kind of token; null: none says so.
  private static @Nullable String otherKindSaid(Map<String, @Nullable Object> claims) {
    for (Map.Entry<String, Set<String>> kind : TOKEN_KIND_CLAIMS.entrySet()) {
      Object said = claims.get(kind.getKey());
      if (said != null && !(said instanceof String text && kind.getValue().contains(lower(text)))) {
        return "its " + kind.getKey() + " is not that of an access token";
      }
    }
    return null;
  }

  // Why the claims are those of another kind of token; null: nothing shows it.
  private static @Nullable String otherKind(Map<String, @Nullable Object> claims) {
    String said = otherKindSaid(claims);
    if (said != null) {
      return said;
    }
    if (namesKind(claims)) {
      return null; // Keycloak's access tokens had the nonce of the ID token until version 25
    }
    for (String claim : CLAIMS_OF_OTHER_TOKENS) {
      if (claims.containsKey(claim)) {
        return "it has " + claim + ", as no access token has";
      }
    }
    return null;
  }

  // Whether a claim names an access token, given that no claim names another kind.
  private static boolean namesKind(Map<String, @Nullable Object> claims) {
    return TOKEN_KIND_CLAIMS.keySet().stream()
        .filter(kind -> !kind.equals(TOKEN_TYPE))
        .anyMatch(kind -> claims.get(kind) instanceof String said && !lower(said).equals(JWT));
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }

  // RFC 9449: its client proves a key with each request. Without the `cnf` that names the key, it
  // is still not a bearer token.
  private static boolean isDpop(Map<String, @Nullable Object> claims) {
    return Stream.of(TOKEN_TYPE, TYP)
        .anyMatch(claim -> claims.get(claim) instanceof String text && lower(text).equals(DPOP));
  }

  private static Check<ForeignClaims> judged(
      Map<String, @Nullable Object> claims,
      @Nullable Object ownSubject,
      TrustedIssuer issuer,
      Duration skew,
      Instant now) {
    if (isDpop(claims)) {
      return Check.invalid(DPOP_REFUSED);
    }
    if (!isFor(issuer, claims)) {
      return Check.invalid("another audience");
    }
    // RFC 7662 §2.2: the subject is who authorized the token. Some issuers name none for a client
    // that acts for itself.
    boolean ofClient = !claims.containsKey("sub");
    String ofPerson =
        ofClient ? ClientClaims.refusal(claims, issuer.subjects().clientClaims()) : null;
    if (ofPerson != null) {
      return Check.invalid(ofPerson);
    }
    Object owner = claims.get(ofClient ? "client_id" : "sub");
    if (!(owner instanceof String subject) || !ForeignNames.isName(subject)) {
      return Check.invalid(
          "sub is no text of 1 to 255 characters, or missing without such a client_id");
    }
    // RFC 7519 §4.1.7: a string, which a denial may name.
    if (claims.get("jti") != null && !ForeignNames.isName(claims.get("jti"))) {
      return Check.invalid("jti is no text of 1 to 255 characters");
    }
    // RFC 9068 §2.2 and RFC 8693 §4.3: client_id is a string. With any other type, two clients
    // might have the same name.
    if (CLIENT_CLAIMS.stream()
        .map(claims::get)
        .anyMatch(client -> client != null && !ForeignNames.isClient(client))) {
      return Check.invalid("one of " + CLIENT_CLAIMS + " is no text");
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
            ofClient,
            ownSubject instanceof String own && !own.equals(subject) ? own : null,
            client(claims),
            (String) claims.get("jti"),
            ((Check.Passed<TokenTimes>) times).value().expiresAt(),
            certificate,
            claims));
  }

  // Null: none of these claims names it.
  private static @Nullable String client(Map<String, @Nullable Object> claims) {
    for (String claim : CLIENT_CLAIMS) {
      if (claims.get(claim) instanceof String name && !name.isEmpty()) {
        return name;
      }
    }
    return null;
  }
}
