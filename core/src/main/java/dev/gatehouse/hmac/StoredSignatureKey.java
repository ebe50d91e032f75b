package dev.gatehouse.hmac;

import dev.gatehouse.credential.CredentialKind;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The part of a stored signature key that is not its lifecycle. Immutable. The text form names the
/// algorithm only.
///
/// @param algorithm the only algorithm of the key
/// @param material the sealed secret; for a public key, the SubjectPublicKeyInfo in Base64
/// @param webhook the name of the webhook whose events the key signs; it then signs nothing else;
///   null: the key signs requests
/// @param hosts the hosts for which the key is valid, in lower case; empty: the gate's own hosts
public record StoredSignatureKey(
    SignatureAlgorithm algorithm, String material, @Nullable String webhook, Set<String> hosts) {

  /// The kind of credential, for the shared lifecycle. Ids begin with `h_`.
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

  /// Names the algorithm only.
  @Override
  public String toString() {
    return "StoredSignatureKey[" + algorithm.id() + "]";
  }
}
