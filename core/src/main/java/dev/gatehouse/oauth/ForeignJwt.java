package dev.gatehouse.oauth;

import dev.gatehouse.bearer.Check;
import dev.gatehouse.bearer.JoseHeader;
import dev.gatehouse.bearer.PresentedJwt;
import dev.gatehouse.json.Json;
import dev.gatehouse.signing.VerifyingKey;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Verifies JWTs of other issuers: ID tokens as well as access tokens.
public final class ForeignJwt {

  private ForeignJwt() {}

  /// Verifies the signature of a token with a key of its issuer, and returns the claims.
  ///
  /// The key is the one that the issuer publishes under the token's `kid`. Without a `kid`, it is
  /// the only key that can have signed. The key must be for signatures, strong enough
  /// ([VerifyingKey]) and of the algorithm that the token names. Does not check the claims, and
  /// does not check the header's `typ`. May block; throws [IssuerUnavailableException] if the
  /// issuer's keys cannot be obtained.
  ///
  /// @param header the header of that token, as [JoseHeader#readForeign] returned it
  public static Check<Map<String, @Nullable Object>> verify(
      PresentedJwt token, JoseHeader header, TrustedIssuer.Keys keys) {
    VerifyingKey key = key(header, keys);
    if (key == null) {
      return Check.invalid("no key of the issuer's, or another algorithm than the key's");
    }
    if (!key.verifies(header.algorithm(), token.signingInput(), token.signature())) {
      return Check.invalid("a wrong signature");
    }
    return Json.object(token.payload())
        .<Check<Map<String, @Nullable Object>>>map(Check.Passed::new)
        .orElseGet(
            () -> Check.invalid("the claims are no JSON object whose members are named once"));
  }

  // RFC 8725 §3.1: use the algorithm of the key, and require that the token names the same. A token
  // without a key id (RFC 7515 §4.1.4) is verified by the only possible key. OpenID Connect Core
  // §10.1 requires a `kid` if there are several keys.
  private static @Nullable VerifyingKey key(JoseHeader header, TrustedIssuer.Keys keys) {
    VerifyingKey only = null;
    for (VerifyingKey key : keys.withId(header.keyId().isEmpty() ? null : header.keyId())) {
      if (key.isFor(header.algorithm())) {
        if (only != null) {
          return null; // two that it could be: which is a guess
        }
        only = key;
      }
    }
    return only;
  }
}
