package dev.gatehouse.oauth;

import dev.gatehouse.Scopes;
import dev.gatehouse.account.Accounts;
import dev.gatehouse.secret.Digest;
import dev.gatehouse.secret.RandomIds;
import dev.gatehouse.secret.SecretForm;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Invites people, who then choose a provider to sign in with. Thread-safe; every method that is
/// not static may block, and throws [dev.gatehouse.StoreUnavailableException] if the store does not
/// answer.
public final class Invitations {

  /// How long an invitation is valid by default.
  public static final Duration DEFAULT_LIFE = Duration.ofDays(7);

  /// The result of inviting somebody.
  public sealed interface InvitationIssuance {

    /// The invitation is stored.
    ///
    /// @param token the secret of the one-time link, which is shown here and never again
    record Issued(Invitation invitation, String token) implements InvitationIssuance {

      /// Names only the invitation.
      @Override
      public String toString() {
        return "Issued[" + invitation.id() + "]";
      }
    }

    /// Nothing was stored.
    ///
    /// @param why a sentence for the caller
    record Refused(String why) implements InvitationIssuance {}
  }

  /// The longest validity of an invitation.
  public static final Duration MAX_LIFE = Duration.ofDays(90);

  /// How long an invitation is kept after its end, to show who used it, or that it was not used.
  private static final Duration ENDED_RETENTION = Duration.ofDays(30);

  /// The form of the secret in an invitation's link.
  public static final SecretForm SECRET = SecretForm.base62("invite_");

  private final InvitationStore store;
  private final Accounts accounts;
  private final Clock clock;

  /// @param store where invitations are stored
  public Invitations(InvitationStore store, Accounts accounts, Clock clock) {
    this.store = store;
    this.accounts = accounts;
    this.clock = clock;
  }

  /// Makes an invitation. The first who uses its token gets an account with these roles and scopes.
  ///
  /// @param email the address that a provider must vouch for; null: anybody may use it
  /// @param life how long it is valid, from a minute to [#MAX_LIFE]
  public InvitationIssuance issue(
      @Nullable String email, Set<String> roles, Scopes scopes, Duration life) {
    if (life.compareTo(Duration.ofMinutes(1)) < 0 || life.compareTo(MAX_LIFE) > 0) {
      return new InvitationIssuance.Refused(
          "an invitation is good for a minute to " + MAX_LIFE.toDays() + " days");
    }
    Optional<String> unknown = accounts.unknownRole(roles);
    if (unknown.isPresent()) {
      return new InvitationIssuance.Refused(unknown.get());
    }
    String address = null;
    if (email != null) {
      Optional<VerifiedEmail> read = VerifiedEmail.read(email);
      if (read.isEmpty()) {
        return new InvitationIssuance.Refused("that is no e-mail address");
      }
      address = read.get().address();
      if (accounts.find(address).isPresent()) {
        return new InvitationIssuance.Refused("there is an account with that e-mail address");
      }
    }
    String token = SECRET.random();
    // Stores keep milliseconds: what is answered is what will be read back.
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    Invitation invitation =
        new Invitation(
            RandomIds.next("inv_"),
            address,
            new TreeSet<>(roles),
            scopes,
            now,
            now.plus(life).truncatedTo(ChronoUnit.MILLIS),
            null,
            null);
    store.add(invitation, digest(token));
    return new InvitationIssuance.Issued(invitation, token);
  }

  /// Returns the invitation of an untrusted token; empty if none is valid now. Does not use it.
  public Optional<Invitation> peek(String token) {
    // A text without the form of a token is not looked up.
    return SECRET.matches(token)
        ? store.byDigest(digest(token)).filter(invitation -> invitation.isValid(clock.instant()))
        : Optional.empty();
  }

  /// Returns up to `limit` invitations in the order of their ids, after that id (null: from the
  /// first). Includes those that were used or have expired and are not deleted yet.
  public List<Invitation> list(@Nullable String after, int limit) {
    return store.list(after, limit);
  }

  /// Deletes the invitation; false if there is none of that id, or if it was used.
  public boolean withdraw(String id) {
    return store.withdraw(id);
  }

  /// Deletes invitations that ended more than 30 days ago.
  public void purge() {
    store.purgeEndedBefore(clock.instant().minus(ENDED_RETENTION));
  }

  static Digest digest(String token) {
    return Digest.sha256(token.getBytes(StandardCharsets.US_ASCII));
  }
}
