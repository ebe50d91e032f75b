package dev.gatehouse.credential;

import dev.gatehouse.Method;
import dev.gatehouse.Principal;
import dev.gatehouse.RootCredential;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.ParentCredential;
import dev.gatehouse.account.Roles;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A credential and the account that owns it, read together. Immutable; no method blocks.
///
/// @param <M> the material: see [CredentialKind]
/// @param owner the account as it was when both were read
public record OwnedCredential<M>(IssuedCredential<M> credential, Account owner) {

  /// Returns why the credential no longer proves anything: it was revoked, or its owner is
  /// disabled. Does not check its expiry, networks and rate, which are conditions of each request
  /// ([dev.gatehouse.Conditions]).
  ///
  /// @return a sentence for operators, which a client must not see; null: the credential proves its
  ///   owner
  public @Nullable String refusal() {
    if (credential.revokedAt() != null) {
      return credential.id() + " was revoked at " + credential.revokedAt();
    }
    return owner.disabled()
        ? "the owner of " + credential.id() + ", " + owner.id() + ", is disabled"
        : null;
  }

  /// Whether the credential would be accepted at that instant. Does not check networks and rate.
  public boolean isValid(Instant now) {
    return refusal() == null && !credential.terms().isOver(now);
  }

  /// Returns the principal that the credential proves. It has those scopes of the credential that
  /// its owner has now.
  public Principal principal(Method method, Roles roles) {
    return new Principal(
        owner.id(),
        method,
        credential.id(),
        credential.terms().scopes().intersect(roles.of(owner)));
  }

  /// Returns the current state of the credential, for a token that was issued for it.
  ///
  /// @param root the root of a proof by the credential
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
