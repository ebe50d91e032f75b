package dev.gatehouse.identity;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.gatehouse.Principal;
import dev.gatehouse.secret.RandomIds;
import dev.gatehouse.signing.SigningAlgorithm;
import dev.gatehouse.signing.SigningKeys;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Optional;

/// Signs the `Gatehouse-Identity` field that an upstream gets: a JWT that says who the caller is.
///
/// Its `typ` is not that of an access token (RFC 8725 §3.11), and its keys sign nothing else, so
/// neither can be used as the other. A token is valid for 60 seconds. A token that was signed in
/// the last 30 seconds is used again, unless its key was revoked since, so that a busy caller does
/// not cost a signature for each request. Thread-safe.
public final class IdentityTokens {

  /// The header field that contains the token.
  public static final String FIELD = "Gatehouse-Identity";

  /// The `typ` in the header of the token.
  public static final JOSEObjectType TYPE = new JOSEObjectType("gatehouse-identity+jwt");

  /// The purpose of the keys that sign the token.
  public static final String PURPOSE = "identity";

  private static final Duration LIFETIME = Duration.ofSeconds(60);
  private static final Duration REUSE_PERIOD = Duration.ofSeconds(30);
  private static final int MAX_REMEMBERED_TOKENS = 10_000;

  private record Use(Principal principal, String audience) {}

  private record Made(String keyId, String token) {

    @Override
    public String toString() {
      return "Made[" + keyId + "]";
    }
  }

  private final SigningKeys keys;
  private final String issuer;
  private final Clock clock;
  private final Cache<Use, Made> made;

  /// @param issuer the name of the gate: the `iss` that upstreams check
  /// @param ticker the time by which tokens are used again
  public IdentityTokens(SigningKeys keys, String issuer, Clock clock, Ticker ticker) {
    this.keys = keys;
    this.issuer = issuer;
    this.clock = clock;
    this.made =
        Caffeine.newBuilder()
            .maximumSize(MAX_REMEMBERED_TOKENS)
            .expireAfterWrite(REUSE_PERIOD)
            .ticker(ticker)
            .build();
  }

  /// Returns a token for the principal. Never blocks.
  ///
  /// @param audience the only recipient that should accept the token: the route's upstream
  /// @return a token whose key was not revoked, as far as this process has heard; empty if no
  ///   signing key is in memory, and then [#awaitToken] waits for one
  public Optional<String> token(Principal principal, String audience) {
    Use use = new Use(principal, audience);
    Made token = made.getIfPresent(use);
    // Check this also after signing: the key may have been revoked meanwhile.
    while (token == null || !keys.isVerifying(token.keyId)) {
      JWK key = keys.cachedSigningKey().orElse(null);
      if (key == null) {
        return Optional.empty();
      }
      token = sign(use, key);
      made.put(use, token);
    }
    return Optional.of(token.token);
  }

  /// As [#token], but reads the keys again if no signing key is in memory. May block on the store;
  /// throws [dev.gatehouse.StoreUnavailableException].
  public String awaitToken(Principal principal, String audience) {
    while (true) {
      Optional<String> token = token(principal, audience);
      if (token.isPresent()) {
        return token.get();
      }
      keys.signingKey();
    }
  }

  private Made sign(Use use, JWK key) {
    Instant now = clock.instant();
    Principal principal = use.principal;
    SignedJWT token =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.ES256).type(TYPE).keyID(key.getKeyID()).build(),
            new JWTClaimsSet.Builder()
                .issuer(issuer)
                .subject(principal.subject())
                .audience(use.audience)
                .issueTime(Date.from(now))
                .expirationTime(Date.from(now.plus(LIFETIME)))
                .jwtID(RandomIds.next("i_"))
                // RFC 8693 §4.2, RFC 6749 §3.3: a scope has at least one token. Null: no claim.
                .claim("scope", principal.scopes().isEmpty() ? null : principal.scopes().toString())
                .claim("auth_method", principal.method().id())
                .claim("credential", principal.credential())
                .build());
    byte[] input = token.getSigningInput();
    return new Made(
        key.getKeyID(),
        new String(input, StandardCharsets.US_ASCII)
            + "."
            + SigningAlgorithm.ES256.sign(key, input));
  }
}
