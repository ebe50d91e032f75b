package dev.gatehouse.jwt;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jose.util.JSONObjectUtils;
import dev.gatehouse.Scopes;
import dev.gatehouse.account.Account;
import dev.gatehouse.bearer.Check;
import dev.gatehouse.bearer.JoseHeader;
import dev.gatehouse.bearer.PresentedJwt;
import dev.gatehouse.bearer.TokenClaims;
import dev.gatehouse.secret.Digest;
import dev.gatehouse.secret.RandomIds;
import dev.gatehouse.signing.SigningAlgorithm;
import dev.gatehouse.signing.SigningKeys;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Signs access tokens (RFC 9068) and verifies them. Thread-safe.
public final class AccessTokens {

  /// The purpose of the keys that sign access tokens.
  public static final String PURPOSE = "access";

  static final String TYPE = "at+jwt";

  // The size of a field that servers and proxies commonly accept.
  private static final int MAX_TOKEN_CHARS = 8 * 1024;

  /// The result of asking for a token.
  sealed interface Answer {

    /// The signed token.
    ///
    /// @param life how long it is valid from now on, in whole seconds; at least one
    record Issued(String text, Duration life) implements Answer {

      @Override
      public String toString() {
        return "AccessTokens.Answer.Issued[…]";
      }
    }

    /// There is no token: its parent ends within this second.
    record Over() implements Answer {}

    /// There is no token: with so many scopes it would be longer than many servers accept.
    record TooLarge() implements Answer {}
  }

  private final JwtSettings settings;
  private final SigningKeys keys;
  private final Clock clock;

  /// Throws [IllegalArgumentException] if a retired key would not verify for as long as a token
  /// that it signed is valid.
  public AccessTokens(JwtSettings settings, SigningKeys keys, Clock clock) {
    if (!keys.verifyLongerThan(settings.accessTokenLife())) {
      throw new IllegalArgumentException(
          "the overlap of signing keys is longer than an access token's life of "
              + settings.accessTokenLife().toSeconds()
              + " s");
    }
    this.settings = settings;
    this.keys = keys;
    this.clock = clock;
  }

  /// Signs a token for the owner that ends with what it rests on. May block on the store for a key.
  ///
  /// @param certificate the SHA-256 of the client certificate to which the token is bound; null: to
  ///   none
  Answer issue(
      Account owner,
      Tokens.Basis basis,
      String clientId,
      Scopes scopes,
      @Nullable Digest certificate) {
    // RFC 7519 §2: times are in whole seconds. The token never ends later than asked for.
    Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    Instant end = now.plus(settings.accessTokenLife());
    Instant notAfter = basis.endsAt();
    if (notAfter != null && notAfter.isBefore(end)) {
      end = notAfter.truncatedTo(ChronoUnit.SECONDS);
    }
    if (!now.isBefore(end)) {
      return new Answer.Over();
    }
    // RFC 9068 §2.2. The token contains nothing personal, only ids.
    Map<String, Object> claims = new LinkedHashMap<>();
    claims.put("iss", settings.issuer());
    claims.put("sub", owner.id());
    claims.put("aud", settings.audience());
    claims.put("exp", end.getEpochSecond());
    claims.put("iat", now.getEpochSecond());
    claims.put("nbf", now.getEpochSecond());
    claims.put("jti", RandomIds.next("a_"));
    claims.put("sid", basis.sid());
    claims.put("client_id", clientId);
    // RFC 8693 §4.2, RFC 6749 §3.3: a scope has at least one token.
    if (!scopes.isEmpty()) {
      claims.put("scope", scopes.toString());
    }
    if (basis.path() != null) {
      claims.put(VerifiedToken.PATH, basis.path());
    }
    if (certificate != null) {
      claims.put(
          "cnf", Map.of(TokenClaims.THUMBPRINT, Base64URL.encode(certificate.bytes()).toString()));
    }
    String token = signed(claims);
    return token.length() > MAX_TOKEN_CHARS
        ? new Answer.TooLarge()
        : new Answer.Issued(token, Duration.between(now, end));
  }

  private String signed(Map<String, Object> claims) {
    JWK key = keys.signingKey();
    SigningAlgorithm algorithm = SigningAlgorithm.of(key).orElseThrow();
    Map<String, Object> header = new LinkedHashMap<>();
    header.put("alg", algorithm.jws().getName());
    header.put("typ", TYPE); // RFC 9068 §2.1
    header.put("kid", key.getKeyID());
    String input = part(header) + "." + part(claims);
    return input + "." + algorithm.sign(key, input.getBytes(StandardCharsets.US_ASCII));
  }

  private static Base64URL part(Map<String, Object> members) {
    return Base64URL.encode(JSONObjectUtils.toJSONString(members));
  }

  /// Verifies that one of the gate's keys signed the token, and that it is an access token for the
  /// gate that is valid now. Does not check whether its parent is still valid. May block on the
  /// store for a key; throws [dev.gatehouse.StoreUnavailableException].
  Check<VerifiedToken> verify(PresentedJwt token) {
    return switch (signedHeader(token)) {
      case Check.Failed<JoseHeader>(var reason, var cause) -> new Check.Failed<>(reason, cause);
      // RFC 9068 §4: a token of another kind is no access token, even with a valid signature.
      case Check.Passed<JoseHeader>(var header) ->
          header.saysAccessToken()
              ? VerifiedToken.judge(token.payload(), settings, clock.instant())
              : Check.invalid("its typ is not that of an access token");
    };
  }

  /// Returns the header of a token that one of the gate's keys signed, whatever its type. Does not
  /// check the claims.
  Check<JoseHeader> signedHeader(PresentedJwt token) {
    Check<JoseHeader> read = JoseHeader.read(token.header());
    if (!(read instanceof Check.Passed<JoseHeader>(var header))) {
      return read;
    }
    Optional<JWK> key = keys.verificationKey(header.keyId());
    if (key.isEmpty()) {
      return Check.invalid("no key of ours");
    }
    SigningAlgorithm algorithm = SigningAlgorithm.of(key.get()).orElseThrow();
    // RFC 8725 §3.1: use the algorithm of the key, and require that the token names the same.
    if (!algorithm.jws().getName().equals(header.algorithm())) {
      return Check.invalid("another algorithm than the key's");
    }
    return algorithm.verifies(key.get(), token.signingInput(), token.signature())
        ? read
        : Check.invalid("a wrong signature");
  }
}
