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

/// Invites people, who then choose a provider to sign in with. Thread-safe; every call may block,
/// and throws [dev.gatehouse.StoreUnavailableException] when the store does not answer.
public final class Invitations {

  /// How long an invitation is good when nothing else is said.
  public static final Duration DEFAULT_LIFE = Duration.ofDays(7);

  /// What comes of inviting.
  public sealed interface InvitationIssuance {

    /// It stands.
    ///
    /// @param token the secret of the one-time link, shown here and never again
    record Issued(Invitation invitation, String token) implements InvitationIssuance {

      /// Names the invitation only.
      @Override
      public String toString() {
        return "Issued[" + invitation.id() + "]";
      }
    }

    /// It does not.
    record Refused(String why) implements InvitationIssuance {}
  }

  /// The longest life of an invitation.
  public static final Duration MAX_LIFE = Duration.ofDays(90);

  /// For how long it is told who accepted one, and which were not accepted, after their end.
  private static final Duration ENDED_RETENTION = Duration.ofDays(30);

  /// The form of the secret in an invitation's link.
  public static final SecretForm SECRET = SecretForm.base62("invite_");

  private final InvitationStore store;
  private final Accounts accounts;
  private final Clock clock;

  /// Keeps invitations in that store.
  public Invitations(InvitationStore store, Accounts accounts, Clock clock) {
    this.store = store;
    this.accounts = accounts;
    this.clock = clock;
  }

  /// Invites whoever shows the token first. The account that they get has these grants.
  ///
  /// @param email that a provider must vouch for; null: anybody
  /// @param life from a minute to [#MAX_LIFE]
  public InvitationIssuance issue(@Nullable String email, Set<String> roles, Scopes scopes, Duration life) {
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

  /// The invitation that an untrusted token is for; empty when it is good for none now.
  public Optional<Invitation> peek(String token) {
    // What is no token is not looked up.
    return SECRET.matches(token)
        ? store.byDigest(digest(token)).filter(invitation -> invitation.isValid(clock.instant()))
        : Optional.empty();
  }

  /// Up to `limit` invitations behind that id (from the beginning: null), in the order of their
  /// ids; also those that are spent or over and not purged yet.
  public List<Invitation> list(@Nullable String after, int limit) {
    return store.list(after, limit);
  }

  /// Takes the invitation back; false when there is none of that id, or it was accepted before.
  public boolean withdraw(String id) {
    return store.withdraw(id);
  }

  /// Removes what was over long ago.
  public void purge() {
    store.purgeEndedBefore(clock.instant().minus(ENDED_RETENTION));
  }

  static Digest digest(String token) {
    return Digest.sha256(token.getBytes(StandardCharsets.US_ASCII));
  }
}
