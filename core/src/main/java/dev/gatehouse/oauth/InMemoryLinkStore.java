package dev.gatehouse.oauth;

import dev.gatehouse.account.Account;
import dev.gatehouse.account.InMemoryAccountStore;
import dev.gatehouse.password.PasswordStore;
import dev.gatehouse.revocation.InMemoryRevocationFeed;
import dev.gatehouse.secret.Digest;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Links in memory, for tests and for programs whose users may be linked again after a restart.
/// Nothing survives the process. Thread-safe; a call waits only for other calls to stores with the
/// same feed.
public final class InMemoryLinkStore implements LinkStore {

  private static final Comparator<Link> BY_AGE =
      Comparator.comparing(Link::createdAt).thenComparing(Link::id);
  private static final Comparator<Link> BY_USE =
      Comparator.comparing(
              (Link link) -> {
                Instant used = link.lastUsedAt();
                return used == null ? link.createdAt() : used;
              })
          .thenComparing(Link::id);

  private final InMemoryAccountStore accounts;
  private final PasswordStore passwords;
  private final InMemoryInvitationStore invitations;
  private final InMemoryRevocationFeed feed;
  private final TreeMap<String, Link> byId = new TreeMap<>();
  private final Map<String, String> tokenOf = new HashMap<>();

  /// An empty store whose links belong to those accounts. It writes to their feed.
  ///
  /// @param passwords the passwords of those accounts, which must be in memory too
  /// @param invitations the invitations that new accounts use
  public InMemoryLinkStore(
      InMemoryAccountStore accounts, PasswordStore passwords, InMemoryInvitationStore invitations) {
    this.accounts = accounts;
    this.passwords = passwords;
    this.invitations = invitations;
    this.feed = accounts.feed();
  }

  @Override
  public Optional<Owned> byIdentity(String issuer, String subject) {
    return feed.read(
        () ->
            find(issuer, subject)
                .map(link -> new Owned(link, accounts.byId(link.account()).orElseThrow())));
  }

  @Override
  public List<Link> of(String account) {
    return feed.read(() -> links(account).sorted(BY_AGE).limit(MAX_LINKS_LISTED).toList());
  }

  @Override
  public Addition addAccount(Account account, Link link, @Nullable Digest invitation) {
    if (!link.account().equals(account.id())) {
      throw new IllegalArgumentException("the link leads to another account");
    }
    return feed.change(
        change -> {
          refuseTaken(link);
          if (find(link.issuer(), link.subject()).isPresent()) {
            return Addition.IDENTITY_TAKEN;
          }
          if (invitation != null && !invitations.isValid(invitation, link.createdAt())) {
            return Addition.INVITATION_NOT_GOOD;
          }
          if (!accounts.add(account)) {
            return Addition.ACCOUNT_TAKEN;
          }
          if (invitation != null) {
            invitations.spend(invitation, link.createdAt(), account.id());
          }
          put(link);
          return Addition.ADDED;
        });
  }

  @Override
  public boolean add(Link link, long generation) {
    return feed.change(
        change -> {
          refuseTaken(link);
          boolean allowed =
              find(link.issuer(), link.subject()).isEmpty()
                  && accounts
                      .byId(link.account())
                      .filter(owner -> owner.kind() == Account.Kind.PERSON)
                      .filter(owner -> !owner.disabled() && owner.generation() == generation)
                      .isPresent();
          if (allowed) {
            put(link);
          }
          return allowed;
        });
  }

  @Override
  public void used(String id, String provider, String label, Instant at) {
    feed.change(
        change -> {
          Link link = byId.get(id);
          Instant before = link == null ? null : link.lastUsedAt();
          if (link != null && (before == null || before.isBefore(at))) {
            put(link.used(provider, label, at));
          }
          return id;
        });
  }

  @Override
  public Links.UnlinkResult remove(String account, String id, boolean force) {
    return feed.change(
        change -> {
          Link link = byId.get(id);
          if (link == null || !link.account().equals(account)) {
            return new Links.UnlinkResult.NotFound();
          }
          if (!force
              && passwords.byAccount(account).orElseThrow().password() == null
              && links(account).count() == 1) {
            return new Links.UnlinkResult.LastWayIn();
          }
          byId.remove(id);
          tokenOf.remove(id);
          Account after = accounts.byId(account).orElseThrow().withoutSignIns();
          // Last: a listener that hears the row that this writes must no longer see the link.
          accounts.replace(after);
          return new Links.UnlinkResult.Done(after);
        });
  }

  @Override
  public void keepToken(String id, @Nullable String sealed) {
    feed.change(
        change -> {
          if (sealed == null) {
            tokenOf.remove(id);
          } else if (byId.containsKey(id)) {
            tokenOf.put(id, sealed);
          }
          return id;
        });
  }

  @Override
  public boolean replaceToken(SealedToken before, @Nullable String sealed) {
    return feed.change(
        change ->
            sealed == null
                ? tokenOf.remove(before.link(), before.sealed())
                : tokenOf.replace(before.link(), before.sealed(), sealed));
  }

  @Override
  public Optional<SealedToken> token(String account, String issuer) {
    return feed.read(
        () ->
            links(account)
                .filter(link -> link.issuer().equals(issuer))
                .filter(link -> tokenOf.containsKey(link.id()))
                .max(BY_USE)
                .map(link -> new SealedToken(link.id(), tokenOf.getOrDefault(link.id(), ""))));
  }

  private Stream<Link> links(String account) {
    return byId.values().stream().filter(link -> link.account().equals(account));
  }

  private Optional<Link> find(String issuer, String subject) {
    return byId.values().stream()
        .filter(link -> link.issuer().equals(issuer) && link.subject().equals(subject))
        .findFirst();
  }

  private void refuseTaken(Link link) {
    if (byId.containsKey(link.id())) {
      throw new IllegalArgumentException("the link '" + link.id() + "' is stored already");
    }
  }

  /// With the times in milliseconds.
  private void put(Link link) {
    Instant lastUsedAt = link.lastUsedAt();
    byId.put(
        link.id(),
        new Link(
            link.id(),
            link.account(),
            link.provider(),
            link.issuer(),
            link.subject(),
            link.label(),
            link.createdAt().truncatedTo(ChronoUnit.MILLIS),
            lastUsedAt == null ? null : lastUsedAt.truncatedTo(ChronoUnit.MILLIS)));
  }
}
