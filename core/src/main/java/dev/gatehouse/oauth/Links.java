package dev.gatehouse.oauth;

import dev.gatehouse.account.Account;
import dev.gatehouse.account.Accounts;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Finds the accounts of people who sign in with a provider, makes them where that is allowed, and
/// links and unlinks them. Thread-safe; every call may block, and throws
/// [dev.gatehouse.StoreUnavailableException] when the store does not answer.
@SuppressWarnings("DoNotCallSuggester") // until they are written
public final class Links {

  /// What comes of somebody's arrival from a provider.
  public sealed interface Arrival {

    /// They are known here now.
    ///
    /// @param account as it was read together with the link, or made: sign-ins begin on its
    ///   generation
    /// @param first whether the link was made by this arrival
    record SignedIn(Account account, Link link, boolean first) implements Arrival {}

    /// They may not sign in; nobody but the operator is told why.
    record Refused(String why) implements Arrival {}

    /// There is no such invitation: it never was, it was used or withdrawn, or it is over.
    record InvitationNotGood() implements Arrival {}

    /// The invitation is for an e-mail address that the provider does not vouch for. It is not
    /// spent.
    record InvitationOfAnother() implements Arrival {}

    /// They would get an account, but there is one with their verified e-mail address. Whoever
    /// signs in to it some other way can link the identity.
    record HasAccount() implements Arrival {}
  }

  /// What comes of linking an identity to an account.
  public sealed interface Linking {

    /// It is linked.
    record Linked(Link link) implements Linking {}

    /// It was before.
    record AlreadyLinked(Link link) implements Linking {}

    /// It is another account's, and stays that.
    record OfAnother() implements Linking {}

    /// The account has as many links as it may have.
    record TooMany() implements Linking {}

    /// The account was disabled, or its sign-ins were ended, since it was read.
    record SignedOut() implements Linking {}
  }

  /// What comes of unlinking.
  public sealed interface Unlinking {

    /// It is gone, and every sign-in of the account is over, since nobody knows which of them came
    /// by it.
    ///
    /// @param account as it is now: a sign-in that begins on its generation is good
    record Done(Account account) implements Unlinking {}

    /// The account has no such link.
    record NotFound() implements Unlinking {}

    /// The account has no password and no other link: its owner could not sign in any more.
    record LastWayIn() implements Unlinking {}
  }

  /// How many links an account has at most.
  public static final int MAX_LINKS = 20;

  public Links(LinkStore store, Accounts accounts, Clock clock) {}

  /// Whom an identity signs in. The link decides, whatever else the identity says; without one the
  /// invitation, then a verified e-mail address where it may, then the allow-list.
  ///
  /// @param invitation the token of an invitation; null: they came without one
  public Arrival arrive(ProvenIdentity who, AllowList allow, @Nullable String invitation) {
    throw new UnsupportedOperationException();
  }

  /// Links an identity to the account of somebody who is signed in and asked for it.
  ///
  /// @param account as it was read together with the proof that they are signed in
  public Linking link(Account account, ProvenIdentity who) {
    throw new UnsupportedOperationException();
  }

  /// Takes the link from the account, and with it the tokens of the provider that were kept. Ends
  /// every sign-in of the account.
  ///
  /// @param account its id
  /// @param force whether it may be the last way to sign in
  public Unlinking unlink(String account, String linkId, boolean force) {
    throw new UnsupportedOperationException();
  }

  /// The links of the account of that id, in the order in which they were made; at most
  /// [#MAX_LINKS] and a few.
  public List<Link> of(String account) {
    throw new UnsupportedOperationException();
  }

  /// Whose account an identity is, whether or not it is disabled.
  public Optional<Account> accountOf(String issuer, String subject) {
    throw new UnsupportedOperationException();
  }
}
