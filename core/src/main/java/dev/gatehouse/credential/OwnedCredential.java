package dev.gatehouse.credential;

import dev.gatehouse.Method;
import dev.gatehouse.Principal;
import dev.gatehouse.RootCredential;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.Roles;
import dev.gatehouse.account.ParentCredential;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A credential and the account that owns it, read together. Immutable; no method blocks.
///
/// @param <M> see [CredentialKind]
/// @param owner as it was when both were read
public record OwnedCredential<M>(IssuedCredential<M> credential, Account owner) {

  /// Why the credential proves nothing any more: it was revoked, or its owner is disabled. Does not
  /// look at its expiry, its networks and its rate: they are conditions of each request
  /// ([dev.gatehouse.Conditions]).
  ///
  /// @return a sentence for operators, which a client must not see; null: it proves its owner
  public @Nullable String refusal() {
    if (credential.revokedAt() != null) {
      return credential.id() + " was revoked at " + credential.revokedAt();
    }
    return owner.disabled()
        ? "the owner of " + credential.id() + ", " + owner.id() + ", is disabled"
        : null;
  }

  /// Whether the credential would be accepted at that instant, from wherever it may be used.
  public boolean isValid(Instant now) {
    return refusal() == null && !credential.terms().isOver(now);
  }

  /// Whom the credential proves, with those of its scopes that the owner has now.
  public Principal principal(Method method, Roles roles) {
    return new Principal(
        owner.id(),
        method,
        credential.id(),
        credential.terms().scopes().intersect(roles.of(owner)));
  }

  /// What the credential stands for, for the holder of a token that was issued on its strength.
  ///
  /// @param root what a proof by the credential rests on
  public ParentCredential standing(RootCredential root) {
    CredentialTerms terms = credential.terms();
    return new ParentCredential(
        root,
        owner,
        terms.scopes(),
        terms.expiresAt(),
        terms.networks(),
        terms.requestsPerMinute());
  }
}
