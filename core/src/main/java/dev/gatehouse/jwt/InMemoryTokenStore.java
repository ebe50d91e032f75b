package dev.gatehouse.jwt;

import dev.gatehouse.account.Account;
import dev.gatehouse.account.InMemoryAccountStore;
import dev.gatehouse.revocation.FeedEntry;
import dev.gatehouse.revocation.InMemoryRevocationFeed;
import dev.gatehouse.secret.Digest;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Token families in memory, for tests and for programs whose users may sign in again after a
/// restart. Nothing survives the process. Thread-safe; a call waits only for other calls to stores
/// with the same feed.
public final class InMemoryTokenStore implements TokenStore {

  /// A family with the digests of its refresh tokens, the newest last. For the refresh token that
  /// was used last: its digest, and its sealed successor.
  private record Kept(
      TokenFamily family,
      List<Digest> tokens,
      @Nullable Digest spentLast,
      @Nullable String sealedSuccessor) {}

  private record Token(String family, Instant expiresAt, @Nullable Instant spentAt) {}

  private final InMemoryAccountStore accounts;
  private final InMemoryRevocationFeed feed;
  private final TreeMap<String, Kept> families = new TreeMap<>();
  private final Map<Digest, Token> tokens = new HashMap<>();

  /// An empty store whose families belong to those accounts. It writes to their feed.
  public InMemoryTokenStore(InMemoryAccountStore accounts) {
    this.accounts = accounts;
    this.feed = accounts.feed();
  }

  @Override
  public void add(TokenFamily family, StoredRefreshToken first) {
    feed.change(
        change -> {
          if (accounts.byId(family.account()).isEmpty()) {
            throw new IllegalArgumentException(
                "no account '" + family.account() + "' owns the new family of tokens");
          }
          if (families.containsKey(family.id())) {
            throw new IllegalArgumentException(
                "the family of tokens '" + family.id() + "' is stored already");
          }
          if (!first.family().equals(family.id())) {
            throw new IllegalArgumentException("the first refresh token is of another family");
          }
          List<Digest> digests = new ArrayList<>();
          put(first, digests);
          put(family, family.lastUsedAt(), digests, null, null);
          return family.id();
        });
  }

  @Override
  public Optional<Owned> family(String id) {
    return feed.read(() -> Optional.ofNullable(families.get(id)).map(this::owned));
  }

  @Override
  public Optional<Found> token(Digest digest) {
    return feed.read(
        () -> {
          Token token = tokens.get(digest);
          Kept kept = token == null ? null : families.get(token.family());
          return token == null || kept == null
              ? Optional.empty()
              : Optional.of(new Found(owned(kept), token.spentAt() != null, kept.tokens().size()));
        });
  }

  @Override
  public Use use(
      Digest refreshToken,
      Instant now,
      StoredRefreshToken successor,
      @Nullable String sealedSuccessor,
      Duration grace) {
    return feed.change(
        change -> {
          Token token = tokens.get(refreshToken);
          if (token == null || !token.family().equals(successor.family())) {
            return new Use.Unknown();
          }
          Kept kept = families.get(token.family());
          if (kept == null || isOver(kept.family(), now)) {
            return new Use.Unknown();
          }
          Instant spentAt = token.spentAt();
          if (spentAt == null) {
            if (!now.isBefore(token.expiresAt())) {
              return new Use.Unknown();
            }
            put(successor, kept.tokens());
            tokens.put(refreshToken, new Token(token.family(), token.expiresAt(), millis(now)));
            put(
                kept.family(),
                kept.family().lastUsedAt(),
                kept.tokens(),
                refreshToken,
                sealedSuccessor);
            return new Use.Rotated();
          }
          String sealed = kept.sealedSuccessor();
          if (sealed != null
              && refreshToken.equals(kept.spentLast())
              && now.isBefore(spentAt.plus(grace))) {
            return new Use.Again(sealed);
          }
          remove(token.family());
          change.forget(FeedEntry.Kind.CREDENTIAL, token.family());
          return new Use.Reused(token.family());
        });
  }

  @Override
  public List<Owned> list(@Nullable String account, @Nullable String afterId, int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("a page has at least one family, not " + limit);
    }
    return feed.read(
        () ->
            (afterId == null ? families : families.tailMap(afterId, false))
                .values().stream()
                    .filter(kept -> account == null || account.equals(kept.family().account()))
                    .limit(limit)
                    .map(this::owned)
                    .toList());
  }

  @Override
  public boolean revoke(String family) {
    return feed.change(
        change -> {
          if (!families.containsKey(family)) {
            return false;
          }
          remove(family);
          change.forget(FeedEntry.Kind.CREDENTIAL, family);
          return true;
        });
  }

  @Override
  public void touch(Map<String, Instant> lastUsed) {
    feed.read(
        () -> {
          lastUsed.forEach(this::touch);
          return lastUsed;
        });
  }

  private void touch(String id, Instant at) {
    Kept kept = families.get(id);
    if (kept == null) {
      return;
    }
    Instant before = kept.family().lastUsedAt();
    if (before == null || before.isBefore(at)) {
      put(kept.family(), at, kept.tokens(), kept.spentLast(), kept.sealedSuccessor());
    }
  }

  @Override
  public void purge(Instant now, Instant graceOver) {
    feed.read(
        () -> {
          List<Kept> over =
              families.values().stream()
                  .filter(kept -> isOver(kept.family(), now) || nothingIsToCome(kept, now))
                  .toList();
          over.forEach(kept -> remove(kept.family().id()));
          families.replaceAll((id, kept) -> isSpentBy(kept, graceOver) ? unsealed(kept) : kept);
          return over;
        });
  }

  private boolean isSpentBy(Kept kept, Instant graceOver) {
    Token last = kept.spentLast() == null ? null : tokens.get(kept.spentLast());
    Instant spentAt = last == null ? null : last.spentAt();
    return spentAt != null && !spentAt.isAfter(graceOver);
  }

  private static Kept unsealed(Kept kept) {
    return new Kept(kept.family(), kept.tokens(), kept.spentLast(), null);
  }

  // A successor never ends before the token that it replaces.
  private boolean nothingIsToCome(Kept kept, Instant now) {
    Token newest = tokens.get(kept.tokens().getLast());
    return newest == null || !now.isBefore(newest.expiresAt());
  }

  private boolean isOver(TokenFamily family, Instant now) {
    return !now.isBefore(family.expiresAt()) || family.generation() < owner(family).generation();
  }

  private Owned owned(Kept kept) {
    return new Owned(kept.family(), owner(kept.family()));
  }

  private Account owner(TokenFamily family) {
    return accounts.byId(family.account()).orElseThrow();
  }

  private void remove(String family) {
    Kept kept = families.remove(family);
    if (kept != null) {
      kept.tokens().forEach(tokens::remove);
    }
  }

  private void put(StoredRefreshToken token, List<Digest> ofFamily) {
    if (tokens.containsKey(token.digest())) {
      throw new IllegalArgumentException("the refresh token is stored already");
    }
    tokens.put(token.digest(), new Token(token.family(), millis(token.expiresAt()), null));
    ofFamily.add(token.digest());
  }

  private void put(
      TokenFamily family,
      @Nullable Instant lastUsedAt,
      List<Digest> digests,
      @Nullable Digest spentLast,
      @Nullable String sealedSuccessor) {
    TokenFamily stored =
        new TokenFamily(
            family.id(),
            family.account(),
            family.clientId(),
            family.scopes(),
            family.generation(),
            millis(family.createdAt()),
            millis(family.expiresAt()),
            lastUsedAt == null ? null : millis(lastUsedAt),
            family.certificate(),
            family.signedInBy());
    families.put(stored.id(), new Kept(stored, digests, spentLast, sealedSuccessor));
  }

  private static Instant millis(Instant instant) {
    return instant.truncatedTo(ChronoUnit.MILLIS);
  }
}
