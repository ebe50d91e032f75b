package dev.gatehouse;

import dev.gatehouse.secret.Digest;
import org.jspecify.annotations.Nullable;

/// What a request holds of one method, before anything of it is believed.
public sealed interface Presented {

  /// Nothing of this method.
  record None() implements Presented {
    /// The one of its kind.
    public static final None INSTANCE = new None();
  }

  /// Something that can't be a credential of this method, found without asking a store.
  record Malformed(CredentialLocation location, Outcome.Rejected rejection) implements Presented {}

  /// A well-formed credential.
  non-sealed interface Credential extends Presented {

    /// Where it stands in the request.
    CredentialLocation location();

    /// The keyed digest under which its acceptance may be remembered; null when each use must be
    /// verified (a signature is accepted once).
    @Nullable Digest memoryKey();

    /// What the request's CSRF token says, which only a page of the gate's own origin can have
    /// read: [CsrfCheck.Evidence#OWN] for the token of this credential, [CsrfCheck.Evidence#OTHER] for any
    /// other.
    default CsrfCheck.Evidence csrfToken() {
      return CsrfCheck.Evidence.NONE;
    }

    /// Whether to verify it takes a slow hash, for which many may have to wait: people chose it,
    /// and others may guess it.
    default boolean isSlow() {
      return false;
    }

    /// The issuer whose answer over the network it may take to verify this, for its keys or about
    /// the token; null: none. Many may have to wait for it.
    default @Nullable String issuer() {
      return null;
    }

    /// Whether it is not looked at while its address must wait for its failed attempts: because it
    /// costs much to verify, and is not known to be good. A slow one always is.
    default boolean isThrottled() {
      return isSlow();
    }

    /// Whether to verify it waits for the request's body.
    default boolean readsBody() {
      return false;
    }

    /// Verifies it: asks a store, or hashes; may block.
    Outcome verify();

    /// Verifies it once more, for a request in which it was accepted before: what is accepted once
    /// only is not taken for a second use. Accepts it only by what it was accepted by before: of
    /// several secrets by which it could be verified, the same one. May block.
    ///
    /// @param before whom it proved when it was accepted
    default Outcome verifyAgain(Principal before) {
      return verify();
    }
  }
}
