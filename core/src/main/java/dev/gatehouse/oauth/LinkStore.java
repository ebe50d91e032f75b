package dev.gatehouse.oauth;

import dev.gatehouse.account.Account;
import dev.gatehouse.secret.Digest;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Stores links to identities at providers, each with the sealed token of the provider.
/// Thread-safe; every method may block.
///
/// Each method throws [dev.gatehouse.StoreUnavailableException] if the store does not answer. A
/// change that a method acknowledged by returning survives a crash. An identity has at most one
/// link: if several callers add one at the same time, on any nodes, exactly one succeeds.
public interface LinkStore {

  /// The most links that [#of] returns.
  int MAX_LINKS_LISTED = 100;

  /// A link and the account that owns it, read together.
  record Owned(Link link, Account owner) {}

  /// A provider's sealed token in the row of its link.
  record SealedToken(String link, String sealed) {

    /// Names only the link.
    @Override
    public String toString() {
      return "SealedToken[" + link + "]";
    }
  }

  /// The result of adding an account with a link.
  enum Addition {
    /// Everything was added.
    ADDED,
    /// Nothing changed: the identity has a link.
    IDENTITY_TAKEN,
    /// Nothing changed: no invitation of that digest is good.
    INVITATION_NOT_GOOD,
    /// Nothing changed: the id, the name or the e-mail address is another account's.
    ACCOUNT_TAKEN
  }

  /// Returns the link of that identity and its owner.
  Optional<Owned> byIdentity(String issuer, String subject);

  /// Returns the links of that account in the order of their creation, and of their ids if they
  /// were created at the same time. Returns at most [#MAX_LINKS_LISTED].
  List<Link> of(String account);

  /// Adds an account together with its first link, and uses the invitation, in one transaction. If
  /// several reasons prevent this, returns the first in the order of [Addition]. Throws
  /// [IllegalArgumentException], and nothing changed, if the id of the link is taken.
  ///
  /// @param link a link to that account; the invitation must be valid at the time of its creation
  /// @param invitation the digest of the invitation's token; null: there is no invitation
  Addition addAccount(Account account, Link link, @Nullable Digest invitation);

  /// Adds a link to the account of a person, if the account is not disabled and is still of that
  /// generation. Throws [IllegalArgumentException] if the id is taken.
  ///
  /// @return false, and nothing changed, otherwise, and also if the identity already has a link:
  ///   then ask [#byIdentity]
  boolean add(Link link, long generation);

  /// Records a sign-in by the link: its time, and the current names of the provider and the person.
  /// Ignores a link that no longer exists, and a time before the recorded one.
  void used(String id, String provider, String label, Instant at);

  /// Deletes the link and the token in its row. In the same transaction the account gets its next
  /// generation and version, and a feed row names its subject. Unless forced, nothing changes if
  /// the account has no password and no other link.
  Links.UnlinkResult remove(String account, String id, boolean force);

  /// Stores the sealed token in the row of the link, and replaces any earlier one (null: deletes
  /// it). Does nothing if the link does not exist.
  void keepToken(String id, @Nullable String sealed);

  /// Stores the sealed token in place of the given one (null: deletes that).
  ///
  /// @return false, and nothing changed, if the row of the link has another token or none, or the
  ///   link does not exist
  boolean replaceToken(SealedToken before, @Nullable String sealed);

  /// Returns the stored token of that account at that issuer, whatever the configuration calls the
  /// provider. If there are several, it is that of the link that was used last.
  Optional<SealedToken> token(String account, String issuer);
}
