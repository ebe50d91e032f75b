package dev.gatehouse.apikey;

import dev.gatehouse.RootCredential;
import dev.gatehouse.credential.CredentialKind;
import dev.gatehouse.credential.IssuedCredential;
import dev.gatehouse.secret.Digest;

/// What is stored about an API key in addition to its lifecycle. It does not contain the secret.
/// Immutable.
///
/// @param digest the SHA-256 of the whole key, which is also the look-up key
/// @param hint the prefix and the first characters, by which a person recognizes the key
public record StoredApiKey(Digest digest, String hint) {

  /// API keys as a kind of issued credential.
  public static final CredentialKind<StoredApiKey> KIND =
      new CredentialKind<>() {
        @Override
        public String idPrefix() {
          return "k_";
        }

        @Override
        public String noun() {
          return "key";
        }

        // This also holds for revoked keys: a digest leads to one key, whatever its state.
        @Override
        public Object uniqueValue(IssuedCredential<StoredApiKey> key) {
          return key.material().digest();
        }
      };

  // The root of a proof by the key, and of a token that was obtained with it. During an overlap the
  // owner has several keys that replaced each other: they count as one.
  static RootCredential root(IssuedCredential<StoredApiKey> key) {
    return RootCredential.ofSecret(key.rotationOrigin());
  }
}
