package dev.gatehouse.server.provider;

import com.nimbusds.oauth2.sdk.pkce.CodeVerifier;
import dev.gatehouse.secret.Digest;
import dev.gatehouse.secret.RandomIds;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/// The secrets that tie the answer of a provider to one attempt of one browser. It has no text
/// form.
///
/// Only the code verifier is stored, so that several attempts fit into a browser's cookies. `state`
/// and `nonce` are digests of it. They do not reveal it, just as the code challenge does not (RFC
/// 7636 §4.2).
///
/// @param codeVerifier is shown when the code is exchanged (RFC 7636 §4.1)
public record AttemptSecrets(String codeVerifier) {

  /// New secrets of 256 bits.
  public static AttemptSecrets random() {
    return new AttemptSecrets(RandomIds.text(RandomIds.CHARS_256_BITS));
  }

  /// The `state`, which comes back with the answer (RFC 6749 §4.1.1).
  public String state() {
    return digest("state ");
  }

  /// The `nonce`, which comes back in the ID token (OpenID Connect Core 1.0 §3.1.2.1).
  public String nonce() {
    return digest("nonce ");
  }

  private String digest(String purpose) {
    byte[] text = (purpose + codeVerifier).getBytes(StandardCharsets.US_ASCII);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(Digest.sha256(text).bytes());
  }

  CodeVerifier verifier() {
    return new CodeVerifier(codeVerifier);
  }

  @Override
  public String toString() {
    return "AttemptSecrets[…]";
  }
}
