package dev.gatehouse.hmac;

import dev.gatehouse.credential.CredentialKind;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What is stored of a key that requests are signed with, beside its lifecycle. Immutable.
///
/// @param material the secret, sealed; of a public key its SubjectPublicKeyInfo in Base64
/// @param webhook the name of the webhook whose events it signs, and nothing else; null: requests
/// @param hosts that it is good for, in lower case; empty: the gate's own
public record StoredSignatureKey(
    SignatureAlgorithm algorithm, String material, @Nullable String webhook, Set<String> hosts) {

  /// Signature keys, as the shared lifecycle knows them.
  public static final CredentialKind<StoredSignatureKey> KIND =
      new CredentialKind<>() {
        @Override
        public String idPrefix() {
          return "h_";
        }

        @Override
        public String noun() {
          return "key";
        }
      };

  /// Copies the hosts.
  public StoredSignatureKey {
    hosts = Set.copyOf(hosts);
  }

  /// Names the algorithm, and nothing of the material.
  @Override
  public String toString() {
    return "StoredSignatureKey[" + algorithm.id() + "]";
  }
}
