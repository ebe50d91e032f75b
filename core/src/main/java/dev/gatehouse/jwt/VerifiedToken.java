package dev.gatehouse.jwt;

import dev.gatehouse.Reason;
import dev.gatehouse.Scopes;
import dev.gatehouse.bearer.Check;
import dev.gatehouse.bearer.TokenClaims;
import dev.gatehouse.json.Json;
import dev.gatehouse.secret.Digest;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// An access token that the gate signed for itself and that is valid at this time. Whether its
/// parent is still valid is not checked. Immutable.
///
/// @param subject the id of the account that it is for
/// @param sid what it rests on: a family, or the credential of a service
/// @param path the path of the client certificate with which it was obtained, for
///   [dev.gatehouse.account.ParentCredentials]; null: it was obtained without one
/// @param scopes the scopes that it has at most
/// @param expiresAt the first instant at which it is refused
/// @param certificate the SHA-256 of the client certificate that must accompany it; null: none
record VerifiedToken(
    String subject,
    String sid,
    @Nullable String path,
    Scopes scopes,
    Instant expiresAt,
    @Nullable Digest certificate) {

  /// A private claim (RFC 7519 §4.3).
  static final String PATH = "certification_path";

  private static final Pattern ID = Pattern.compile("[\\x21-\\x7e]{1,128}");
  private static final int MAX_CLIENT_ID_CHARS = 256;

  /// Checks the claims of a payload that one of the gate's keys signed: issuer, audience, the
  /// required claims of RFC 9068 §2.2, and the times.
  static Check<VerifiedToken> judge(byte[] payload, JwtSettings settings, Instant now) {
    Map<String, @Nullable Object> claims = Json.object(payload).orElse(null);
    if (claims == null) {
      return Check.invalid("the claims are no JSON object");
    }
    if (!settings.issuer().equals(claims.get("iss"))) {
      return Check.invalid("another issuer");
    }
    if (!isFor(settings.audience(), claims.get("aud"))) {
      return Check.invalid("another audience");
    }
    // A token without scopes has no such claim.
    Object scope = claims.containsKey("scope") ? claims.get("scope") : "";
    // RFC 9068 §2.2: these are always present, and so is the gate's own sid.
    if (!(claims.get("sub") instanceof String subject && isId(subject))
        || !(claims.get("sid") instanceof String sid && isId(sid))
        || !(claims.get("jti") instanceof String tokenId && isId(tokenId))
        || !(claims.get("client_id") instanceof String clientId)
        || clientId.length() > MAX_CLIENT_ID_CHARS
        || !(scope instanceof String scopeText)) {
      return Check.invalid(
          "sub, sid, jti or client_id is missing, or one of them or scope is no text");
    }
    Scopes scopes;
    try {
      scopes = Scopes.parse(scopeText);
    } catch (IllegalArgumentException noScopes) {
      return Check.invalid("scope is no list of scopes");
    }
    Instant expiresAt = TokenClaims.instant(claims.get("exp"));
    Instant issuedAt = TokenClaims.instant(claims.get("iat"));
    Instant notBefore =
        claims.containsKey("nbf") ? TokenClaims.instant(claims.get("nbf")) : issuedAt;
    if (expiresAt == null || issuedAt == null || notBefore == null) {
      return Check.invalid("exp, iat or nbf is no time");
    }
    // The skew allows for clocks of other nodes that are ahead. It does not make a token valid for
    // longer.
    Instant latest = now.plus(settings.clockSkew());
    if (issuedAt.isAfter(latest) || notBefore.isAfter(latest)) {
      return Check.invalid("issued, or not good before, in the future");
    }
    // RFC 7519 §4.1.4: refused on or after that time.
    if (!now.isBefore(expiresAt)) {
      return new Check.Failed<>(Reason.TOKEN_EXPIRED, "the token expired at " + expiresAt);
    }
    String path = null;
    if (claims.containsKey(PATH)) {
      if (!(claims.get(PATH) instanceof String text)) {
        return Check.invalid(PATH + " is no text");
      }
      path = text;
    }
    Digest certificate = null;
    if (claims.containsKey("cnf")) {
      certificate = TokenClaims.certificate(claims.get("cnf"));
      if (certificate == null) {
        return Check.invalid("cnf asks for a proof that this gate does not know");
      }
    }
    return new Check.Passed<>(
        new VerifiedToken(subject, sid, path, scopes, expiresAt, certificate));
  }

  private static boolean isId(String text) {
    return ID.matcher(text).matches();
  }

  // RFC 7519 §4.1.3: a string or a list. The gate's tokens name one audience.
  private static boolean isFor(String audience, @Nullable Object claim) {
    return audience.equals(claim) || List.of(audience).equals(claim);
  }
}
