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

/// Issues, rotates, revokes and lists the credentials of one kind. A method's package extends it by
/// how its material is made.
///
/// Thread-safe; every call may block. Each method throws [dev.gatehouse.StoreUnavailableException]
/// when the store does not answer.
///
/// @param <M> see [CredentialKind]
public abstract class Credentials<M> {

  /// A credential that is about to be issued: everything but its material.
  ///
  /// @param owner the id of the account that it acts for
  public record Draft(String id, String owner, CredentialTerms terms) {}

  /// What a kind makes for a draft.
  public sealed interface NewMaterial<M> {

    /// The material is made.
    ///
    /// @param terms those of the draft, or narrower ones
    /// @param secret to be shown once to the caller that asked for the credential; null: nothing
    record Made<M>(M material, CredentialTerms terms, @Nullable String secret)
        implements NewMaterial<M> {

      /// Names nothing of what was made.
      @Override
      public String toString() {
        return "Made[]";
      }
    }

    /// None can be made.
    ///
    /// @param why a sentence for the caller
    record Refused<M>(String why) implements NewMaterial<M> {}
  }

  /// Makes the material of a new credential. May block.
  @FunctionalInterface
  public interface MaterialMaker<M> {

    /// What is made for that draft, whose terms were checked.
    NewMaterial<M> make(Draft draft);
  }

  /// Makes the material of a successor. May block.
  @FunctionalInterface
  public interface SuccessorMaterialMaker<M> {

    /// What is made for that draft, which replaces that credential.
    NewMaterial<M> make(IssuedCredential<M> predecessor, Draft draft);
  }

  private final CredentialKind<M> kind;
  private final CredentialStore<M> store;
  private final Accounts accounts;
  private final Clock clock;

  /// Keeps credentials in that store.
  protected Credentials(
      CredentialKind<M> kind, CredentialStore<M> store, Accounts accounts, Clock clock) {
    this.kind = kind;
    this.store = store;
    this.accounts = accounts;
    this.clock = clock;
  }

  /// The kind of these credentials.
  public final CredentialKind<M> kind() {
    return kind;
  }

  /// Issues a credential, if its terms are ones that its owner may have. Throws
  /// [IllegalArgumentException], and nothing changed, when another credential has its
  /// [CredentialKind#uniqueValue].
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

  /// Issues a successor with the same owner, name, scopes, networks and rate. The credential itself
  /// works on for the overlap, and then ends; it never ends later than it would have.
  ///
  /// @param overlap from 0 to 90 days
  /// @param expiresAt when the successor ends; null: as long after now as the credential's own life
  ///   was
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
      Draft draft, @Nullable String origin, MaterialMaker<M> maker, Predicate<IssuedCredential<M>> stored) {
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

  /// Revokes the credential of that id, at once and for good.
  ///
  /// @return false: there is none, or it was revoked before
  public final boolean revoke(String id) {
    return store.revoke(id, clock.instant());
  }

  /// The credential of that id, whether or not it is still good.
  public final Optional<IssuedCredential<M>> find(String id) {
    return store.byId(id).map(OwnedCredential::credential);
  }

  /// Up to `limit` credentials, good or not, of that owner's id or (null) of all, behind that id,
  /// in the order of their ids.
  public final List<IssuedCredential<M>> list(
      @Nullable String owner, @Nullable String afterId, int limit) {
    return store.list(owner, afterId, limit);
  }

  /// Notes when credentials were last used; ids of anything else are passed over.
  public final void touch(Map<String, Instant> lastUsed) {
    Map<String, Instant> ours = new HashMap<>(lastUsed);
    ours.keySet().removeIf(id -> !id.startsWith(kind.idPrefix()));
    if (!ours.isEmpty()) {
      store.touch(ours);
    }
  }

  /// Forgets the credentials that ended and are not to be kept any more.
  public final void purgeEnded(EndedRetention retention) {
    store.purgeEnded(retention);
  }
}
