package dev.gatehouse.credential;

import org.jspecify.annotations.Nullable;

/// The result of issuing or rotating a credential.
///
/// @param <M> see [CredentialKind]
public sealed interface CredentialIssuance<M> {

  /// The credential is stored.
  ///
  /// @param secret that the gate made, to be shown now and never again; null: it made none
  record Issued<M>(IssuedCredential<M> credential, @Nullable String secret)
      implements CredentialIssuance<M> {

    /// The secret that the gate made; throws [IllegalStateException] when it made none.
    public String newSecret() {
      if (secret == null) {
        throw new IllegalStateException("no secret was made for " + credential.id());
      }
      return secret;
    }

    /// Names the credential only.
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
