package dev.gatehouse.oauth;

import dev.gatehouse.bearer.Check;
import dev.gatehouse.bearer.JoseHeader;
import dev.gatehouse.bearer.PresentedJwt;
import dev.gatehouse.json.Json;
import dev.gatehouse.signing.VerifyingKey;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The one way in which a JWT of another issuer is verified, an ID token as well as an access
/// token.
public final class ForeignJwt {

  private ForeignJwt() {}

  /// The claims of a token that a key of its issuer signed.
  ///
  /// The key is one that the issuer publishes under the token's `kid`; without one it is the only
  /// key that it can be. It is for signatures, strong enough ([VerifyingKey]) and of the algorithm
  /// that the token names. Does not check what the claims say, nor the header's `typ`. May block;
  /// throws [IssuerUnavailableException] when the issuer's keys can't be had.
  ///
  /// @param header of that token, as [JoseHeader#readForeign] reads it
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

  // RFC 8725 §3.1: the key's algorithm, whatever the token says; and it must say the same. A token
  // that names no key (RFC 7515 §4.1.4) is verified by the one that it can be; OpenID Connect Core
  // §10.1 asks for a `kid` where there are several.
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
