package dev.gatehouse.credential;

import dev.gatehouse.Scopes;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.Accounts;
import dev.gatehouse.secret.RandomIds;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Issues, rotates, revokes and lists the credentials of one kind. A method's package extends this
/// class with the way in which its material is made.
///
/// Thread-safe; every method may block. Each method throws
/// [dev.gatehouse.StoreUnavailableException] if the store does not answer.
///
/// @param <M> the material: see [CredentialKind]
public abstract class Credentials<M> {

  /// A credential that is about to be issued, without its material.
  ///
  /// @param owner the id of the account that it is for
  public record Draft(String id, String owner, CredentialTerms terms) {}

  /// The material for a draft.
  public sealed interface NewMaterial<M> {

    /// The material was made.
    ///
    /// @param terms the terms of the draft, or narrower ones
    /// @param secret a secret that is shown once to the caller that asked for the credential; null:
    ///   none
    record Made<M>(M material, CredentialTerms terms, @Nullable String secret)
        implements NewMaterial<M> {

      /// Contains nothing of the material.
      @Override
      public String toString() {
        return "Made[]";
      }
    }

    /// No material can be made.
    ///
    /// @param why a sentence for the caller
    record Refused<M>(String why) implements NewMaterial<M> {}
  }

  /// Makes the material of a new credential. May block.
  @FunctionalInterface
  public interface MaterialMaker<M> {

    /// Makes the material for that draft, whose terms were checked.
    NewMaterial<M> make(Draft draft);
  }

  /// Makes the material of a successor. May block.
  @FunctionalInterface
  public interface SuccessorMaterialMaker<M> {

    /// Makes the material for that draft, which replaces that credential.
    NewMaterial<M> make(IssuedCredential<M> predecessor, Draft draft);
  }

  private final CredentialKind<M> kind;
  private final CredentialStore<M> store;
  private final Accounts accounts;
  private final Clock clock;

  /// @param store where the credentials are stored
  /// @param accounts the owners
  protected Credentials(
      CredentialKind<M> kind, CredentialStore<M> store, Accounts accounts, Clock clock) {
    this.kind = kind;
    this.store = store;
    this.accounts = accounts;
    this.clock = clock;
  }

  /// Returns the kind of these credentials.
  public final CredentialKind<M> kind() {
    return kind;
  }

  /// Issues a credential if its owner may have one on these terms.
  ///
  /// @throws IllegalArgumentException if another credential has its [CredentialKind#uniqueValue];
  ///   nothing changed
  protected final CredentialIssuance<M> issue(CredentialRequest request, MaterialMaker<M> maker) {
    Optional<Account> owner = accounts.find(request.owner());
    if (owner.isEmpty()) {
      return new CredentialIssuance.Refused<>("there is no account '" + request.owner() + "'");
    }
    Scopes granted = accounts.scopesOf(owner.get());
    CredentialTerms terms = request.terms(granted);
    Optional<String> wrong = terms.issueProblem(owner.get(), granted, clock.instant());
    if (wrong.isPresent()) {
      return new CredentialIssuance.Refused<>(wrong.get());
    }
    return made(
        draft(owner.get().id(), terms),
        null,
        maker,
        credential -> {
          store.add(credential);
          return true;
        });
  }

  /// Issues a successor with the same owner, name, scopes, networks and rate. The old credential
  /// stays valid for the overlap, and never longer than without a rotation.
  ///
  /// @param overlap from 0 to 90 days
  /// @param expiresAt when the successor expires; null: after the time for which the old credential
  ///   was issued
  protected final CredentialIssuance<M> rotate(
      String id, Duration overlap, @Nullable Instant expiresAt, SuccessorMaterialMaker<M> maker) {
    Optional<String> overlapProblem = CredentialTerms.overlapProblem(overlap);
    if (overlapProblem.isPresent()) {
      return new CredentialIssuance.Refused<>(overlapProblem.get());
    }
    Optional<IssuedCredential<M>> found = find(id);
    if (found.isEmpty()) {
      return new CredentialIssuance.NotFound<>();
    }
    IssuedCredential<M> old = found.get();
    Instant now = clock.instant();
    String thing = "the " + kind.noun();
    CredentialTerms renewed = old.terms().renewed(old.createdAt(), expiresAt, now);
    Optional<String> wrong = old.successionProblem(thing, now).or(() -> renewed.expiryProblem(now));
    if (wrong.isPresent()) {
      return new CredentialIssuance.Refused<>(wrong.get());
    }
    return made(
        draft(old.owner(), renewed),
        old.rotationOrigin(),
        draft -> maker.make(old, draft),
        successor -> store.rotate(id, now.plus(overlap), successor));
  }

  private Draft draft(String owner, CredentialTerms terms) {
    return new Draft(RandomIds.next(kind.idPrefix()), owner, terms);
  }

  private CredentialIssuance<M> made(
      Draft draft,
      @Nullable String origin,
      MaterialMaker<M> maker,
      Predicate<IssuedCredential<M>> stored) {
    return switch (maker.make(draft)) {
      case NewMaterial.Refused<M>(String why) -> new CredentialIssuance.Refused<>(why);
      case NewMaterial.Made<M>(M material, CredentialTerms terms, String secret) -> {
        IssuedCredential<M> credential =
            new IssuedCredential<>(
                draft.id(),
                draft.owner(),
                terms,
                material,
                clock.instant(),
                null,
                null,
                null,
                origin);
        yield stored.test(credential)
            ? new CredentialIssuance.Issued<>(credential, secret)
            : new CredentialIssuance.Refused<>(
                "the " + kind.noun() + " was revoked or replaced just now");
      }
    };
  }

  /// Revokes the credential of that id at once and for good.
  ///
  /// @return false if there is none, or if it was already revoked
  public final boolean revoke(String id) {
    return store.revoke(id, clock.instant());
  }

  /// Returns the credential of that id, whether or not it is still valid.
  public final Optional<IssuedCredential<M>> find(String id) {
    return store.byId(id).map(OwnedCredential::credential);
  }

  /// Returns up to `limit` credentials, valid or not, in the order of their ids, after that id
  /// (null: from the first).
  ///
  /// @param owner the id of an account; null: credentials of all accounts
  public final List<IssuedCredential<M>> list(
      @Nullable String owner, @Nullable String afterId, int limit) {
    return store.list(owner, afterId, limit);
  }

  /// Records when credentials were last used. Ignores the ids of other kinds.
  public final void touch(Map<String, Instant> lastUsed) {
    Map<String, Instant> ours = new HashMap<>(lastUsed);
    ours.keySet().removeIf(id -> !id.startsWith(kind.idPrefix()));
    if (!ours.isEmpty()) {
      store.touch(ours);
    }
  }

  /// Deletes the credentials that ended and need not be kept.
  public final void purgeEnded(EndedRetention retention) {
    store.purgeEnded(retention);
  }
}
