package dev.gatehouse.apikey;

import dev.gatehouse.RootCredential;
import dev.gatehouse.credential.CredentialKind;
import dev.gatehouse.credential.IssuedCredential;
import dev.gatehouse.secret.Digest;

/// What is stored of an API key beside its lifecycle: everything but the secret. Immutable.
///
/// @param digest SHA-256 of the whole key, which is also the look-up key
/// @param hint the prefix and the first characters, by which a person recognises the key
public record StoredApiKey(Digest digest, String hint) {

  /// API keys, as the shared lifecycle knows them.
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

        // Also of a revoked key: a digest leads to one key, whatever became of it.
        @Override
        public Object uniqueValue(IssuedCredential<StoredApiKey> key) {
          return key.material().digest();
        }
      };

  // What a proof by the key rests on, and a token that was obtained with it. During an overlap its
  // owner holds several keys that replaced each other: they count as one.
  static RootCredential root(IssuedCredential<StoredApiKey> key) {
    return RootCredential.ofSecret(key.rotationOrigin());
  }
}
