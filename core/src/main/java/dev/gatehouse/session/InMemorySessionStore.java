package dev.gatehouse.session;

import dev.gatehouse.account.Account;
import dev.gatehouse.account.InMemoryAccountStore;
import dev.gatehouse.revocation.FeedEntry;
import dev.gatehouse.revocation.InMemoryRevocationFeed;
import dev.gatehouse.secret.Digest;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Sessions in memory, for tests and for programs whose users may sign in again after a restart.
/// Nothing survives the process. Thread-safe; a call waits only for other calls to stores with the
/// same feed.
public final class InMemorySessionStore implements SessionStore {

  private final InMemoryAccountStore accounts;
  private final InMemoryRevocationFeed feed;
  private final TreeMap<String, StoredSession> byId = new TreeMap<>();
  private final Map<Digest, String> idByDigest = new HashMap<>();

  /// An empty store whose sessions belong to those accounts. It writes to their feed.
  public InMemorySessionStore(InMemoryAccountStore accounts) {
    this.accounts = accounts;
    this.feed = accounts.feed();
  }

  @Override
  public void add(StoredSession session) {
    feed.change(
        change -> {
          if (accounts.byId(session.account()).isEmpty()) {
            throw new IllegalArgumentException(
                "no account '" + session.account() + "' owns the new session");
          }
          if (byId.containsKey(session.id()) || idByDigest.containsKey(session.digest())) {
            throw new IllegalArgumentException(
                "the session '" + session.id() + "' is stored already");
          }
          put(session, session.lastSeenAt());
          return session.id();
        });
  }

  @Override
  public Optional<Owned> byDigest(Digest digest) {
    return feed.read(
        () ->
            Optional.ofNullable(byId.get(idByDigest.getOrDefault(digest, "")))
                .map(session -> new Owned(session, owner(session))));
  }

  @Override
  public Optional<Owned> byId(String id) {
    return feed.read(
        () -> Optional.ofNullable(byId.get(id)).map(session -> new Owned(session, owner(session))));
  }

  @Override
  public List<Owned> list(@Nullable String account, @Nullable String afterId, int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("a page has at least one session, not " + limit);
    }
    return feed.read(
        () ->
            (afterId == null ? byId : byId.tailMap(afterId, false))
                .values().stream()
                    .filter(session -> account == null || account.equals(session.account()))
                    .limit(limit)
                    .map(session -> new Owned(session, owner(session)))
                    .toList());
  }

  @Override
  public boolean end(String id) {
    return feed.change(
        change -> {
          StoredSession ended = byId.remove(id);
          if (ended == null) {
            return false;
          }
          idByDigest.remove(ended.digest());
          change.forget(FeedEntry.Kind.CREDENTIAL, id);
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
    StoredSession session = byId.get(id);
    if (session != null && session.lastSeenAt().isBefore(at)) {
      put(session, at);
    }
  }

  @Override
  public void purge(Instant now, Instant idleSince) {
    Instant idle = idleSince.truncatedTo(ChronoUnit.MILLIS);
    feed.read(
        () -> {
          byId.values()
              .removeIf(
                  session ->
                      !now.isBefore(session.expiresAt())
                          || session.lastSeenAt().isBefore(idle)
                          || session.generation() < owner(session).generation());
          return idByDigest.values().retainAll(byId.keySet());
        });
  }

  private Account owner(StoredSession session) {
    return accounts.byId(session.account()).orElseThrow();
  }

  private void put(StoredSession session, Instant lastSeenAt) {
    Instant authenticatedAt = session.authenticatedAt();
    StoredSession stored =
        new StoredSession(
            session.id(),
            session.digest(),
            session.account(),
            session.generation(),
            session.createdAt().truncatedTo(ChronoUnit.MILLIS),
            authenticatedAt == null ? null : authenticatedAt.truncatedTo(ChronoUnit.MILLIS),
            session.expiresAt().truncatedTo(ChronoUnit.MILLIS),
            lastSeenAt.truncatedTo(ChronoUnit.MILLIS),
            session.agent(),
            session.address(),
            session.signedInBy());
    byId.put(stored.id(), stored);
    idByDigest.put(stored.digest(), stored.id());
  }
}
