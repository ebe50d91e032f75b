package dev.gatehouse;

import dev.gatehouse.secret.Digest;
import org.jspecify.annotations.Nullable;

/// What a request presents for one method, before anything about it is verified.
public sealed interface Presented {

  /// The request has no credential of this method.
  record None() implements Presented {
    /// The only instance.
    public static final None INSTANCE = new None();
  }

  /// The request has something that cannot be a credential of this method. This was found without
  /// asking a store.
  record Malformed(CredentialLocation location, Outcome.Rejected rejection) implements Presented {}

  /// A well-formed credential. Only [#verify] and [#verifyAgain] may block.
  non-sealed interface Credential extends Presented {

    /// The part of the request that contains it.
    CredentialLocation location();

    /// The keyed digest under which its acceptance may be remembered; null if each use must be
    /// verified, such as that of a signature.
    @Nullable Digest memoryKey();

    /// What the request's CSRF token shows. Only a page of the gate's own origin can have read that
    /// token: [CsrfCheck.Evidence#OWN] for the token of this credential, [CsrfCheck.Evidence#OTHER]
    /// for any other token.
    default CsrfCheck.Evidence csrfToken() {
      return CsrfCheck.Evidence.NONE;
    }

    /// Whether verifying it takes a slow hash, because people choose it and others may guess it.
    /// Many requests may have to wait for such hashes.
    default boolean isSlow() {
      return false;
    }

    /// The issuer that may have to be asked over the network, for its keys or about the token;
    /// null: none.
    default @Nullable String issuer() {
      return null;
    }

    /// Whether it is not verified while its address must wait because of failed attempts: it is
    /// expensive to verify and not known to be valid. A slow one is always throttled.
    default boolean isThrottled() {
      return isSlow();
    }

    /// Whether verifying it reads the request's body.
    default boolean readsBody() {
      return false;
    }

    /// Verifies the credential. May ask a store or an issuer, read the body, or hash, so it may
    /// block. Does not throw if a store is unavailable: see [Outcome.Unavailable].
    Outcome verify();

    /// Verifies the credential again for a request in which it was accepted before. A credential
    /// that is accepted only once does not count as used a second time. It is accepted only by what
    /// accepted it before: if several secrets could verify it, by the same secret. May block.
    ///
    /// @param before the principal that it proved when it was accepted
    default Outcome verifyAgain(Principal before) {
      return verify();
    }
  }
}
