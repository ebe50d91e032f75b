package dev.gatehouse.oauth;

import dev.gatehouse.account.Account;
import dev.gatehouse.secret.Digest;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Where links to identities at providers are kept, each with the provider's sealed token.
/// Thread-safe; every call may block.
///
/// Each method throws [dev.gatehouse.StoreUnavailableException] when the store does not answer.
/// What a method has acknowledged by returning survives a crash. An identity has one link at most:
/// of several who add one at once, on whichever node, one does.
public interface LinkStore {

  /// The most links that [#of] answers.
  int MAX_LINKS_LISTED = 100;

  /// A link and the account that it leads to, read together.
  record Owned(Link link, Account owner) {}

  /// A provider's token in the row of its link.
  record SealedToken(String link, String sealed) {

    /// Names the link only.
    @Override
    public String toString() {
      return "SealedToken[" + link + "]";
    }
  }

  /// What came of adding.
  enum Addition {
    /// All of it stands.
    ADDED,
    /// Nothing changed: the identity has a link.
    IDENTITY_TAKEN,
    /// Nothing changed: no invitation of that digest is good.
    INVITATION_NOT_GOOD,
    /// Nothing changed: the id, the name or the e-mail address is another account's.
    ACCOUNT_TAKEN
  }

  /// The link of that identity and its owner.
  Optional<Owned> byIdentity(String issuer, String subject);

  /// The links of that account, in the order in which they were made (at one time: of their ids);
  /// at most [#MAX_LINKS_LISTED].
  List<Link> of(String account);

  /// Adds an account together with its first link, and spends the invitation for it; one
  /// transaction. What stands against it is told in the order of [Addition]. Throws
  /// [IllegalArgumentException], and nothing changed, when the id of the link is taken.
  ///
  /// @param link to that account; when it was made is the time at which the invitation must be good
  /// @param invitation the digest of its token; null: there is none to spend
  Addition addAccount(Account account, Link link, @Nullable Digest invitation);

  /// Adds a link to the account of a person, if that is not disabled and still of that generation;
  /// otherwise false, and nothing changed. False also when the identity has a link already: ask
  /// [#byIdentity]. Throws [IllegalArgumentException] when the id is taken.
  boolean add(Link link, long generation);

  /// Notes that somebody signed in by the link: when, what the provider is called now, and what the
  /// person. A link that is gone stays gone; no time goes backwards.
  void used(String id, String provider, String label, Instant at);

  /// Removes the link and the token in its row; in the same transaction the account goes to its
  /// next generation and version, and a feed row names its subject. Unless forced, that changes
  /// nothing when the account has neither a password nor another link.
  Links.UnlinkResult remove(String account, String id, boolean force);

  /// Keeps the sealed token in the row of the link, in the place of any before (null: none from now
  /// on); nothing happens when the link is gone.
  void keepToken(String id, @Nullable String sealed);

  /// Keeps the sealed token in the place of that one (null: none from now on). False, and nothing
  /// changed, when the row of the link keeps another or none, or the link is gone.
  boolean replaceToken(SealedToken before, @Nullable String sealed);

  /// The token that is kept for that account of that issuer, whatever the configuration calls it:
  /// of several, of the link that was used last.
  Optional<SealedToken> token(String account, String issuer);
}
