package dev.gatehouse.oauth;

import dev.gatehouse.Scopes;
import dev.gatehouse.account.Accounts;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Invites people, who then choose a provider to sign in with. Thread-safe; every call may block,
/// and throws [dev.gatehouse.StoreUnavailableException] when the store does not answer.
@SuppressWarnings("DoNotCallSuggester") // until they are written
public final class Invitations {

  /// How long an invitation is good when nothing else is said.
  public static final Duration DEFAULT_LIFE = Duration.ofDays(7);

  /// What comes of inviting.
  public sealed interface Issuing {

    /// It stands.
    ///
    /// @param token the secret of the one-time link, shown here and never again
    record Issued(Invitation invitation, String token) implements Issuing {

      /// Names the invitation only.
      @Override
      public String toString() {
        return "Issued[" + invitation.id() + "]";
      }
    }

    /// It does not.
    record Refused(String why) implements Issuing {}
  }

  public Invitations(InvitationStore store, Accounts accounts, Clock clock) {}

  /// Invites whoever shows the token first.
  ///
  /// @param email that a provider must vouch for; null: anybody
  public Issuing issue(@Nullable String email, Set<String> roles, Scopes scopes, Duration life) {
    throw new UnsupportedOperationException();
  }

  /// The invitation that an untrusted token is for; empty when it is good for none now.
  public Optional<Invitation> peek(String token) {
    throw new UnsupportedOperationException();
  }

  /// Up to `limit` invitations behind that id (from the beginning: null), in the order of their
  /// ids; also those that are spent or over and not purged yet.
  public List<Invitation> list(@Nullable String after, int limit) {
    throw new UnsupportedOperationException();
  }

  /// Takes the invitation back; false when there is none of that id, or it was accepted before.
  public boolean withdraw(String id) {
    throw new UnsupportedOperationException();
  }

  /// Removes what was over long ago.
  public void purge() {
    throw new UnsupportedOperationException();
  }
}
