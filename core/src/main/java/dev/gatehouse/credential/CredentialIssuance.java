package dev.gatehouse.credential;

import org.jspecify.annotations.Nullable;

/// The result of issuing or rotating a credential.
///
/// @param <M> the material: see [CredentialKind]
public sealed interface CredentialIssuance<M> {

  /// The credential is stored.
  ///
  /// @param secret the secret that the gate made. It is shown now and never again; null: the gate
  ///   made none
  record Issued<M>(IssuedCredential<M> credential, @Nullable String secret)
      implements CredentialIssuance<M> {

    /// Returns the secret that the gate made; throws [IllegalStateException] if it made none.
    public String newSecret() {
      if (secret == null) {
        throw new IllegalStateException("no secret was made for " + credential.id());
      }
      return secret;
    }

    /// Names only the credential.
    @Override
    public String toString() {
      return "Issued[" + credential.id() + "]";
    }
  }

  /// Nothing was issued, and nothing changed.
  ///
  /// @param why a sentence for the caller
  record Refused<M>(String why) implements CredentialIssuance<M> {}

  /// There is no credential of that id to rotate.
  record NotFound<M>() implements CredentialIssuance<M> {}
}
