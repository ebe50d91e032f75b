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

/// Finds the accounts of people who sign in with a provider, makes them where that is allowed, and
/// links and unlinks them. Thread-safe; every call may block, and throws
/// [dev.gatehouse.StoreUnavailableException] when the store does not answer.
public final class Links {

  /// What comes of somebody's arrival from a provider.
  public sealed interface SignInResult {

    /// They are known here now.
    ///
    /// @param account as it was read together with the link, or made: sign-ins begin on its
    ///   generation
    /// @param first whether the link was made by this arrival
    record SignedIn(Account account, Link link, boolean first) implements SignInResult {

      /// A sign-in with that identity.
      public SignIn signIn() {
        return new SignIn(account, ForeignNames.subject(link.issuer(), link.subject()));
      }
    }

    /// They may not sign in; nobody but the operator is told why.
    record Refused(String why) implements SignInResult {}

    /// There is no such invitation: it never was, it was used or withdrawn, or it is over.
    record InvitationNotGood() implements SignInResult {}

    /// The invitation is for an e-mail address that the provider does not vouch for. It is not
    /// spent.
    ///
    /// @param why for the operator
    record InvitationOfAnother(String why) implements SignInResult {}

    /// They would get an account, but there is one with their verified e-mail address. Its owner
    /// can sign in another way and link the identity.
    record HasAccount() implements SignInResult {}
  }

  /// What comes of linking an identity to an account.
  public sealed interface LinkResult {

    /// It is linked.
    record Linked(Link link) implements LinkResult {}

    /// It was before.
    record AlreadyLinked(Link link) implements LinkResult {}

    /// It is another account's, and stays that.
    record OfAnother() implements LinkResult {}

    /// The account has as many links as it may have.
    record TooMany() implements LinkResult {}

    /// The account was disabled, or its sign-ins were ended, since it was read.
    record SignedOut() implements LinkResult {}
  }

  /// What comes of unlinking.
  public sealed interface UnlinkResult {

    /// It is gone, and every sign-in of the account is over, since nobody knows which of them came
    /// by it.
    ///
    /// @param account as it is now: a sign-in that begins on its generation is good
    record Done(Account account) implements UnlinkResult {}

    /// The account has no such link.
    record NotFound() implements UnlinkResult {}

    /// The account has no password and no other link: its owner could not sign in any more.
    record LastWayIn() implements UnlinkResult {}
  }

  /// How many links an account has at most.
  public static final int MAX_LINKS = 20;

  private static final int MAX_ATTEMPTS = 10;

  // OpenID Connect Core §5.1: `email_verified`. Some providers never say it.
  private static final String UNVERIFIED =
      "their e-mail address is not verified: the provider does not vouch for it (email_verified)";

  private final LinkStore store;
  private final Invitations invitations;
  private final Accounts accounts;
  private final Clock clock;

  /// Keeps links in that store.
  public Links(LinkStore store, Invitations invitations, Accounts accounts, Clock clock) {
    this.store = store;
    this.invitations = invitations;
    this.accounts = accounts;
    this.clock = clock;
  }

  /// Whom an identity signs in. The link decides, whatever else the identity says; without one the
  /// invitation, then a verified e-mail address where it may, then the allow-list.
  ///
  /// A new account has the verified address only if the allow-list trusts the provider with it, or
  /// the invitation names it: another provider's word for an address would otherwise choose whom
  /// that address links. The account keeps the address, and the address links its owner, also after
  /// the allow-list was changed.
  ///
  /// @param invitation the untrusted token of an invitation; null: they came without one
  public SignInResult signIn(VerifiedIdentity who, AllowList allow, @Nullable String invitation) {
    String name = NewAccountNames.name(who);
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      Optional<LinkStore.Owned> known = store.byIdentity(who.issuer(), who.subject());
      Optional<SignInResult> arrival =
          known.isPresent()
              ? Optional.of(known(known.get(), who))
              : unknown(who, allow, invitation, attempt == 0 ? name : NewAccountNames.another(name));
      if (arrival.isPresent()) {
        return known.isPresent() || arrival.get() instanceof SignInResult.SignedIn
            ? arrival.get()
            // Another browser of theirs may have come first: what it made spent the invitation, or
            // has the e-mail address.
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

  /// Empty when somebody else changed meanwhile what the answer rests on.
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
              "nobody invited them, and the provider's setting lets nobody such in"
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

  // Whether the provider tells such an address, and does not vouch for it.
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
                  namesake.id() + " has the e-mail address, which links nobody here"));
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

  /// Links an identity to the account of somebody who is signed in and asked for it.
  ///
  /// @param account as it was read together with the proof that they are signed in
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

  /// Takes the link from the account, and with it the tokens of the provider that were kept. Ends
  /// every sign-in of the account.
  ///
  /// @param account its id
  /// @param force whether it may be the last way to sign in
  public UnlinkResult unlink(String account, String linkId, boolean force) {
    return store.remove(account, linkId, force);
  }

  /// The links of the account of that id, in the order in which they were made; at most
  /// [#MAX_LINKS], and few more when several were made at once.
  public List<Link> of(String account) {
    return store.of(account);
  }

  /// Whose account an identity is, whether or not it is disabled.
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

  // Stores keep milliseconds: what is answered is what will be read back.
  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }
}
