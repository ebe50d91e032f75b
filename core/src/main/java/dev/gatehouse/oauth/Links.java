package dev.gatehouse.oauth;

import dev.gatehouse.Scopes;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.Accounts;
import dev.gatehouse.account.SignIn;
import dev.gatehouse.secret.Digest;
import dev.gatehouse.secret.RandomIds;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Finds the accounts of people who sign in with a provider, makes accounts where that is allowed,
/// and links and unlinks identities. Thread-safe; every method may block, and throws
/// [dev.gatehouse.StoreUnavailableException] if the store does not answer.
public final class Links {

  /// The result of a sign-in with a provider.
  public sealed interface SignInResult {

    /// The person signed in.
    ///
    /// @param account the account, read together with the link, or just made: sign-ins begin on its
    ///   generation
    /// @param first whether this sign-in made the link
    record SignedIn(Account account, Link link, boolean first) implements SignInResult {

      /// Returns a sign-in with that identity.
      public SignIn signIn() {
        return new SignIn(account, ForeignNames.subject(link.issuer(), link.subject()));
      }
    }

    /// The person may not sign in.
    ///
    /// @param why for the operator only
    record Refused(String why) implements SignInResult {}

    /// There is no such invitation: it never existed, was used or withdrawn, or has expired.
    record InvitationNotGood() implements SignInResult {}

    /// The invitation is for an e-mail address that the provider does not vouch for. It is not used
    /// up.
    ///
    /// @param why for the operator
    record InvitationOfAnother(String why) implements SignInResult {}

    /// The person could get an account, but there is already one with their verified e-mail
    /// address. Its owner can sign in another way and link the identity.
    record HasAccount() implements SignInResult {}
  }

  /// The result of linking an identity to an account.
  public sealed interface LinkResult {

    /// It is now linked.
    record Linked(Link link) implements LinkResult {}

    /// It was already linked to this account.
    record AlreadyLinked(Link link) implements LinkResult {}

    /// It is linked to another account, and remains so.
    record OfAnother() implements LinkResult {}

    /// The account has the maximum number of links.
    record TooMany() implements LinkResult {}

    /// The account was disabled, or its sign-ins were ended, since it was read.
    record SignedOut() implements LinkResult {}
  }

  /// The result of unlinking.
  public sealed interface UnlinkResult {

    /// The link is deleted, and all sign-ins of the account have ended, since it is not known which
    /// of them began with it.
    ///
    /// @param account the account as it is now: a sign-in that begins on its generation is valid
    record Done(Account account) implements UnlinkResult {}

    /// The account has no such link.
    record NotFound() implements UnlinkResult {}

    /// The account has no password and no other link, so its owner could no longer sign in.
    record LastWayIn() implements UnlinkResult {}
  }

  /// The maximum number of links of an account.
  public static final int MAX_LINKS = 20;

  private static final int MAX_ATTEMPTS = 10;

  // OpenID Connect Core §5.1: `email_verified`. Some providers never send it.
  private static final String UNVERIFIED =
      "their e-mail address is not verified: the provider does not vouch for it (email_verified)";

  private final LinkStore store;
  private final Invitations invitations;
  private final Accounts accounts;
  private final Clock clock;

  /// @param store where links are stored
  public Links(LinkStore store, Invitations invitations, Accounts accounts, Clock clock) {
    this.store = store;
    this.invitations = invitations;
    this.accounts = accounts;
    this.clock = clock;
  }

  /// Signs in the person with that identity. If the identity has a link, the link decides, whatever
  /// else the identity says. Otherwise the invitation decides, then a verified e-mail address if
  /// that is allowed, then the allow-list.
  ///
  /// A new account gets the verified address only if the allow-list trusts the provider with it, or
  /// the invitation names it. Otherwise another provider's statement would choose whom that address
  /// links. The account keeps the address, and the address links its owner, also after the
  /// allow-list is changed.
  ///
  /// @param invitation the untrusted token of an invitation; null: the person came without one
  public SignInResult signIn(VerifiedIdentity who, AllowList allow, @Nullable String invitation) {
    String name = NewAccountNames.name(who);
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      Optional<LinkStore.Owned> known = store.byIdentity(who.issuer(), who.subject());
      Optional<SignInResult> arrival =
          known.isPresent()
              ? Optional.of(known(known.get(), who))
              : unknown(
                  who, allow, invitation, attempt == 0 ? name : NewAccountNames.another(name));
      if (arrival.isPresent()) {
        return known.isPresent() || arrival.get() instanceof SignInResult.SignedIn
            ? arrival.get()
            // Another browser of the person may have been first: then the invitation was used by
            // it, or it has the e-mail address.
            : store
                .byIdentity(who.issuer(), who.subject())
                .map(meanwhile -> known(meanwhile, who))
                .orElse(arrival.get());
      }
    }
    return new SignInResult.Refused("others keep taking the name or the e-mail address; try again");
  }

  private SignInResult known(LinkStore.Owned known, VerifiedIdentity who) {
    if (known.owner().disabled()) {
      return disabled(known.owner());
    }
    Link used = known.link().used(who.provider(), NewAccountNames.label(who), now());
    store.used(used.id(), used.provider(), used.label(), now());
    return new SignInResult.SignedIn(known.owner(), used, false);
  }

  /// Empty if a concurrent change made the answer invalid.
  private Optional<SignInResult> unknown(
      VerifiedIdentity who, AllowList allow, @Nullable String token, String name) {
    Optional<VerifiedEmail> email = VerifiedEmail.of(who);
    Invitation invitation = null;
    String invited = null;
    if (token != null) {
      invitation = invitations.peek(token).orElse(null);
      if (invitation == null) {
        return Optional.of(new SignInResult.InvitationNotGood());
      }
      invited = invitation.email();
      if (invited != null && email.filter(isOf(invited)).isEmpty()) {
        return Optional.of(
            new SignInResult.InvitationOfAnother(
                isUnverified(who, isOf(invited))
                    ? "the invitation is for this e-mail address, and " + UNVERIFIED
                    : "the invitation is for another e-mail address"));
      }
    }
    boolean welcome = invitation != null || allow.admits(who);
    Account namesake = email.flatMap(verified -> accounts.find(verified.address())).orElse(null);
    if (namesake != null) {
      return byEmail(namesake, who, allow, welcome);
    }
    if (!welcome) {
      boolean wouldBeLetIn =
          isUnverified(
              who,
              address ->
                  allow.lists(address)
                      || (allow.linkByEmail() && accounts.find(address.address()).isPresent()));
      return Optional.of(
          new SignInResult.Refused(
              "they have no invitation, and the provider's allow-list does not admit them"
                  + (wouldBeLetIn ? ": " + UNVERIFIED : "")));
    }
    Account account =
        accounts.newPerson(
            name,
            email
                .filter(isOf(invited).or(allow::trustsAddress))
                .map(VerifiedEmail::address)
                .orElse(null),
            invitation == null ? Set.of() : invitation.roles(),
            invitation == null ? Scopes.NONE : invitation.scopes());
    Instant now = now();
    Link link = fresh(account, who, now, now);
    Digest spent = token == null ? null : Invitations.digest(token);
    return store.addAccount(account, link, spent) == LinkStore.Addition.ADDED
        ? Optional.of(new SignInResult.SignedIn(account, link, true))
        : Optional.empty();
  }

  private static Predicate<VerifiedEmail> isOf(@Nullable String address) {
    return email -> email.address().equals(address);
  }

  // Whether the provider sends such an address without vouching for it.
  private static boolean isUnverified(VerifiedIdentity who, Predicate<VerifiedEmail> such) {
    String told = who.email();
    return told != null
        && !who.emailVerified()
        && VerifiedEmail.read(told).filter(such).isPresent();
  }

  private Optional<SignInResult> byEmail(
      Account namesake, VerifiedIdentity who, AllowList allow, boolean welcome) {
    if (namesake.disabled()) {
      return Optional.of(disabled(namesake));
    }
    if (!allow.linkByEmail()) {
      return Optional.of(
          welcome
              ? new SignInResult.HasAccount()
              : new SignInResult.Refused(
                  namesake.id()
                      + " has the e-mail address, and addresses do not link accounts here"));
    }
    if (isFull(namesake.id())) {
      return Optional.of(new SignInResult.Refused(namesake.id() + " has too many links"));
    }
    Instant now = now();
    Link link = fresh(namesake, who, now, now);
    return store.add(link, namesake.generation())
        ? Optional.of(new SignInResult.SignedIn(namesake, link, true))
        : Optional.empty();
  }

  private static SignInResult disabled(Account account) {
    return new SignInResult.Refused(account.id() + " is disabled");
  }

  /// Links an identity to the account of a person who is signed in and asked for it.
  ///
  /// @param account the account, read together with the proof that the person is signed in
  public LinkResult link(Account account, VerifiedIdentity who) {
    Link link = fresh(account, who, now(), null);
    boolean linked = !isFull(account.id()) && store.add(link, account.generation());
    if (linked) {
      return new LinkResult.Linked(link);
    }
    Optional<LinkStore.Owned> known = store.byIdentity(who.issuer(), who.subject());
    if (known.isPresent()) {
      return known.get().owner().id().equals(account.id())
          ? new LinkResult.AlreadyLinked(known.get().link())
          : new LinkResult.OfAnother();
    }
    return isFull(account.id()) ? new LinkResult.TooMany() : new LinkResult.SignedOut();
  }

  /// Deletes the link of the account, and with it the stored token of the provider. Ends all
  /// sign-ins of the account.
  ///
  /// @param account the id of the account
  /// @param force whether to delete it even if the owner can then no longer sign in
  public UnlinkResult unlink(String account, String linkId, boolean force) {
    return store.remove(account, linkId, force);
  }

  /// Returns the links of the account of that id in the order of their creation. These are at most
  /// [#MAX_LINKS], or a few more if several were made at the same time.
  public List<Link> of(String account) {
    return store.of(account);
  }

  /// Returns the account of an identity, whether or not it is disabled.
  public Optional<Account> accountOf(String issuer, String subject) {
    return store.byIdentity(issuer, subject).map(LinkStore.Owned::owner);
  }

  private boolean isFull(String account) {
    return store.of(account).size() >= MAX_LINKS;
  }

  private static Link fresh(
      Account account, VerifiedIdentity who, Instant now, @Nullable Instant usedAt) {
    return new Link(
        RandomIds.next(Link.ID_PREFIX),
        account.id(),
        who.provider(),
        who.issuer(),
        who.subject(),
        NewAccountNames.label(who),
        now,
        usedAt);
  }

  // Stores keep times in milliseconds, so that the result equals what is read later.
  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }
}
