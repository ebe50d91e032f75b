package dev.gatehouse.server.provider;

import com.nimbusds.oauth2.sdk.pkce.CodeVerifier;
import dev.gatehouse.secret.RandomIds;

/// What ties the answer of a provider to one attempt of one browser. It has no text form.
///
/// @param state comes back with the answer (RFC 6749 §4.1.1)
/// @param nonce comes back in the ID token (OpenID Connect Core §3.1.2.1)
/// @param codeVerifier is shown when the code is exchanged (RFC 7636 §4.1)
public record AttemptSecrets(String state, String nonce, String codeVerifier) {

  /// New ones, of 256 bits each.
  public static AttemptSecrets random() {
    return new AttemptSecrets(
        RandomIds.text(RandomIds.CHARS_256_BITS),
        RandomIds.text(RandomIds.CHARS_256_BITS),
        RandomIds.text(RandomIds.CHARS_256_BITS));
  }

  CodeVerifier verifier() {
    return new CodeVerifier(codeVerifier);
  }

  @Override
  public String toString() {
    return "AttemptSecrets[…]";
  }
}
